// Everything that a catalog reads can be created again, and is then the same in the server's own words.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/ledger.hpp>
#include <flytt/engine/mysql_family/schema_writer.hpp>

#include "schema_objects.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace flytt::engine::mysql_family;
using flytt::value::ObjectKind;

namespace {

/// MySQL rewrites the character set of every CHECK's literals at each ALTER: the copy says _latin1 where the source said _utf8mb4.
std::string without_introducers(std::string text) {
  for (const std::string word : {"_utf8mb4'", "_latin1'"})
    for (auto at = text.find(word); at != std::string::npos; at = text.find(word)) text.erase(at, word.size() - 1);
  return text;
}

/// SHOW CREATE of everything, by object.
std::map<std::string, std::string> shown(Fixture& f, const std::string& db) {
  std::map<std::string, std::string> out;
  const auto in = family::quote_name(db) + ".";
  const auto show = [&](const std::string& what, const std::string& name) {
    const auto r = f.c->query("SHOW CREATE " + what + " " + in + quote_name(name));
    std::string all;
    for (std::size_t i = 0; i < r.columns.size(); ++i)
      if (r.columns[i] != "Created") all += r.columns[i] + "=" + r.rows[0][i].value_or("NULL") + "\n";
    out[what + " " + name] = f.mariadb() ? all : without_introducers(all);
  };
  const auto each = [&](const std::string& query, auto&& action) {
    for (const auto& row : f.c->query(query).rows) action(row);
  };
  const std::string is = " FROM information_schema.", schema = "_SCHEMA = " + quote_text(db);
  each("SELECT TABLE_NAME, TABLE_TYPE" + is + "TABLES WHERE TABLE" + schema, [&](const auto& row) {
    show(*row[1] == "VIEW" ? "VIEW" : *row[1] == "SEQUENCE" ? "SEQUENCE" : "TABLE", *row[0]);
  });
  each("SELECT ROUTINE_NAME, ROUTINE_TYPE" + is + "ROUTINES WHERE ROUTINE" + schema, [&](const auto& row) { show(*row[1], *row[0]); });
  each("SELECT TRIGGER_NAME, ACTION_ORDER" + is + "TRIGGERS WHERE TRIGGER" + schema, [&](const auto& row) {
    show("TRIGGER", *row[0]);
    out["order of " + *row[0]] = *row[1];
  });
  each("SELECT EVENT_NAME" + is + "EVENTS WHERE EVENT" + schema, [&](const auto& row) { show("EVENT", *row[0]); });
  return out;
}

/// Creates all objects as a loader does: in order, those that need others once more afterwards.
void create_all(engine::SchemaWriter& writer, std::vector<value::SchemaObject> objects) {
  while (!objects.empty()) {
    std::vector<value::SchemaObject> later;
    for (const auto& object : objects) {
      try {
        writer.create(object);
      } catch (const base::Error& e) {
        INFO(e.text());
        REQUIRE(writer.depends_on_missing(e));
        later.push_back(object);
      }
    }
    REQUIRE(later.size() < objects.size());
    objects = std::move(later);
  }
}

}  // namespace

TEST_CASE("definitions survive a copy byte for byte", "[schema]") {
  Fixture f;
  Scratch db(f, "flytt q`uo\"te ä");
  const bool small = GENERATE(true, false);
  CAPTURE(small);
  f.run(odd_tables(f.mariadb()));
  f.run(odd_objects(f.mariadb()));
  f.fresh();
  auto before = shown(f, db.name());

  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}), NonTransactional::refuse, small ? SmallTables::whole : SmallTables::split);
  for (const auto& refusal : contents.refusals) FAIL(refusal.code << " " << refusal.object << " " << refusal.message);
  CHECK(contents.warnings.empty());
  REQUIRE(std::any_of(contents.objects.begin(), contents.objects.end(), [](const auto& o) { return o.kind == ObjectKind::index; }) != small);

  db.drop();
  auto writer = make_schema_writer(f.server, {});
  create_all(*writer, contents.objects);
  auto after = shown(f, db.name());

  // Events arrive disabled; that is the only difference there may be.
  for (auto& [name, text] : before)
    if (name.starts_with("EVENT ")) {
      if (const auto at = text.find("PRESERVE ENABLE"); at != std::string::npos) text.replace(at, 15, "PRESERVE DISABLE");
    }
  REQUIRE(before.size() == after.size());
  for (const auto& [name, text] : before) {
    INFO(name);
    CHECK(after[name] == text);
  }

  SECTION("read again, it is the same contents") {
    const auto again = read_contents(*f.c, f.server, scope_of({db.name()}), NonTransactional::refuse, small ? SmallTables::whole : SmallTables::split);
    REQUIRE(again.objects.size() == contents.objects.size());
    for (std::size_t i = 0; i < again.objects.size(); ++i) CHECK(without_introducers(again.objects[i].statement) == without_introducers(contents.objects[i].statement));
  }
  SECTION("creating what is there already changes nothing") {
    for (const auto& object : contents.objects) {
      INFO(object.display());
      writer->recreate(object);
    }
    auto third = shown(f, db.name());
    for (const auto& [name, text] : after) CHECK(third[name] == text);
  }
  SECTION("dropping removes all") {
    for (auto it = contents.objects.rbegin(); it != contents.objects.rend(); ++it)
      if (it->kind != ObjectKind::index && it->kind != ObjectKind::foreign_key) writer->drop(*it);
    CHECK(f.c->query("SHOW DATABASES LIKE 'flytt q%'").empty());
  }
}

TEST_CASE("an index that a broken load left half built is completed", "[schema]") {
  Fixture f;
  Scratch db(f, "flytt_half");
  f.run("CREATE TABLE t (id INT PRIMARY KEY, a INT, b INT, KEY a (a), KEY b (b))");
  const auto before = shown(f, db.name());
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}), NonTransactional::refuse, SmallTables::split);
  f.run("ALTER TABLE flytt_half.t DROP KEY b, DROP KEY a, ADD KEY a (a)");
  auto writer = make_schema_writer(f.server, {});
  for (const auto& object : contents.objects) writer->recreate(object);
  CHECK(shown(f, db.name()) == before);
}

TEST_CASE("orphans of a foreign key are counted", "[schema]") {
  Fixture f;
  Scratch db(f, "flytt_orphans");
  f.run("CREATE TABLE p (a INT, b INT, PRIMARY KEY (a, b))");
  f.run("CREATE TABLE c (id INT PRIMARY KEY, x INT, y INT, CONSTRAINT fk FOREIGN KEY (x, y) REFERENCES p (a, b))");
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}));
  const auto fk = std::find_if(contents.objects.begin(), contents.objects.end(), [](const auto& o) { return o.kind == ObjectKind::foreign_key; });
  REQUIRE(fk != contents.objects.end());
  auto writer = make_schema_writer(f.server, {});
  f.run("SET SESSION foreign_key_checks = 0");
  f.run("INSERT INTO flytt_orphans.p VALUES (1, 1), (1, 2)");
  f.run("INSERT INTO flytt_orphans.c VALUES (1, 1, 1), (2, 1, NULL), (3, NULL, 9)");
  CHECK(writer->orphans(*fk) == 0);
  f.run("INSERT INTO flytt_orphans.c VALUES (4, 1, 3), (5, 2, 1)");
  CHECK(writer->orphans(*fk) == 2);
}

TEST_CASE("definers are kept, replaced or left out", "[schema]") {
  Fixture f;
  Scratch db(f, "flytt_definers");
  f.run("CREATE TABLE t (id INT PRIMARY KEY)");
  f.run("CREATE DEFINER=`some``body`@`10.%` VIEW v AS SELECT id FROM t");
  const auto contents = read_contents(*f.c, f.server, scope_of({db.name()}));
  const auto& view = *std::find_if(contents.objects.begin(), contents.objects.end(), [](const auto& o) { return o.kind == ObjectKind::view; });
  CHECK(view.definer == "some`body@10.%");
  engine::LoadRequest request;
  std::string expected = "some`body@10.%";
  SECTION("kept") {}
  SECTION("replaced") { expected = request.definer = "new'one@localhost"; }
  SECTION("left out") {
    request.skip_definers = true;
    expected = f.one("SELECT CURRENT_USER()");
  }
  make_schema_writer(f.server, request)->recreate(view);
  CHECK(f.one("SELECT DEFINER FROM information_schema.VIEWS WHERE TABLE_SCHEMA = 'flytt_definers'") == expected);
}
