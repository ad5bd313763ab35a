// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/error.hpp>

#include <cerrno>
#include <new>
#include <set>
#include <stdexcept>
#include <system_error>
#include <type_traits>

using namespace flytt::base;

TEST_CASE("an error tells its message first and then its context, innermost first") {
  const Error error(Exit::io, "disk full");
  const Error wider = error.within("while writing chunk 17").within("while dumping shop.orders");
  CHECK(wider.text() == "disk full: while writing chunk 17: while dumping shop.orders");
  CHECK(wider.what() == wider.text());
  CHECK(wider.message() == "disk full");
  CHECK(wider.context() == std::vector<std::string>{"while writing chunk 17", "while dumping shop.orders"});
  CHECK(error.context().empty());
  CHECK(error.text() == "disk full");
}

TEST_CASE("context and hint keep code, facts and the place of the throw") {
  Facts facts;
  facts.sqlstate = "40001";
  facts.native = 1213;
  facts.safe_to_retry = true;
  const Error error(Exit::temporary, "deadlock", facts);
  const Error changed = error.within("while loading").with_hint("try again");
  CHECK(changed.code() == Exit::temporary);
  CHECK(changed.facts().sqlstate == "40001");
  CHECK(changed.facts().native == 1213);
  CHECK(changed.facts().safe_to_retry);
  CHECK_FALSE(changed.facts().connection_usable);
  CHECK(changed.facts().hint == "try again");
  CHECK(error.facts().hint.empty());
  CHECK(changed.where().line() == error.where().line());
  CHECK(std::string(error.where().file_name()).find("test_error") != std::string::npos);
}

TEST_CASE("an error that was moved from can still be read") {
  STATIC_REQUIRE(std::is_nothrow_copy_constructible_v<Error>);
  STATIC_REQUIRE(std::is_nothrow_move_constructible_v<Error>);
  Error first(Exit::data, "torn");
  const Error second = std::move(first);
  CHECK(first.message() == "torn");
  CHECK(second.message() == "torn");
}

TEST_CASE("errno becomes the exit code that says what to do") {
  const auto code_for = [](int err) { return flytt::test::error_of([&] { throw_errno("cannot open 'x'", err); }).code(); };
  CHECK(code_for(ENOSPC) == Exit::io);
  CHECK(code_for(EIO) == Exit::io);
  CHECK(code_for(EPIPE) == Exit::io);
  CHECK(code_for(ENOENT) == Exit::io);
  CHECK(code_for(EACCES) == Exit::privilege);
  CHECK(code_for(EPERM) == Exit::privilege);
  CHECK(code_for(ECONNREFUSED) == Exit::unavailable);
  CHECK(code_for(ETIMEDOUT) == Exit::unavailable);

  const auto full = flytt::test::error_of([] { throw_errno("cannot write 'x'", ENOSPC); });
  CHECK(full.text() == "cannot write 'x': No space left on device");
  CHECK(full.facts().native == ENOSPC);
  CHECK_FALSE(full.facts().hint.empty());
}

TEST_CASE("the exit codes are the published ones, each once") {
  std::set<int> numbers;
  std::set<std::string_view> names;
  int last = -1;
  for (const ExitInfo& info : kExits) {
    CHECK(static_cast<int>(info.code) > last);
    last = static_cast<int>(info.code);
    numbers.insert(last);
    names.insert(info.name);
    CHECK(meaning(info.code) == info.meaning);
    CHECK(name(info.code) == info.name);
    CHECK_FALSE(info.meaning.empty());
  }
  CHECK(numbers == std::set<int>{0, 1, 10, 11, 12, 13, 14, 15, 20, 21, 22, 64, 65, 69, 70, 74, 75, 77, 78});
  CHECK(names.size() == numbers.size());
  CHECK_FALSE(exit_info(2));
  CHECK(meaning(static_cast<Exit>(99)) == "unknown failure");
}

TEST_CASE("hints are lines of their own") {
  const Error error = Error(Exit::refused, "no").with_more_hint("first").with_more_hint("second");
  CHECK(error.facts().hint == "first");
  CHECK(error.hints() == std::vector<std::string>{"first", "second"});
  CHECK(error.within("there").hints().size() == 2);
  CHECK(error.with_hint("other").hints() == std::vector<std::string>{"other"});
}

TEST_CASE("memory that gave out is no bug, and what to lower is named") {
  const auto lowered = [](const std::exception& e) {
    const Error error = as_error(e);
    CHECK(error.code() == Exit::io);
    CHECK(error.text() == "out of memory");
    CHECK_THAT(error.facts().hint, flytt::test::contains("--jobs"));
    CHECK_THAT(error.facts().hint, flytt::test::contains("--chunk-size"));
  };
  lowered(std::bad_alloc());
  lowered(std::bad_array_new_length());
  lowered(std::length_error("basic_string::append"));
  const Error threads = as_error(std::system_error(EAGAIN, std::generic_category()));
  CHECK(threads.code() == Exit::io);
  CHECK_FALSE(threads.facts().hint.empty());
  CHECK(as_error(std::runtime_error("oops")).code() == Exit::bug);
  CHECK(as_error(Error(Exit::data, "bad", {.hint = "h"})).facts().hint == "h");
}
