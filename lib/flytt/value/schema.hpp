// What a table looks like to the tools: names, columns, the key it is read by. Plain values, filled by an engine's catalog.
// Layer: value (2).  Thread rule: values, no state.  Format in the stream: man/flytt-stream.5, HELLO.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/value/type.hpp>

namespace flytt::value {

/// A table's qualified name. `schema` is the database (MySQL family) or the schema (others).
struct TableName {
  std::string schema;
  std::string table;

  auto operator<=>(const TableName&) const = default;
  /// "shop.orders", for messages and globs: unquoted.
  std::string display() const { return schema + "." + table; }
};

struct Column {
  std::string name;
  Type type = Type::bytes;
  bool nullable = true;
  bool generated = false;         ///< computed by the server: never read into or loaded from a stream, compared all the same
  bool invisible = false;
  std::string charset;            ///< character set of text types, empty otherwise
  std::string native;             ///< the engine's own full type, such as "decimal(10,2)": for schemas and messages
  std::uint8_t fraction = 0;      ///< digits of fractional seconds of time types
  std::uint32_t length = 0;       ///< declared length in bytes of bits and fixed binary types, else 0

  bool operator==(const Column&) const = default;
};

/// A unique key without nullable columns, by which rows can be ordered and named.
struct Key {
  std::string name;
  std::vector<std::uint32_t> columns;  ///< indexes into Table::columns, in key order
  bool operator==(const Key&) const = default;
};

struct Table {
  TableName name;
  std::vector<Column> columns;   ///< stored columns that travel, in declared order (generated ones are left out)
  Key key;                       ///< empty columns: no usable key
  bool seekable = true;          ///< ranges of `key` can be compared by the server in the key's own order
  bool by_pages = false;         ///< cut by its pages: range bounds are the engine's page numbers, not keys
  bool over_parts = false;       ///< its rows are those of its partitions, which are no tables of their own here
  std::uint64_t rows_estimate = 0;
  std::uint64_t bytes_estimate = 0;
  std::string identity;          ///< what changes when the table is replaced, truncated or rebuilt (opaque)
  bool transactional = true;
  std::string encoding = "flytt-row/1";
  std::vector<std::string> computed{};  ///< columns that the server computes and stores: they do not travel, their values are proved
  // What only comparisons need; no part of a stream.
  std::vector<Column> generated{};  ///< columns that the server computes, stored or not, in declared order
  std::string key_order{};          ///< what else than types decides the key's order, such as collations: equal texts are equal orders

  bool has_key() const noexcept { return !key.columns.empty(); }
  /// Several workers can read it, each a range.
  bool divisible() const noexcept { return by_pages || (has_key() && seekable); }
};

/// Kinds of schema objects, in the order in which a loader creates them. The number is part of the stream format.
enum class ObjectKind : std::uint8_t {
  account = 1,      ///< user or role
  database = 2,
  sequence = 3,
  table = 4,        ///< without the indexes that are deferred, without foreign keys
  index = 5,        ///< after the rows of its table: one statement a table
  foreign_key = 6,
  routine = 7,
  view = 8,
  trigger = 9,
  event = 10,       ///< arrives disabled; `attributes` remembers its status
  grant = 11,
  sequence_value = 12,
  definitions = 13,       ///< an archive in the product's own form: what must be there before the rows
  late_definitions = 14,  ///< the same archive: indexes, constraints, triggers, all that comes after the rows
  refresh = 15,           ///< rows that the server computes from others, such as those of a materialized view
  // What only comparisons name one by one; a stream has them in its definitions.
  schema = 16,
  type = 17,
  extension = 18,
  policy = 19,
  rule = 20,
  statistics = 21,
  event_trigger = 22,
  publication = 23,
  collation = 24,
  default_grant = 25,
  other = 26,             ///< `name` says what it is
  property = 27,          ///< what a database or a role has beside objects: settings, owner, privileges; after everything else
};

/// The order in which a loader creates what a stream has. What needs no rows comes before them: should it be impossible, nobody has
/// waited for them. A view that cannot be without an index is tried again afterwards.
inline constexpr std::array kBeforeRows{ObjectKind::account, ObjectKind::database, ObjectKind::definitions, ObjectKind::sequence,
                                        ObjectKind::table,   ObjectKind::routine,  ObjectKind::view};
inline constexpr std::array kAfterRows{ObjectKind::index, ObjectKind::late_definitions, ObjectKind::foreign_key,    ObjectKind::trigger,
                                       ObjectKind::event, ObjectKind::grant,            ObjectKind::sequence_value, ObjectKind::refresh, ObjectKind::property};

std::string_view object_kind_name(ObjectKind kind) noexcept;

/// One object's definition: a single statement and the settings it must run under.
struct SchemaObject {
  ObjectKind kind = ObjectKind::table;
  std::string schema;
  std::string name;
  std::string parent;       ///< the table of an index, foreign key or trigger; else empty
  std::string statement;    ///< exactly one statement, in `charset`
  std::string sql_mode;     ///< mode it was created under; empty: the loader's own
  std::string charset;      ///< character_set_client it was created under; empty: utf8mb4
  std::string collation;    ///< collation_connection it was created under
  std::string time_zone;    ///< for events
  std::string definer;      ///< "user@host", empty when none
  std::string attributes;   ///< engine's own remarks as JSON text: event status, proof of a foreign key, …

  bool of_server = false;   ///< every server makes it, and as it was made nobody needs it: only comparisons ask

  /// "view shop.v", for messages.
  std::string display() const;
};

/// A database in scope, with the defaults it is created with.
struct Database {
  std::string name;
  std::string charset;
  std::string collation;
  std::string comment{};
};

}  // namespace flytt::value
