// Rows of COPY's binary form to row images (flytt-row/1).
// Layer: engine/postgres (3).  Thread rule: one thread per object; functions without state.
// Source: the *send functions of src/backend/utils/adt, the same in releases 14 to 18; man/flytt-stream.5, ROW IMAGE.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/types.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

/// Appends the image of one value, with its length in front where its type has no fixed one.
/// Throws Error{Exit::unavailable} naming the column when the bytes are no value of this form: the column was altered.
void append_image(std::string& image, const value::Column& column, Form form, std::string_view binary);

class RowDecoder {
 public:
  /// One form a column.
  RowDecoder(const std::vector<value::Column>& columns, std::vector<Form> forms);

  /// Takes a row apart. The views hold as long as `row` does.
  /// Throws Error{Exit::unavailable} when the row is not whole, or has another number of columns.
  void parse(std::string_view row);
  /// Bitmap of the parsed row.
  void append_head(std::string& image) const;
  /// One of its values; nothing when it is NULL.
  void append_value(std::string& image, std::size_t column) const;
  /// True when the value's image is the value as it came, after four bytes of length.
  bool verbatim(std::size_t column) const noexcept { return forms_[column] == Form::bytes || forms_[column] == Form::output; }
  std::string_view value(std::size_t column) const noexcept { return values_[column]; }
  std::size_t columns() const noexcept { return values_.size(); }

 private:
  std::vector<value::Column> columns_;
  std::vector<Form> forms_;
  std::vector<std::string_view> values_;  // NULL: points nowhere
};

}  // namespace flytt::engine::postgres
