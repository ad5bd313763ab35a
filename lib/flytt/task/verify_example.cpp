// Rows and values for people.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_example.hpp>

#include <flytt/base/text.hpp>
#include <flytt/value/canonical.hpp>

namespace flytt::task::compare {
namespace {

constexpr std::size_t kValueBytes = 120;  // of a value in a line
constexpr std::size_t kShownBytes = 400;  // of its image that are looked at for that
constexpr std::size_t kRowColumns = 8;    // of a row that has no key to be named by

/// An image as cells, as long as the image lives.
std::vector<value::Cell> cells_of(const value::Table& table, const std::string& image) {
  value::RowCursor cursor(table.columns, image);
  cursor.next();
  return cursor.cells();
}

std::string shown(const value::Column& column, const value::Cell& cell) {
  const bool variable = !cell.null() && value::fixed_width(column.type) == 0;
  const std::string utf8 = variable ? value::utf8_text(column, cell.image().substr(0, kShownBytes)) : std::string();
  std::string text = value::show(column, variable ? value::Cell(utf8) : cell);
  if (text.size() <= kValueBytes) return text;
  std::size_t cut = kValueBytes;
  while (cut > 0 && (static_cast<unsigned char>(text[cut]) & 0xc0) == 0x80) --cut;
  text.resize(cut);
  return text + "…";
}

void append_column(std::string& out, const value::Column& column, const value::Cell& cell) {
  out += base::concat(out.empty() ? "" : ", ", column.name, "=", shown(column, cell));
}

std::string row_text(const TablePair& pair, Side side, const std::vector<value::Cell>& cells) {
  const value::Table& table = pair.table(side);
  std::string out;
  if (pair.named_by_key) {
    for (const auto index : table.key.columns) append_column(out, table.columns[index], cells[index]);
    return out;
  }
  for (std::size_t i = 0; i < table.columns.size() && i < kRowColumns; ++i) append_column(out, table.columns[i], cells[i]);
  return table.columns.size() > kRowColumns ? out + ", …" : out;
}

/// A row whose image is not there any more: its key from its name.
std::string row_text(const TablePair& pair, const std::string& name) {
  if (!pair.named_by_key) return "a row that is not there any more";
  const value::Table& table = pair.table(Side::source);
  const auto parts = value::key_parts(table, name);
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) append_column(out, table.columns[table.key.columns[i]], value::Cell(parts[i]));
  return out;
}

void compare_values(const TablePair& pair, const std::string& source, const std::string& target, Example& example) {
  const auto a = cells_of(pair.table(Side::source), source), b = cells_of(pair.table(Side::target), target);
  for (const auto index : pair.compared) {
    const value::Column& x = pair.table(Side::source).columns[index];
    const value::Column& y = pair.table(Side::target).columns[index];
    if (value::canonical_value(x, a[index]) == value::canonical_value(y, b[index])) continue;
    Example::Value v{x.name, shown(x, a[index]), shown(y, b[index]), x.generated && y.generated};
    if (v.source == v.target) {
      v.source += base::concat(" (", a[index].image().size(), " bytes)");
      v.target += base::concat(" (", b[index].image().size(), " bytes)");
    }
    example.values.push_back(std::move(v));
  }
}

}  // namespace

Example make_example(const TablePair& pair, const Delta& delta, const Images& source, const Images& target, std::uint64_t order) {
  Example example;
  example.order = order;
  example.kind = delta.source.count > delta.target.count ? "missing" : delta.source.count < delta.target.count ? "extra" : "different";
  const auto in_source = source.find(delta.name), in_target = target.find(delta.name);
  const bool on_source = in_source != source.end(), on_target = in_target != target.end();
  if (on_source) {
    example.row = row_text(pair, Side::source, cells_of(pair.table(Side::source), in_source->second));
  } else if (on_target) {
    example.row = row_text(pair, Side::target, cells_of(pair.table(Side::target), in_target->second));
  } else {
    example.row = row_text(pair, delta.name);
  }
  if (!pair.named_by_key) {
    if (delta.source.count + delta.target.count > 1) {
      example.remark = base::concat(delta.source.count, " times on the source, ", delta.target.count, " on the target");
    }
    return example;
  }
  const bool moved = on_source != (delta.source.count > 0) || on_target != (delta.target.count > 0);
  if (on_source && on_target) compare_values(pair, in_source->second, in_target->second, example);
  if (moved || (on_source && on_target && example.values.empty())) example.remark = "changed while it was compared";
  return example;
}

}  // namespace flytt::task::compare
