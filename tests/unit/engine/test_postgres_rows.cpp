// Binary forms of PostgreSQL to images: the bytes are what release 15 gave for its *send functions, written down once.
// SPDX-License-Identifier: MIT
#include <cstring>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/key_condition.hpp>
#include <flytt/engine/postgres/row_decode.hpp>
#include <flytt/engine/postgres/types.hpp>
#include <flytt/value/canonical.hpp>
#include <flytt/value/row_image.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine::postgres;
using value::Type;

namespace {

/// The image of a value whose binary form is given in hexadecimal digits.
std::string image_of(Type type, Form form, std::string_view hex) {
  value::Column column{.name = "c", .type = type, .native = "x"};
  std::string out;
  append_image(out, column, form, *base::from_hex(hex));
  return value::fixed_width(type) != 0 ? out : out.substr(4);
}

std::string shown(Type type, Form form, std::string_view hex) {
  const value::Column column{.name = "c", .type = type, .fraction = 6};
  return value::show(column, value::Cell(image_of(type, form, hex)));
}

std::string numeric(std::string_view hex) { return image_of(Type::decimal, Form::numeric, hex); }
std::string date(std::string_view hex) { return shown(Type::date, Form::date, hex); }
std::string stamp(std::string_view hex) { return shown(Type::datetime, Form::datetime, hex); }
std::string inet(std::string_view hex) { return image_of(Type::inet, Form::inet, hex); }

}  // namespace

TEST_CASE("numeric to the text that the server prints") {
  CHECK(numeric("0000000000000000") == "0");
  CHECK(numeric("0000000000000002") == "0.00");
  CHECK(numeric("000200000000000200011388") == "1.50");
  CHECK(numeric("0002ffff40000005000107d0") == "-0.00012");
  CHECK(numeric("000800040000000904d2162e23340d801ed204d2162e2328") == "12345678901234567890.123456789");
  CHECK(numeric("00010001000000000001") == "10000");
  CHECK(numeric("00010005000000000001") == "100000000000000000000");
  CHECK(numeric("0001fffb000000140001") == "0.00000000000000000001");
  CHECK(numeric("00010002000000000001") == "100000000");
  CHECK(numeric("00000000c0000000") == "NaN");
  CHECK(numeric("00000000d0000020") == "Infinity");
  CHECK(numeric("00000000f0000020") == "-Infinity");
  CHECK(image_of(Type::decimal, Form::money, "ffffffffffffff97") == "-1.05");
  CHECK(image_of(Type::decimal, Form::money, "000000000012d687") == "12345.67");
}

TEST_CASE("dates of every age, and those without end") {
  CHECK(date("00000000") == "2000-01-01");
  CHECK(date("ffffffff") == "1999-12-31");
  CHECK(date("00002279") == "2024-02-29");
  CHECK(date("fff4dbf9") == "0001-01-01");
  CHECK(date("fff4dbf8") == "0001-12-31 BC");
  CHECK(date("ffda97cd") == "4713-01-01 BC");
  CHECK(date("7fda970c") == "5874897-12-31");
  CHECK(date("016218db") == "65536-03-01");
  CHECK(date("7fffffff") == "infinity");
  CHECK(date("80000000") == "-infinity");
  CHECK(stamp("fffca2fec4c81fff") == "1969-12-31 23:59:59.999999");
  CHECK(stamp("00030429ee8cb120") == "2026-11-26 10:11:12.500000");
  CHECK(stamp("ff1af9e8fb46d000") == "0044-03-15 12:00:00.000000 BC");
  CHECK(stamp("7fffff5bb3b29fff") == "294276-12-31 23:59:59.999999");
  CHECK(stamp("8000000000000000") == "-infinity");
  CHECK(shown(Type::time, Form::number, "000000141dd76000") == "24:00:00.000000");
}

TEST_CASE("no two dates have one canonical form, and the years of every calendar keep theirs") {
  const value::Column column{.name = "d", .type = Type::date};
  const auto canonical = [&](std::string_view hex) { return canonical_value(column, value::Cell(image_of(Type::date, Form::date, hex))); };
  // The same year number, month and day: 65536 years apart, before Christ, without end.
  const std::vector<std::string> all{canonical("016218db"), canonical("fff4dbf9"), canonical("fff4dbf8"), canonical("7fda970c"),
                                     canonical("7fffffff"), canonical("80000000"), canonical("ffda97cd"), canonical("00000000")};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) CHECK(all[i] != all[j]);
  CHECK(base::hex(canonical("00000000")) == "0c04000b2407");  // tag 12, four bytes, 730119 days since 0001-01-01
}

TEST_CASE("addresses, identifiers, bits and documents") {
  CHECK(inet("022000040a000001") == "10.0.0.1");
  CHECK(inet("020800040a000000") == "10.0.0.0/8");
  CHECK(inet("020801040a000000") == "10.0.0.0/8");
  CHECK(inet("022001040a010203") == "10.1.2.3/32");
  CHECK(inet("0380001000000000000000000000000000000001") == "::1");
  CHECK(inet("0340001020010db8000000000000ff0000428329") == "2001:db8::ff00:42:8329/64");
  CHECK(inet("0380001000000000000000000000ffff01020304") == "::ffff:1.2.3.4");
  CHECK(image_of(Type::uuid, Form::uuid, "00112233445566778899aabbccddeeff") == "00112233-4455-6677-8899-aabbccddeeff");
  CHECK(shown(Type::bits, Form::bits, "00000004b0") == "11");
  CHECK(shown(Type::bits, Form::bits, "000000100181") == "385");
  CHECK(shown(Type::bits, Form::bits, "000000408000000000000000") == "9223372036854775808");
  CHECK(image_of(Type::json, Form::jsonb, "017b2261223a205b312c206e756c6c5d7d") == R"({"a": [1, null]})");
  CHECK(shown(Type::int8, Form::boolean, "01") == "1");
  CHECK(shown(Type::int16, Form::number, "fffe") == "-2");
  CHECK(image_of(Type::text, Form::padded, "61622020") == "ab");
  CHECK(image_of(Type::text, Form::bytes, "61622020") == "ab  ");
}

TEST_CASE("bytes that are no value of their type are an error that names the column") {
  const auto refuses = [](Type type, Form form, std::string_view hex) {
    try {
      image_of(type, form, hex);
    } catch (const base::Error& e) {
      return e.code() == base::Exit::unavailable && e.message().find("column 'c'") != std::string::npos;
    }
    return false;
  };
  CHECK(refuses(Type::int32, Form::number, "0001"));
  CHECK(refuses(Type::decimal, Form::numeric, "00020000000000020001"));
  CHECK(refuses(Type::decimal, Form::numeric, "00010000000000002710"));
  CHECK(refuses(Type::date, Form::date, "000000"));
  CHECK(refuses(Type::uuid, Form::uuid, "00"));
  CHECK(refuses(Type::inet, Form::inet, "05200004ffffffff"));
  CHECK(refuses(Type::json, Form::jsonb, "02"));
  CHECK(refuses(Type::bits, Form::bits, "00000041000000000000000000"));
}

TEST_CASE("a row of COPY is taken apart, NULLs and all") {
  const std::vector<value::Column> columns{{.name = "a", .type = Type::int32}, {.name = "b", .type = Type::text}, {.name = "c", .type = Type::bytes}};
  RowDecoder decoder(columns, {Form::number, Form::bytes, Form::bytes});
  const std::string row = *base::from_hex("000300000004fffffffbffffffff00000000");
  decoder.parse(row);
  std::string image;
  decoder.append_head(image);
  for (std::size_t i = 0; i < 3; ++i) decoder.append_value(image, i);
  CHECK(base::hex(image) == "02fbffffff00000000");
  CHECK_THROWS_AS(decoder.parse(row.substr(0, row.size() - 1)), base::Error);
  CHECK_THROWS_AS(decoder.parse(row + "x"), base::Error);
  CHECK_THROWS_AS(decoder.parse(*base::from_hex("000200000004fffffffbffffffff")), base::Error);
}

TEST_CASE("the form depends on the type alone") {
  CHECK(shape_of("bit", 'b', true, 8).form == Form::bits);
  CHECK(shape_of("bit", 'b', true, 65).form == Form::output);
  CHECK(shape_of("varbit", 'b', true, 8).form == Form::output);
  CHECK(shape_of("bpchar", 'b', true, 9).form == Form::padded);
  CHECK(shape_of("bpchar", 'b', true, -1).form == Form::bytes);
  CHECK(shape_of("int4", 'b', true, -1).type == Type::int32);
  CHECK(shape_of("int4", 'b', false, -1).form == Form::output);  // somebody's own type of that name
  CHECK(shape_of("mood", 'e', false, -1).type == Type::enumeration);
  CHECK(shape_of("_int4", 'b', true, -1).type == Type::text);
}

TEST_CASE("keys as PostgreSQL is asked for them") {
  value::Table t;
  t.name = {"shop", "orders"};
  t.columns = {{.name = "a", .type = Type::int32}, {.name = "b", .type = Type::text}};
  t.key = {"orders_pkey", {0, 1}};
  const std::vector<ColumnShape> key{{"a", "integer", Form::number, Type::int32, -1}, {"\"B b\"", "text", Form::bytes, Type::text, -1}};
  const std::string low = *base::from_hex("fdffffff03000000") + "x'y";
  CHECK(range_condition(t, key, {}, "") == "true");
  CHECK(range_condition(t, key, {}, "v > 5") == "(v > 5)");
  CHECK(range_condition(t, key, {.after = low, .through = {}}, "") == "((a, \"B b\") > ('-3'::integer, 'x''y'::text))");
  CHECK(range_condition(t, key, {.after = {}, .through = low}, "v") == "((a, \"B b\") <= ('-3'::integer, 'x''y'::text)) AND (v)");
  CHECK(keys_condition(t, key, {low}) == "(a, \"B b\") IN (('-3'::integer, 'x''y'::text))");
  const auto of = [](Type type, std::string_view name, Form form, std::string_view image, int modifier = -1) {
    return literal({"c", std::string(name), form, type, modifier}, image);
  };
  CHECK(of(Type::bytes, "bytea", Form::bytes, std::string_view("\0\xff", 2)) == "E'\\\\x00ff'::bytea");
  CHECK(of(Type::bits, "\"bit\"", Form::bits, std::string_view("\x05\0\0\0\0\0\0\0", 8), 4) == "'0101'::\"bit\"");
  CHECK(of(Type::text, "\"char\"", Form::bytes, "\xff") == "(-1)::\"char\"");
  CHECK(of(Type::date, "date", Form::date, image_of(Type::date, Form::date, "fff4dbf8")) == "'0001-12-31 BC'::date");
  CHECK(of(Type::timestamp, "timestamp with time zone", Form::datetime, image_of(Type::timestamp, Form::datetime, "00030429ee8cb120")) ==
        "'2026-11-26 10:11:12.500000+00'::timestamp with time zone");
  CHECK(of(Type::float64, "double precision", Form::number, std::string_view("\0\0\0\0\0\0\xf8\x7f", 8)) == "'NaN'::double precision");
}

TEST_CASE("a row that is not whole is the server's fault, not a bug of ours") {
  RowDecoder decoder({{.name = "a", .type = Type::int32}, {.name = "b", .type = Type::int8, .native = "boolean"}}, {Form::number, Form::boolean});
  for (const char* hex : {"", "00", "0001", "000200000004000000070000000101ff", "00020000000400000007000000010", "0002000000040000000700000002", "0002ffffffff"}) {
    INFO(hex);
    const auto row = base::from_hex(hex).value_or(std::string(1, '\0'));
    REQUIRE_ERROR(decoder.parse(row), base::Exit::unavailable, "not whole");
  }
  const auto row = *base::from_hex("0002ffffffff0000000102");
  decoder.parse(row);
  std::string image;
  REQUIRE_ERROR(decoder.append_value(image, 1), base::Exit::unavailable, "holds what is no boolean");
  const value::Column column{.name = "n", .type = Type::decimal, .native = "numeric"};
  REQUIRE_ERROR(append_image(image, column, Form::numeric, *base::from_hex("000000000000ffff")), base::Exit::unavailable, "no numeric");
}

TEST_CASE("the earliest moment that a server can send has a day and a time") {
  CHECK(stamp("8000000000000001").ends_with(" 19:59:05.224193 BC"));
  CHECK(stamp("7ffffffffffffffe").ends_with(" 04:00:54.775806"));
}
