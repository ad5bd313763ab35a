// Scopes as channel filters, positions in binary logs, and the hash that stands in for a password.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/native_password.hpp>
#include <flytt/engine/mysql_family/replication_scope.hpp>

#include "support/catch.hpp"

using namespace flytt;
using namespace flytt::engine::mysql_family;
using base::Exit;

namespace {

std::vector<std::string> wild(std::vector<std::string> databases, std::vector<std::string> tables) {
  value::Scope s;
  s.databases = std::move(databases);
  s.include_tables = std::move(tables);
  return scope_filter(s).wild_do;
}

using Patterns = std::vector<std::string>;

}  // namespace

TEST_CASE("a scope becomes wild patterns in which names are literal") {
  CHECK(wild({"shop"}, {}) == Patterns{"shop.%"});
  CHECK(wild({"my_shop", "a%b"}, {}) == Patterns{"my\\_shop.%", "a\\%b.%"});
  CHECK(wild({"shop"}, {"shop.order_*"}) == Patterns{"shop.order\\_%"});
  CHECK(wild({"shop", "crm"}, {"*.log?"}) == Patterns{"shop.log_", "crm.log_"});
  CHECK(wild({"shop"}, {"crm.x", "shop.y"}) == Patterns{"shop.y"});
  value::Scope all;
  all.all_databases = true;
  CHECK_FALSE(scope_filter(all).limited());
  all.exclude_tables = {"shop.log"};
  CHECK(scope_filter(all).ignore_table == Patterns{"shop.log"});
}

TEST_CASE("what no channel filter can say is refused by name") {
  value::Scope s;
  s.databases = {"shop"};
  SECTION("rows") { s.where = {{"shop.orders", "id > 5"}}; REQUIRE_ERROR(scope_filter(s), Exit::refused, "rows by a condition"); }
  SECTION("a class of characters") { s.include_tables = {"shop.log[12]"}; REQUIRE_ERROR(scope_filter(s), Exit::refused, "shop.log[12]"); }
  SECTION("excluded globs") { s.exclude_tables = {"shop.tmp*"}; REQUIRE_ERROR(scope_filter(s), Exit::refused, "shop.tmp*"); }
  SECTION("nothing") { s.include_tables = {"crm.x"}; REQUIRE_ERROR(scope_filter(s), Exit::refused, "no table at all"); }
}

TEST_CASE("filters are alike in whatever order a server lists them") {
  value::Scope s;
  s.databases = {"shop", "my_crm"};
  s.exclude_tables = {"shop.log", "my_crm.log"};
  CHECK(filter_text(scope_filter(s)) == "my\\_crm.%,shop.% without my_crm.log,shop.log");
  CHECK(filter_text("shop.%,my\\_crm.%", "shop.log,my_crm.log") == filter_text(scope_filter(s)));
  CHECK(filter_text("", "") == "");
  CHECK(filter_text("", "a.b") == " without a.b");
}

TEST_CASE("a value of an option file comes back as it is") {
  CHECK(option_value("shop.%") == "shop.%");
  CHECK(option_value("my\\_shop.%") == "my\\\\_shop.%");
  CHECK(option_value("a b#c.%") == "\"a b#c.%\"");
  CHECK(option_value("two\nlines.%") == "\"two\\nlines.%\"");
}

TEST_CASE("a position in a log is compared by the file's number, then the offset") {
  const auto reached = [](std::string_view file, std::uint64_t offset) {
    value::Position p;
    p.file = "bin.000009";
    p.offset = 100;
    return binlog_reached(file, offset, p);
  };
  CHECK(reached("bin.000009", 100));
  CHECK(reached("bin.000010", 4));
  CHECK(reached("bin.1000000", 4));
  CHECK_FALSE(reached("bin.000009", 99));
  CHECK_FALSE(reached("bin.000008", 5000));
  CHECK_FALSE(reached("other.000010", 4));
  CHECK_FALSE(reached("", 500));
}

TEST_CASE("the native hash is what the server's PASSWORD() gives") {
  CHECK(native_password_hash("123456") == "*6BB4837EB74329105EE4568DDA7DC67ED2CA2AD9");
  CHECK(native_password_hash("") == "");
  CHECK(native_password_hash(std::string(200, 'a')).size() == 41);
}
