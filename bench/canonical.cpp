// Nanoseconds a row for reading row images and hashing their canonical form: what verify-rows adds to what the server takes.
// Usage: bench-canonical [ROWS]
// SPDX-License-Identifier: MIT
#include <flytt/base/bytes.hpp>
#include <flytt/value/canonical.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <random>

using namespace flytt;
using value::Column;
using value::Type;

namespace {

std::vector<Column> columns_of(const std::vector<Type>& types, std::string_view charset) {
  std::vector<Column> columns;
  for (const Type t : types) {
    Column c;
    c.name = "c" + std::to_string(columns.size());
    c.type = t;
    if (t == Type::text || t == Type::enumeration || t == Type::set) c.charset = charset;
    columns.push_back(std::move(c));
  }
  return columns;
}

void put_value(base::ByteWriter& out, Type type, std::mt19937_64& random) {
  switch (type) {
    case Type::decimal: return out.put_lp32(std::to_string(random() % 100'000'000) + ".25");
    case Type::datetime:
    case Type::timestamp:
      out.put_u16(2026), out.put_u8(static_cast<std::uint8_t>(1 + random() % 12)), out.put_u8(17), out.put_u8(3), out.put_u8(4);
      return out.put_u8(5), out.put_u32(static_cast<std::uint32_t>(random() % 1'000'000));
    case Type::date: return out.put_u16(2026), out.put_u8(2), out.put_u8(static_cast<std::uint8_t>(1 + random() % 28));
    case Type::enumeration: return out.put_lp32("shipped");
    case Type::set: return out.put_lp32("red,blue");
    case Type::text: return out.put_lp32(std::string(random() % 48, 'x'));
    case Type::json: return out.put_lp32("{\"a\": 1, \"b\": [1, 2, 3]}");
    case Type::bytes: return out.put_lp32(std::string(16, static_cast<char>(random())));
    default:
      for (std::size_t i = 0; i < value::fixed_width(type); ++i) out.put_u8(static_cast<std::uint8_t>(random()));
  }
}

void measure(const char* name, const std::vector<Type>& types, std::string_view charset, std::size_t rows) {
  const auto columns = columns_of(types, charset);
  std::mt19937_64 random(1);
  constexpr std::size_t kBatch = 4096;
  std::string image;
  base::ByteWriter out(image);
  for (std::size_t r = 0; r < kBatch; ++r) {
    for (std::size_t i = 0; i < value::bitmap_bytes(types.size()); ++i) out.put_u8(0);
    for (const Type t : types) put_value(out, t, random);
  }
  value::CanonicalRow canonical(columns, 42);
  codec::Hash128 sum;
  const auto start = std::chrono::steady_clock::now();
  std::size_t done = 0;
  for (; done < rows; done += kBatch) {
    value::RowCursor cursor(columns, image);
    while (cursor.next()) sum += canonical.hash(cursor.cells());
  }
  const std::chrono::duration<double> spent = std::chrono::steady_clock::now() - start;
  const double ns = spent.count() * 1e9 / static_cast<double>(done);
  std::printf("%-22s %6.1f ns/row  %5.1f ns/value  %7.1f MB/s  %s\n", name, ns, ns / static_cast<double>(types.size()),
              static_cast<double>(image.size() / kBatch) / ns * 1e3, sum.hex().substr(0, 8).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t rows = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 2'000'000;
  measure("narrow, 4 columns", {Type::int32, Type::int32, Type::text, Type::text}, "utf8mb4", rows);
  const std::vector<Type> wide{Type::int64, Type::int32,     Type::text,      Type::enumeration, Type::decimal, Type::float64, Type::float32,
                               Type::int16, Type::text,      Type::json,      Type::bytes,       Type::bytes,   Type::datetime, Type::timestamp,
                               Type::date,  Type::time,      Type::int8,      Type::set,         Type::bits};
  measure("wide, 19 columns", wide, "utf8mb4", rows);
  measure("wide, latin1", wide, "latin1", rows);
}
