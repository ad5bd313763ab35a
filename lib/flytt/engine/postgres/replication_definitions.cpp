// Definitions, which logical replication does not carry: a table that was made since the copy is not followed, and a column
// that was added stops the apply worker or is left out. One statement, in words that PostgreSQL 14 to 18 share.
// Source: https://www.postgresql.org/docs/current/logical-replication-restrictions.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

using base::concat;

namespace {

struct Kind {
  std::string_view word;
  bool of_table;   ///< schema and name are the table's: it is in scope with it
  bool must_agree;
  std::string sql;  ///< rows of schema, table or name, the object's own name, definition
};

/// Names that the server makes differ between releases where it makes one for a partition: those come with their parent.
std::vector<Kind> kinds() {
  const std::string ns(user_namespace());
  const std::string classes = concat(" FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ", ns, " AND NOT ", of_extension("pg_class", "c.oid"));
  const std::string column =
      "a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod) || CASE WHEN a.attnotnull THEN ' not null' ELSE '' END"
      " || CASE a.attgenerated WHEN '' THEN '' ELSE ' generated' END || CASE a.attidentity WHEN '' THEN '' ELSE ' identity' END";
  return {
      {"table", true, true, concat("SELECT n.nspname, c.relname, c.relname, (SELECT pg_catalog.string_agg(", column, ", ', ' ORDER BY a.attname COLLATE \"C\")"
                                   " FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)", classes, " AND c.relkind IN ('r','p','f') AND c.relpersistence <> 't'")},
      {"default", true, false, concat("SELECT n.nspname, c.relname, c.relname || '.' || a.attname, pg_catalog.pg_get_expr(x.adbin, x.adrelid) FROM pg_catalog.pg_attrdef x"
                                      " JOIN pg_catalog.pg_attribute a ON a.attrelid = x.adrelid AND a.attnum = x.adnum JOIN pg_catalog.pg_class c ON c.oid = x.adrelid"
                                      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ", ns, " AND NOT ", of_extension("pg_class", "c.oid"), " AND c.relkind IN ('r','p','f')")},
      {"index", true, true, concat("SELECT n.nspname, c.relname, ic.relname, CASE WHEN i.indisunique THEN 'unique ' ELSE '' END || i.indnatts FROM pg_catalog.pg_index i"
                                   " JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                   " WHERE i.indisvalid AND NOT ic.relispartition AND c.relpersistence <> 't' AND ", ns, " AND NOT ", of_extension("pg_class", "c.oid"))},
      {"constraint", true, true, concat("SELECT n.nspname, c.relname, x.conname, x.contype::text FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_class c ON c.oid = x.conrelid"
                                        " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE x.contype IN ('c','f','x') AND x.conparentid = 0 AND x.conislocal AND ", ns, " AND NOT ", of_extension("pg_class", "c.oid"))},
      {"trigger", true, true, concat("SELECT n.nspname, c.relname, t.tgname, 'on ' || c.relname FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid"
                                     " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND ", ns, " AND NOT ", of_extension("pg_class", "c.oid"))},
      {"policy", true, true, concat("SELECT n.nspname, c.relname, x.polname, x.polcmd::text FROM pg_catalog.pg_policy x JOIN pg_catalog.pg_class c ON c.oid = x.polrelid"
                                    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ", ns, " AND NOT ", of_extension("pg_class", "c.oid"))},
      {"view", false, true, concat("SELECT n.nspname, c.relname, c.relname, (SELECT pg_catalog.string_agg(a.attname || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod), ', ' ORDER BY a.attnum)"
                                   " FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0)", classes, " AND c.relkind IN ('v','m')")},
      {"sequence", false, true, concat("SELECT n.nspname, c.relname, c.relname, pg_catalog.format_type(q.seqtypid, NULL) || ' by ' || q.seqincrement FROM pg_catalog.pg_sequence q"
                                       " JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relpersistence <> 't' AND ", ns, " AND NOT ", of_extension("pg_class", "c.oid"))},
      {"type", false, true, concat("SELECT n.nspname, t.typname, t.typname, t.typtype::text || COALESCE(' ' || (SELECT pg_catalog.string_agg(e.enumlabel, ', ' ORDER BY e.enumsortorder)"
                                   " FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid), '') FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
                                   " LEFT JOIN pg_catalog.pg_class tc ON tc.oid = t.typrelid WHERE t.typtype IN ('e','d','r') AND ", ns, " AND NOT ", of_extension("pg_type", "t.oid"))},
      {"function", false, true, concat("SELECT n.nspname, p.proname, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',"
                                       " pg_catalog.md5(CASE WHEN p.prosqlbody IS NULL THEN p.prosrc ELSE '' END) FROM pg_catalog.pg_proc p"
                                       " JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE ", ns, " AND NOT ", of_extension("pg_proc", "p.oid"),
                                       " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend xd WHERE xd.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND xd.objid = p.oid AND xd.deptype = 'i')")},
      {"extension", false, false, "SELECT '', e.extname, e.extname, e.extversion FROM pg_catalog.pg_extension e"},
  };
}

}  // namespace

/// Rows of the catalogs that were written, as the server counts them. Statistics and large objects are no definitions, and what a fence
/// or a slot changes is in shared catalogs. What was written and not counted yet makes a second reading of all definitions, no more.
std::string PgReplication::definitions_mark() {
  return session().scalar(
      "SELECT pg_catalog.sum(t.n_tup_ins + t.n_tup_upd + t.n_tup_del) FROM pg_catalog.pg_stat_all_tables t JOIN pg_catalog.pg_class c ON c.oid = t.relid"
      " WHERE c.relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND NOT c.relisshared"
      " AND c.relname NOT IN ('pg_statistic', 'pg_statistic_ext_data', 'pg_largeobject', 'pg_largeobject_metadata')").value_or("");
}

std::vector<FixedDefinition> PgReplication::fixed_definitions(const value::Scope& scope) {
  std::vector<FixedDefinition> out;
  for (const auto& kind : kinds()) {
    if (!kind.of_table && !scope.whole_databases()) continue;
    const Result r = session().query(kind.sql);
    for (const auto& row : r.rows) {
      const std::string schema = row[0].value_or("");
      if (kind.of_table && !in_scope(scope, {schema, row[1].value_or("")})) continue;
      out.push_back({concat(kind.word, " ", schema, schema.empty() ? "" : ".", row[2].value_or("")), row[3].value_or(""), kind.must_agree});
    }
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.object < b.object; });
  return out;
}

}  // namespace flytt::engine::postgres
