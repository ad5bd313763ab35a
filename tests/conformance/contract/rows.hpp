// Rows as a reader gives them, kept so that sets of them can be compared.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/snapshot.hpp>
#include <flytt/value/canonical.hpp>
#include <flytt/value/row_image.hpp>

#include "support/catch.hpp"

namespace flytt::test {

/// Keeps all that is read, in the pieces in which it came.
struct Kept final : engine::PayloadSink {
  void write(std::string_view bytes, std::uint64_t n) override {
    pieces.emplace_back(bytes, n);
    size += bytes.size();
    rows += n;
  }
  std::string image() const {
    std::string out;
    for (const auto& piece : pieces) out += piece.first;
    return out;
  }
  void append(const Kept& other) {
    for (const auto& [bytes, n] : other.pieces) write(bytes, n);
  }

  std::vector<std::pair<std::string, std::uint64_t>> pieces;
  std::uint64_t size = 0;
  std::uint64_t rows = 0;
};

/// Reads what is left of an open job in steps of `target` bytes.
inline Kept rest_of(engine::BulkReader& reader, std::uint64_t target) {
  Kept out;
  while (!reader.read(out, target).done) {
  }
  return out;
}

inline Kept read(engine::BulkReader& reader, const engine::ReadJob& job, std::uint64_t target = 1U << 30) {
  reader.open(job);
  return rest_of(reader, target);
}

inline Kept read(engine::BulkReader& reader, const value::Table& table, engine::KeyRange range = {}, std::uint64_t target = 1U << 30) {
  engine::ReadJob job;
  job.table = &table;
  job.range = std::move(range);
  return read(reader, job, target);
}

/// Each row by itself, in no order. An encoding that is the engine's own is taken piece by piece: rows that came in one stay one.
inline std::multiset<std::string> set_of(const value::Table& table, const Kept& kept) {
  std::multiset<std::string> out;
  if (table.encoding != "flytt-row/1") {
    for (const auto& piece : kept.pieces) out.insert(piece.first);
    return out;
  }
  const std::string image = kept.image();
  for (value::RowCursor cursor(table.columns, image); cursor.next();) out.emplace(cursor.row());
  return out;
}

inline std::string shown(const value::Column& column, const value::Cell& cell) {
  if (cell.null() || column.charset.empty()) return value::show(column, cell);
  return "'" + value::utf8_text(column, cell.image()) + "'";
}

/// The rows of a comparison image, as text: "NULL" only for NULL, since other texts stand in quotes.
inline std::vector<std::vector<std::string>> shown(const value::Table& table, const std::string& image) {
  std::vector<std::vector<std::string>> out;
  for (value::RowCursor cursor(table.columns, image); cursor.next();) {
    auto& row = out.emplace_back();
    for (std::size_t i = 0; i < table.columns.size(); ++i) row.push_back(shown(table.columns[i], cursor.cells()[i]));
  }
  return out;
}

/// Keys of all rows, in the order in which they were read.
inline std::vector<std::string> keys_of(const value::Table& table, const std::string& image) {
  std::vector<std::string> out;
  for (value::RowCursor cursor(table.columns, image); cursor.next();) out.push_back(value::key_image(table, cursor.cells()));
  return out;
}

}  // namespace flytt::test
