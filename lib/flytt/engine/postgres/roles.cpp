// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/roles.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/properties.hpp>
#include <flytt/engine/postgres/slot.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using value::ObjectKind;
using value::SchemaObject;

SchemaObject object_of(ObjectKind kind, std::string name, std::string statement) {
  SchemaObject out;
  out.kind = kind;
  out.name = std::move(name);
  out.statement = std::move(statement);
  return out;
}

std::string attributes(const Result& r, std::size_t i) {
  std::string out;
  const auto flag = [&](std::string_view column, std::string_view word) { out += concat(r.yes(column, i) ? " " : " NO", word); };
  flag("rolsuper", "SUPERUSER");
  flag("rolinherit", "INHERIT");
  flag("rolcreaterole", "CREATEROLE");
  flag("rolcreatedb", "CREATEDB");
  flag("rolcanlogin", "LOGIN");
  flag("rolreplication", "REPLICATION");
  flag("rolbypassrls", "BYPASSRLS");
  out += " CONNECTION LIMIT " + r.text("rolconnlimit", i);
  if (const auto verifier = r.get("rolpassword", i)) out += " PASSWORD " + quote_text(*verifier);
  if (const auto until = r.get("until", i)) out += " VALID UNTIL " + quote_text(*until);
  return out;
}

}  // namespace

std::vector<SchemaObject> role_objects(Connection& c) {
  const bool verifiers = c.query("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'SELECT') AS may").yes("may");
  const Result r = c.query(concat(
      "SELECT r.rolname, r.rolsuper, r.rolinherit, r.rolcreaterole, r.rolcreatedb, r.rolcanlogin, r.rolreplication, r.rolbypassrls, r.rolconnlimit,"
      " r.rolvaliduntil::text AS until, ", verifiers ? "r.rolpassword" : "NULL::text AS rolpassword", " FROM pg_catalog.", verifiers ? "pg_authid" : "pg_roles",
      " r WHERE r.rolname !~ '^pg_' AND r.oid >= 16384 ORDER BY r.rolname"));
  std::vector<SchemaObject> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string name = r.text("rolname", i);
    out.push_back(object_of(ObjectKind::account, name, concat("CREATE ROLE ", quote_name(name), " WITH", attributes(r, i))));
  }
  const Result members = c.query(
      "SELECT g.rolname AS granted, m.rolname AS member, a.admin_option FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles g ON g.oid = a.roleid"
      " JOIN pg_catalog.pg_roles m ON m.oid = a.member WHERE m.oid >= 16384 ORDER BY 1, 2");
  for (std::size_t i = 0; i < members.rows.size(); ++i) {
    const std::string granted = members.text("granted", i), member = members.text("member", i);
    out.push_back(object_of(ObjectKind::grant, granted + " to " + member,
                            concat("GRANT ", quote_name(granted), " TO ", quote_name(member), members.yes("admin_option", i) ? " WITH ADMIN OPTION" : "")));
  }
  return out;
}

std::vector<std::string> roles_in_use(Connection& c) {
  // What hangs on the database itself is not counted as in it, and the publication that feeds a channel of ours is no part of a copy.
  const Result r = c.query(concat(
      "SELECT DISTINCT r.rolname FROM pg_catalog.pg_shdepend d JOIN pg_catalog.pg_database b ON b.oid = d.dbid AND b.datname = pg_catalog.current_database()"
      " JOIN pg_catalog.pg_roles r ON r.oid = d.refobjid WHERE d.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND r.rolname !~ '^pg_' AND r.oid >= 16384"
      " AND NOT (d.classid = 'pg_catalog.pg_publication'::pg_catalog.regclass AND COALESCE(pg_catalog.starts_with(pg_catalog.obj_description(d.objid, 'pg_publication'), ", quote_text(kPublicationMark), "), false))"
      " UNION SELECT r.rolname FROM pg_catalog.pg_database b JOIN pg_catalog.pg_roles r ON r.oid = b.datdba OR r.oid IN (SELECT a.grantee FROM pg_catalog.aclexplode(b.datacl) a)"
      " OR r.oid IN (SELECT s.setrole FROM pg_catalog.pg_db_role_setting s WHERE s.setdatabase = b.oid) WHERE b.datname = pg_catalog.current_database() AND NOT ",
      administrator_sql(), " AND r.oid >= 16384 ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

}  // namespace flytt::engine::postgres
