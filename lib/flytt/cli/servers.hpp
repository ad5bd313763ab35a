// The passwords of server URLs: where they are looked for, and in which order.
// Layer: cli (6).  Thread rule: one thread, before others.  Format: man/flytt.7, PASSWORDS.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/context.hpp>
#include <flytt/cli/options.hpp>
#include <flytt/cli/settings.hpp>
#include <flytt/engine/endpoint.hpp>

#include <string>
#include <vector>

namespace flytt::cli {

/// Gives the endpoint the password of FLYTT_SOURCE_PASSWORD or FLYTT_TARGET_PASSWORD (by its role), else leaves the one of
/// its URL, else reads ?password-file=. What is left (MYSQL_PWD, PGPASSWORD, option files) is the client library's to find.
/// Throws: Exit::config when the password file cannot be read or others may read it.
void resolve_password(engine::Endpoint& endpoint, const Settings& settings);

/// The first line of a file that only its owner may read. Throws: Exit::config naming the file.
std::string read_password_file(const std::string& path);

/// For each server without a password that refuses the login: asks on the terminal. Connects to find out.
/// Does nothing without a terminal; other errors are left for the task to meet.
void ask_missing_passwords(const std::vector<ServerBinding>& servers, const base::Context& context);

}  // namespace flytt::cli
