// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/privileges.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/sequences.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

class Missing {
 public:
  explicit Missing(Connection& c) : c_(c), role_(c.scalar("SELECT current_user").value_or("")) {}

  void schemas() {
    const Result r = c_.query(concat("SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ", user_namespace(),
                                     " AND NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') ORDER BY 1"));
    for (std::size_t i = 0; i < r.rows.size(); ++i) add("USAGE", "SCHEMA " + quote_name(r.text("nspname", i)));
  }

  void relations(const value::Scope& scope, char kind, std::string_view word) {
    const Result r = c_.query(concat("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " WHERE c.relkind = '", kind, "' AND c.relpersistence <> 't' AND ", user_namespace(),
                                     " AND NOT pg_catalog.has_table_privilege(c.oid, 'SELECT') ORDER BY 1, 2"));
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (in_scope(scope, {r.text("nspname", i), r.text("relname", i)}))
        add("SELECT", concat(word, quote_table(r.text("nspname", i), r.text("relname", i))));
  }

  /// For their values.
  void sequences(const value::Scope& scope) {
    const Result r = c_.query(concat("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " WHERE CASE c.relkind WHEN 'S' THEN NOT pg_catalog.has_sequence_privilege(c.oid, 'SELECT') ELSE false END"
                                     " AND c.relpersistence <> 't' AND ", user_namespace(), " ORDER BY 1, 2"));
    if (r.empty()) return;
    const auto ours = sequences_of(c_, scope);
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (const value::TableName name{r.text("nspname", i), r.text("relname", i)}; std::find(ours.begin(), ours.end(), name) != ours.end())
        add("SELECT", "SEQUENCE " + quote_table(name.schema, name.table));
  }

  /// row_security=off makes the server refuse such a table; all of them at once is kinder.
  void row_security(const value::Scope& scope) {
    const Result r = c_.query(concat("SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                                     " WHERE c.relkind IN ('r','p') AND ", user_namespace(), " AND pg_catalog.row_security_active(c.oid) ORDER BY 1, 2"));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      const value::TableName name{r.text("nspname", i), r.text("relname", i)};
      if (!in_scope(scope, name)) continue;
      out_.push_back({true, "privilege-row-security", name.display(),
                      concat("row security hides rows of ", name.display(), " from the role ", role_), concat("ALTER ROLE ", quote_name(role_), " BYPASSRLS")});
    }
  }

  /// pg_read_all_data does not reach them. One finding for all: there may be thousands.
  void large_objects(const value::Scope& scope) {
    if (!wants_large_objects(scope)) return;
    const Result r = c_.query(
        "SELECT pg_catalog.count(*) AS n, pg_catalog.min(m.oid::bigint) AS first FROM pg_catalog.pg_largeobject_metadata m"
        " WHERE NOT (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) AND pg_catalog.current_setting('lo_compat_privileges') <> 'on'"
        " AND NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') AND NOT EXISTS (SELECT 1 FROM pg_catalog.aclexplode(m.lomacl) a"
        " WHERE a.privilege_type = 'SELECT' AND (a.grantee = 0 OR pg_catalog.pg_has_role(a.grantee, 'USAGE')))");
    if (r.number("n") == 0) return;
    const std::string what = concat(r.text("n"), " large object(s), the first of them ", r.text("first"));
    out_.push_back({true, "privilege-large-objects", what, concat("the role ", role_, " lacks SELECT on ", what),
                    concat("DO $$ DECLARE n oid; BEGIN FOR n IN SELECT oid FROM pg_largeobject_metadata LOOP EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO %I', n, ",
                           quote_text(role_), "); END LOOP; END $$; or leave them out with --exclude-table pg_catalog.pg_largeobject")});
  }

  std::vector<Finding> take() { return std::move(out_); }

 private:
  void add(std::string_view privilege, const std::string& on) {
    out_.push_back({true, "privilege", concat(privilege, " ON ", on), concat("the role ", role_, " lacks ", privilege, " on ", on),
                    concat("GRANT ", privilege, " ON ", on, " TO ", quote_name(role_))});
  }

  Connection& c_;
  const std::string role_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> missing_to_read(Connection& c, const value::Scope& scope) {
  Missing m(c);
  m.schemas();
  m.relations(scope, 'r', "");
  m.sequences(scope);
  m.row_security(scope);
  m.large_objects(scope);
  return m.take();
}

std::vector<Finding> missing_to_dump(Connection& c, PgServer&, const value::Scope& scope) {
  Missing m(c);
  m.schemas();
  // pg_dump locks every table of its scope, partitioned and foreign ones too, and that takes SELECT.
  for (const char kind : {'r', 'p', 'f'}) m.relations(scope, kind, "");
  m.sequences(scope);
  m.row_security(scope);
  m.large_objects(scope);
  return m.take();
}

}  // namespace flytt::engine::postgres
