// What hangs on tables and views: triggers, rules, policies, statistics.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/object_reading.hpp>

namespace flytt::engine::postgres {

using base::concat;
using value::ObjectKind;

namespace {

std::string of_user_relation() { return concat("c.relpersistence <> 't' AND ", user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid")); }

constexpr std::string_view kRelation = " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE ";

/// When a trigger or rule fires, where it is not the usual.
std::string enabled_sql(std::string_view column) {
  return concat("CASE ", column, " WHEN 'D' THEN 'no' WHEN 'R' THEN 'on replicas' WHEN 'A' THEN 'always' END AS enabled");
}

}  // namespace

void ObjectReading::attached() {
  // Those of partitions that follow from their parents' come with them.
  each(concat("SELECT n.nspname AS schema, t.tgname AS name, c.relname AS parent, pg_catalog.pg_get_triggerdef(t.oid) AS definition, ", enabled_sql("t.tgenabled"),
              ", pg_catalog.obj_description(t.oid, 'pg_trigger') AS comment FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid", kRelation,
              "NOT t.tgisinternal AND t.tgparentid = 0 AND ", of_user_relation(), " ORDER BY 1, 3, 2"),
       ObjectKind::trigger);
  each(concat("SELECT n.nspname AS schema, r.rulename AS name, c.relname AS parent, pg_catalog.pg_get_ruledef(r.oid) AS definition, ", enabled_sql("r.ev_enabled"),
              ", pg_catalog.obj_description(r.oid, 'pg_rewrite') AS comment FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class", kRelation,
              "r.rulename <> '_RETURN' AND ", of_user_relation(), " ORDER BY 1, 3, 2"),
       ObjectKind::rule);
  each(concat("SELECT n.nspname AS schema, p.polname AS name, c.relname AS parent, CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE'"
              " WHEN 'd' THEN 'DELETE' ELSE 'ALL' END AS command, CASE WHEN NOT p.polpermissive THEN 'yes' END AS restrictive,"
              " (SELECT pg_catalog.string_agg(CASE WHEN o = 0 THEN 'PUBLIC' ELSE ", role_sql("o"), " END, ', ' ORDER BY 1) FROM unnest(p.polroles) o) AS roles,"
              " pg_catalog.pg_get_expr(p.polqual, p.polrelid) AS \"using\", pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) AS \"check\","
              " pg_catalog.obj_description(p.oid, 'pg_policy') AS comment FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid", kRelation,
              of_user_relation(), " ORDER BY 1, 3, 2"),
       ObjectKind::policy);
  each(concat("SELECT n.nspname AS schema, s.stxname AS name, c.relname AS parent, pg_catalog.pg_get_statisticsobjdef(s.oid) AS definition,"
              " NULLIF(s.stxstattarget::int, -1) AS target, ", role_sql("s.stxowner"), " AS owner,"
              " pg_catalog.obj_description(s.oid, 'pg_statistic_ext') AS comment FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_class c ON c.oid = s.stxrelid",
              kRelation, of_user_relation(), " ORDER BY 1, 3, 2"),
       ObjectKind::statistics);
}

}  // namespace flytt::engine::postgres
