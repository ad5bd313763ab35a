// Row images: what they hold, and that damage is noticed.
// SPDX-License-Identifier: MIT
#include <flytt/value/row_image.hpp>

#include "support/catch.hpp"

using namespace flytt;
using value::Type;

namespace {

value::Table table() {
  value::Table t;
  t.name = {"shop", "orders"};
  t.columns = {{.name = "id", .type = Type::int64},
               {.name = "note", .type = Type::text, .charset = "latin1"},
               {.name = "at", .type = Type::time, .fraction = 6}};
  t.key = {"PRIMARY", {0, 1}};
  return t;
}

/// id 7, note "ab", at -00:00:01.5; then id -1, NULL, NULL.
std::string two_rows() {
  std::string image;
  const auto add = [&](const auto& v) { image.append(reinterpret_cast<const char*>(&v), sizeof v); };
  image += '\0';
  add(std::int64_t{7});
  add(std::uint32_t{2});
  image += "ab";
  add(std::int64_t{-1'500'000});
  image += '\6';
  add(std::int64_t{-1});
  return image;
}

}  // namespace

TEST_CASE("a cursor walks over rows") {
  const auto t = table();
  const std::string image = two_rows();
  value::RowCursor rows(t.columns, image);
  REQUIRE(rows.next());
  CHECK(value::show(t.columns[0], rows.cells()[0]) == "7");
  CHECK(value::show(t.columns[1], rows.cells()[1]) == "'ab'");
  CHECK(value::show(t.columns[2], rows.cells()[2]) == "-00:00:01.500000");
  REQUIRE(rows.next());
  CHECK(value::show(t.columns[0], rows.cells()[0]) == "-1");
  CHECK(rows.cells()[1].null());
  CHECK(value::show(t.columns[1], rows.cells()[1]) == "NULL");
  CHECK_FALSE(rows.next());
}

TEST_CASE("an image that ends inside a row is refused, wherever it ends") {
  const auto t = table();
  const std::string image = two_rows();
  const std::size_t first = 1 + 8 + 4 + 2 + 8;
  for (std::size_t n = 1; n < image.size(); ++n) {
    const std::string cut = image.substr(0, n);
    value::RowCursor rows(t.columns, cut);
    const auto walk = [&] {
      while (rows.next()) {
      }
    };
    if (n == first) CHECK_NOTHROW(walk());
    else CHECK_THROWS_AS(walk(), base::Error);
  }
}

TEST_CASE("a key's image comes apart into its columns") {
  const auto t = table();
  const std::string image = two_rows();
  value::RowCursor rows(t.columns, image);
  REQUIRE(rows.next());
  const std::string key = value::key_image(t, rows.cells());
  const auto parts = value::key_parts(t, key);
  REQUIRE(parts.size() == 2);
  CHECK(parts[1] == "ab");
  CHECK_THROWS_AS(value::key_parts(t, key + "x"), base::Error);
  CHECK_THROWS_AS(value::key_parts(t, std::string_view(key).substr(0, key.size() - 1)), base::Error);
}

TEST_CASE("a bitmap with bits beyond the columns is refused") {
  const auto t = table();
  std::string image = two_rows();
  image[0] = static_cast<char>(0x08);
  value::RowCursor rows(t.columns, image);
  CHECK_THROWS_AS(rows.next(), base::Error);
}

TEST_CASE("bytes of a table without columns are no rows") {
  // Such a row takes no byte: a walk that did not refuse would stand still for ever.
  const std::vector<value::Column> none;
  CHECK_FALSE(value::RowCursor(none, "").next());
  REQUIRE_ERROR(value::RowCursor(none, "x"), base::Exit::data, "1 bytes of a table without columns");
}
