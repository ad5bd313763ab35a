// Tables, views, sequences, their columns, constraints and indexes: one statement a kind.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/object_reading.hpp>
#include <flytt/engine/postgres/view_text.hpp>

namespace flytt::engine::postgres {

using base::concat;
using value::ObjectKind;

namespace {

/// The first release that leaves a lone table's name away by itself.
constexpr std::uint32_t kWithoutPrefix = 16;

/// Relations (alias c, namespace n) that may be in scope.
std::string user_relation() { return concat("c.relpersistence <> 't' AND ", user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid")); }

std::string comment_sql(std::string_view oid, std::string_view catalog) { return concat("pg_catalog.obj_description(", oid, ", '", catalog, "') AS comment"); }

}  // namespace

void ObjectReading::relations() {
  tables();
  sequences();
  columns();
  constraints();
  indexes();
}

void ObjectReading::tables() {
  const Result r = c_.query(concat(
      "SELECT c.oid, n.nspname AS schema, c.relname AS name, c.relkind AS kind,"
      " CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'f' THEN 'foreign table' WHEN 'm' THEN 'materialized view'"
      " ELSE 'view' END || CASE c.relpersistence WHEN 'u' THEN ', unlogged' ELSE '' END AS what,"
      " CASE WHEN c.relkind IN ('v','m') THEN pg_catalog.pg_get_viewdef(c.oid) END AS view,"
      " CASE WHEN c.reloftype <> 0 THEN pg_catalog.format_type(c.reloftype, NULL) END AS \"of type\","
      " pg_catalog.pg_get_partkeydef(c.oid) AS \"partitioned by\", pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS bound,"
      " (SELECT pg_catalog.string_agg(i.inhparent::pg_catalog.regclass::text, ', ' ORDER BY i.inhseqno) FROM pg_catalog.pg_inherits i"
      " WHERE i.inhrelid = c.oid) AS parents,"
      " (SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM unnest(c.reloptions) o) AS options,"
      " (SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM pg_catalog.pg_class t, unnest(t.reloptions) o WHERE t.oid = c.reltoastrelid) AS \"toast options\","
      " CASE WHEN c.relkind = 'm' AND NOT c.relispopulated THEN 'no' END AS populated,"
      " NULLIF(am.amname, 'heap') AS \"access method\","
      " CASE WHEN c.relforcerowsecurity THEN 'forced' WHEN c.relrowsecurity THEN 'on' END AS \"row security\","
      " CASE c.relreplident WHEN 'n' THEN 'nothing' WHEN 'f' THEN 'full' WHEN 'i' THEN 'index ' || (SELECT ic.relname FROM pg_catalog.pg_index i"
      " JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END AS \"replica identity\","
      " (SELECT s.srvname || coalesce(' ' || f.ftoptions::text, '') FROM pg_catalog.pg_foreign_table f JOIN pg_catalog.pg_foreign_server s ON s.oid = f.ftserver"
      " WHERE f.ftrelid = c.oid) AS server, ", role_sql("c.relowner"), " AS owner, ", privileges_sql("'r'", "c.relacl", "c.relowner"), " AS grants, ",
      comment_sql("c.oid", "pg_class"),
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_am am ON am.oid = c.relam"
      " WHERE c.relkind IN ('r','p','f','v','m') AND ", user_relation(), " ORDER BY n.nspname, c.relname"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    if (!in_scope(scope_, {r.text("schema", i), r.text("name", i)})) continue;
    const std::string kind = r.text("kind", i);
    const bool view = kind == "v" || kind == "m";
    Result row{r.columns, {}};
    row.rows.emplace_back(r.rows[i]);
    for (std::size_t column = 0; column < r.columns.size(); ++column) {
      auto& value = row.rows[0][column];
      if (r.columns[column] == "kind") value.reset();
      if (r.columns[column] == "view" && value && release_ < kWithoutPrefix) value = without_lone_prefix(*value);
    }
    relations_[r.number("oid", i)] = objects_.size();
    add(view ? ObjectKind::view : ObjectKind::table, row, 0);
  }
}

void ObjectReading::sequences() {
  each(concat("SELECT n.nspname AS schema, c.relname AS name, pg_catalog.format_type(s.seqtypid, NULL) AS type, s.seqstart AS start, s.seqincrement AS increment,"
              " s.seqmin AS minimum, s.seqmax AS maximum, s.seqcache AS cache, s.seqcycle AS cycle, NULLIF(c.relpersistence, 'p') AS persistence,"
              " (SELECT d.refobjid::pg_catalog.regclass::text || '.' || a.attname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a"
              " ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid"
              " AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.deptype IN ('a','i')) AS \"owned by\", ",
              role_sql("c.relowner"), " AS owner, ", privileges_sql("'s'", "c.relacl", "c.relowner"), " AS grants, ", comment_sql("c.oid", "pg_class"),
              " FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
              " WHERE ", user_relation(), " ORDER BY 1, 2"),
       ObjectKind::sequence);
}

void ObjectReading::columns() {
  // A target for statistics is NULL since release 17 where it was -1. Release 17.12 keeps a number of its own, pg_attver, among
  // every column's options; its pg_dump leaves it out, so no copy has the same.
  const std::string not_valid = "EXISTS (SELECT 1 FROM pg_catalog.pg_constraint k WHERE k.conrelid = a.attrelid AND k.contype = 'n' AND k.conkey[1] = a.attnum AND NOT k.convalidated)";
  const Result r = c_.query(concat(
      "SELECT a.attrelid AS oid, 'column ' || pg_catalog.quote_ident(a.attname) AS line, c.relkind IN ('v','m') AS view,"
      " pg_catalog.format_type(a.atttypid, a.atttypmod)"
      " || CASE WHEN a.attcollation <> t.typcollation THEN ' COLLATE ' || (SELECT a.attcollation::pg_catalog.regcollation::text) ELSE '' END"
      " || CASE WHEN NOT a.attnotnull THEN '' WHEN ", not_valid, " THEN ' NOT NULL NOT VALID' ELSE ' NOT NULL' END"
      " || CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY' WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' ELSE '' END"
      " || CASE WHEN a.attstorage <> t.typstorage THEN ' STORAGE ' || a.attstorage::text ELSE '' END"
      " || CASE WHEN a.attcompression <> '' THEN ' COMPRESSION ' || a.attcompression::text ELSE '' END AS type,"
      " CASE a.attgenerated WHEN '' THEN ' DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid)"
      " ELSE ' GENERATED ALWAYS AS (' || pg_catalog.pg_get_expr(d.adbin, d.adrelid) || CASE a.attgenerated WHEN 's' THEN ') STORED' ELSE ') VIRTUAL' END END AS value,"
      " coalesce(' STATISTICS ' || NULLIF(a.attstattarget::int, -1), '') || coalesce(' OPTIONS ' || (SELECT pg_catalog.string_agg(o, ', ' ORDER BY o) FROM unnest(a.attoptions) o WHERE o !~ '^pg_attver='), '')"
      " || coalesce(' FOREIGN ' || a.attfdwoptions::text, '')"
      " || CASE WHEN a.attacl IS NOT NULL THEN ', grants: ' || ", privileges_sql("'c'", "a.attacl", "c.relowner"), " ELSE '' END"
      " || coalesce(', comment: ' || pg_catalog.col_description(a.attrelid, a.attnum), '') AS rest"
      " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " JOIN pg_catalog.pg_type t ON t.oid = a.atttypid LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum"
      " WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r','p','f','v','m') AND ", user_relation(), " ORDER BY a.attrelid, a.attnum"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    auto* const object = relation(r.number("oid", i));
    const std::string value = r.text("value", i), rest = r.text("rest", i);
    // A view's columns stand in its definition.
    if (object == nullptr || (r.yes("view", i) && value.empty() && rest.empty())) continue;
    object->statement += concat("\n", r.text("line", i), " ", r.text("type", i), value, rest);
  }
}

void ObjectReading::constraints() {
  // Those of partitions follow from their parents'. NOT NULL has a name only since release 18: the column says it.
  const Result r = c_.query(concat(
      "SELECT k.conrelid AS oid, k.contype, n.nspname AS schema, k.conname AS name, c.relname AS parent, pg_catalog.pg_get_constraintdef(k.oid) AS definition, ",
      comment_sql("k.oid", "pg_constraint"),
      " FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE k.contype IN ('c','u','p','x','f') AND (k.contype <> 'f' OR k.conparentid = 0) AND ", user_relation(), " ORDER BY k.conrelid, k.conname"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    auto* const table = relation(r.number("oid", i));
    if (table == nullptr) continue;
    const std::string comment = r.text("comment", i);
    if (r.text("contype", i) != "f") {
      table->statement += concat("\nconstraint ", r.text("name", i), " ", r.text("definition", i), comment.empty() ? "" : ", comment: ", comment);
      continue;
    }
    auto& key = objects_.emplace_back();
    key.kind = ObjectKind::foreign_key;
    key.schema = r.text("schema", i);
    key.name = r.text("name", i);
    key.parent = r.text("parent", i);
    key.statement = concat(r.text("definition", i), comment.empty() ? "" : "\ncomment: ", comment);
  }
}

void ObjectReading::indexes() {
  // One that an interrupted CREATE left is no index yet: no copy has it (left_out_of()). Partitioned ones wait for their parts.
  each(concat("SELECT n.nspname AS schema, ic.relname AS name, c.relname AS parent, pg_catalog.pg_get_indexdef(i.indexrelid) AS definition,"
              " CASE WHEN NOT i.indisvalid THEN 'not valid' END AS state, CASE WHEN i.indisclustered THEN 'yes' END AS clustered,"
              " (SELECT pg_catalog.string_agg(a.attnum || '=' || a.attstattarget, ', ' ORDER BY a.attnum) FROM pg_catalog.pg_attribute a"
              " WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0) AS statistics, ", comment_sql("i.indexrelid", "pg_class"),
              " FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid"
              " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE (i.indisvalid OR ic.relkind = 'I') AND ", user_relation(), " ORDER BY 1, 3, 2"),
       ObjectKind::index);
}

}  // namespace flytt::engine::postgres
