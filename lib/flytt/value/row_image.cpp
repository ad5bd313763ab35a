// Row images: set-up, keys, and values for people.
// SPDX-License-Identifier: MIT
#include <flytt/value/row_image.hpp>

#include <charconv>
#include <cstdio>

#include <flytt/base/text.hpp>
#include <flytt/value/date_image.hpp>
#include <flytt/value/image_load.hpp>

namespace flytt::value {
namespace {

void put_length(std::string& out, std::size_t n) {
  const auto len = static_cast<std::uint32_t>(n);
  out.append(reinterpret_cast<const char*>(&len), 4);
}

template <class... Args>
std::string format(const char* pattern, Args... args) {
  char buffer[80];
  const int n = std::snprintf(buffer, sizeof buffer, pattern, args...);
  return std::string(buffer, static_cast<std::size_t>(n));
}

std::string show_date(const DateParts& d) { return format("%04u-%02u-%02u", unsigned{d.year}, d.month, d.day); }

const char* show_infinity(const DateParts& d) { return d.infinity > 0 ? "infinity" : "-infinity"; }

const char* show_era(const DateParts& d) { return d.before_christ ? " BC" : ""; }

std::string fraction_text(std::uint32_t micros, unsigned digits) {
  return digits == 0 ? std::string() : "." + format("%06u", micros).substr(0, digits);
}

std::string show_datetime(const Column& c, std::string_view i) {
  const DateParts d = unfold_date(i.data());
  if (d.infinity != 0) return show_infinity(d);
  return show_date(d) + " " +
         format("%02u:%02u:%02u", unsigned{load<std::uint8_t>(i, 4)}, unsigned{load<std::uint8_t>(i, 5)},
                unsigned{load<std::uint8_t>(i, 6)}) +
         fraction_text(load<std::uint32_t>(i, 7), c.fraction) + show_era(d);
}

std::string show_time(const Column& c, std::string_view i) {
  const auto value = load<std::int64_t>(i);
  const std::uint64_t us = value < 0 ? 0 - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const std::uint64_t s = us / 1'000'000;
  return (value < 0 ? "-" : "") +
         format("%02llu:%02u:%02u", static_cast<unsigned long long>(s / 3600), static_cast<unsigned>(s / 60 % 60),
                static_cast<unsigned>(s % 60)) +
         fraction_text(static_cast<std::uint32_t>(us % 1'000'000), c.fraction);
}

}  // namespace

RowCursor::RowCursor(const std::vector<Column>& columns, std::string_view image) : image_(image) {
  widths_.reserve(columns.size());
  for (const auto& c : columns) widths_.push_back(fixed_width(c.type));
  cells_.resize(columns.size());
  // Such rows take no bytes: what stands here is none of them, and stepping over them would never end.
  if (columns.empty() && !image.empty())
    throw base::Error(base::Exit::data, base::concat("row image has ", image.size(), " bytes of a table without columns"));
}

void RowCursor::short_image() const { throw base::Error(base::Exit::data, "row image ends inside a row"); }

void RowCursor::stray_bits() const { throw base::Error(base::Exit::data, "row image marks columns as NULL that there are not"); }

std::string key_image(const Table& table, const std::vector<Cell>& cells) {
  std::string out;
  for (const auto index : table.key.columns) {
    const auto image = cells[index].image();
    if (fixed_width(table.columns[index].type) == 0) put_length(out, image.size());
    out.append(image);
  }
  return out;
}

std::vector<std::string_view> key_parts(const Table& table, std::string_view key) {
  std::vector<std::string_view> parts;
  for (const auto index : table.key.columns) {
    std::size_t n = fixed_width(table.columns[index].type);
    if (n == 0) {
      if (key.size() < 4) throw base::Error(base::Exit::data, "key image of " + table.name.display() + " is too short");
      n = load<std::uint32_t>(key);
      key.remove_prefix(4);
    }
    if (key.size() < n) throw base::Error(base::Exit::data, "key image of " + table.name.display() + " is too short");
    parts.push_back(key.substr(0, n));
    key.remove_prefix(n);
  }
  if (!key.empty()) throw base::Error(base::Exit::data, "key image of " + table.name.display() + " is too long");
  return parts;
}

std::string show(const Column& column, const Cell& cell) {
  if (cell.null()) return "NULL";
  const auto i = cell.image();
  switch (column.type) {
    case Type::int8: return base::concat(int{load<std::int8_t>(i)});
    case Type::int16: return base::concat(load<std::int16_t>(i));
    case Type::int32: return base::concat(load<std::int32_t>(i));
    case Type::int64: return base::concat(load<std::int64_t>(i));
    case Type::uint8: return base::concat(unsigned{load<std::uint8_t>(i)});
    case Type::uint16:
    case Type::year: return base::concat(load<std::uint16_t>(i));
    case Type::uint32: return base::concat(load<std::uint32_t>(i));
    case Type::uint64:
    case Type::bits: return base::concat(load<std::uint64_t>(i));
    case Type::float32: return base::concat(load<float>(i));
    case Type::float64: return base::concat(load<double>(i));
    case Type::decimal: return std::string(i);
    case Type::date: {
      const DateParts d = unfold_date(i.data());
      return d.infinity != 0 ? show_infinity(d) : show_date(d) + show_era(d);
    }
    case Type::datetime:
    case Type::timestamp: return show_datetime(column, i);
    case Type::time: return show_time(column, i);
    case Type::bytes:
    case Type::geometry: return "0x" + base::hex(i.substr(0, 256)) + (i.size() > 256 ? "…" : "");
    default: return base::quote_for_message(i);
  }
}

}  // namespace flytt::value
