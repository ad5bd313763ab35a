// Walks row images (encoding flytt-row/1): per row a null bitmap, then each non-null column, fixed width or u32 length and bytes.
// Layer: value (2).  Thread rule: one thread per cursor.  Format: man/flytt-stream.5, ROW IMAGE.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::value {

/// A column's image inside a row: a view, or NULL when `data()` is null.
class Cell {
 public:
  Cell() = default;
  explicit Cell(std::string_view image) : image_(image) {}
  bool null() const noexcept { return image_.data() == nullptr; }
  std::string_view image() const noexcept { return image_; }

 private:
  std::string_view image_{};
};

/// Bytes of the null bitmap of a row with `columns` columns.
constexpr std::size_t bitmap_bytes(std::size_t columns) noexcept { return (columns + 7) / 8; }

/// Iterates over the rows of an image.
/// Shape: cells in declared column order; views into the image, valid as long as it is.
class RowCursor {
 public:
  /// Throws: Exit::data for bytes of a table without columns. So every row takes one byte at least, and every walk has an end.
  RowCursor(const std::vector<Column>& columns, std::string_view image);

  /// Steps to the next row; false at the end.
  /// Throws Error{Exit::data} when the image ends inside a row or a bitmap has stray bits.
  bool next() {
    if (at_ == image_.size()) return false;
    const std::size_t start = at_;
    const char* bitmap = take(bitmap_bytes(widths_.size()));
    if (const std::size_t used = widths_.size() % 8; used != 0 && static_cast<unsigned char>(bitmap[widths_.size() / 8]) >> used != 0)
      stray_bits();
    for (std::size_t i = 0; i < widths_.size(); ++i) {
      if ((static_cast<unsigned char>(bitmap[i / 8]) >> (i % 8)) & 1U) {
        cells_[i] = Cell();
        continue;
      }
      std::size_t n = widths_[i];
      if (n == 0) {
        std::uint32_t len;
        std::memcpy(&len, take(4), 4);
        n = len;
      }
      cells_[i] = Cell(std::string_view(take(n), n));
    }
    row_ = image_.substr(start, at_ - start);
    return true;
  }

  const std::vector<Cell>& cells() const noexcept { return cells_; }
  /// The whole row's image.
  std::string_view row() const noexcept { return row_; }

 private:
  const char* take(std::size_t n) {
    if (image_.size() - at_ < n) short_image();
    const char* p = image_.data() + at_;
    at_ += n;
    return p;
  }
  [[noreturn]] void short_image() const;
  [[noreturn]] void stray_bits() const;

  std::string_view image_;
  std::size_t at_ = 0;
  std::vector<std::size_t> widths_;
  std::vector<Cell> cells_;
  std::string_view row_;
};

/// Image of the current row's key: its columns' images in key order, with u32 lengths before the variable ones.
std::string key_image(const Table& table, const std::vector<Cell>& cells);

/// A key image taken apart: one view a key column.
std::vector<std::string_view> key_parts(const Table& table, std::string_view key);

/// One value as text, for people: numbers, quoted text, 0x… for bytes, NULL.
std::string show(const Column& column, const Cell& cell);

}  // namespace flytt::value
