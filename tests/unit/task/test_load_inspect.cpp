// load-stream without a server: what a stream holds, whether it is whole, its rows as text.
// SPDX-License-Identifier: MIT
#include <flytt/task/load.hpp>

#include <algorithm>

#include "support/catch.hpp"
#include "unit/task/helper_copy.hpp"

using namespace flytt;
using base::Exit;
using copying::World;

TEST_CASE("list, check and print need no server") {
  fake_engine::Store store;
  copying::fill(store, 100);
  const std::string bytes_of_stream = copying::dump(store);
  const auto inspect = [&](const std::function<void(task::LoadOptions&)>& what, std::string_view bytes, World& world) {
    task::LoadOptions options;
    what(options);
    wire::MemorySource input(bytes);
    return task::inspect(options, input, world.context, world.out);
  };
  const auto holds = [](const World& world, const std::string& text) {
    const auto lines = world.out.lines();
    return std::any_of(lines.begin(), lines.end(), [&](const auto& line) { return line.find(text) != std::string::npos; });
  };
  World list, check, print, table;
  CHECK(inspect([](auto& o) { o.list = true; }, bytes_of_stream, list) == Exit::done);
  CHECK(holds(list, "table shop.orders: 100 rows in 1 chunks"));
  CHECK(holds(list, "position: gtid 0-1-100"));
  CHECK(holds(list, "view shop.top"));
  // Whole it is; what its definitions say nobody here can tell.
  CHECK(inspect([](auto& o) { o.check = true; }, bytes_of_stream, check) == Exit::partial);
  CHECK(holds(check, "unknown engine, names and statements not looked at: 'fake'"));
  CHECK(holds(check, "whole, but not all of it is known here: 125 rows"));
  CHECK(inspect([](auto& o) { o.print = true; }, bytes_of_stream, print) == Exit::done);
  CHECK(print.out.lines().size() == 125);
  CHECK(holds(print, "shop.orders\tid=1, note='bbbb"));
  CHECK(inspect([](auto& o) { o.print = true, o.print_table = "shop.log"; }, bytes_of_stream, table) == Exit::done);
  CHECK(table.out.lines().size() == 25);
  World bad;
  REQUIRE_ERROR(inspect([](auto& o) { o.print = true, o.print_table = "nothing"; }, bytes_of_stream, bad), Exit::usage, "no table 'nothing'");
  for (const std::size_t cut : {1, 100, 400}) {
    const auto part = std::string_view(bytes_of_stream).substr(0, bytes_of_stream.size() - cut);
    CHECK(test::error_of([&] { inspect([](auto& o) { o.check = true; }, part, bad); }).code() == Exit::data);
    CHECK(test::error_of([&] { inspect([](auto& o) { o.list = true; }, part, bad); }).code() == Exit::data);
  }
}
