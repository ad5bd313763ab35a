// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/catalog_objects.hpp>

#include <map>
#include <set>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/object_reading.hpp>
#include <flytt/engine/postgres/sequences.hpp>
#include <flytt/engine/postgres/properties.hpp>

namespace flytt::engine::postgres {

using base::concat;
using value::ObjectKind;
using value::SchemaObject;

std::string role_sql(std::string_view oid) { return concat("pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(", oid, "))"); }

std::string privileges_sql(std::string_view kind, std::string_view acl, std::string_view owner) {
  const std::string standard = concat("pg_catalog.acldefault(", kind, ", ", owner, ")");
  const std::string all = kind == "'c'" ? std::string("4") : concat("(SELECT pg_catalog.count(*) FROM pg_catalog.aclexplode(", standard, ") d WHERE d.grantee = ", owner, ")");
  // Every release may add a privilege: whoever has all is said to have all.
  return concat("coalesce((SELECT pg_catalog.string_agg(g.who || ' ' || g.what, ', ' ORDER BY g.who) FROM (SELECT"
                " CASE WHEN x.grantee = 0 THEN 'PUBLIC' ELSE ", role_sql("x.grantee"), " END AS who,"
                " CASE WHEN pg_catalog.count(*) FILTER (WHERE NOT x.grantable) = ", all, " THEN 'ALL'"
                " ELSE pg_catalog.string_agg(x.privilege_type || CASE WHEN x.grantable THEN '*' ELSE '' END, ',' ORDER BY x.privilege_type) END AS what"
                " FROM (SELECT e.grantee, e.privilege_type, pg_catalog.bool_or(e.is_grantable AND e.grantee <> ", owner, ") AS grantable"
                " FROM pg_catalog.aclexplode(coalesce(", acl, ", ", standard, ")) e GROUP BY 1, 2) x GROUP BY x.grantee) g), 'nobody')");
}

value::SchemaObject& ObjectReading::add(ObjectKind kind, const Result& r, std::size_t row) {
  SchemaObject& object = objects_.emplace_back();
  object.kind = kind;
  object.schema = r.text("schema", row);
  object.name = r.text("name", row);
  object.parent = r.text("parent", row);
  lines(object.statement, r, row);
  return object;
}

void ObjectReading::lines(std::string& text, const Result& r, std::size_t row) const {
  for (std::size_t i = 0; i < r.columns.size(); ++i) {
    const std::string& column = r.columns[i];
    const auto& value = r.rows[row][i];
    if (column == "oid" || column == "schema" || column == "name" || column == "parent" || !value || value->empty()) continue;
    text += concat(text.empty() ? "" : "\n", column == "definition" ? "" : column + ": ", *value);
  }
}

void ObjectReading::each(std::string_view sql, ObjectKind kind) {
  const Result r = c_.query(sql);
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string parent = r.text("parent", i);
    const bool selected_by_name = !parent.empty() || kind == ObjectKind::sequence;
    if (selected_by_name && !in_scope(scope_, {r.text("schema", i), parent.empty() ? r.text("name", i) : parent})) continue;
    add(kind, r, i);
  }
}

SchemaObject* ObjectReading::relation(std::uint64_t oid) {
  const auto at = relations_.find(oid);
  return at == relations_.end() ? nullptr : &objects_[at->second];
}

std::vector<SchemaObject> read_objects(Connection& c, PgServer& server, const value::Scope& scope) {
  if (scope.data_only) return {};
  ObjectReading reading(c, scope, server.identity().version_number / 10000);
  reading.relations();
  reading.attached();
  // A selection of tables carries nothing else, so nothing else is compared.
  if (!scope.include_tables.empty()) return reading.take();
  reading.others();
  auto out = reading.take();
  for (auto& property : compared_properties(c)) out.push_back(std::move(property));
  return out;
}

namespace {

/// What CREATE INDEX CONCURRENTLY leaves where it was interrupted, or met rows that are not unique.
void add_invalid_indexes(Connection& c, const value::Scope& scope, std::vector<value::LeftOut>& out) {
  const Result r = c.query(concat("SELECT n.nspname, c.relname, ic.relname AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid"
                                  " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                  " WHERE NOT i.indisvalid AND ic.relkind = 'i' AND ", user_namespace(), " ORDER BY 1, 3"));
  value::LeftOut some{"index", "left invalid by a CREATE INDEX CONCURRENTLY that did not end well: REINDEX or DROP it", {}, true};
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    if (in_scope(scope, {r.text("nspname", i), r.text("relname", i)})) some.names.push_back(concat(r.text("nspname", i), ".", r.text("name", i)));
  if (!some.names.empty()) out.push_back(std::move(some));
}

}  // namespace

std::vector<value::LeftOut> left_out_of(Connection& c, PgServer& server, const value::Scope& scope) {
  std::vector<value::LeftOut> list;
  if (!scope.data_only) add_invalid_indexes(c, scope, list);
  if (scope.include_tables.empty() && scope.exclude_tables.empty()) return list;
  value::Scope everything;
  std::set<std::string> carried;
  for (const auto& o : read_objects(c, server, scope)) carried.insert(o.display());
  std::set<value::TableName> sequences;  // that come with their tables, whatever they are called
  for (auto& name : sequences_of(c, scope)) sequences.insert(std::move(name));
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> out;
  for (const auto& o : read_objects(c, server, everything)) {
    const std::string kind(value::object_kind_name(o.kind)), name = o.schema.empty() ? o.name : o.schema + "." + o.name;
    if (!o.parent.empty() || carried.contains(o.display())) continue;  // what hangs on a table goes with it
    if (o.kind == ObjectKind::sequence && sequences.contains({o.schema, o.name})) continue;
    if (!scope.chosen({o.schema, o.name})) out[{kind, "not named by --table"}].push_back(name);
    else if (o.kind == ObjectKind::table && scope.include_tables.empty()) out[{kind, "defined but without its rows: excluded by --exclude-table"}].push_back(name);
    else out[{kind, "excluded by --exclude-table"}].push_back(name);
  }
  for (auto& [what, names] : out) list.push_back({what.first, what.second, std::move(names)});
  return list;
}

/// A partitioned index that is not valid arrives valid, and what a view holds is told by whether its REFRESH succeeded.
std::vector<value::Definition> proofs_of(const std::vector<SchemaObject>& objects) {
  std::vector<value::Definition> out;
  for (const auto& o : objects) {
    std::string text, rights;
    for (const auto line : base::split(o.statement, '\n')) {
      if (line == "state: not valid" || line == "populated: no") continue;
      const bool is_right = line.starts_with("owner: ") || line.starts_with("grants: ");
      (is_right ? rights : text) += concat(line, "\n");
    }
    out.push_back(value::definition_of(o, text, rights));
  }
  return out;
}

}  // namespace flytt::engine::postgres
