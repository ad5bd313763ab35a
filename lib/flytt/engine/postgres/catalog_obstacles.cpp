// What stays behind, by name: a copy never loses anything in silence.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

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
    const Result r = c_.query(
        "SELECT e.extname, n.nspname, c.relname FROM pg_catalog.pg_extension e CROSS JOIN LATERAL pg_catalog.unnest(e.extconfig) AS x(oid)"
        " JOIN pg_catalog.pg_class c ON c.oid = x.oid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' ORDER BY 1, 2, 3");
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      warn(concat("rows that users added to ", r.text("nspname", i), ".", r.text("relname", i), " of extension ", r.text("extname", i),
                  " are not carried: copy them by hand"));
  }

  void tablespaces() {
    const Result r = c_.query(concat("SELECT s.spcname, pg_catalog.count(*)::text AS objects, pg_catalog.min(n.nspname || '.' || c.relname) AS one"
                                     " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " JOIN pg_catalog.pg_tablespace s ON s.oid = c.reltablespace WHERE ", user_namespace(), " GROUP BY 1 ORDER BY 1"));
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      warn(concat("tablespace ", r.text("spcname", i), " is not carried: its ", r.text("objects", i), " objects, ", r.text("one", i),
                  " among them, go to the target's default"));
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

void read_obstacles(Connection& c, PgServer& server, const value::Scope& scope, Contents& out) {
  Obstacles o(c, scope, out);
  o.foreign_tables();
  o.subscriptions();
  o.extension_rows();
  o.tablespaces();
  o.unlogged_on_standby(server.identity().settings.at("standby") == "on");
}

}  // namespace flytt::engine::postgres
