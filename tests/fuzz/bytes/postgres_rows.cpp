// Rows of COPY's binary form, as a server may send them, to images that everybody else reads.
// Shape: number of columns and the form of each, then the row.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/row_decode.hpp>
#include <flytt/value/canonical.hpp>
#include <flytt/value/row_image.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

using engine::postgres::Form;
using value::Type;

struct Known {
  Type type;
  Form form;
  std::string_view native;
  std::string_view example;  ///< in hexadecimal digits
};

constexpr std::array<Known, 17> kKnown{{{Type::int8, Form::boolean, "boolean", "01"},
                                        {Type::int16, Form::number, "smallint", "fffe"},
                                        {Type::int32, Form::number, "integer", "00000007"},
                                        {Type::int64, Form::number, "bigint", "0000000000000007"},
                                        {Type::float32, Form::number, "real", "3fc00000"},
                                        {Type::float64, Form::number, "double precision", "3ff8000000000000"},
                                        {Type::time, Form::number, "time", "0000000000000007"},
                                        {Type::decimal, Form::numeric, "numeric", "000800040000000904d2162e23340d801ed204d2162e2328"},
                                        {Type::decimal, Form::money, "money", "000000000012d687"},
                                        {Type::date, Form::date, "date", "00002279"},
                                        {Type::datetime, Form::datetime, "timestamp", "0000000000000007"},
                                        {Type::json, Form::jsonb, "jsonb", "017b7d"},
                                        {Type::uuid, Form::uuid, "uuid", "000102030405060708090a0b0c0d0e0f"},
                                        {Type::inet, Form::inet, "inet", "022000047f000001"},
                                        {Type::bits, Form::bits, "bit(9)", "00000009ff80"},
                                        {Type::text, Form::padded, "character(9)", "6120"},
                                        {Type::bytes, Form::bytes, "bytea", "00ff"}}};

}  // namespace

void one(std::string_view input) {
  Bytes in(input);
  std::vector<value::Column> columns;
  std::vector<Form> forms;
  const std::size_t count = 1 + in.byte() % 9;
  for (std::size_t i = 0; i < count; ++i) {
    const Known& known = kKnown[in.byte() % kKnown.size()];
    value::Column column{.name = base::concat("c", i), .type = known.type};
    column.native = known.native;
    column.fraction = 6;
    columns.push_back(column);
    forms.push_back(known.form);
  }
  const std::string_view row = in.rest();
  engine::postgres::RowDecoder decoder(columns, forms);
  decoder.parse(row);
  std::string image;
  decoder.append_head(image);
  for (std::size_t i = 0; i < count; ++i) decoder.append_value(image, i);

  value::RowCursor cursor(columns, image);
  require(cursor.next() && cursor.row().size() == image.size(), "a row is not one row when it is read");
  for (std::size_t i = 0; i < count; ++i) {
    const auto& cell = cursor.cells()[i];
    require(cell.null() == (decoder.value(i).data() == nullptr), "a value is NULL on one side only");
    require(!decoder.verbatim(i) || cell.image() == decoder.value(i), "a value is not as it came");
    value::show(columns[i], cell);
    accepted([&] { value::canonical_value(columns[i], cell); });
  }
}

void seeds(const Add& add) {
  for (std::size_t i = 0; i < kKnown.size(); ++i) {
    const std::string value = *base::from_hex(kKnown[i].example);
    const std::string row = std::string("\0\2\0\0\0", 5) + static_cast<char>(value.size()) + value + "\xff\xff\xff\xff";
    const std::string input = std::string("\1") + static_cast<char>(i) + '\2' + row;
    require(accepted([&] { one(input); }), base::concat("the example of ", kKnown[i].native, " is none"));
    add(input);
  }
}

}  // namespace flytt::fuzz
