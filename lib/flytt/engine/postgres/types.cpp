// The type table: builtin names to logical types, and the list of binary forms that may cross from server to server.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/types.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace flytt::engine::postgres {
namespace {

using value::Type;

struct Known {
  std::string_view name;
  Type type;
};

/// What has a logical type of its own; all else is compared and shown in its text form.
constexpr std::array<Known, 25> kLogical{{
    {"bool", Type::int8},       {"int2", Type::int16},       {"int4", Type::int32},        {"int8", Type::int64},
    {"oid", Type::uint32},      {"float4", Type::float32},   {"float8", Type::float64},    {"numeric", Type::decimal},
    {"date", Type::date},       {"timestamp", Type::datetime}, {"timestamptz", Type::timestamp}, {"time", Type::time},
    {"text", Type::text},       {"varchar", Type::text},     {"bpchar", Type::text},       {"name", Type::text},
    {"char", Type::text},       {"bytea", Type::bytes},      {"json", Type::json},         {"jsonb", Type::json},
    {"uuid", Type::uuid},       {"inet", Type::inet},        {"cidr", Type::inet},         {"xml", Type::text},
    {"citext", Type::text},
}};

/// Forms that no release since 14 has changed and that name no object by its number.
/// Source: the *send functions of src/backend/utils/adt in releases 14 to 18.
constexpr std::array<std::string_view, 43> kPortable{
    "bool",     "bytea",    "char",      "name",      "int8",      "int2",      "int4",      "text",         "oid",
    "json",     "jsonb",    "point",     "lseg",      "path",      "box",       "polygon",   "line",         "circle",
    "float4",   "float8",   "money",     "macaddr",   "macaddr8",  "inet",      "cidr",      "bpchar",       "varchar",
    "date",     "time",     "timestamp", "timestamptz", "interval", "timetz",   "bit",       "varbit",       "numeric",
    "uuid",     "pg_lsn",   "int4range", "int8range", "numrange",  "tsrange",   "daterange",
};

}  // namespace

TypeTable::TypeTable(Connection& c) {
  const Result r = c.query(
      "SELECT t.oid, t.typname, t.typtype, t.typbasetype, n.nspname = 'pg_catalog' AND t.oid < 16384 AS builtin,"
      " CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END AS element"
      " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace");
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    Row& row = rows_[static_cast<std::uint32_t>(r.number("oid", i))];
    row.name = r.text("typname", i);
    row.kind = r.text("typtype", i).front();
    row.builtin = r.yes("builtin", i);
    row.base = static_cast<std::uint32_t>(r.number("typbasetype", i));
    row.element = static_cast<std::uint32_t>(r.number("element", i));
  }
}

const TypeTable::Row* TypeTable::find(std::uint32_t oid) const {
  const auto at = rows_.find(oid);
  return at == rows_.end() ? nullptr : &at->second;
}

std::uint32_t TypeTable::base(std::uint32_t oid) const {
  const Row* row = find(oid);
  return row != nullptr && row->kind == 'd' ? base(row->base) : oid;
}

value::Type TypeTable::logical(std::uint32_t oid) const {
  const Row* row = find(base(oid));
  if (row == nullptr) return Type::text;
  if (row->kind == 'e') return Type::enumeration;
  if (row->element == 0)
    for (const auto& known : kLogical)
      if (row->name == known.name && (row->builtin || row->name == "citext")) return known.type;
  return Type::text;
}

bool TypeTable::portable_binary(std::uint32_t oid) const {
  const Row* row = find(base(oid));
  if (row == nullptr) return false;
  if (row->kind == 'e') return true;  // sent as its label
  // An array names its elements' type by number: only builtin ones have the same everywhere.
  if (row->element != 0) {
    const Row* element = find(row->element);
    return row->builtin && element != nullptr && element->kind == 'b' && portable_binary(row->element);
  }
  return row->builtin && std::find(kPortable.begin(), kPortable.end(), row->name) != kPortable.end();
}

}  // namespace flytt::engine::postgres
