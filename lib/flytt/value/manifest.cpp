// What a scope covers.
// SPDX-License-Identifier: MIT
#include <flytt/value/manifest.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>

namespace flytt::value {

bool Scope::covers(const TableName& name) const {
  if (!all_databases && std::find(databases.begin(), databases.end(), name.schema) == databases.end()) return false;
  return passes(name);
}

bool Scope::passes(const TableName& name) const {
  const std::string display = name.display();
  const auto matches = [&](const std::string& glob) { return base::glob_match(glob, display); };
  if (!include_tables.empty() && std::none_of(include_tables.begin(), include_tables.end(), matches)) return false;
  return std::none_of(exclude_tables.begin(), exclude_tables.end(), matches);
}

std::string Scope::condition(const TableName& name) const {
  const std::string display = name.display();
  for (const auto& [table, text] : where)
    if (base::glob_match(table, display)) return text;
  return {};
}

std::string Scope::display() const {
  std::string out = all_databases ? std::string("all databases") : base::join(databases, ", ");
  if (!include_tables.empty()) out += " (only " + base::join(include_tables, ", ") + ")";
  if (!exclude_tables.empty()) out += " (without " + base::join(exclude_tables, ", ") + ")";
  if (!where.empty()) out += " (rows by condition)";
  return out;
}

}  // namespace flytt::value
