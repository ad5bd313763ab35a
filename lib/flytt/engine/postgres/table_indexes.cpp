// Sources: dumpIndex, dumpConstraint and PrintTOCSummary in src/bin/pg_dump, releases 15 to 18.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/table_indexes.hpp>

#include <set>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

/// Each statement is noted in the ledger before and after: that is worth it for indexes that take a while.
constexpr std::uint64_t kLarge = std::uint64_t{16} << 20;

constexpr std::string_view kIndexes =
    "SELECT i.indexrelid AS oid, n.nspname, t.relname AS table_name, t.oid AS table_oid, ic.relname AS name, am.amname,"
    " pg_catalog.pg_get_indexdef(i.indexrelid) AS statement, con.oid AS constraint_oid, con.contype = 'p' AS is_primary"
    " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ic.relam"
    " JOIN pg_catalog.pg_class t ON t.oid = i.indrelid AND t.relkind = 'r' AND NOT t.relispartition"
    " JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
    " LEFT JOIN pg_catalog.pg_constraint con ON con.conindid = i.indexrelid AND con.conrelid = i.indrelid AND con.contype IN ('p','u','x')"
    " WHERE i.indisvalid AND i.indisready AND i.indislive AND NOT i.indisclustered AND NOT i.indisreplident"
    " AND (con.oid IS NULL OR (con.contype <> 'x' AND NOT con.condeferrable AND am.amname = 'btree' AND con.conname = ic.relname))"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    " AND d.objid = i.indexrelid AND d.deptype IN ('e','x')) ORDER BY i.indrelid, i.indexrelid";

constexpr std::string_view kClass = "1259 ", kConstraint = "2606 ";  ///< oids of pg_class and pg_constraint, the same in every release

/// "1259 16402" of "3214; 1259 16402 INDEX public by_int postgres"; empty for a comment.
std::string_view entry_of(std::string_view line) {
  const auto semicolon = line.find(';');
  if (semicolon == std::string_view::npos || semicolon == 0) return {};
  const auto rest = line.substr(semicolon + 1);
  const auto begin = rest.find_first_not_of(' ');
  if (begin == std::string_view::npos) return {};
  const auto between = rest.find(' ', begin);
  if (between == std::string_view::npos) return {};
  return rest.substr(begin, rest.find(' ', between + 1) - begin);
}

}  // namespace

TableIndexes table_indexes(Connection& c, const std::vector<Relation>& relations) {
  TableIndexes out;
  std::set<std::string> large;
  for (const auto& relation : relations)
    if (relation.table.bytes_estimate >= kLarge) large.insert(std::to_string(relation.oid));
  if (large.empty()) return out;
  const Result r = c.query(std::string(kIndexes));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    if (!large.contains(r.text("table_oid", i))) continue;
    auto& object = out.objects.emplace_back();
    object.kind = value::ObjectKind::index;
    object.schema = r.text("nspname", i);
    object.name = r.text("name", i);
    object.parent = r.text("table_name", i);
    object.statement = r.text("statement", i);
    const auto constraint = r.text("constraint_oid", i);
    out.entries.push_back(constraint.empty() ? concat(kClass, r.text("oid", i)) : concat(kConstraint, constraint));
    if (!constraint.empty()) out.constraints.push_back({quote_table(object.schema, object.parent), object.name, r.yes("is_primary", i)});
  }
  return out;
}

std::string encode(const LatePlan& plan) {
  std::string text;
  codec::JsonWriter json(text);
  json.object().key("invalid").array();
  for (const auto& name : plan.invalid) json.value(name);
  json.end().key("made").array();
  for (const auto& entry : plan.entries) json.value(entry);
  json.end().key("constraints").array();
  for (const auto& c : plan.constraints) json.object().member("table", c.table).member("name", c.name).member("primary", c.primary).end();
  json.end().end();
  return text;
}

LatePlan decode_late_plan(std::string_view attributes) {
  const auto json = codec::JsonValue::parse(attributes);
  LatePlan plan;
  for (const auto& name : json.get_array("invalid")) plan.invalid.push_back(name.as_string());
  for (const auto& entry : json.get_array("made")) plan.entries.push_back(entry.as_string());
  for (const auto& c : json.get_array("constraints")) plan.constraints.push_back({c.get_string("table"), c.get_string("name"), c.get_bool("primary")});
  return plan;
}

void add_constraints(Connection& c, const std::vector<IndexConstraint>& constraints) {
  for (const auto& constraint : constraints) {
    const Result there = c.query("SELECT 1 FROM pg_catalog.pg_constraint WHERE conrelid = $1::pg_catalog.regclass AND conname = $2", {constraint.table, constraint.name});
    if (!there.rows.empty()) continue;
    const auto name = quote_name(constraint.name);
    c.execute(concat("ALTER TABLE ONLY ", constraint.table, " ADD CONSTRAINT ", name, constraint.primary ? " PRIMARY KEY" : " UNIQUE", " USING INDEX ", name));
  }
}

std::string list_without(std::string_view list, const std::vector<std::string>& entries) {
  std::set<std::string, std::less<>> left(entries.begin(), entries.end());
  std::string out;
  for (const auto line : base::split(list, '\n')) {
    const auto found = left.find(entry_of(line));
    if (found != left.end()) {
      left.erase(found);
      continue;
    }
    out += line;
    out += '\n';
  }
  if (!left.empty()) throw Error(Exit::data, concat("the archive of definitions lacks an index that the stream has (entry ", *left.begin(), ")"));
  return out;
}

}  // namespace flytt::engine::postgres
