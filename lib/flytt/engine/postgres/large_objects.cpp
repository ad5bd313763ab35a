// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/large_objects.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/copy_io.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using value::ObjectKind;
using value::SchemaObject;

/// One of them may have gigabytes, and their sizes cannot be asked without reading them: few a statement, and a chunk is what
/// several statements gave.
constexpr std::uint64_t kPerStatement = 16;
constexpr std::size_t kGrantsPerObject = 500;
constexpr std::string_view kCatalog = "pg_catalog";
constexpr std::string_view kTable = "pg_largeobject";

class LargeObjectReader final : public BulkReader {
 public:
  explicit LargeObjectReader(Connection& session) : c_(session) {}

  void open(const ReadJob&) override { next_ = 0; }

  ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) override {
    ReadProgress progress;
    while (!progress.done && progress.bytes < target_bytes) {
      const Result span = c_.query(concat("SELECT pg_catalog.count(*) AS n, pg_catalog.max(oid::bigint) AS last FROM (SELECT oid FROM pg_catalog.pg_largeobject_metadata"
                                          " WHERE oid::bigint >= ", next_, " ORDER BY oid LIMIT ", kPerStatement, ") AS batch"));
      const auto expected = span.number("n");
      progress.done = expected < kPerStatement;
      if (expected == 0) break;
      const auto last = span.number("last");
      copy(out, progress, last, expected);
      next_ = last + 1;
    }
    return progress;
  }

  void shorten(const std::string&) override {}
  std::optional<std::string> split(const value::Table&, const KeyRange&) override { return std::nullopt; }
  std::uint64_t count_rows(const value::Table&, const std::string&) override {
    return c_.number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata");
  }

 private:
  void copy(PayloadSink& out, ReadProgress& progress, std::uint64_t last, std::uint64_t expected) {
    CopyOut copy(c_);
    copy.start(concat("COPY (SELECT oid, pg_catalog.lo_get(oid) FROM pg_catalog.pg_largeobject_metadata WHERE oid::bigint BETWEEN ", next_, " AND ", last,
                      " ORDER BY oid) TO STDOUT (FORMAT binary)"), CopyForm::binary);
    std::string_view row;
    while (copy.next(row)) {
      out.write(row, 1);
      progress.bytes += row.size();
    }
    if (copy.rows() != expected) throw Error(Exit::unavailable, concat(copy.rows(), " large objects came, and there are ", expected));
    progress.rows += copy.rows();
  }

  Connection& c_;
  std::uint64_t next_ = 0;
};

}  // namespace

value::TableName large_objects_name() { return {std::string(kCatalog), std::string(kTable)}; }

bool wants_large_objects(const value::Scope& scope) { return scope.include_tables.empty() && scope.passes(large_objects_name()); }

std::optional<value::Table> large_object_table(Connection& c, const value::Scope& scope) {
  if (!wants_large_objects(scope)) return std::nullopt;
  value::Table out;
  out.name = large_objects_name();
  const auto count = c.number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_largeobject_metadata");
  if (count == 0) return std::nullopt;
  out.encoding = kLargeObjects;
  out.seekable = false;
  out.rows_estimate = count;
  out.bytes_estimate = c.number("SELECT pg_catalog.pg_relation_size('pg_catalog.pg_largeobject'::pg_catalog.regclass)");
  return out;
}

std::optional<value::Table> large_object_rows(Connection& c, const value::Scope& scope) {
  auto out = large_object_table(c, scope);
  if (!out) return out;
  // The columns' names are those of the catalog's own table, which has them in pages.
  const auto add = [&](std::string_view name, std::string_view native, value::Type type) {
    value::Column& column = out->columns.emplace_back();
    column.name = name;
    column.native = native;
    column.type = type;
    column.nullable = false;
  };
  add("loid", "oid", value::Type::uint32);
  add("data", "bytea", value::Type::bytes);
  out->key = {"pg_largeobject_metadata_oid_index", {0}};
  out->seekable = true;
  out->encoding = "flytt-row/1";
  return out;
}

std::string rows_of(const value::Table& table) {
  if (!is_large_objects(table)) return (table.over_parts ? "" : "ONLY ") + quote_table(table.name.schema, table.name.table);
  return "(SELECT oid AS loid, pg_catalog.lo_get(oid) AS data FROM pg_catalog.pg_largeobject_metadata) AS objects";
}

std::string large_objects_mark(Connection& c) {
  return c.scalar("SELECT pg_catalog.count(*) || ' up to ' || COALESCE(pg_catalog.max(oid::bigint), 0) FROM pg_catalog.pg_largeobject_metadata").value_or("");
}

bool is_large_objects(const value::Table& table) noexcept { return table.name.schema == kCatalog && table.name.table == kTable; }

std::vector<SchemaObject> large_object_grants(Connection& c) {
  const Result r = c.query(
      "SELECT pg_catalog.format('ALTER LARGE OBJECT %s OWNER TO %I', oid, pg_catalog.pg_get_userbyid(lomowner)) AS sql, oid::bigint AS n, 0 AS k"
      " FROM pg_catalog.pg_largeobject_metadata"
      " UNION ALL SELECT pg_catalog.format('GRANT %s ON LARGE OBJECT %s TO %s%s', a.privilege_type, m.oid, CASE a.grantee WHEN 0 THEN 'PUBLIC'"
      " ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END, CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END), m.oid::bigint, 1"
      " FROM pg_catalog.pg_largeobject_metadata m CROSS JOIN LATERAL pg_catalog.aclexplode(m.lomacl) AS a WHERE a.grantee <> m.lomowner"
      " UNION ALL SELECT pg_catalog.format('COMMENT ON LARGE OBJECT %s IS %L', d.objoid, d.description), d.objoid::bigint, 2"
      " FROM pg_catalog.pg_description d WHERE d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass ORDER BY 2, 3, 1");
  std::vector<SchemaObject> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    if (i % kGrantsPerObject == 0) {
      SchemaObject& object = out.emplace_back();
      object.kind = ObjectKind::grant;
      object.schema = "pg_catalog";
      object.name = "large objects from " + r.text("n", i);
      object.attributes = "large objects";
    }
    out.back().statement += r.text("sql", i) + ";\n";
  }
  return out;
}

std::unique_ptr<BulkReader> make_large_object_reader(Connection& session) { return std::make_unique<LargeObjectReader>(session); }

}  // namespace flytt::engine::postgres
