// Who a server is, what an error means, and that nothing waits for ever.
// SPDX-License-Identifier: MIT
#include <future>

#include "fixture.hpp"

using namespace flytt;
using namespace flytt::test;
using namespace std::chrono_literals;

TEST_CASE("a server says who it is, and two who ask get one answer") {
  Fixture f;
  const auto one = f.server(), other = f.server("flytt_verify");
  const auto& a = one->identity();
  const auto& b = other->identity();
  CHECK_FALSE(a.engine.empty());
  CHECK_FALSE(a.product.empty());
  CHECK_FALSE(a.uuid.empty());
  CHECK_FALSE(a.hostname.empty());
  CHECK_THAT(f.sql().one("SELECT version()"), contains(a.version));
  CHECK(a.version.substr(0, a.version.find('.')) == std::to_string(a.version_number / 10000));
  CHECK(a.engine == b.engine);
  CHECK(a.product == b.product);
  CHECK(a.version == b.version);
  CHECK(a.uuid == b.uuid);
  CHECK(a.server_id == b.server_id);
  CHECK(a.settings == b.settings);
}

TEST_CASE("a server is reached when it is asked for something, and not before") {
  Fixture f;
  auto nowhere = Fixture::endpoint();
  nowhere.host = "127.0.0.1";
  nowhere.port = 1;
  nowhere.params.clear();
  const auto server = engine::open(nowhere, f.context);
  CHECK(server->endpoint().port == 1);
  REQUIRE_ERROR(server->identity(), Exit::unavailable, "");
  auto unknown = nowhere;
  unknown.scheme = "postgers";
  REQUIRE_ERROR(engine::open(unknown, f.context), Exit::usage, "postgers");
}

TEST_CASE("a login that is refused is a privilege that is missing, and no password is told") {
  Fixture f;
  auto endpoint = Fixture::endpoint("flytt_dump");
  endpoint.password = "mistaken-word";
  const auto error = error_of([&] { engine::open(endpoint, f.context)->identity(); });
  CHECK(error.code() == Exit::privilege);
  CHECK_FALSE(error.facts().hint.empty());
  CHECK(error.text().find("mistaken-word") == std::string::npos);
  auto nobody = Fixture::endpoint("nobody_at_all");
  REQUIRE_ERROR(engine::open(nobody, f.context)->identity(), Exit::privilege, "");
}

TEST_CASE("a database that is not there is named") {
  Fixture f;
  auto endpoint = Fixture::endpoint();
  endpoint.database = "no_such_place";
  const auto server = engine::open(endpoint, f.context);
  value::Scope there;
  there.databases = {endpoint.database};
  REQUIRE_ERROR(server->catalog()->contents(there), Exit::unavailable, "no_such_place");
  engine::SnapshotRequest request;
  request.scope = there;
  REQUIRE_ERROR(server->snapshot(request), Exit::unavailable, "no_such_place");
}

TEST_CASE("names and texts are quoted so that the server reads what was meant") {
  Fixture f;
  const auto server = f.server();
  auto sql = f.sql();
  const std::vector<std::string> words{"plain", "it's", "a\"b`c", "back\\slash", "sémi;--"};
  for (const auto& word : words) {
    INFO(word);
    CHECK(sql.one("SELECT " + server->dialect().text(word)) == word);
    sql.run("CREATE TABLE " + server->dialect().table({f.words.schema, word}) + " (k INT)");
  }
  const auto contents = server->catalog()->contents(scope());
  for (const auto& word : words) CHECK(table_in(contents, word).name.schema == f.words.schema);
}

TEST_CASE("what waits for a lock is seen, and ends soon after cancel_all") {
  Fixture f;
  f.sql().run("CREATE TABLE t (k INT PRIMARY KEY)");
  const auto server = f.server();
  const auto table = table_in(server->catalog()->contents(scope()), "t");
  auto holder = f.sql();
  holder.run(f.words.hold_table + "t" + f.words.hold_table_tail);
  const auto reader = server->reader();
  auto counted = std::async(std::launch::async, [&] { return error_of([&] { reader->count_rows(table, {}); }); });
  const auto watching = f.server();
  const auto storage = watching->storage();
  for (int i = 0; i < 100 && storage->activity().waiting_for_lock == 0; ++i) f.clock.sleep_for(50ms, {});
  CHECK(storage->activity().waiting_for_lock == 1);
  server->cancel_all();
  const bool ended = counted.wait_for(2s) == std::future_status::ready;
  CHECK(ended);
  holder.run(f.words.let_go);
  if (ended) CHECK_FALSE(counted.get().text().empty());
}

TEST_CASE("a server says where its files are and answers the smallest questions") {
  Fixture f;
  const auto server = f.server();
  const auto storage = server->storage();
  const auto places = storage->places();
  REQUIRE_FALSE(places.empty());
  CHECK(places.front().role == "data");
  for (const auto& place : places) CHECK(place.path.front() == '/');
  storage->ping();
  storage->select_one();
  CHECK(storage->descriptor() >= 0);
}

TEST_CASE("settings of an import are put back as they were, by whoever comes next, once") {
  Fixture f;
  const auto first = f.server();
  const auto tuning = first->tuning();
  const auto settings = tuning->import_settings();
  REQUIRE_FALSE(settings.empty());
  tuning->apply(settings);
  tuning->apply(settings);  // a second run after the first was killed must not note the new values as the old
  const auto next = f.server();
  CHECK(next->tuning()->restore().size() == settings.size());
  CHECK(next->tuning()->restore().empty());
  const auto after = next->tuning()->import_settings();
  REQUIRE(after.size() == settings.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    INFO(settings[i].name);
    CHECK(after[i].name == settings[i].name);
    CHECK(after[i].old_value == settings[i].old_value);
  }
}
