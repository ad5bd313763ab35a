// A copy's scope as the filters of a replication channel.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// Source: "How Servers Evaluate Replication Filtering Rules" (MySQL), "Replication Filters" (MariaDB): table rules are asked in the
// order do_table, ignore_table, wild_do_table, wild_ignore_table, and the first that matches decides.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/value/manifest.hpp>

namespace flytt::engine::mysql_family {

struct ScopeFilter {
  std::vector<std::string> wild_do;       ///< patterns "shop.%", with _ and % in names escaped by a backslash
  std::vector<std::string> ignore_table;  ///< "shop.log": decides before wild_do
  bool limited() const noexcept { return !wild_do.empty() || !ignore_table.empty(); }
};

/// The filter that lets exactly the scope pass.
/// Throws Error{Exit::refused} naming the part that no channel filter can say: conditions on rows, globs with [ ], excluded globs.
ScopeFilter scope_filter(const value::Scope& scope);

/// "column IN (…)" for the databases of a scope; every database but the server's own when it means all.
std::string database_condition(const value::Scope& scope, std::string_view column);

/// What a channel's status says of its filters, in one order: two texts that are equal limit a channel alike.
std::string filter_text(std::string_view wild_do, std::string_view ignore_table);
std::string filter_text(const ScopeFilter& filter);

/// A value as an option file gives it back: quoted where it must be, backslashes doubled.
std::string option_value(std::string_view value);

/// A name in a wild pattern: % _ and \ as themselves.
std::string escape_wild(std::string_view name);

/// True when everything up to `wanted` lies before or at `file`:`offset`. Both must belong to one server's log series.
bool binlog_reached(std::string_view file, std::uint64_t offset, const value::Position& wanted);

}  // namespace flytt::engine::mysql_family
