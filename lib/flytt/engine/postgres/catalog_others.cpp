// What a database has beside tables: schemas, types, routines, extensions, publications; the rest by name.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/object_reading.hpp>
#include <flytt/engine/postgres/slot.hpp>

namespace flytt::engine::postgres {

using base::concat;
using value::ObjectKind;

namespace {

/// Objects of the first user number on were not made with the server.
constexpr std::string_view kFirstUserNumber = "16384";

std::string own(std::string_view catalog, std::string_view oid) { return concat(user_namespace(), " AND NOT ", of_extension(catalog, oid)); }

std::string types_where(std::string_view kind) {
  return concat(" FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace WHERE t.typtype = '", kind, "' AND ", own("pg_type", "t.oid"));
}

std::string type_ends() {
  return concat(role_sql("t.typowner"), " AS owner, ", privileges_sql("'T'", "t.typacl", "t.typowner"),
                " AS grants, pg_catalog.obj_description(t.oid, 'pg_type') AS comment");
}

}  // namespace

std::string default_grants_name() { return concat(role_sql("a.defaclrole"), " || coalesce(' in ' || n.nspname, '') || ' on ' || a.defaclobjtype::text"); }

std::string others_sql() {
  struct Catalog {
    std::string_view name, owner;
  };
  static constexpr std::array<Catalog, 13> kCatalogs{{{"pg_operator", "o.oprowner"}, {"pg_opclass", "o.opcowner"}, {"pg_opfamily", "o.opfowner"}, {"pg_cast", "0::pg_catalog.oid"},
                                                      {"pg_conversion", "o.conowner"}, {"pg_ts_config", "o.cfgowner"}, {"pg_ts_dict", "o.dictowner"}, {"pg_ts_parser", "0::pg_catalog.oid"},
                                                      {"pg_ts_template", "0::pg_catalog.oid"}, {"pg_language", "o.lanowner"}, {"pg_foreign_data_wrapper", "o.fdwowner"},
                                                      {"pg_foreign_server", "o.srvowner"}, {"pg_transform", "0::pg_catalog.oid"}}};
  std::string all;
  for (const auto& catalog : kCatalogs)
    all += concat(all.empty() ? "" : " UNION ALL ", "SELECT 'pg_catalog.", catalog.name, "'::pg_catalog.regclass AS class, o.oid, ", catalog.owner,
                  " AS owner FROM pg_catalog.", catalog.name, " o WHERE o.oid >= ", kFirstUserNumber, " AND NOT ", of_extension(catalog.name, "o.oid"));
  return all;
}

void ObjectReading::others() {
  schemas();
  enums_and_ranges();
  domains();
  composites();
  routines();
  aggregates();
  publications();
  rest();
}

void ObjectReading::schemas() {
  // Releases differ in who owns public and what everybody may do there; as the server was made is not worth a word, nor as a loader
  // makes it that was asked to drop everything.
  each(concat("SELECT '' AS schema, n.nspname AS name, CASE WHEN n.nspname = 'public' AND (n.nspowner = 10 OR ", role_sql("n.nspowner"),
              " = 'pg_database_owner') THEN 'the server''s' ELSE ", role_sql("n.nspowner"), " END AS owner,"
              " CASE WHEN n.nspacl IS NOT DISTINCT FROM (SELECT i.initprivs FROM pg_catalog.pg_init_privs i WHERE i.objoid = n.oid"
              " AND i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass) AND n.nspname = 'public' THEN 'the server''s'"
              // One that was dropped and made anew has lost the note of how the server made it.
              " WHEN n.nspname = 'public' AND n.nspacl::text = ", release_ >= 15 ? "'{pg_database_owner=UC/pg_database_owner,=U/pg_database_owner}'"
                  : "'{' || pg_catalog.pg_get_userbyid(n.nspowner) || '=UC/' || pg_catalog.pg_get_userbyid(n.nspowner) || ',=UC/' || pg_catalog.pg_get_userbyid(n.nspowner) || '}'",
              " THEN 'the server''s' ELSE ",
              privileges_sql("'n'", "n.nspacl", "n.nspowner"), " END AS grants,"
              " pg_catalog.obj_description(n.oid, 'pg_namespace') AS comment FROM pg_catalog.pg_namespace n WHERE ", own("pg_namespace", "n.oid"), " ORDER BY 2"),
       ObjectKind::schema);
  for (auto& o : objects_)
    o.of_server = o.kind == ObjectKind::schema && o.name == "public" && o.statement.starts_with("owner: the server's\ngrants: the server's");
  each("SELECT '' AS schema, e.extname AS name, n.nspname AS \"in schema\" FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace"
       " ORDER BY 2",
       ObjectKind::extension);
}

void ObjectReading::enums_and_ranges() {
  each(concat("SELECT n.nspname AS schema, t.typname AS name, 'enum' AS what, (SELECT pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)"
              " FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid) AS labels, ", type_ends(), types_where("e"), " ORDER BY 1, 2"),
       ObjectKind::type);
  each(concat("SELECT n.nspname AS schema, t.typname AS name, 'range' AS what, (SELECT pg_catalog.concat_ws(', ', 'of ' || pg_catalog.format_type(r.rngsubtype, NULL),"
              " 'class ' || o.opcname, 'collation ' || NULLIF(r.rngcollation, 0)::pg_catalog.regcollation::text, 'canonical ' || NULLIF(r.rngcanonical::oid, 0)::pg_catalog.regproc::text,"
              " 'difference ' || NULLIF(r.rngsubdiff::oid, 0)::pg_catalog.regproc::text, 'multirange ' || pg_catalog.format_type(r.rngmultitypid, NULL))"
              " FROM pg_catalog.pg_range r JOIN pg_catalog.pg_opclass o ON o.oid = r.rngsubopc WHERE r.rngtypid = t.oid) AS parts, ", type_ends(),
              types_where("r"), " ORDER BY 1, 2"),
       ObjectKind::type);
  // Types of their own, without the arrays that come with every type.
  each(concat("SELECT n.nspname AS schema, t.typname AS name, CASE WHEN t.typisdefined THEN 'base' ELSE 'shell' END AS what, t.typlen AS length,"
              " t.typinput::text || ', ' || t.typoutput::text || ', ' || t.typreceive::text || ', ' || t.typsend::text AS functions, ",
              type_ends(), types_where("b"), " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_type e WHERE e.typarray = t.oid) ORDER BY 1, 2"),
       ObjectKind::type);
}

void ObjectReading::domains() {
  each(concat("SELECT n.nspname AS schema, t.typname AS name, 'domain' AS what, pg_catalog.format_type(t.typbasetype, t.typtypmod) AS over,"
              " CASE WHEN t.typcollation <> (SELECT b.typcollation FROM pg_catalog.pg_type b WHERE b.oid = t.typbasetype)"
              " THEN t.typcollation::pg_catalog.regcollation::text END AS collation, CASE WHEN t.typnotnull THEN 'yes' END AS \"not null\","
              " t.typdefault AS \"default\", (SELECT pg_catalog.string_agg(k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid), '; ' ORDER BY k.conname)"
              " FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c') AS constraints, ", type_ends(), types_where("d"), " ORDER BY 1, 2"),
       ObjectKind::type);
}

void ObjectReading::composites() {
  each(concat("SELECT n.nspname AS schema, t.typname AS name, 'composite' AS what, (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname) || ' ' ||"
              " pg_catalog.format_type(a.atttypid, a.atttypmod) || coalesce(' COLLATE ' || (SELECT co.collname FROM pg_catalog.pg_collation co, pg_catalog.pg_type at"
              " WHERE co.oid = a.attcollation AND at.oid = a.atttypid AND at.typcollation <> a.attcollation), ''), ', ' ORDER BY a.attnum)"
              " FROM pg_catalog.pg_attribute a WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped) AS columns, ", type_ends(), types_where("c"),
              " AND EXISTS (SELECT 1 FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c') ORDER BY 1, 2"),
       ObjectKind::type);
}

void ObjectReading::routines() {
  each(concat("SELECT n.nspname AS schema, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS name,"
              " pg_catalog.pg_get_functiondef(p.oid) AS definition, ", role_sql("p.proowner"), " AS owner, ", privileges_sql("'f'", "p.proacl", "p.proowner"),
              " AS grants, pg_catalog.obj_description(p.oid, 'pg_proc') AS comment FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace"
              " WHERE p.prokind IN ('f','p','w') AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_depend i WHERE i.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass"
              " AND i.objid = p.oid AND i.deptype = 'i') AND ", own("pg_proc", "p.oid"), " ORDER BY 1, 2"),
       ObjectKind::routine);
}

void ObjectReading::aggregates() {
  each(concat("SELECT n.nspname AS schema, p.proname || '(' || pg_catalog.pg_get_function_identity_arguments(p.oid) || ')' AS name, 'aggregate ' || a.aggkind::text AS what,"
              " pg_catalog.pg_get_function_result(p.oid) AS result, pg_catalog.format_type(a.aggtranstype, NULL) AS state, a.agginitval AS initial,"
              " pg_catalog.concat_ws(' ', a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn, a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn) AS functions,"
              " pg_catalog.concat_ws(' ', a.aggfinalextra, a.aggfinalmodify, a.aggmfinalextra, a.aggmfinalmodify, p.proparallel, a.aggtransspace) AS flags,"
              " (SELECT o.oprname FROM pg_catalog.pg_operator o WHERE o.oid = a.aggsortop) AS sort, ", role_sql("p.proowner"), " AS owner, ",
              privileges_sql("'f'", "p.proacl", "p.proowner"), " AS grants, pg_catalog.obj_description(p.oid, 'pg_proc') AS comment"
              " FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_aggregate a ON a.aggfnoid = p.oid JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE ",
              own("pg_proc", "p.oid"), " ORDER BY 1, 2"),
       ObjectKind::routine);
}

void ObjectReading::publications() {
  const bool lists = release_ >= 15;  // columns, conditions and whole schemas
  const std::string table = concat("r.prrelid::pg_catalog.regclass::text", lists ? " || coalesce(' (' || (SELECT pg_catalog.string_agg(pg_catalog.quote_ident(a.attname), ', ' ORDER BY a.attnum)"
      " FROM pg_catalog.pg_attribute a WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs::int2[])) || ')', '') || coalesce(' WHERE ' || pg_catalog.pg_get_expr(r.prqual, r.prrelid), '')" : "");
  const std::string schemas = lists ? "(SELECT pg_catalog.string_agg(s.pnnspid::pg_catalog.regnamespace::text, ', ' ORDER BY 1) FROM pg_catalog.pg_publication_namespace s WHERE s.pnpubid = p.oid)" : "NULL";
  // What feeds a channel of ours is gone with it.
  each(concat("SELECT '' AS schema, p.pubname AS name, pg_catalog.concat_ws(', ', CASE WHEN p.pubinsert THEN 'insert' END, CASE WHEN p.pubupdate THEN 'update' END,"
              " CASE WHEN p.pubdelete THEN 'delete' END, CASE WHEN p.pubtruncate THEN 'truncate' END) AS publishes,"
              " CASE WHEN p.pubviaroot THEN 'yes' END AS \"via root\", CASE WHEN p.puballtables THEN 'all tables' ELSE (SELECT pg_catalog.string_agg(", table,
              ", ', ' ORDER BY r.prrelid::pg_catalog.regclass::text) FROM pg_catalog.pg_publication_rel r WHERE r.prpubid = p.oid) END AS tables, ", schemas, " AS schemas, ",
              role_sql("p.pubowner"), " AS owner, pg_catalog.obj_description(p.oid, 'pg_publication') AS comment FROM pg_catalog.pg_publication p"
              " WHERE COALESCE(NOT pg_catalog.starts_with(pg_catalog.obj_description(p.oid, 'pg_publication'), ", quote_text(kPublicationMark), "), true)"
              " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_replication_slots s WHERE s.slot_name = p.pubname)"
              " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_subscription s WHERE s.subslotname = p.pubname AND p.pubname = ANY (s.subpublications)) ORDER BY 2"),
       ObjectKind::publication);
  each(concat("SELECT '' AS schema, t.evtname AS name, t.evtevent AS event, t.evtfoid::pg_catalog.regprocedure::text AS function, t.evtenabled AS enabled,"
              " (SELECT pg_catalog.string_agg(g, ', ' ORDER BY g) FROM unnest(t.evttags) g) AS tags, ", role_sql("t.evtowner"), " AS owner,"
              " pg_catalog.obj_description(t.oid, 'pg_event_trigger') AS comment FROM pg_catalog.pg_event_trigger t WHERE NOT ", of_extension("pg_event_trigger", "t.oid"), " ORDER BY 2"),
       ObjectKind::event_trigger);
}

/// Rarer objects: whether they are there, whose they are, and for collations what they are.
void ObjectReading::rest() {
  each(concat("SELECT '' AS schema, i.type || ' ' || i.identity AS name, CASE WHEN o.owner <> 0 THEN ", role_sql("o.owner"), " END AS owner,"
              " pg_catalog.obj_description(o.oid, o.class::pg_catalog.regclass::text::name) AS comment FROM (", others_sql(),
              ") o, pg_catalog.pg_identify_object(o.class, o.oid, 0) i WHERE i.identity !~ '^flytt\\.' ORDER BY 2"),
       ObjectKind::other);
  // What mappings say stays between the servers: passwords are among it.
  each("SELECT '' AS schema, 'options of server ' || pg_catalog.quote_ident(s.srvname) AS name, w.fdwname AS wrapper, s.srvtype AS type, s.srvversion AS version,"
       " pg_catalog.array_to_string(s.srvoptions, ', ') AS options FROM pg_catalog.pg_foreign_server s JOIN pg_catalog.pg_foreign_data_wrapper w ON w.oid = s.srvfdw ORDER BY 2",
       ObjectKind::other);
  each("SELECT '' AS schema, 'user mapping of ' || m.usename || ' for ' || pg_catalog.quote_ident(m.srvname) AS name FROM pg_catalog.pg_user_mappings m ORDER BY 2", ObjectKind::other);
  // The locale of ICU collations has had three columns.
  const std::string_view locale = release_ >= 17 ? "o.colllocale" : release_ >= 15 ? "o.colliculocale" : "NULL::text";
  each(concat("SELECT n.nspname AS schema, o.collname AS name, o.collprovider AS provider, coalesce(", locale, ", o.collcollate) AS locale, NULLIF(o.collctype, o.collcollate) AS ctype,"
              " CASE WHEN NOT o.collisdeterministic THEN 'no' END AS deterministic, ", role_sql("o.collowner"),
              " AS owner, pg_catalog.obj_description(o.oid, 'pg_collation') AS comment FROM pg_catalog.pg_collation o"
              " JOIN pg_catalog.pg_namespace n ON n.oid = o.collnamespace WHERE ", own("pg_collation", "o.oid"), " ORDER BY 1, 2"),
       ObjectKind::collation);
  each(concat("SELECT '' AS schema, ", default_grants_name(), " AS name, ", privileges_sql("CASE a.defaclobjtype WHEN 'S' THEN 's' ELSE a.defaclobjtype END", "a.defaclacl", "a.defaclrole"), " AS grants"
              " FROM pg_catalog.pg_default_acl a LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace ORDER BY 2"),
       ObjectKind::default_grant);
}

}  // namespace flytt::engine::postgres
