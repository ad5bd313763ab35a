// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/planned_path.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/large_objects.hpp>

namespace flytt::engine::postgres {

using base::concat;

bool PlannedPath::look_for(const value::Table& table) {
  const std::string name = quote_table(table.name.schema, table.name.table);
  auto at = needs_.find(name);
  if (at == needs_.end()) {
    if (there_) c_.execute("SELECT pg_catalog.set_config('search_path', '', false)");
    there_ = false;
    at = needs_.emplace(name, has_such_index(name) && !can_be_planned(table)).first;
  }
  if (at->second != there_)
    c_.execute(at->second ? "SELECT pg_catalog.set_config('search_path', reset_val, false) FROM pg_catalog.pg_settings WHERE name = 'search_path'"
                          : "SELECT pg_catalog.set_config('search_path', '', false)");
  return there_ = at->second;
}

bool PlannedPath::has_such_index(const std::string& name) {
  if (std::any_of(name.begin(), name.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; }))  // the session may not answer in UTF-8
    return c_.scalar(concat("SELECT 1 FROM pg_catalog.pg_index WHERE (indexprs IS NOT NULL OR indpred IS NOT NULL) AND indrelid = ", quote_text(name), "::pg_catalog.regclass LIMIT 1"))
        .has_value();
  if (!asked_) {
    const Result r = c_.query("SELECT DISTINCT n.nspname, c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
                              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE (i.indexprs IS NOT NULL OR i.indpred IS NOT NULL) AND c.oid >= 16384");
    for (std::size_t i = 0; i < r.rows.size(); ++i) candidates_.insert(quote_table(r.text("nspname", i), r.text("relname", i)));
    asked_ = true;
  }
  return candidates_.contains(name);
}

bool PlannedPath::can_be_planned(const value::Table& table) {
  const bool inside = within_ == Within::transaction;
  c_.execute(inside ? "SAVEPOINT flytt_plan" : "BEGIN");
  bool can = true;
  try {
    c_.query("EXPLAIN SELECT 1 FROM " + rows_of(table));
  } catch (const base::Error& e) {
    if (!e.facts().sqlstate.starts_with("42")) throw;  // a name that is not found
    can = false;
  }
  c_.execute(inside ? "ROLLBACK TO SAVEPOINT flytt_plan" : "ROLLBACK");
  return can;
}

}  // namespace flytt::engine::postgres
