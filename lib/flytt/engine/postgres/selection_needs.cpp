// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/selection_needs.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

std::string chosen_sql(const std::vector<Relation>& relations, const std::vector<value::TableName>& parents) {
  std::string out;
  for (const auto& relation : relations) out += concat(out.empty() ? "" : ", ", relation.oid);
  for (const auto& parent : parents)
    out += concat(out.empty() ? "" : ", ", quote_text(quote_table(parent.schema, parent.table)), "::pg_catalog.regclass::pg_catalog.oid");
  return concat("SELECT pg_catalog.unnest(ARRAY[", out, "]::pg_catalog.oid[])");
}

}  // namespace

std::map<std::string, std::string> needs_of(Connection& c, const value::Scope& scope, const std::vector<Relation>& relations) {
  std::map<std::string, std::string> out;
  if (!scope.chooses_tables()) return out;
  // Keys to other tables are made last, and named when they cannot be.
  const Result r = c.query(concat(
      "WITH chosen(oid) AS (", chosen_sql(relations, partitioned_above(c, scope)), "), part(class, oid) AS (SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, oid FROM chosen"
      " UNION ALL SELECT 'pg_catalog.pg_attrdef'::pg_catalog.regclass, d.oid FROM pg_catalog.pg_attrdef d JOIN chosen ON chosen.oid = d.adrelid"
      " UNION ALL SELECT 'pg_catalog.pg_constraint'::pg_catalog.regclass, k.oid FROM pg_catalog.pg_constraint k JOIN chosen ON chosen.oid = k.conrelid WHERE k.contype <> 'f'"
      " UNION ALL SELECT 'pg_catalog.pg_trigger'::pg_catalog.regclass, t.oid FROM pg_catalog.pg_trigger t JOIN chosen ON chosen.oid = t.tgrelid WHERE NOT t.tgisinternal"
      " UNION ALL SELECT 'pg_catalog.pg_policy'::pg_catalog.regclass, p.oid FROM pg_catalog.pg_policy p JOIN chosen ON chosen.oid = p.polrelid"
      " UNION ALL SELECT 'pg_catalog.pg_class'::pg_catalog.regclass, i.indexrelid FROM pg_catalog.pg_index i JOIN chosen ON chosen.oid = i.indrelid)"
      " SELECT DISTINCT i.type, i.identity FROM part JOIN pg_catalog.pg_depend d ON d.classid = part.class AND d.objid = part.oid AND d.deptype IN ('n', 'a')"
      " CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.refclassid, d.refobjid, 0) i WHERE d.refobjid >= 16384 AND d.refclassid IN ('pg_catalog.pg_class'::pg_catalog.regclass,"
      " 'pg_catalog.pg_type'::pg_catalog.regclass, 'pg_catalog.pg_proc'::pg_catalog.regclass, 'pg_catalog.pg_collation'::pg_catalog.regclass)"
      " AND NOT (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND (d.refobjid IN (SELECT oid FROM chosen) OR EXISTS (SELECT 1 FROM pg_catalog.pg_class x"
      " WHERE x.oid = d.refobjid AND x.relkind IN ('i', 'I')) OR EXISTS (SELECT 1 FROM pg_catalog.pg_depend o JOIN chosen ON chosen.oid = o.refobjid"
      " WHERE o.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.objid = d.refobjid AND o.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND o.deptype IN ('a', 'i'))))"
      " AND NOT (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND EXISTS (SELECT 1 FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem"
      " WHERE t.oid = d.refobjid AND (t.typrelid IN (SELECT oid FROM chosen) OR e.typrelid IN (SELECT oid FROM chosen)))) ORDER BY 1, 2"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) out[concat(kNeeds, r.text("type", i), " ", r.text("identity", i))] = r.text("type", i);
  return out;
}

std::vector<std::string> keys_without_parents(Connection& c, const std::vector<Relation>& relations) {
  std::vector<std::string> out;
  if (relations.empty()) return out;
  const Result r = c.query(concat(
      "WITH chosen(oid) AS (", chosen_sql(relations, {}), ") SELECT k.conname, n.nspname, t.relname, pn.nspname AS parent_schema, p.relname AS parent FROM pg_catalog.pg_constraint k"
      " JOIN chosen ON chosen.oid = k.conrelid JOIN pg_catalog.pg_class t ON t.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace"
      " JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace"
      " WHERE k.contype = 'f' AND k.conparentid = 0 AND p.relkind = 'r' AND k.confrelid NOT IN (SELECT oid FROM chosen) ORDER BY 2, 3, 1"));
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out.push_back(concat("foreign key ", r.text("conname", i), " of ", value::TableName{r.text("nspname", i), r.text("relname", i)}.display(), " needs ",
                         value::TableName{r.text("parent_schema", i), r.text("parent", i)}.display(), ", which is not copied: a target that lacks this table, or its rows, lacks the key"));
  return out;
}

bool is_here(Connection& c, const std::string& type, const std::string& identity) {
  const bool routine = type == "function" || type == "procedure" || type == "aggregate";
  const std::string_view finder = type == "type" ? "to_regtype" : type == "collation" ? "to_regcollation" : routine ? "to_regprocedure" : "to_regclass";
  return c.scalar(concat("SELECT pg_catalog.", finder, "(", quote_text(identity), ")")).has_value();
}

}  // namespace flytt::engine::postgres
