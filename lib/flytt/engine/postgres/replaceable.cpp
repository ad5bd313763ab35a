// In one transaction everything is dropped with what depends on it, and then what else the database had is read again: whatever order
// and kind of dependency there is, a difference is somebody else's loss, and the transaction is taken back.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replaceable.hpp>

#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/catalog_objects.hpp>
#include <flytt/engine/postgres/event_triggers.hpp>
#include <flytt/engine/postgres/object_reading.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using value::ObjectKind;
using value::SchemaObject;

constexpr std::size_t kLostShown = 5;
constexpr std::string_view kStillUsed = "2BP01";
constexpr std::string_view kLargeObject = "object \"\".\"large object ";
constexpr std::string_view kPublic = "schema \"\".\"public\"";

/// The names of kinds are those of value::object_kind_name(), and names of objects those that read_objects() gives.
std::string objects_sql() {
  const auto own = [](std::string_view catalog, std::string_view oid) { return concat(user_namespace(), " AND NOT ", of_extension(catalog, oid)); };
  return concat(
      "SELECT 'event trigger' AS kind, '' AS schema, evtname AS name, pg_catalog.format('DROP EVENT TRIGGER %I', evtname) AS sql, 0 AS place FROM pg_catalog.pg_event_trigger e WHERE NOT ",
      of_extension("pg_event_trigger", "e.oid"),
      // One that says what the server says without it is gone.
      " UNION ALL SELECT 'default grants of', '', ", default_grants_name(), ", pg_catalog.concat_ws('; ', (SELECT pg_catalog.string_agg(pg_catalog.format("
      "'ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE ALL ON %s FROM %s', w.role, w.within, w.what, g.who), '; ') FROM (SELECT DISTINCT CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE ",
      role_sql("x.grantee"), " END AS who FROM pg_catalog.aclexplode(a.defaclacl) x) g), CASE WHEN a.defaclnamespace = 0 THEN pg_catalog.format("
      "'ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO %s', w.role, w.what, w.role) END, CASE WHEN a.defaclnamespace = 0 AND a.defaclobjtype IN ('f', 'T') THEN pg_catalog.format("
      "'ALTER DEFAULT PRIVILEGES FOR ROLE %s GRANT ALL ON %s TO PUBLIC', w.role, w.what) END), 0 FROM pg_catalog.pg_default_acl a LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace"
      " CROSS JOIN LATERAL (SELECT ", role_sql("a.defaclrole"), " AS role, COALESCE(' IN SCHEMA ' || pg_catalog.quote_ident(n.nspname), '') AS within,"
      " CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'ROUTINES' WHEN 'T' THEN 'TYPES' ELSE 'SCHEMAS' END AS what) w"
      " UNION ALL SELECT 'publication', '', pubname, pg_catalog.format('DROP PUBLICATION IF EXISTS %I', pubname), 1 FROM pg_catalog.pg_publication"
      " UNION ALL SELECT CASE WHEN c.relkind IN ('v','m') THEN 'view' WHEN c.relkind = 'S' THEN 'sequence' ELSE 'table' END, n.nspname, c.relname,"
      " pg_catalog.format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'S' THEN 'SEQUENCE'"
      " WHEN 'f' THEN 'FOREIGN TABLE' ELSE 'TABLE' END, n.nspname, c.relname), CASE WHEN c.relkind IN ('v','m') THEN 2 WHEN c.relkind = 'S' THEN 4 ELSE 3 END"
      " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','f','v','m','S') AND c.relpersistence <> 't' AND ",
      own("pg_class", "c.oid"),
      " UNION ALL SELECT 'routine', n.nspname, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')',"
      " pg_catalog.format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::pg_catalog.regprocedure), 5 FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
      " WHERE NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND i.objid = p.oid AND i.deptype = 'i') AND ",
      own("pg_proc", "p.oid"),
      " UNION ALL SELECT 'type', n.nspname, t.typname, pg_catalog.format('DROP %s IF EXISTS %I.%I CASCADE', CASE t.typtype WHEN 'd' THEN 'DOMAIN' ELSE 'TYPE' END, n.nspname, t.typname), 6"
      " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE (t.typtype IN ('e','r','d') OR t.typtype = 'b' AND NOT EXISTS"
      " (SELECT 1 FROM pg_catalog.pg_type a WHERE a.typarray = t.oid) OR t.typtype = 'c' AND EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c')) AND ",
      own("pg_type", "t.oid"),
      " UNION ALL SELECT 'object', '', i.type || ' ' || i.identity, pg_catalog.format('DROP %s IF EXISTS %s CASCADE', CASE i.type WHEN 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'"
      " ELSE pg_catalog.upper(i.type) END, CASE i.type WHEN 'transform' THEN pg_catalog.replace(i.identity, ' on language ', ' language ') ELSE i.identity END), 7 FROM (", others_sql(),
      ") o, pg_catalog.pg_identify_object(o.class, o.oid, 0) i WHERE i.identity !~ '^flytt\\.'"
      " UNION ALL SELECT 'collation', n.nspname, o.collname, pg_catalog.format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, o.collname), 8"
      " FROM pg_catalog.pg_collation o JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace WHERE ", own("pg_collation", "o.oid"),
      " UNION ALL SELECT 'extension', '', extname, pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', extname), 9 FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'"
      " UNION ALL SELECT 'schema', '', n.nspname, pg_catalog.format('DROP SCHEMA IF EXISTS %I', n.nspname), 10 FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND ",
      own("pg_namespace", "n.oid"), " ORDER BY place, schema, name");
}

ObjectKind kind_named(std::string_view name) {
  for (auto k = static_cast<unsigned>(ObjectKind::account); k <= static_cast<unsigned>(ObjectKind::property); ++k)
    if (value::object_kind_name(static_cast<ObjectKind>(k)) == name) return static_cast<ObjectKind>(k);
  throw Error(Exit::bug, concat("no kind of object is called ", name));
}

std::string identity_of(ObjectKind kind, std::string_view schema, std::string_view name) { return concat(value::object_kind_name(kind), " ", quote_table(schema, name)); }

/// What has to stay: all that is not named, and does not hang on what is.
std::map<std::string, std::string> others(Connection& c, PgServer& server, const std::set<std::string>& identities) {
  std::map<std::string, std::string> out;
  for (const auto& o : read_objects(c, server, {})) {
    if (o.kind == ObjectKind::property || o.kind == ObjectKind::schema || o.kind == ObjectKind::default_grant) continue;
    if (identities.contains(identity_of(o.kind, o.schema, o.name)) && o.parent.empty()) continue;
    if (!o.parent.empty() && (identities.contains(identity_of(ObjectKind::table, o.schema, o.parent)) || identities.contains(identity_of(ObjectKind::view, o.schema, o.parent)))) continue;
    out[o.display()] = o.statement;
  }
  return out;
}

void drop_schema(Connection& c, const std::string& statement) {
  c.execute("SAVEPOINT flytt_schema");
  try {
    c.execute(statement);
  } catch (const Error& e) {
    if (e.facts().sqlstate != kStillUsed) throw;
    c.execute("ROLLBACK TO SAVEPOINT flytt_schema");
  }
}

void unlink_large_objects(Connection& c, const std::set<std::string>& identities) {
  for (auto at = identities.lower_bound(std::string(kLargeObject)); at != identities.end() && at->starts_with(kLargeObject); ++at)
    c.execute(concat("SELECT pg_catalog.lo_unlink(", at->substr(kLargeObject.size(), at->size() - kLargeObject.size() - 1), ")"));
}

/// An archive says of public only how it differs from what a new database has.
void make_public_as_new(Connection& c, PgServer& server) {
  for (const auto& o : read_objects(c, server, {}))
    if (o.kind == ObjectKind::schema && o.name == "public" && o.statement.find("owner: the server's") != std::string::npos &&
        o.statement.find("grants: the server's") != std::string::npos)
      return;
  const bool ownerless = server.caps().snapshot_option;  // since 15 whoever owns the database owns it
  const std::string owner = ownerless ? "pg_database_owner" : quote_name(c.scalar("SELECT pg_catalog.pg_get_userbyid(10)").value_or(""));
  const Result r = c.query("SELECT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END FROM pg_catalog.pg_namespace n"
                           " CROSS JOIN LATERAL pg_catalog.aclexplode(n.nspacl) a WHERE n.nspname = 'public' GROUP BY a.grantee");
  for (const auto& row : r.rows) c.execute(concat("REVOKE ALL ON SCHEMA public FROM ", row[0].value_or(""), " CASCADE"));
  c.execute(concat("ALTER SCHEMA public OWNER TO ", owner, "; GRANT ALL ON SCHEMA public TO ", owner, "; GRANT ", ownerless ? "USAGE" : "ALL", " ON SCHEMA public TO PUBLIC;"
                   " COMMENT ON SCHEMA public IS 'standard public schema'"));
}

void drop_within(Connection& c, PgServer& server, const std::set<std::string>& identities) {
  const auto before = others(c, server, identities);
  for (const auto& object : droppable(c)) {
    if (!identities.contains(object.identity())) continue;
    if (object.kind == ObjectKind::schema) drop_schema(c, object.statement);
    else c.execute(object.statement);
  }
  unlink_large_objects(c, identities);
  if (identities.contains(std::string(kPublic)) && c.scalar("SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'public'")) make_public_as_new(c, server);
  const auto after = others(c, server, identities);
  std::vector<std::string> lost;
  for (const auto& [name, text] : before)
    if (const auto at = after.find(name); at == after.end() || at->second != text) lost.push_back(name);
  if (lost.empty()) return;
  const auto more = lost.size() > kLostShown ? concat(" and ", lost.size() - kLostShown, " more") : std::string();
  lost.resize(std::min(lost.size(), kLostShown));
  throw Error(Exit::refused, concat("what the copy would replace is used by what is no part of it: ", base::join(lost, ", "), more, " would be lost or changed"),
              {.endpoint = c.endpoint(), .hint = "Drop these yourself, or load into a database of its own."});
}

}  // namespace

std::string Droppable::identity() const { return identity_of(kind, schema, name); }

std::vector<Droppable> droppable(Connection& c) {
  std::vector<Droppable> out;
  const Result r = c.query(objects_sql());
  for (std::size_t i = 0; i < r.rows.size(); ++i) out.push_back({kind_named(r.text("kind", i)), r.text("schema", i), r.text("name", i), r.text("sql", i)});
  return out;
}

std::set<std::string> large_objects_there(Connection& c) {
  std::set<std::string> out;
  for (const auto& row : c.query("SELECT oid FROM pg_catalog.pg_largeobject_metadata").rows) out.insert(concat(kLargeObject, row[0].value_or(""), "\""));
  return out;
}

value::SchemaObject standing_for(const std::set<std::string>& identities, const std::string& database) {
  SchemaObject out;
  out.kind = ObjectKind::definitions;
  out.schema = database;
  out.name = "archive";
  for (const auto& identity : identities) out.statement += concat(out.statement.empty() ? "" : std::string_view("\0", 1), identity);
  return out;
}

std::set<std::string> identities_in(const value::SchemaObject& object) {
  std::set<std::string> out;
  for (const auto part : base::split(object.statement, '\0')) out.emplace(part);
  return out;
}

std::set<std::string> held_by(const value::Manifest& manifest) {
  if (manifest.definitions.empty())
    throw Error(Exit::refused, "the stream does not say what it holds, so nothing can be dropped for it", {.hint = "Drop what is there yourself, or take the copy again."});
  std::set<std::string> out;
  for (const auto& d : manifest.definitions)  // an extension that is there serves the copy as well, and may have rows of others
    if (d.parent.empty() && d.kind != ObjectKind::extension) out.insert(identity_of(d.kind, d.schema, d.name));
  return out;
}

void drop_objects(PgServer& server, const std::set<std::string>& identities, Then then) {
  const auto c = server.connect();
  keep_event_triggers_quiet(*c);
  c->execute("BEGIN; SET LOCAL lock_timeout = '10s'");
  try {
    drop_within(*c, server, identities);
  } catch (const Error& e) {
    throw e.within("while dropping what the copy replaces");
  }
  c->execute(then == Then::commit ? "COMMIT" : "ROLLBACK");
}

void note_kept(Connection& c, const std::string& uuid) {
  c.execute("CREATE TABLE IF NOT EXISTS flytt.kept (uuid text NOT NULL, object text NOT NULL, PRIMARY KEY (uuid, object));"
            "COMMENT ON TABLE flytt.kept IS 'what was there before a copy'");
  std::string rows = concat("(", quote_text(uuid), ", '')");
  for (const auto& identity : large_objects_there(c)) rows += concat(", (", quote_text(uuid), ", ", quote_text(identity), ")");
  for (const auto& object : droppable(c)) rows += concat(", (", quote_text(uuid), ", ", quote_text(object.identity()), ")");
  c.execute(concat("INSERT INTO flytt.kept VALUES ", rows, " ON CONFLICT DO NOTHING"));
}

std::vector<std::string> kept_schemas(Connection& c, const std::string& uuid) {
  std::vector<std::string> out;
  if (const auto kept = noted_kept(c, uuid))
    for (const auto& object : droppable(c))
      if (object.kind == ObjectKind::schema && kept->contains(object.identity())) out.push_back(object.name);
  return out;
}

std::optional<std::set<std::string>> noted_kept(Connection& c, const std::string& uuid) {
  if (!c.scalar("SELECT pg_catalog.to_regclass('flytt.kept')")) return std::nullopt;
  const Result r = c.query("SELECT object FROM flytt.kept WHERE uuid = $1", {uuid});
  if (r.empty()) return std::nullopt;
  std::set<std::string> out;
  for (const auto& row : r.rows) out.insert(row[0].value_or(""));
  return out;
}

}  // namespace flytt::engine::postgres
