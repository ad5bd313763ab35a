// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/preflight_owners.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/properties.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

constexpr std::string_view kInPublic = "public", kSchemas = "schemas", kBoth = "public schemas", kElsewhere = "elsewhere";

bool truly(Connection& c, std::string_view question, const std::string& role) { return c.query(concat("SELECT ", question, " AS it"), {role}).yes("it"); }

/// Whoever will own the database once its owner is set, as the loader does first; what stands now when it may not.
std::string owner_to_be(Connection& c, PgServer& server, const value::Manifest& m) {
  const std::string wanted = m.source.setting(std::string(kDatabaseOwnerFact));
  const bool there = !wanted.empty() && !c.query("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1 AND pg_catalog.pg_has_role(oid, 'MEMBER')", {wanted}).empty();
  if (server.database_missing()) return there ? wanted : c.scalar("SELECT current_user").value_or("");
  const Result r = c.query("SELECT pg_catalog.pg_get_userbyid(datdba) AS owner, pg_catalog.pg_has_role(datdba, 'USAGE') AND (SELECT rolcreatedb FROM pg_catalog.pg_roles"
                           " WHERE rolname = current_user) AS may FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()");
  return there && r.yes("may") ? wanted : r.text("owner");
}

}  // namespace

std::map<std::string, std::string> owner_facts(Connection& c) {
  std::map<std::string, std::string> out;
  const Result r = c.query(concat(
      "SELECT pg_catalog.pg_get_userbyid(o) AS owner, pg_catalog.bool_or(p) AS public, pg_catalog.bool_or(s) AS schemas FROM ("
      "SELECT c.relowner AS o, n.nspname = 'public' AS p, false AS s FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S', 'f', 'c') AND ", user_namespace(), " AND NOT ", of_extension("pg_class", "c.oid"),
      " UNION ALL SELECT x.proowner, n.nspname = 'public', false FROM pg_catalog.pg_proc x JOIN pg_catalog.pg_namespace n ON n.oid = x.pronamespace WHERE ",
      user_namespace(), " AND NOT ", of_extension("pg_proc", "x.oid"),
      " UNION ALL SELECT t.typowner, n.nspname = 'public', false FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace"
      " WHERE t.typtype IN ('e', 'd', 'r') AND ", user_namespace(), " AND NOT ", of_extension("pg_type", "t.oid"),
      " UNION ALL SELECT n.nspowner, false, true FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND ", user_namespace(), " AND NOT ",
      of_extension("pg_namespace", "n.oid"), ") AS owned GROUP BY 1"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const bool in_public = r.yes("public", i), schemas = r.yes("schemas", i);
    out[concat(kOwnerFact, r.text("owner", i))] = in_public && schemas ? kBoth : in_public ? kInPublic : schemas ? kSchemas : kElsewhere;
  }
  const Result db = c.query(concat("SELECT r.rolname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba WHERE d.datname = pg_catalog.current_database() AND NOT ",
                                   administrator_sql()));
  if (!db.empty()) out[std::string(kDatabaseOwnerFact)] = db.text("rolname");
  return out;
}

std::vector<Finding> owner_findings(Connection& c, PgServer& server, const value::Manifest& m, const LoadRequest& request) {
  std::vector<Finding> out;
  if (m.scope.users || m.scope.data_only || request.code == Code::left_out || request.skip_definers || !request.definer.empty()) return out;
  const std::string me = c.scalar("SELECT current_user").value_or("");
  if (c.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper")) return out;
  const std::string database_owner = owner_to_be(c, server, m), db = quote_name(server.database());
  const std::string otherwise = ", or load as a superuser, or with --skip-definers or --definer ROLE";
  for (const auto& [fact, where] : m.source.settings) {
    if (!fact.starts_with(kOwnerFact)) continue;
    const std::string role = fact.substr(kOwnerFact.size());
    const Result r = c.query("SELECT pg_catalog.pg_has_role(oid, 'MEMBER') AS member, pg_catalog.pg_has_role($1, $2, 'USAGE') AS owns FROM pg_catalog.pg_roles WHERE rolname = $1", {role, database_owner});
    if (r.empty()) {
      // Roles that every server has are not told as missing elsewhere.
      if (!m.source.settings.contains("role " + role))
        out.push_back({true, "role-missing", "role " + role, concat("the role ", role, " owns objects of the copy and is not here"), concat("CREATE ROLE ", quote_name(role), otherwise)});
      continue;
    }
    if (!r.yes("member")) {
      out.push_back({true, "privilege-owner", "role " + role, concat("the role ", me, " is no member of the role ", role, ", and cannot give it what it owns"),
                     concat("GRANT ", quote_name(role), " TO ", quote_name(me), otherwise)});
      continue;
    }
    if (r.yes("owns")) continue;
    const bool there = !server.database_missing();
    const auto lacks = [&](const std::string& what, const std::string& grant) {
      out.push_back({true, "privilege-owner-create", "role " + role, concat("the role ", role, " owns ", what, ", and may not create there, so that it cannot be given them"),
                     there ? concat(grant, " TO ", quote_name(role), otherwise) : concat("create the database first: CREATE DATABASE ", db, " OWNER ", quote_name(role), otherwise)});
    };
    // Before release 15 everybody may create in a new database's public.
    const bool open_public = there ? truly(c, "pg_catalog.has_schema_privilege($1, 'public', 'CREATE')", role) : !server.caps().snapshot_option;
    if ((where == kInPublic || where == kBoth) && !open_public) lacks("objects in the schema public", "GRANT CREATE ON SCHEMA public");
    if ((where == kSchemas || where == kBoth) && !(there && truly(c, "pg_catalog.has_database_privilege($1, pg_catalog.current_database(), 'CREATE')", role)))
      lacks("schemas", concat("GRANT CREATE ON DATABASE ", db));
  }
  return out;
}

}  // namespace flytt::engine::postgres
