// Tables: columns, keys, sizes, and what cannot be carried.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog_columns.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/definition.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>

namespace flytt::engine::mysql_family {
namespace {

using ColumnsOf = std::map<std::string, std::vector<ColumnFacts>>;
using KeysOf = std::map<std::string, std::vector<KeyPartFacts>>;

/// Tables that are smaller are created with all their indexes.
constexpr std::uint64_t kWholeBelow = std::uint64_t{1} << 20;

/// Engines that keep their rows elsewhere or in other tables: a copy of the rows would be a second one, or not the same thing.
constexpr std::array<std::string_view, 10> kForeignEngines{"federated", "connect", "spider",  "s3",       "mrg_myisam",
                                                           "sphinx",    "oqgraph", "columnstore", "ndbcluster", "duckdb"};

std::uint64_t number(const std::optional<std::string>& text) { return text ? base::parse_u64(*text).value_or(0) : 0; }
bool yes(const std::optional<std::string>& text) { return text && base::equal_ignoring_case(*text, "YES"); }

ColumnsOf columns_of(Connection& c, const std::string& database) {
  const Result r = c.query(
      "SELECT TABLE_NAME, COLUMN_NAME, DATA_TYPE, COLUMN_TYPE, CHARACTER_SET_NAME, EXTRA, GENERATION_EXPRESSION, IS_NULLABLE,"
      " CHARACTER_OCTET_LENGTH, NUMERIC_PRECISION, DATETIME_PRECISION, COLLATION_NAME FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = " +
      quote_text(database) + " ORDER BY TABLE_NAME, ORDINAL_POSITION");
  ColumnsOf out;
  for (const auto& row : r.rows)
    out[row[0].value_or("")].push_back({.name = row[1].value_or(""),
                                        .data_type = base::lower(row[2].value_or("")),
                                        .column_type = row[3].value_or(""),
                                        .charset = row[4].value_or(""),
                                        .collation = row[11].value_or(""),
                                        .extra = row[5].value_or(""),
                                        .generation = row[6].value_or(""),
                                        .nullable = yes(row[7]),
                                        .octets = number(row[8]),
                                        .precision = number(row[9]),
                                        .fraction = static_cast<std::uint8_t>(number(row[10]))});
  return out;
}

KeysOf keys_of(Connection& c, FamilyServer& server, const std::string& database) {
  // Ignored (MariaDB) and invisible (MySQL) indexes are not used by the optimizer; older servers have neither column.
  const bool mariadb = server.caps().gtid_domains;
  const auto version = server.identity().version_number;
  const std::string_view used = mariadb ? (version >= 100600 ? "IGNORED = 'NO'" : "1") : (version >= 80000 ? "IS_VISIBLE = 'YES'" : "1");
  const Result r = c.query(base::concat("SELECT TABLE_NAME, INDEX_NAME, COLUMN_NAME, NON_UNIQUE, NULLABLE, SUB_PART, COLLATION, ", used,
                                        " AND INDEX_TYPE IN ('BTREE','RTREE') FROM information_schema.STATISTICS WHERE TABLE_SCHEMA = ",
                                        quote_text(database), " ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX"));
  KeysOf out;
  for (const auto& row : r.rows)
    out[row[0].value_or("")].push_back({.index = row[1].value_or(""),
                                        .column = row[2].value_or(""),
                                        .unique = row[3] == "0",
                                        .nullable = yes(row[4]),
                                        .prefix = row[5].has_value(),
                                        .descending = row[6] == "D",
                                        .usable = row[7] == "1"});
  return out;
}

bool is_temporal(value::Type type) noexcept {
  return type == value::Type::datetime || type == value::Type::timestamp || type == value::Type::time;
}

void add_columns(Reading& r, value::Table& table, const std::vector<ColumnFacts>& columns) {
  for (const ColumnFacts& f : columns) {
    const auto column = column_of(f);
    if (!column) {
      r.refuse(f.data_type == "vector" ? "vector-column" : "type-unknown", table.name.display(),
               base::concat("column ", f.name, " has the type ", f.column_type, ", which cannot be carried"),
               "exclude the table with --exclude-table, or copy it by other means");
      continue;
    }
    if (is_temporal(column->type) && f.column_type.find("/*") != std::string::npos)
      r.warn(base::concat(table.name.display(), ".", f.name, " is stored in an old temporal format; the copy will be in the new one"));
    if (!column->generated) {
      table.columns.push_back(*column);
      continue;
    }
    if (base::lower(f.extra).find("virtual") == std::string::npos) table.computed.push_back(f.name);
    if (!keeps_history(f)) table.generated.push_back(*column);
  }
  if (table.columns.empty() && !columns.empty())
    r.refuse("no-columns", table.name.display(), "every column is generated, so its rows cannot be carried",
             "exclude the table with --exclude-table");
}

bool listed_in(const auto& names, std::string_view name) { return std::find(names.begin(), names.end(), name) != names.end(); }

/// Refuses by name what no snapshot, or no copy of rows, can carry.
void judge(Reading& r, const Listed& t, value::Table& table) {
  const std::string engine = base::lower(t.engine), name = table.name.display();
  table.transactional = engine == "innodb" || engine == "rocksdb" || engine == "blackhole";
  if (t.type == "SYSTEM VERSIONED")
    return r.refuse("system-versioned", name, "keeps the history of its rows, which a copy would lose",
                    "exclude the table with --exclude-table, or drop its history first");
  if (engine.empty())
    return r.refuse("table-broken", name, "cannot be opened by the server: " + t.comment, "repair or drop the table");
  if (listed_in(kForeignEngines, engine))
    return r.refuse("engine-foreign", name, "is stored by " + t.engine + ", outside of this server",
                    "exclude the table with --exclude-table and define it on the target by hand");
  if (!table.transactional && r.non_transactional == NonTransactional::refuse && !r.scope.schema_only)
    r.refuse("not-transactional", name, "is stored by " + t.engine + ", which no snapshot protects",
             "convert it to InnoDB, or use --lock-tables, which stops writes to it while it is copied");
}

void warn_about_options(Reading& r, const value::TableName& name, const TableDefinition& definition) {
  for (const std::string& dropped : definition.dropped)
    r.warn(base::concat(name.display(), ": ", dropped, " is left out, it names a place on the old host"));
  if (definition.encrypted) r.warn(name.display() + " is encrypted: the target needs its own keys to create it");
}

/// A foreign key whose parent is no part of the copy is created as it is; its rows are not proved.
void mark_parents(Reading& r, value::SchemaObject& fk, const Item& item) {
  const value::TableName parent{item.parent_schema.empty() ? fk.schema : item.parent_schema, item.parent_table};
  const bool gone = r.scope.covers(parent) && std::none_of(r.out.tables.begin(), r.out.tables.end(), [&](const value::Table& t) {
                      return base::equal_ignoring_case(t.name.schema, parent.schema) && base::equal_ignoring_case(t.name.table, parent.table);
                    });
  if (gone) {
    fk.attributes.insert(fk.attributes.size() - 1, ",\"parent_gone\":true");
    return r.warn(base::concat("foreign key ", fk.name, " of ", fk.schema, ".", fk.parent, " refers to ", parent.display(), ", which is not there: it is carried as it is"));
  }
  if (r.scope.covers(parent)) return;
  fk.attributes.insert(fk.attributes.size() - 1, ",\"parent_outside\":true");
  r.warn(base::concat("foreign key ", fk.name, " of ", fk.schema, ".", fk.parent, " refers to ", parent.display(),
                      ", which is not part of the copy: its rows are not proved"));
}

}  // namespace

std::vector<Listed> list_tables(Reading& r, const std::string& database) {
  const Result rows = r.c.query(
      "SELECT TABLE_NAME, TABLE_TYPE, ENGINE, TABLE_ROWS, DATA_LENGTH, CREATE_OPTIONS, TABLE_COMMENT, TABLE_SCHEMA"
      " FROM information_schema.TABLES WHERE TABLE_SCHEMA = " + quote_text(database) + " ORDER BY TABLE_NAME");
  std::vector<Listed> out;
  for (const auto& row : rows.rows) {
    const value::TableName name{database, row[0].value_or("")};
    if (row[7] != database) continue;
    if (!r.scope.covers(name)) {
      const std::string type = row[1].value_or("");
      const bool named = r.scope.chosen(name);
      if (type == "SEQUENCE" && !named && !r.scope.data_only) r.other_sequences.push_back(name);
      else r.leave_out(type == "VIEW" ? "view" : type == "SEQUENCE" ? "sequence" : "table", named ? "excluded by --exclude-table" : kNotNamed, name.display());
      continue;
    }
    out.push_back({name, row[1].value_or(""), row[2].value_or(""), base::lower(row[5].value_or("")), row[6].value_or(""), number(row[3]), number(row[4])});
  }
  return out;
}

void read_tables(Reading& r, const std::string& database, const std::vector<Listed>& listed) {
  const ColumnsOf columns = columns_of(r.c, database);
  const KeysOf keys = keys_of(r.c, r.server, database);
  for (const Listed& t : listed) {
    if (t.type != "BASE TABLE" && t.type != "SYSTEM VERSIONED") continue;
    value::Table table;
    table.name = t.name;
    table.rows_estimate = t.rows;
    table.bytes_estimate = t.bytes;
    const auto described = columns.find(t.name.table);
    if (described != columns.end()) add_columns(r, table, described->second);
    if (const auto at = keys.find(t.name.table); at != keys.end()) choose_key(table, at->second);
    if (described != columns.end()) table.key_order = order_of_key(table, described->second, r.server.identity().version);
    judge(r, t, table);
    r.out.tables.push_back(std::move(table));
  }
}

void read_definitions(Reading& r) {
  for (const value::Table& table : r.out.tables) {
    const TableDefinition definition = shown_table(r, table.name);
    warn_about_options(r, table.name, definition);
    const auto proved = split_table(table.name, definition, Indexes::kept).front();
    r.out.definitions.push_back(value::definition_of(proved, comparable_table(proved.statement), {}));
    const bool whole = r.small == SmallTables::whole && table.bytes_estimate < kWholeBelow;
    auto objects = split_table(table.name, definition, whole ? Indexes::kept : Indexes::deferred);
    for (auto& object : objects) {
      if (object.kind == value::ObjectKind::foreign_key)
        for (const Item& item : definition.items)
          if (item.kind == ItemKind::foreign_key && item.name == object.name) mark_parents(r, object, item);
      r.out.objects.push_back(std::move(object));
    }
  }
}

}  // namespace flytt::engine::mysql_family
