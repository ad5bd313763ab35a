// Properties of databases and roles in a stream: exactly the statements that dump-stream writes, and nothing behind them.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/properties.hpp>

#include "support/catch.hpp"

using namespace flytt;
using engine::postgres::good_property;

namespace {

value::SchemaObject property(std::string schema, std::string name, std::string role, std::string statement) {
  value::SchemaObject out;
  out.kind = value::ObjectKind::property;
  out.schema = std::move(schema);
  out.name = std::move(name);
  out.parent = std::move(role);
  out.statement = std::move(statement);
  return out;
}

}  // namespace

TEST_CASE("properties as dump-stream writes them") {
  CHECK(good_property(property("s\"h", "owner", "a b", R"(ALTER DATABASE "s""h" OWNER TO "a b")")));
  CHECK(good_property(property("shop", "connection limit", "", R"(ALTER DATABASE "shop" CONNECTION LIMIT 50)")));
  CHECK(good_property(property("shop", "comment", "", R"(COMMENT ON DATABASE "shop" IS 'it''s; ours')")));
  CHECK(good_property(property("shop", "setting work_mem", "", R"(ALTER DATABASE "shop" SET "work_mem" TO '8MB')")));
  CHECK(good_property(property("shop", "setting search_path", "", R"(ALTER DATABASE "shop" SET "search_path" TO 'a, b', E'c\\''d')")));
  CHECK(good_property(property("shop", "setting work_mem of x of y", "x of y", R"(ALTER ROLE "x of y" IN DATABASE "shop" SET "work_mem" TO '8MB')")));
  CHECK(good_property(property("", "setting work_mem of x", "x", R"(ALTER ROLE "x" SET "work_mem" TO '8MB')")));
  CHECK(good_property(property("", "comment of x", "x", R"(COMMENT ON ROLE "x" IS 'y')")));
  CHECK(good_property(property("shop", "privileges taken from everybody", "", R"(REVOKE ALL ON DATABASE "shop" FROM PUBLIC)")));
  CHECK(good_property(property("shop", "privileges", "", R"(GRANT CONNECT, TEMPORARY ON DATABASE "shop" TO PUBLIC)")));
  CHECK(good_property(property("shop", "privileges to hand on of x", "x", R"(GRANT CREATE ON DATABASE "shop" TO "x" WITH GRANT OPTION)")));
}

TEST_CASE("anything else is refused") {
  const std::string evil = "; CREATE ROLE pwned SUPERUSER";
  CHECK_FALSE(good_property(property("shop", "owner", "x", R"(ALTER DATABASE "shop" OWNER TO "x")" + evil)));
  CHECK_FALSE(good_property(property("shop", "owner", "x", R"(ALTER DATABASE "other" OWNER TO "x")")));
  CHECK_FALSE(good_property(property("", "owner", "x", R"(ALTER DATABASE "" OWNER TO "x")")));
  CHECK_FALSE(good_property(property("shop", "connection limit", "", R"(ALTER DATABASE "shop" CONNECTION LIMIT 50)" + evil)));
  CHECK_FALSE(good_property(property("shop", "comment", "", R"(COMMENT ON DATABASE "shop" IS 'a')" + evil)));
  CHECK_FALSE(good_property(property("shop", "comment", "", R"(COMMENT ON DATABASE "shop" IS 'a', 'b')")));
  CHECK_FALSE(good_property(property("shop", "comment", "", R"(COMMENT ON DATABASE "shop" IS 'a)")));
  CHECK_FALSE(good_property(property("shop", "comment of x", "x", R"(COMMENT ON DATABASE "shop" IS 'a')")));
  CHECK_FALSE(good_property(property("shop", "setting work_mem", "", R"(ALTER DATABASE "shop" SET "work_mem" TO '8MB')" + evil)));
  CHECK_FALSE(good_property(property("shop", "setting work_mem", "", R"(ALTER DATABASE "shop" SET "work_mem" TO 'a',)")));
  CHECK_FALSE(good_property(property("shop", "setting work_mem", "", R"(ALTER DATABASE "shop" SET "work_mem" TO 'a\'; CREATE ROLE x --')")));
  CHECK_FALSE(good_property(property("shop", "setting work_mem", "", R"(ALTER SYSTEM SET "work_mem" TO '8MB')")));
  CHECK_FALSE(good_property(property("", "setting work_mem", "", R"(ALTER DATABASE "" SET "work_mem" TO '8MB')" + evil)));
  CHECK_FALSE(good_property(property("shop", "privileges of x", "x", R"(GRANT pg_monitor ON DATABASE "shop" TO "x")")));
  CHECK_FALSE(good_property(property("shop", "privileges of x", "x", R"(GRANT  ON DATABASE "shop" TO "x")")));
  CHECK_FALSE(good_property(property("shop", "privileges", "x", R"(GRANT CONNECT ON DATABASE "shop" TO "x")")));
  CHECK_FALSE(good_property(property("shop", "tablespace", "", R"(ALTER DATABASE "shop" SET TABLESPACE x)")));
}

TEST_CASE("the database may have another name on the target") {
  const auto setting = property("shop", "setting a", "x IN DATABASE", R"(ALTER ROLE "x IN DATABASE" IN DATABASE "shop" SET "a" TO 'DATABASE "shop" b')");
  CHECK(engine::postgres::property_for(setting, "n\"ew") == R"(ALTER ROLE "x IN DATABASE" IN DATABASE "n""ew" SET "a" TO 'DATABASE "shop" b')");
  CHECK(engine::postgres::property_for(property("", "comment of x", "x", R"(COMMENT ON ROLE "x" IS 'DATABASE "" ')"), "new") == R"(COMMENT ON ROLE "x" IS 'DATABASE "" ')");
}
