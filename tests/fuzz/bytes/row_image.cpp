// Row images: walked, shown, in canonical form, as keys, and as literals of both products.
// Shape: number of columns, of which type, character set, native type and fraction each is; the key's columns; the image.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/base/bytes.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>
#include <flytt/engine/mysql_family/key_condition.hpp>
#include <flytt/engine/postgres/key_condition.hpp>
#include <flytt/value/canonical.hpp>
#include <flytt/value/row_image.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

constexpr std::array<std::string_view, 5> kCharsets{"", "utf8mb4", "latin1", "cp1251", "UTF8"};
constexpr std::array<std::string_view, 4> kNatives{"varchar(9)", "char(9)", "character(9)", "int"};

value::Table table_of(Bytes& in) {
  value::Table table;
  table.name = {"s", "t"};
  const std::size_t columns = 1 + in.byte() % 9;  // at least one: rows without columns take no bytes
  for (std::size_t i = 0; i < columns; ++i) {
    value::Column c{.name = base::concat("c", i), .type = value::kTypeNames[in.byte() % value::kTypeNames.size()].type};
    const unsigned more = in.byte();
    c.charset = kCharsets[more % kCharsets.size()];
    c.native = kNatives[more / 8 % kNatives.size()];
    c.fraction = static_cast<std::uint8_t>(more / 32);
    table.columns.push_back(c);
  }
  const unsigned key = in.byte();
  for (std::uint32_t i = 0; i < columns && i < 8; ++i)
    if ((key >> i & 1U) != 0) table.key.columns.push_back(i);
  return table;
}

std::string image_of(const value::Table& table, const std::vector<value::Cell>& cells) {
  std::string out(value::bitmap_bytes(cells.size()), '\0');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (cells[i].null()) {
      out[i / 8] = static_cast<char>(out[i / 8] | 1 << i % 8);
      continue;
    }
    if (value::fixed_width(table.columns[i].type) == 0) base::ByteWriter(out).put_u32(static_cast<std::uint32_t>(cells[i].image().size()));
    out += cells[i].image();
  }
  return out;
}

/// A literal is one value: no quote of it ends early. Only numbers and words stand outside of quotes.
void literals(const value::Column& column, std::string_view image) {
  const std::string text = engine::mysql_family::literal(column, image);
  std::size_t strings = 0;
  for (const auto& token : engine::mysql_family::tokenize(text)) {
    strings += token.kind == engine::mysql_family::TokenKind::string ? 1 : 0;
    require(token.depth == 0, "a literal has parentheses");
  }
  require(strings <= 1, "a literal is two: " + text);
  engine::postgres::ColumnShape shape{"c", "x", engine::postgres::Form::output, column.type, static_cast<int>(image.size() % 65)};
  const std::string other = engine::postgres::literal(shape, image);
  require(other.ends_with("::x"), "a literal without its type: " + other);
  engine::mysql_family::midpoint(column, image, image);
}

void key(const value::Table& table, const std::vector<value::Cell>& cells, std::string& before) {
  for (const auto index : table.key.columns)
    if (cells[index].null()) return;
  const std::string image = value::key_image(table, cells);
  const auto parts = value::key_parts(table, image);
  require(parts.size() == table.key.columns.size(), "a key has another number of parts");
  for (std::size_t i = 0; i < parts.size(); ++i) require(parts[i] == cells[table.key.columns[i]].image(), "a part of a key is not its column's");
  if (!parts.empty() && !before.empty()) {
    const auto& first = table.columns[table.key.columns[0]];
    const auto low = value::key_parts(table, before)[0];
    if (const auto middle = engine::mysql_family::midpoint(first, low, parts[0])) {
      const auto width = value::fixed_width(first.type);
      require(width == 0 || middle->size() == width, "a value between two keys has another width");
      literals(first, *middle);
    }
  }
  engine::mysql_family::range_condition(table, {before, image}, "");
  before = image;
}

void values(const value::Table& table, const std::vector<value::Cell>& cells) {
  std::string all(1, static_cast<char>(value::kCanonicalVersion));
  const bool whole = accepted([&] {
    for (std::size_t i = 0; i < cells.size(); ++i) {
      value::show(table.columns[i], cells[i]);
      if (!cells[i].null()) accepted([&] { literals(table.columns[i], cells[i].image()); });  // there is none of an infinity
      if (table.columns[i].type == value::Type::text) value::utf8_text(table.columns[i], cells[i].image());
    }
    for (std::size_t i = 0; i < cells.size(); ++i) all += value::canonical_value(table.columns[i], cells[i]);
  });
  value::CanonicalRow canonical(table.columns, 7);
  const bool row = accepted([&] {
    require(canonical.encode(cells) == all || !whole, "a row's canonical form is not that of its values");
    require(canonical.hash(cells) == codec::hash128(canonical.encode(cells), 7), "a row's hash is not that of its canonical form");
  });
  require(row == whole, "a row has a canonical form and its values have none, or the other way round");
}

}  // namespace

void one(std::string_view input) {
  Bytes in(input);
  const value::Table table = table_of(in);
  const std::string_view image = in.rest();
  accepted([&] {  // as a key bound that a stream claims
    for (const auto part : value::key_parts(table, image)) require(part.size() <= image.size(), "a part of a key is larger than it");
    engine::mysql_family::keys_condition(table, {std::string(image)});
  });
  value::RowCursor cursor(table.columns, image);
  std::string before;
  for (std::size_t size = 0; cursor.next();) {
    size += cursor.row().size();
    require(size <= image.size(), "rows are larger than their image");
    require_equal(base::hex(image_of(table, cursor.cells())), base::hex(cursor.row()), "a row is not its cells");
    values(table, cursor.cells());
    key(table, cursor.cells(), before);
  }
}

void seeds(const Add& add) {
  // Each vector as the one row of a table with one column, which is its key.
  const std::string text = vector_file("canonical/values.tsv");
  for (const auto line : base::split(text, '\n')) {
    const auto f = base::split(line, '\t');
    if (f.size() != 6 || f[0].starts_with('#')) continue;
    std::string out(1, '\0');
    for (std::size_t i = 0; i < value::kTypeNames.size(); ++i)
      if (value::kTypeNames[i].name == f[0]) out += static_cast<char>(i);
    for (std::size_t i = 0; i < kCharsets.size(); ++i)
      if (kCharsets[i] == (f[1] == "-" ? "" : f[1])) out += static_cast<char>(i + (f[2].starts_with("char") ? 8 : 0));
    if (out.size() != 3) continue;
    const auto image = f[3] == "NULL" || f[3] == "-" ? std::string() : *base::from_hex(f[3]);
    out += '\1';
    out += f[3] == "NULL" ? '\1' : '\0';
    if (f[3] != "NULL" && value::fixed_width(value::kTypeNames[static_cast<std::size_t>(out[1])].type) == 0)
      base::ByteWriter(out).put_u32(static_cast<std::uint32_t>(image.size()));
    add(out + image);
  }
}

}  // namespace flytt::fuzz
