// HELLO and SCHEMA: every member there and back, and what a reader refuses.
// SPDX-License-Identifier: MIT
#include <flytt/wire/manifest.hpp>

#include <flytt/codec/json.hpp>

#include "support/catch.hpp"
#include "unit/wire/helper_streams.hpp"

using namespace flytt;
using base::Exit;

TEST_CASE("a manifest comes back whole") {
  auto m = test::small_manifest();
  m.scope = {true, {"a", "b"}, {"a.*"}, {"a.log"}, {{"a.t", "id > 'caf\xe9'"}}, true, true, true};
  m.definers = {"app@%", "caf\xe9@h"};
  m.definitions = {{value::ObjectKind::view, "shop", "", "caf\xe9", "0123", "45"}, {value::ObjectKind::foreign_key, "shop", "orders", "fk", "67", ""}};
  m.left_out = {{"table", "not named by --table", {"shop.log", "shop.caf\xe9"}}};
  m.schemas = {"public"};
  m.tables[0].columns[1].fraction = 6;
  m.tables[0].columns[1].length = 16;
  m.tables[0].columns[1].invisible = true;
  m.tables[0].seekable = false;
  m.tables[0].transactional = false;
  m.tables[0].encoding = "other/2";
  m.source.settings["odd"] = "v\xff";
  m.source.server_id = 0xffffffffffffffff;
  const auto text = wire::encode(m);
  const auto back = wire::decode_manifest(text);
  CHECK(back.scope == m.scope);
  CHECK(back.definers == m.definers);
  REQUIRE(back.definitions.size() == 2);
  CHECK(back.definitions[0].same_object(m.definitions[0]));
  CHECK(back.definitions[1].display() == "foreign key shop.orders.fk");
  CHECK(back.definitions[1].text == "67");
  REQUIRE(back.left_out.size() == 1);
  CHECK(back.left_out[0].names == m.left_out[0].names);
  CHECK(back.left_out[0].reason == "not named by --table");
  CHECK(back.schemas == m.schemas);
  CHECK(back.warnings == m.warnings);
  CHECK(back.source.server_id == m.source.server_id);
  CHECK(back.tables[0].columns == m.tables[0].columns);
  CHECK(back.tables[0].key == m.tables[0].key);
  CHECK_FALSE(back.tables[1].has_key());
  CHECK_FALSE(back.tables[0].seekable);
  CHECK_FALSE(back.tables[0].transactional);
  CHECK(back.tables[0].encoding == "other/2");
  CHECK(back.tables[0].identity == "table-id-17");
  CHECK(wire::encode(back) == text);
}

TEST_CASE("every type has a name that comes back") {
  auto m = test::small_manifest();
  for (const auto& row : value::kTypeNames) {
    m.tables[0].columns[1].type = row.type;
    CHECK(wire::decode_manifest(wire::encode(m)).tables[0].columns[1].type == row.type);
  }
}

TEST_CASE("a manifest of another kind is refused") {
  const auto good = wire::encode(test::small_manifest());
  const auto with = [&](const std::string& what, const std::string& instead) {
    auto text = good;
    const auto at = text.find(what);
    REQUIRE(at != std::string::npos);
    return text.replace(at, what.size(), instead);
  };
  REQUIRE_ERROR(wire::decode_manifest("{"), Exit::data, "");
  REQUIRE_ERROR(wire::decode_manifest(with("flytt-stream/1", "flytt-stream/2")), Exit::data, "format");
  REQUIRE_ERROR(wire::decode_manifest(with("\"uint32\"", "\"vector\"")), Exit::data, "'vector'");
  REQUIRE_ERROR(wire::decode_manifest(with("\"columns\":[0]", "\"columns\":[2]")), Exit::data, "2 columns");
  REQUIRE_ERROR(wire::decode_manifest(with("01234567-", "0123-")), Exit::data, "0123-");
  REQUIRE_ERROR(wire::decode_manifest(with("\"rows_estimate\":3", "\"rows_estimate\":-3")), Exit::data, "rows_estimate");
}

TEST_CASE("a schema object comes back whole") {
  value::SchemaObject o{value::ObjectKind::event, "s", "n\xff", "p", "CREATE \xe9", "STRICT", "latin1", "latin1_bin", "SYSTEM", "a@b", "{}"};
  const auto back = wire::decode_schema_object(wire::encode(o));
  CHECK(back.kind == o.kind);
  CHECK(back.name == o.name);
  CHECK(back.parent == o.parent);
  CHECK(back.statement == o.statement);
  CHECK(back.sql_mode == o.sql_mode);
  CHECK(back.charset == o.charset);
  CHECK(back.collation == o.collation);
  CHECK(back.time_zone == o.time_zone);
  CHECK(back.definer == o.definer);
  CHECK(back.attributes == o.attributes);
  REQUIRE_ERROR(wire::decode_schema_object(R"({"kind":99,"schema":"s","name":"n","statement":"x"})"), Exit::data, "99");
}

TEST_CASE("a need that is not known is refused, whoever reads the stream") {
  auto m = test::small_manifest();
  m.needs = {"warp-drive"};
  REQUIRE_ERROR(wire::decode_manifest(wire::encode(m)), Exit::data, "the stream needs 'warp-drive', which this version does not know");
}
