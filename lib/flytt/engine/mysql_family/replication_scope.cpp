// Globs to wild patterns.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication_scope.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/connection.hpp>

namespace flytt::engine::mysql_family {
namespace {

[[noreturn]] void cannot_limit(const std::string& what, const std::string& hint) {
  throw base::Error(base::Exit::refused, "a channel cannot be limited to " + what, {.hint = hint});
}

bool has_glob(std::string_view text) { return text.find_first_of("*?[\\") != std::string_view::npos; }

/// "sh*" to "sh%". `whole` is what the user wrote.
std::string wild_of_glob(std::string_view glob, const std::string& whole) {
  std::string out;
  for (char c : glob) {
    if (c == '[' || c == '\\') cannot_limit("tables like " + base::quote_for_message(whole), "Name them, or use only * and ?.");
    if (c == '*') out += '%';
    else if (c == '?') out += '_';
    else out += escape_wild(std::string_view(&c, 1));
  }
  return out;
}

}  // namespace

std::string escape_wild(std::string_view name) {
  std::string out;
  for (char c : name) {
    if (c == '%' || c == '_' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

ScopeFilter scope_filter(const value::Scope& scope) {
  if (!scope.where.empty()) cannot_limit("rows by a condition", "Copy these tables without --where to follow them.");
  ScopeFilter out;
  for (const auto& glob : scope.exclude_tables) {
    if (has_glob(glob)) cannot_limit("all but tables like " + base::quote_for_message(glob), "Exclude them by their full names.");
    out.ignore_table.push_back(glob);
  }
  if (scope.include_tables.empty()) {
    if (scope.all_databases) return out;
    for (const auto& database : scope.databases) out.wild_do.push_back(escape_wild(database) + ".%");
    return out;
  }
  for (const auto& glob : scope.include_tables) {
    const auto dot = glob.find('.');
    if (dot == std::string::npos) cannot_limit("tables like " + base::quote_for_message(glob), "Write them as database.table.");
    const auto table = wild_of_glob(std::string_view(glob).substr(dot + 1), glob);
    if (scope.all_databases) {
      out.wild_do.push_back(wild_of_glob(std::string_view(glob).substr(0, dot), glob) + "." + table);
      continue;
    }
    for (const auto& database : scope.databases)
      if (base::glob_match(std::string_view(glob).substr(0, dot), database))
        out.wild_do.push_back(escape_wild(database) + "." + table);
  }
  if (out.wild_do.empty()) cannot_limit("no table at all", "Check --table and --database of the copy.");
  return out;
}

std::string database_condition(const value::Scope& scope, std::string_view column) {
  std::vector<std::string> names;
  for (const auto& d : scope.databases) names.push_back(quote_text(d));
  if (scope.all_databases || names.empty())
    return base::concat(column, " NOT IN ('mysql','sys','information_schema','performance_schema','flytt')");
  return base::concat(column, " IN (", base::join(names, ","), ")");
}

std::string filter_text(std::string_view wild_do, std::string_view ignore_table) {
  const auto sorted = [](std::string_view list) {
    auto parts = base::split(list, ',');
    std::sort(parts.begin(), parts.end());
    return base::join(parts, ",");
  };
  return ignore_table.empty() ? sorted(wild_do) : base::concat(sorted(wild_do), " without ", sorted(ignore_table));
}

std::string filter_text(const ScopeFilter& f) { return filter_text(base::join(f.wild_do, ","), base::join(f.ignore_table, ",")); }

std::string option_value(std::string_view value) {
  std::string doubled;
  for (char c : value) doubled += c == '\\' ? "\\\\" : std::string(1, c);
  const bool plain = value.find_first_of(" #;'\"\t\n\r") == std::string_view::npos;
  return plain ? base::printable(doubled) : base::concat("\"", base::printable(doubled), "\"");
}

bool binlog_reached(std::string_view file, std::uint64_t offset, const value::Position& wanted) {
  const auto dot = file.rfind('.');
  const auto wanted_dot = wanted.file.rfind('.');
  if (dot == std::string_view::npos || wanted_dot == std::string::npos) return false;
  if (file.substr(0, dot) != std::string_view(wanted.file).substr(0, wanted_dot)) return false;
  const auto number = base::parse_u64(file.substr(dot + 1));
  const auto wanted_number = base::parse_u64(std::string_view(wanted.file).substr(wanted_dot + 1));
  if (!number || !wanted_number) return false;
  return *number > *wanted_number || (*number == *wanted_number && offset >= wanted.offset);
}

}  // namespace flytt::engine::mysql_family
