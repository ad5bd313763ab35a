// The catalog, read in one or a few statements a question: many tables must not cost many round trips.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/catalog.hpp>

#include <algorithm>
#include <optional>
#include <set>
#include <tuple>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog_objects.hpp>
#include <flytt/engine/postgres/computed_values.hpp>
#include <flytt/engine/postgres/hash_partitions.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/planned_path.hpp>
#include <flytt/engine/postgres/privileges.hpp>
#include <flytt/engine/postgres/sequences.hpp>
#include <flytt/engine/postgres/slot.hpp>
#include <flytt/engine/postgres/types.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

/// Ordinary tables, partitions among them, have rows of their own; partitioned ones are for where those of theirs are one table's.
/// Sizes count TOAST, where the bytes of wide rows are.
constexpr std::string_view kRelations =
    "SELECT c.oid, n.nspname, c.relname, c.relpersistence, c.relrowsecurity, c.relispartition, c.relreplident, c.relkind, c.relpages,"
    " c.reltuples::bigint AS reltuples, pg_catalog.pg_relation_size(c.oid) AS heap,"
    " CASE WHEN c.reltoastrelid <> 0 THEN pg_catalog.pg_relation_size(c.reltoastrelid) ELSE 0 END AS toast,"
    " c.oid::text || '/' || c.relfilenode::text AS identity"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r','p') AND c.relpersistence <> 't' AND ";

constexpr std::string_view kColumns =
    "SELECT a.attrelid, a.attname, a.attnum, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod) AS native, a.attnotnull,"
    " a.atttypmod FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.relkind IN ('r','p') AND c.relpersistence <> 't' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND ";

constexpr std::string_view kComputed =
    "SELECT a.attrelid, a.attname, a.attgenerated = 's' AND c.relkind = 'r' AS stored, a.atttypid, pg_catalog.format_type(a.atttypid, a.atttypmod) AS native, a.attnotnull, a.atttypmod"
    " FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p') AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> '' AND ";

/// Unique keys without NULLs that are enforced at once, the primary key first, then the narrowest. What a comparison of values
/// in plain SQL orders otherwise than the index does cannot be walked: another collation or class, mixed directions.
constexpr std::string_view kKeys =
    "SELECT i.indrelid, ic.relname, i.indkey::text AS columns,"
    " NOT EXISTS (SELECT 1 FROM unnest(i.indclass::oid[], i.indcollation::oid[], i.indoption::int2[], i.indkey::int2[])"
    " AS k(class, collation_, option, attnum) JOIN pg_catalog.pg_opclass o ON o.oid = k.class JOIN pg_catalog.pg_attribute a"
    " ON a.attrelid = i.indrelid AND a.attnum = k.attnum WHERE NOT o.opcdefault OR k.collation_ <> a.attcollation"
    " OR o.opcnamespace <> 'pg_catalog'::pg_catalog.regnamespace OR k.option NOT IN (0, 3) OR k.option <> i.indoption[0]) AS plain,"
    // What orders texts and labels: the collation with its library's version, of the database for the default one; the labels of an enum.
    " (SELECT pg_catalog.string_agg(CASE WHEN a.attcollation = 100 THEN (SELECT pg_catalog.concat_ws('/', d.datcollate, COALESCE(pg_catalog.to_jsonb(d)->>'datlocprovider', 'c'),"
    " COALESCE(pg_catalog.to_jsonb(d)->>'datlocale', pg_catalog.to_jsonb(d)->>'daticulocale'),"
    " COALESCE(pg_catalog.pg_collation_actual_version(100), pg_catalog.to_jsonb(d)->>'datcollversion'))"
    " FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()) WHEN a.attcollation <> 0 THEN (SELECT pg_catalog.concat_ws('/', l.collname, l.collprovider,"
    " l.collcollate, pg_catalog.pg_collation_actual_version(l.oid)) FROM pg_catalog.pg_collation l WHERE l.oid = a.attcollation)"
    " ELSE (SELECT pg_catalog.md5(pg_catalog.string_agg(e.enumlabel::text, '/' ORDER BY e.enumsortorder)) FROM pg_catalog.pg_enum e WHERE e.enumtypid = a.atttypid) END, ' '"
    " ORDER BY k.place) FROM pg_catalog.unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum) AS ordered FROM pg_catalog.pg_index i"
    " JOIN pg_catalog.pg_class c ON c.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid JOIN pg_catalog.pg_am am ON am.oid = ic.relam"
    " WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND am.amname = 'btree'"
    " AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.indrelid AND a.attnum = ANY (i.indkey)"
    " AND (NOT a.attnotnull OR a.attgenerated <> '')) AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_constraint nn WHERE"
    " nn.conrelid = i.indrelid AND nn.contype = 'n' AND NOT nn.convalidated AND nn.conkey[1] = ANY (i.indkey)) AND i.indnkeyatts = i.indnatts AND c.relkind IN ('r','p') AND ";
constexpr std::string_view kKeyOrder = " ORDER BY i.indrelid, plain DESC, NOT i.indisprimary, i.indnatts, ic.relname";

class Reading {
 public:
  Reading(Connection& c, const value::Scope& scope, Hashed hashed) : c_(c), scope_(scope), together_(hashed == Hashed::together), types_(c) {
    for (const auto& hashed_part : hashed_parts(c)) {
      parts_[hashed_part.part] = hashed_part.root;
      if (together_ && in_scope(scope, hashed_part.part_name)) roots_.insert(hashed_part.root);
    }
  }

  std::vector<Relation> relations() {
    const std::string where(user_namespace());
    tables(where + " AND NOT " + of_extension("pg_class", "c.oid"));
    columns(where);
    keys(where);
    for (auto& r : relations_) settle(r);
    std::stable_sort(relations_.begin(), relations_.end(),
                     [](const auto& a, const auto& b) { return a.table.bytes_estimate > b.table.bytes_estimate; });
    return std::move(relations_);
  }

 private:
  void tables(const std::string& where) {
    const Result r = c_.query(concat(kRelations, where, " ORDER BY n.nspname, c.relname"));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      const value::TableName name{r.text("nspname", i), r.text("relname", i)};
      const auto oid = static_cast<std::uint32_t>(r.number("oid", i));
      const auto part = parts_.find(oid);
      if (together_ && part != parts_.end()) {
        auto& [bytes, rows] = sizes_[part->second];
        bytes += r.number("heap", i) + r.number("toast", i);
        rows += base::parse_u64(r.text("reltuples", i)).value_or(0);
        continue;
      }
      if (r.text("relkind", i) == "p" ? !roots_.contains(oid) : !in_scope(scope_, name)) continue;
      Relation& out = relations_.emplace_back();
      out.oid = oid;
      out.hashed = part != parts_.end();
      out.table.over_parts = r.text("relkind", i) == "p";
      out.unlogged = r.text("relpersistence", i) == "u";
      out.row_security = r.yes("relrowsecurity", i);
      out.partition = r.yes("relispartition", i);
      out.replica_identity = r.text("relreplident", i);
      out.table.name = name;
      out.table.identity = r.text("identity", i);
      out.table.bytes_estimate = r.number("heap", i) + r.number("toast", i);
      out.table.by_pages = true;
      const auto rows = base::parse_u64(r.text("reltuples", i));  // -1: never analyzed
      out.table.rows_estimate = rows.value_or(0);
      at_[out.oid] = relations_.size() - 1;
    }
  }

  Relation* relation(const Result& r, std::string_view column, std::size_t row) {
    const auto at = at_.find(static_cast<std::uint32_t>(r.number(column, row)));
    return at == at_.end() ? nullptr : &relations_[at->second];
  }

  void columns(const std::string& where) {
    const Result r = c_.query(concat(kColumns, where, " ORDER BY a.attrelid, a.attnum"));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      Relation* const out = relation(r, "attrelid", i);
      if (out == nullptr) continue;
      const auto type = static_cast<std::uint32_t>(r.number("atttypid", i));
      out->table.columns.push_back(described(r, i));
      numbers_[out->oid].push_back(r.number("attnum", i));
      if (!types_.portable_binary(type)) text_.insert(out->oid);
    }
    const Result computed = c_.query(concat(kComputed, where, " ORDER BY a.attrelid, a.attnum"));
    for (std::size_t i = 0; i < computed.rows.size(); ++i) {
      Relation* const out = relation(computed, "attrelid", i);
      if (out == nullptr) continue;
      value::Column column = described(computed, i);
      column.generated = true;
      // What is proved of a table's rows together is not, where they are in others on another server.
      if (computed.yes("stored", i) && !out->hashed) out->table.computed.push_back(column.name);
      out->table.generated.push_back(std::move(column));
    }
  }

  value::Column described(const Result& r, std::size_t i) const {
    value::Column column;
    column.name = r.text("attname", i);
    column.native = r.text("native", i);
    types_.describe(column, static_cast<std::uint32_t>(r.number("atttypid", i)), static_cast<int>(base::parse_i64(r.text("atttypmod", i)).value_or(-1)));
    column.nullable = !r.yes("attnotnull", i);
    return column;
  }

  void keys(const std::string& where) {
    const Result r = c_.query(concat(kKeys, where, kKeyOrder));
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      Relation* const out = relation(r, "indrelid", i);
      if (out == nullptr || out->table.has_key()) continue;
      value::Key key{r.text("relname", i), {}};
      const auto& numbers = numbers_[out->oid];
      const std::string columns = r.text("columns", i);
      for (const auto part : base::split(columns, ' ')) {
        const auto at = std::find(numbers.begin(), numbers.end(), base::parse_u64(part).value_or(0));
        if (at != numbers.end()) key.columns.push_back(static_cast<std::uint32_t>(at - numbers.begin()));
      }
      out->table.key = std::move(key);
      out->table.seekable = r.yes("plain", i);
      out->table.key_order = r.text("ordered", i);
    }
  }

  void settle(Relation& r) const {
    r.table.encoding = text_.contains(r.oid) ? kCopyText : kCopyBinary;
    if (const auto at = sizes_.find(r.oid); at != sizes_.end()) std::tie(r.table.bytes_estimate, r.table.rows_estimate) = at->second;
  }

  Connection& c_;
  const value::Scope& scope_;
  const bool together_;
  const TypeTable types_;
  std::map<std::uint32_t, std::uint32_t> parts_;  ///< to their roots
  std::set<std::uint32_t> roots_;                 ///< those with a part in scope
  std::map<std::uint32_t, std::pair<std::uint64_t, std::uint64_t>> sizes_;  ///< bytes and rows below a root
  std::vector<Relation> relations_;
  std::map<std::uint32_t, std::size_t> at_;
  std::map<std::uint32_t, std::vector<std::uint64_t>> numbers_;
  std::set<std::uint32_t> text_;
};

class PgCatalog final : public Catalog {
 public:
  explicit PgCatalog(PgServer& server) : server_(server) {}

  Contents contents(const value::Scope& asked) override {
    Contents out;
    out.scope = with_partitions(session(), asked);
    const value::Scope& scope = *out.scope;
    out.databases.push_back(read_database(session(), server_));
    auto relations = read_relations(session(), scope, Hashed::together);
    out.schemas = read_schemas(session(), scope, relations);
    for (auto& relation : relations) {
      relation.table.encoding = "flytt-row/1";  // what the reader outside a snapshot gives
      relation.table.by_pages = false;
      out.tables.push_back(std::move(relation.table));
    }
    out.objects = read_objects(session(), server_, scope);
    out.definitions = proofs_of(out.objects);
    out.left_out = left_out_of(session(), server_, scope);
    read_obstacles(session(), server_, scope, out);
    if (scope.whole_databases())
      for (const auto& table : tables_with_extension_rows(session()))
        out.refusals.push_back({false, "extension-rows", "table " + table, "has rows of users, which are no part of a copy and not compared", "copy them by hand"});
    if (auto objects = large_object_rows(session(), scope)) out.tables.push_back(*std::move(objects));
    return out;
  }
  std::vector<std::string> computed_digests(const value::Table& table) override {
    session();
    path_->look_for(table);
    return postgres::computed_digests(session(), table, {});
  }
  std::optional<std::vector<NumberState>> numbers(const value::Scope& scope) override {
    // Whatever is subscribed to here brings rows, and no values of sequences.
    if (session().scalar("SELECT 1 FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_database d ON d.oid = s.subdbid WHERE d.datname = pg_catalog.current_database() LIMIT 1"))
      return std::nullopt;
    return sequence_states(session(), with_partitions(session(), scope));
  }
  value::Scope exact(const value::Scope& scope) override { return with_partitions(session(), scope); }
  value::Names names(const value::Scope& scope) override { return read_names(session(), server_, scope); }
  std::vector<Finding> missing_privileges(const value::Scope& scope) override { return missing_to_dump(session(), server_, with_partitions(session(), scope)); }
  std::vector<Finding> missing_to_follow(const value::Scope& scope, const std::string& slot) override {
    refuse_other_databases(server_, scope);
    if (slot.empty())
      return {{true, "no-slot", "slot", "the copy is taken without a slot, so that the source keeps nothing to follow from", "take it with --slot NAME"}};
    auto findings = slot_findings(session(), server_, slot, with_partitions(session(), scope));
    if (!scope.where.empty())
      findings.push_back({true, "scope", scope.display(), "a channel cannot be limited to rows by a condition", "leave --where out to follow this copy"});
    for (auto& f : findings)
      if (f.code != "scope") f.message = concat(f.object, " ", f.message);
    return findings;
  }
  std::vector<Finding> missing_to_compare(const value::Scope& scope) override { return missing_to_read(session(), with_partitions(session(), scope)); }
  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override {
    session();
    path_->look_for(table);
    return session().number(concat("SELECT pg_catalog.count(*) FROM ", rows_of(table),
                                   condition.empty() ? "" : " WHERE ", condition));
  }

 private:
  Connection& session() {
    if (!session_) {
      session_ = server_.connect();
      session_->execute("SET lock_timeout = '10s'");
      path_.emplace(*session_, Within::nothing);
    }
    return *session_;
  }

  PgServer& server_;
  std::unique_ptr<Connection> session_;
  std::optional<PlannedPath> path_;
};

}  // namespace

std::string_view user_namespace() noexcept {
  return "n.nspname <> 'pg_catalog' AND n.nspname <> 'information_schema' AND n.nspname <> 'flytt' AND n.nspname !~ '^pg_(toast|temp_)'";
}

std::string of_extension(std::string_view catalog, std::string_view oid) {
  return concat("EXISTS (SELECT 1 FROM pg_catalog.pg_depend xd WHERE xd.classid = 'pg_catalog.", catalog, "'::pg_catalog.regclass AND xd.objid = ", oid,
                " AND xd.deptype = 'e')");
}

void refuse_other_databases(PgServer& server, const value::Scope& scope) {
  if (scope.all_databases)
    throw base::Error(base::Exit::usage, "--all-databases: a PostgreSQL session sees one database", {.hint = "Run dump-stream once for each, with its URL."});
  if (scope.databases.size() != 1 || scope.databases.front() != server.database())
    throw base::Error(base::Exit::usage, concat("--database ", base::join(scope.databases, ", "), " is not the database of ", server.endpoint().display()),
                      {.hint = "Name the database in the URL: a PostgreSQL session sees one."});
}

bool in_scope(const value::Scope& scope, const value::TableName& name) { return scope.passes(name); }

std::vector<Relation> read_relations(Connection& c, const value::Scope& scope, Hashed hashed) { return Reading(c, scope, hashed).relations(); }

value::Database read_database(Connection& c, PgServer& server) {
  value::Database out;
  out.name = server.database();
  const Result r = c.query(
      "SELECT pg_catalog.pg_encoding_to_char(encoding) AS encoding, datcollate, datctype FROM pg_catalog.pg_database"
      " WHERE datname = pg_catalog.current_database()");
  out.charset = r.text("encoding");
  out.collation = r.text("datcollate");
  return out;
}

std::string money_locale(Connection& c) {
  return c.scalar("SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'lc_monetary'").value_or("");
}

bool has_money(Connection& c) {
  return c.scalar(concat("SELECT 1 FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
                         " LEFT JOIN pg_catalog.pg_type t ON t.oid = a.atttypid WHERE a.attnum > 0 AND NOT a.attisdropped AND ", user_namespace(),
                         " AND (a.atttypid IN (790, 791) OR t.typbasetype IN (790, 791)) LIMIT 1"))
      .has_value();
}

std::vector<std::string> read_schemas(Connection& c, const value::Scope& scope, const std::vector<Relation>& relations) {
  std::set<std::string> out;
  for (const auto& relation : relations) out.insert(relation.table.name.schema);
  for (const auto& parent : partitioned_above(c, scope)) out.insert(parent.schema);
  if (scope.include_tables.empty())
    for (const auto& row : c.query(concat("SELECT n.nspname FROM pg_catalog.pg_namespace n WHERE ", user_namespace())).rows) out.insert(row[0].value_or(""));
  return {out.begin(), out.end()};
}

std::vector<std::pair<std::string, std::string>> read_extensions(Connection& c) {
  std::vector<std::pair<std::string, std::string>> out;
  const Result r = c.query("SELECT extname, extversion FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql' ORDER BY extname");
  for (std::size_t i = 0; i < r.rows.size(); ++i) out.emplace_back(r.text("extname", i), r.text("extversion", i));
  return out;
}

std::unique_ptr<Catalog> make_catalog(PgServer& server) { return std::make_unique<PgCatalog>(server); }

}  // namespace flytt::engine::postgres
