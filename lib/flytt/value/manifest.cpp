// What a scope covers.
// SPDX-License-Identifier: MIT
#include <flytt/value/manifest.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>

namespace flytt::value {

namespace {

bool any_matches(const std::vector<std::string>& globs, const TableName& name) {
  const std::string display = name.display();
  return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) { return base::glob_match(glob, display); });
}

}  // namespace

bool Scope::covers(const TableName& name) const {
  if (!all_databases && std::find(databases.begin(), databases.end(), name.schema) == databases.end()) return false;
  return passes(name);
}

bool Scope::chosen(const TableName& name) const { return include_tables.empty() || any_matches(include_tables, name); }

bool Scope::passes(const TableName& name) const { return chosen(name) && !any_matches(exclude_tables, name); }

std::string Scope::condition(const TableName& name) const {
  const std::string display = name.display();
  for (const auto& [table, text] : where)
    if (base::glob_match(table, display)) return text;
  return {};
}

std::string ServerIdentity::setting(const std::string& name, const std::string& otherwise) const {
  const auto at = settings.find(name);
  return at == settings.end() ? otherwise : at->second;
}

std::string Scope::display() const {
  std::string out = all_databases ? std::string("all databases") : base::join(databases, ", ");
  if (!include_tables.empty()) out += " (only " + base::join(include_tables, ", ") + ")";
  if (!exclude_tables.empty()) out += " (without " + base::join(exclude_tables, ", ") + ")";
  if (!where.empty()) out += " (rows by condition)";
  return out;
}

}  // namespace flytt::value
