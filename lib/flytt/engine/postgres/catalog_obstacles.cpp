// What stays behind, by name: a copy never loses anything in silence.
// SPDX-License-Identifier: MIT
#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/hash_partitions.hpp>
#include <flytt/engine/postgres/large_objects.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

class Obstacles {
 public:
  Obstacles(Connection& c, const value::Scope& scope, Contents& out) : c_(c), scope_(scope), out_(out) {}

  void foreign_tables() {
    const Result r = c_.query(concat("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " WHERE c.relkind = 'f' AND ", user_namespace(), " ORDER BY 1, 2"));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      const value::TableName name{r.text("nspname", i), r.text("relname", i)};
      if (in_scope(scope_, name)) warn("foreign table " + name.display() + " is carried without rows: they are on another server");
    }
  }

  void subscriptions() {
    const Result r = c_.query("SELECT s.subname FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid"
                              " WHERE d.datname = pg_catalog.current_database() ORDER BY 1");
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      warn("subscription " + r.text("subname", i) + " is not carried: two servers would receive the same changes");
  }

  void extension_rows() {
    for (const auto& table : tables_with_extension_rows(c_)) warn(concat("rows that users added to ", table, " are not carried: copy them by hand"));
  }

  void tablespaces() {
    const Result r = c_.query(concat("SELECT s.spcname, pg_catalog.count(*)::text AS objects, pg_catalog.min(n.nspname || '.' || c.relname) AS one"
                                     " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace WHERE ", user_namespace(), " GROUP BY 1 ORDER BY 1"));
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      warn(concat("tablespace ", r.text("spcname", i), " is not carried: its ", r.text("objects", i), " objects, ", r.text("one", i),
                  " among them, go to the target's default"));
  }

  /// The tools keep their own notes there, and a copy leaves that schema behind.
  void schema_of_ours() {
    const Result r = c_.query("SELECT 'flytt.' || c.relname AS name FROM pg_catalog.pg_class c WHERE c.relnamespace = pg_catalog.to_regnamespace('flytt') AND c.relkind IN ('r','p','v','m','S','f')"
                              " AND c.relname NOT IN ('copies', 'ledger', 'settings', 'opened', 'kept') UNION ALL SELECT p.oid::pg_catalog.regprocedure::text FROM pg_catalog.pg_proc p"
                              " WHERE p.pronamespace = pg_catalog.to_regnamespace('flytt') ORDER BY 1 LIMIT 1");
    if (!r.empty())
      refuse("schema-flytt", r.text("name"), "is in the schema flytt, which these tools keep for their notes and never copy", "move it to another schema: ALTER … SET SCHEMA, or rename the schema");
  }

  /// Their options are shown to few.
  void user_mappings() {
    if (!scope_.whole_databases() || c_.query("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user").yes("rolsuper")) return;
    const Result r = c_.query("SELECT usename, srvname FROM pg_catalog.pg_user_mappings WHERE umoptions IS NULL ORDER BY 1, 2");
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      warn(concat("user mapping of ", r.text("usename", i), " for server ", r.text("srvname", i), ": its options, if it has any, are not shown to this role and not carried"));
  }

  /// A value of the server has less than 1 GiB. Only superusers may look at their pages.
  void too_large_objects() {
    if (!wants_large_objects(scope_) || !c_.query("SELECT pg_catalog.has_table_privilege('pg_catalog.pg_largeobject', 'SELECT') AS may").yes("may")) return;
    const Result r = c_.query("SELECT m.oid AS loid FROM pg_catalog.pg_largeobject_metadata m WHERE (SELECT 1 FROM pg_catalog.pg_largeobject l WHERE l.loid = m.oid"
                              " AND l.pageno >= 1073741824 / (SELECT setting::int / 4 FROM pg_catalog.pg_settings WHERE name = 'block_size') - 1 LIMIT 1) IS NOT NULL ORDER BY 1");
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      refuse("large-object-size", "large object " + r.text("loid", i), "has 1 GiB or more, and no value of the server can hold it: such a one cannot be copied",
             concat("leave them out with --exclude-table ", large_objects_name().display(), " and carry them with lo_export and lo_import"));
  }

  /// Of such partitions a part of the rows would look for a place in those that are left out.
  void parts_of_hashes() {
    std::map<value::TableName, std::pair<std::size_t, std::string>> left_out;  // of a root: its parts in scope, the first that is not
    for (const auto& p : hashed_parts(c_)) {
      auto& [in, out] = left_out[p.root_name];
      if (in_scope(scope_, p.part_name)) ++in;
      else if (out.empty()) out = p.part_name.display();
    }
    for (const auto& [root, parts] : left_out)
      if (parts.first > 0 && !parts.second.empty())
        refuse("hash-partitions", root.display(), concat(root.display(), " is partitioned by a hash that every server computes for itself, so that its partitions can only be copied together, and ", parts.second, " is left out"),
               concat("name ", root.display(), " and none of its partitions"));
  }

  /// Their pages are not sent to a standby, so that reading them there fails in the middle of a copy.
  void unlogged_on_standby(bool standby) {
    if (!standby) return;
    for (const auto& relation : read_relations(c_, scope_))
      if (relation.unlogged)
        refuse("unlogged-on-standby", relation.table.name.display(), "is unlogged, and a standby does not have its rows",
               "leave it out with --exclude-table, or dump from the primary");
  }

 private:
  void warn(std::string text) { out_.warnings.push_back(std::move(text)); }
  void refuse(std::string code, std::string object, std::string message, std::string remedy) {
    out_.refusals.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }

  Connection& c_;
  const value::Scope& scope_;
  Contents& out_;
};

}  // namespace

std::vector<std::string> tables_with_extension_rows(Connection& c) {
  std::vector<std::string> out;
  // The condition tells rows of users from the extension's own, and pg_dump asks the server by it, too.
  const Result r = c.query("SELECT e.extname, n.nspname, c.relname, e.extcondition[x.i] AS condition FROM pg_catalog.pg_extension e"
                           " CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) WITH ORDINALITY AS x(oid, i) JOIN pg_catalog.pg_class c ON c.oid = x.oid"
                           " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' ORDER BY 1, 2, 3");
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    if (c.scalar(concat("SELECT 1 FROM ONLY ", quote_table(r.text("nspname", i), r.text("relname", i)), " ", r.text("condition", i), " LIMIT 1")))
      out.push_back(concat(r.text("nspname", i), ".", r.text("relname", i), " of extension ", r.text("extname", i)));
  return out;
}

void read_obstacles(Connection& c, PgServer& server, const value::Scope& scope, Contents& out) {
  Obstacles o(c, scope, out);
  o.foreign_tables();
  o.subscriptions();
  o.extension_rows();
  o.tablespaces();
  o.parts_of_hashes();
  o.schema_of_ours();
  o.user_mappings();
  o.too_large_objects();
  o.unlogged_on_standby(server.identity().settings.at("standby") == "on");
}

}  // namespace flytt::engine::postgres
