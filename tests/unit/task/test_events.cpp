// The list of events that a switchover notes, out of the journal again.
// SPDX-License-Identifier: MIT
#include <flytt/task/replicate_switchover.hpp>

#include "support/catch.hpp"

using namespace flytt;

TEST_CASE("events come back from a journal as they were noted, whatever their names are") {
  const std::vector<engine::EventState> events{{"shop", "a.b \"c\" \n", true, false, false}, {"caf\xc3\xa9", "\\", false, true, true}};
  const auto back = task::events_of_text(task::events_text(events));
  REQUIRE(back.size() == 2);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK(back[i].schema == events[i].schema);
    CHECK(back[i].name == events[i].name);
    CHECK(back[i].enabled == events[i].enabled);
    CHECK(back[i].of_replica == events[i].of_replica);
    CHECK(back[i].spent == events[i].spent);
  }
  CHECK(task::events_of_text(task::events_text({})).empty());
}
