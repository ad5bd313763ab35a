// Names of a load's steps in the ledger.
// SPDX-License-Identifier: MIT
#include <flytt/task/phase.hpp>

#include "support/catch.hpp"

using namespace flytt;

TEST_CASE("names of steps can be read back") {
  for (unsigned k = 1; k <= 12; ++k) {
    value::SchemaObject o;
    o.kind = static_cast<value::ObjectKind>(k);
    o.schema = "sh.op";
    o.name = "a b%2e\n\"\xf0\x9f\x90\x9f";
    if (o.kind == value::ObjectKind::index || o.kind == value::ObjectKind::foreign_key) o.parent = "par ent.";
    const auto back = task::object_of(task::phase_of(o));
    CAPTURE(task::phase_of(o));
    REQUIRE(back);
    CHECK(back->kind == o.kind);
    CHECK(back->schema == o.schema);
    CHECK(back->parent == o.parent);
    CHECK(back->name == o.name);
  }
  value::SchemaObject longer;
  longer.schema = "s";
  longer.name = std::string(300, 'x');
  auto other = longer;
  other.name.back() = 'y';
  CHECK(task::phase_of(longer).size() <= 255);
  CHECK(task::phase_of(longer) != task::phase_of(other));
  CHECK_FALSE(task::object_of(task::phase_of(longer)));
  CHECK_FALSE(task::object_of("proof of foreign key shop.log.fk"));
  CHECK_FALSE(task::object_of(""));
}
