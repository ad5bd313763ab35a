// Filters against the names that there are.
// SPDX-License-Identifier: MIT
#include <flytt/task/filter_names.hpp>

#include <flytt/base/text.hpp>

#include "support/catch.hpp"

using namespace flytt;

namespace {

value::Names some_names() {
  value::Names out{{"shop", "crm"}, {}};
  out.listed.push_back({{"shop", "orders"}});
  out.listed.push_back({{"shop", "cache_a"}});
  out.listed.push_back({{"crm", "calls"}});
  out.listed.push_back({{"shop", "cheap"}, "view", false, false, false});
  return out;
}

void with(std::vector<std::string> tables, std::vector<std::string> without, std::vector<std::pair<std::string, std::string>> where = {}) {
  value::Scope scope;
  scope.include_tables = std::move(tables);
  scope.exclude_tables = std::move(without);
  scope.where = std::move(where);
  task::require_filters(some_names(), scope);
}

}  // namespace

TEST_CASE("filters that match pass") {
  CHECK_NOTHROW(with({}, {}));
  CHECK_NOTHROW(with({"shop.*"}, {"shop.cache_*"}, {{"shop.orders", "1"}}));
}

TEST_CASE("filters that match nothing are usage, all of them at once") {
  CHECK_THROWS_WITH(with({"shop.order", "shop.orders"}, {"crm.cals"}), "--table 'shop.order' matches nothing; --exclude-table 'crm.cals' matches nothing");
  CHECK_THROWS_WITH(with({}, {"shop.x*"}), "--exclude-table 'shop.x*' matches nothing");
  CHECK_THROWS_WITH(with({"shop.cheap"}, {}), Catch::Contains("--table 'shop.cheap' is the view shop.cheap"));
  CHECK_THROWS_WITH(with({}, {}, {{"shop.cheap", "1"}}), Catch::Contains("--where 'shop.cheap' is the view"));
  CHECK_NOTHROW(with({"shop.c*"}, {}));
}

TEST_CASE("the name that was meant") {
  const auto listed = some_names().listed;
  CHECK(task::meant_by("orders", listed) == "shop.orders");
  CHECK(task::meant_by("oders", listed) == "shop.orders");
  CHECK(task::meant_by("crm.orders", listed) == "shop.orders");
  CHECK(task::meant_by("SHOP.ORDERS", listed) == "shop.orders");
  CHECK(task::meant_by("shop.cahce_*", listed) == "shop.cache_a");
  CHECK_FALSE(task::meant_by("*", listed));
  CHECK_FALSE(task::meant_by("warehouse.stock", listed));
  CHECK_FALSE(task::meant_by("shop.cheap", {listed.back()}));
}

TEST_CASE("a database that is nearly another") {
  value::Scope scope;
  scope.databases = {"shp"};
  CHECK_THROWS_WITH(task::require_databases(some_names(), scope, {}), Catch::Contains("there is no database 'shp'"));
  scope.databases = {"warehouse"};
  CHECK_NOTHROW(task::require_databases(some_names(), scope, {}));
  scope.databases = {"crm"};
  CHECK_NOTHROW(task::require_databases(some_names(), scope, {}));
}

TEST_CASE("a name as a pattern matches itself and nothing else") {
  for (const std::string name : {"a.b", "a.[b]", "a.b*", "a.b?", "a.\\b"}) {
    CHECK(base::glob_match(value::literal_glob(name), name));
    CHECK_FALSE(base::glob_match(value::literal_glob(name), "a.bc"));
  }
}
