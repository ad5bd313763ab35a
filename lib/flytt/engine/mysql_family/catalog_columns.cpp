// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/catalog_columns.hpp>

#include <algorithm>
#include <array>
#include <map>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Type;

struct TypeRow {
  std::string_view native;
  Type type;
  Type type_unsigned;
};

constexpr std::array kTypes{
    TypeRow{"tinyint", Type::int8, Type::uint8},
    TypeRow{"smallint", Type::int16, Type::uint16},
    TypeRow{"mediumint", Type::int32, Type::uint32},
    TypeRow{"int", Type::int32, Type::uint32},
    TypeRow{"bigint", Type::int64, Type::uint64},
    TypeRow{"float", Type::float32, Type::float32},
    TypeRow{"double", Type::float64, Type::float64},
    TypeRow{"decimal", Type::decimal, Type::decimal},
    TypeRow{"bit", Type::bits, Type::bits},
    TypeRow{"date", Type::date, Type::date},
    TypeRow{"datetime", Type::datetime, Type::datetime},
    TypeRow{"timestamp", Type::timestamp, Type::timestamp},
    TypeRow{"time", Type::time, Type::time},
    TypeRow{"year", Type::year, Type::year},
    TypeRow{"char", Type::text, Type::text},
    TypeRow{"varchar", Type::text, Type::text},
    TypeRow{"tinytext", Type::text, Type::text},
    TypeRow{"text", Type::text, Type::text},
    TypeRow{"mediumtext", Type::text, Type::text},
    TypeRow{"longtext", Type::text, Type::text},
    TypeRow{"binary", Type::bytes, Type::bytes},
    TypeRow{"varbinary", Type::bytes, Type::bytes},
    TypeRow{"tinyblob", Type::bytes, Type::bytes},
    TypeRow{"blob", Type::bytes, Type::bytes},
    TypeRow{"mediumblob", Type::bytes, Type::bytes},
    TypeRow{"longblob", Type::bytes, Type::bytes},
    TypeRow{"enum", Type::enumeration, Type::enumeration},
    TypeRow{"set", Type::set, Type::set},
    TypeRow{"json", Type::json, Type::json},
    TypeRow{"geometry", Type::geometry, Type::geometry},
    TypeRow{"point", Type::geometry, Type::geometry},
    TypeRow{"linestring", Type::geometry, Type::geometry},
    TypeRow{"polygon", Type::geometry, Type::geometry},
    TypeRow{"multipoint", Type::geometry, Type::geometry},
    TypeRow{"multilinestring", Type::geometry, Type::geometry},
    TypeRow{"multipolygon", Type::geometry, Type::geometry},
    TypeRow{"geometrycollection", Type::geometry, Type::geometry},
    TypeRow{"geomcollection", Type::geometry, Type::geometry},
    TypeRow{"uuid", Type::uuid, Type::uuid},
    TypeRow{"inet4", Type::inet, Type::inet},
    TypeRow{"inet6", Type::inet, Type::inet},
};

bool contains(std::string_view text, std::string_view word) { return base::lower(text).find(word) != std::string::npos; }

/// Both products say how a column is computed in EXTRA; MySQL's DEFAULT_GENERATED only means a default that is an expression.
bool computed(const ColumnFacts& f) {
  return !f.generation.empty() || contains(f.extra, "virtual generated") || contains(f.extra, "stored generated") ||
         contains(f.extra, "persistent generated");
}

std::uint32_t fixed_length(const ColumnFacts& f, Type type) {
  if (type == Type::bits) return static_cast<std::uint32_t>((f.precision + 7) / 8);
  return f.data_type == "binary" ? static_cast<std::uint32_t>(f.octets) : 0;
}

struct Candidate {
  value::Key key;
  bool primary = false;
  bool usable = true;
  bool seekable = true;
  std::size_t cost = 0;
};

std::size_t width(const value::Column& c) noexcept {
  const std::size_t fixed = value::fixed_width(c.type);
  return fixed != 0 ? fixed : 64;
}

void add_part(Candidate& k, const value::Table& table, const KeyPartFacts& part, bool descending) {
  const auto column = std::find_if(table.columns.begin(), table.columns.end(), [&](const auto& c) { return c.name == part.column; });
  if (column == table.columns.end() || part.nullable || part.prefix || !part.unique || (!part.usable && !k.primary)) {
    k.usable = false;
    return;
  }
  k.key.columns.push_back(static_cast<std::uint32_t>(column - table.columns.begin()));
  k.cost += width(*column);
  // A key of both directions is not in the order in which its columns compare.
  k.seekable = k.seekable && seekable(column->type) && part.descending == descending;
}

std::vector<Candidate> candidates(const value::Table& table, const std::vector<KeyPartFacts>& parts) {
  std::vector<Candidate> out;
  bool descending = false;
  for (const KeyPartFacts& part : parts) {
    if (out.empty() || out.back().key.name != part.index) {
      Candidate& k = out.emplace_back();
      k.key.name = part.index;
      k.primary = part.index == "PRIMARY";
      descending = part.descending;
    }
    add_part(out.back(), table, part, descending);
  }
  std::erase_if(out, [](const Candidate& k) { return !k.usable; });
  return out;
}

/// Smaller is better.
auto rank(const Candidate& k) { return std::tuple(!k.seekable, !k.primary, k.cost, k.key.name); }

}  // namespace

std::optional<Type> logical_type(const ColumnFacts& f) {
  const std::string native = base::lower(f.data_type);
  for (const TypeRow& row : kTypes)
    if (row.native == native) return contains(f.column_type, "unsigned") ? row.type_unsigned : row.type;
  return std::nullopt;
}

bool keeps_history(const ColumnFacts& f) { return f.generation == "ROW START" || f.generation == "ROW END"; }

std::string order_of_key(const value::Table& table, const std::vector<ColumnFacts>& columns, std::string_view release) {
  std::string out;
  for (const auto index : table.key.columns) {
    const value::Column& column = table.columns[index];
    const auto facts = std::find_if(columns.begin(), columns.end(), [&](const ColumnFacts& f) { return f.name == column.name; });
    if (column.type == Type::uuid) out += base::concat("uuid of ", release, " ");
    else if (facts != columns.end() && !facts->collation.empty()) out += facts->collation + " ";
  }
  return out;
}

std::optional<value::Column> column_of(const ColumnFacts& f) {
  const auto type = logical_type(f);
  if (!type) return std::nullopt;
  value::Column c;
  c.name = f.name;
  c.type = *type;
  c.nullable = f.nullable;
  c.generated = computed(f);
  c.invisible = contains(f.extra, "invisible");
  c.charset = f.charset;
  c.native = f.column_type;
  c.fraction = f.fraction;
  c.length = fixed_length(f, *type);
  return c;
}

bool seekable(Type type) noexcept {
  switch (type) {
    case Type::enumeration:
    case Type::set:
    case Type::float32:
    case Type::float64:
    case Type::json:
    case Type::geometry: return false;
    default: return true;
  }
}

void choose_key(value::Table& table, const std::vector<KeyPartFacts>& parts) {
  const auto all = candidates(table, parts);
  const auto best = std::min_element(all.begin(), all.end(), [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  if (best == all.end()) return;
  table.key = best->key;
  table.seekable = best->seekable;
}

}  // namespace flytt::engine::mysql_family
