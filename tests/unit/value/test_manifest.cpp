// What a scope covers.
// SPDX-License-Identifier: MIT
#include <flytt/value/manifest.hpp>

#include "support/catch.hpp"

using flytt::value::Scope;

TEST_CASE("databases, globs and conditions") {
  Scope s;
  s.databases = {"shop"};
  CHECK(s.covers({"shop", "orders"}));
  CHECK_FALSE(s.covers({"shop2", "orders"}));
  s.include_tables = {"shop.o*"};
  CHECK(s.covers({"shop", "orders"}));
  CHECK_FALSE(s.covers({"shop", "items"}));
  s.exclude_tables = {"shop.old_*"};
  CHECK_FALSE(s.covers({"shop", "old_orders"}));
  CHECK_FALSE(s.whole_databases());
  s.where = {{"shop.orders", "id > 5"}};
  CHECK(s.condition({"shop", "orders"}) == "id > 5");
  CHECK(s.condition({"shop", "others"}).empty());
}

TEST_CASE("all databases") {
  Scope s;
  s.all_databases = true;
  CHECK(s.covers({"anything", "at all"}));
  CHECK(s.whole_databases());
}
