// Filters that match nothing: a misspelt one must not look like a table without rows.
// Layer: task (5).  Thread rule: functions without state. No input or output but the catalog's.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/engine/catalog.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/value/names.hpp>

namespace flytt::task {

/// What a name that is not there may have been meant for; nothing when none is near.
std::optional<std::string> meant_by(std::string_view pattern, const std::vector<value::ListedName>& listed);

/// All of several servers' names: what one of them has is there.
value::Names joined(value::Names one, const value::Names& other);

/// Throws Error{Exit::usage} when a database of `scope` is not among those that can be seen and another is nearly called so. What the
/// account would lack if it were there is told, too. One that is like no other is left to the catalog's own words.
void require_databases(const value::Names& names, const value::Scope& scope, const std::vector<engine::Finding>& missing);

/// Throws Error{Exit::usage} naming every filter that matches nothing of its kind, and the nearest name of each.
void require_filters(const value::Names& names, const value::Scope& scope);

}  // namespace flytt::task
