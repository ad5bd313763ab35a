// The type table: builtin names to logical types, and the list of binary forms that may cross from server to server.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/types.hpp>

#include <algorithm>
#include <array>
#include <string_view>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using value::Type;

struct Known {
  std::string_view name;
  Type type;
  Form form;
};

/// What has a logical type of its own; all else is compared and shown as the text that the server prints.
constexpr std::array<Known, 24> kLogical{{
    {"bool", Type::int8, Form::boolean},       {"int2", Type::int16, Form::number},
    {"int4", Type::int32, Form::number},       {"int8", Type::int64, Form::number},
    {"oid", Type::uint32, Form::number},       {"float4", Type::float32, Form::number},
    {"float8", Type::float64, Form::number},   {"numeric", Type::decimal, Form::numeric},
    {"money", Type::decimal, Form::money},     {"date", Type::date, Form::date},
    {"timestamp", Type::datetime, Form::datetime}, {"timestamptz", Type::timestamp, Form::datetime},
    {"time", Type::time, Form::number},        {"text", Type::text, Form::bytes},
    {"varchar", Type::text, Form::bytes},      {"bpchar", Type::text, Form::bytes},
    {"name", Type::text, Form::bytes},         {"char", Type::text, Form::bytes},
    {"bytea", Type::bytes, Form::bytes},       {"json", Type::json, Form::bytes},
    {"jsonb", Type::json, Form::jsonb},        {"uuid", Type::uuid, Form::uuid},
    {"inet", Type::inet, Form::inet},          {"cidr", Type::inet, Form::inet},
}};

/// A longer string of bits has no image as a number.
constexpr int kMostBits = 64;

/// Forms that no release since 14 has changed and that name no object by its number.
/// Source: the *send functions of src/backend/utils/adt in releases 14 to 18.
constexpr std::array<std::string_view, 51> kPortable{
    "bool",     "bytea",    "char",      "name",      "int8",      "int2",      "int4",      "text",         "oid",
    "json",     "jsonb",    "point",     "lseg",      "path",      "box",       "polygon",   "line",         "circle",
    "float4",   "float8",   "money",     "macaddr",   "macaddr8",  "inet",      "cidr",      "bpchar",       "varchar",
    "date",     "time",     "timestamp", "timestamptz", "interval", "timetz",   "bit",       "varbit",       "numeric",
    "uuid",     "pg_lsn",   "int4range", "int8range", "numrange",  "tsrange",   "tstzrange", "daterange",
    "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange", "tsvector",
};

}  // namespace

Shape shape_of(std::string_view name, char kind, bool builtin, int modifier) noexcept {
  if (kind == 'e') return {Type::enumeration, Form::bytes};  // sent as its label
  if (!builtin) return {};
  // Of varbit the length is a part of the value, and a number has none.
  if (name == "bit" && modifier > 0 && modifier <= kMostBits) return {Type::bits, Form::bits};
  if (name == "bpchar" && modifier > 0) return {Type::text, Form::padded};
  for (const auto& known : kLogical)
    if (name == known.name) return {known.type, known.form};
  return {};
}

TypeTable::TypeTable(Connection& c) {
  const Result r = c.query(
      "SELECT t.oid, t.typname, t.typtype, t.typbasetype, t.typtypmod, n.nspname = 'pg_catalog' AND t.oid < 16384 AS builtin,"
      " CASE WHEN t.typcategory = 'A' AND t.typlen = -1 THEN t.typelem ELSE 0 END AS element"
      " FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace");
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    Row& row = rows_[static_cast<std::uint32_t>(r.number("oid", i))];
    row.name = r.text("typname", i);
    row.kind = r.text("typtype", i).front();
    row.builtin = r.yes("builtin", i);
    row.modifier = static_cast<int>(base::parse_i64(r.text("typtypmod", i)).value_or(-1));
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

void TypeTable::describe(value::Column& column, std::uint32_t oid, int modifier) const {
  const Row* row = find(oid);
  for (; row != nullptr && row->kind == 'd'; row = find(row->base)) modifier = row->modifier;
  if (row == nullptr) {
    column.type = Type::text;
    return;
  }
  column.type = shape_of(row->name, row->kind, row->builtin, modifier).type;
  const bool timed = column.type == Type::time || column.type == Type::datetime || column.type == Type::timestamp;
  if (timed) column.fraction = static_cast<std::uint8_t>(modifier < 0 ? 6 : modifier);
  if (column.type == Type::bits) column.length = static_cast<std::uint32_t>(modifier + 7) / 8;
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
