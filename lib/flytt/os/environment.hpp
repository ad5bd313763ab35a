// What a child program finds in its environment. Every child of ours gets it from here.
// Layer: os (1).  Thread rule: reads the process's environment, which nobody changes.  What is kept back: man/flytt.7, PASSWORDS.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::os {

/// "NAME=value" for each variable of ours that carries no password, and `more`, which wins and may carry one.
std::vector<std::string> child_environment(const std::map<std::string, std::string>& more);

/// Whether a variable is one that passwords of servers come in: by its name, or because its value is a URL with one.
bool carries_password(std::string_view name, std::string_view value);

/// A URL with a password between its "//" and its "@", or among its parameters.
bool url_has_password(std::string_view text);

}  // namespace flytt::os
