// Every interleaving of a switchover with clients, replication, crashes, failures and a late SET, searched exhaustively:
// never two servers that take writes, never an acknowledged write that is lost, always a way to exactly one open server.
// SPDX-License-Identifier: MIT
#include <flytt/plan/switchover.hpp>

#include "support/catch.hpp"

#include <deque>
#include <set>
#include <string>
#include <vector>

using namespace flytt;
using plan::Mark;
using plan::Record;
using plan::Step;
using plan::Switchover;

namespace {

/// Guards that a mutant leaves out. The search must find what that breaks.
struct Mutant {
  bool leave_pending_set = false;    // I6: a fence that timed out is not killed
  bool skip_catch_up = false;        // I3: the position is not waited for
  bool open_old_after_commit = false;  // I4
  bool promote_early = false;        // I1: the new server is opened at check
  bool freeze_without_read_back = false;  // I2: a fence that failed is taken for one that holds
};

struct World {
  bool old_open = true, new_open = false;
  bool pending_set = false;  // a SET read_only that the old server will still carry out
  int old_writes = 0, applied = 0, new_writes = 0;
  int frozen = -1;
  bool tool = true;
  int crashes = 2, failures = 2;
  std::vector<Record> journal;
  Switchover machine;

  std::string key() const {
    std::string k;
    for (const Record& r : journal) k += static_cast<char>('a' + static_cast<int>(r.step)), k += static_cast<char>('0' + static_cast<int>(r.mark));
    for (const int v : {int(old_open), int(new_open), int(pending_set), old_writes, applied, new_writes, frozen + 1, int(tool), crashes,
                        failures, int(machine.phase())})
      k += static_cast<char>('A' + v);
    return k;
  }
  void write(Record r) {
    machine.apply(r);
    journal.push_back(r);
  }
};

class Search {
 public:
  explicit Search(Mutant m) : mutant_(m) {}

  std::string run() {
    push(World{});
    while (!queue_.empty() && broken_.empty()) {
      const World w = queue_.front();
      queue_.pop_front();
      expand(w);
    }
    return broken_;
  }
  std::size_t states() const { return seen_.size(); }
  int finished = 0, rolled_back = 0;

 private:
  void push(World w) {
    if (w.old_open && w.new_open) broken_ = "I1: two servers take writes";
    if (seen_.insert(w.key()).second) queue_.push_back(std::move(w));
  }
  void expand(const World& w) {
    surroundings(w);
    if (w.tool) tool(w);
    else if (w.machine.open()) restart(w);
    else terminal(w);
  }

  void surroundings(const World& w) {
    if (w.old_open && w.old_writes < 3) { World n = w; ++n.old_writes; push(n); }
    if (w.new_open && w.new_writes < 1) { World n = w; ++n.new_writes; push(n); }
    if (w.applied < w.old_writes) { World n = w; ++n.applied; push(n); }
    if (w.pending_set) { World n = w; n.pending_set = false; n.old_open = false; push(n); }
  }

  void restart(const World& w) {
    for (const bool roll_back : {false, true}) {
      World n = w;
      n.tool = true;
      n.machine = Switchover{};
      for (const Record& r : n.journal) n.machine.apply(r);
      n.machine.interrupted();
      if (roll_back) {
        try {
          n.machine.turn_back();
        } catch (const base::Error&) {
          if (!mutant_.open_old_after_commit) continue;
          n.old_open = true;  // somebody forces it
        }
      }
      push(n);
    }
  }

  void terminal(const World& w) {
    if (w.pending_set) return;  // not settled yet: its successor is
    if (w.journal.empty()) return;
    if (w.old_open == w.new_open) broken_ = "at the end not exactly one server takes writes";
    if (w.new_open != w.machine.committed()) broken_ = "the journal and the servers disagree";
    if (w.new_open && w.applied < w.old_writes) broken_ = "an acknowledged write is lost";
    (w.new_open ? finished : rolled_back)++;
  }

  void tool(const World& w) {
    const auto step = w.machine.next();
    if (!step) {
      World n = w;
      n.tool = false;
      push(n);
      return;
    }
    if (plan::is_record_only(*step)) {
      crash(w);
      World n = w;
      n.write({*step, Mark::done});
      push(n);
    } else if (w.machine.pending() != step || w.journal.back().mark != Mark::intent) {
      crash(w);
      World n = w;
      n.write({*step, Mark::intent});
      push(n);
    } else {
      act(w, *step);
    }
  }

  void crash(World w) {
    if (w.crashes-- == 0) return;
    w.tool = false;
    push(w);
  }

  /// The action of a step whose intent is written: it works, fails with or without effect, or the process dies on either side.
  void act(const World& w, Step step) {
    crash(w);
    World after = w;
    if (step == Step::fence && w.failures > 0) {
      World late = w;  // the SET waits behind a statement; the tool gives up
      late.pending_set = true;
      crash(late);
      late.pending_set = mutant_.leave_pending_set;
      --late.failures;
      late.write({step, mutant_.freeze_without_read_back ? Mark::done : Mark::failed});
      push(late);
    }
    if (w.failures > 0) {
      World failed = w;
      --failed.failures;
      failed.write({step, Mark::failed});
      push(failed);
    }
    if (!effect(after, step)) return;
    if (w.failures > 0) {
      World failed = after;
      --failed.failures;
      failed.write({step, Mark::failed});
      push(failed);
    }
    crash(after);
    after.write({step, Mark::done});
    push(after);
  }

  /// False when the step cannot succeed in this state of the world: it waits, or its failure is among the failures above.
  bool effect(World& w, Step step) {
    switch (step) {
      case Step::fence: w.old_open = false; w.pending_set = false; return true;
      case Step::freeze:
        if (w.old_open && !mutant_.freeze_without_read_back) broken_ = "I2: the position is read while writes are taken";
        w.frozen = w.old_writes;
        return true;
      case Step::catch_up: return mutant_.skip_catch_up || w.applied >= w.frozen;
      case Step::check:
        if (mutant_.promote_early) w.new_open = true;
        return mutant_.freeze_without_read_back || (!w.old_open && w.old_writes == w.frozen && w.new_writes == 0);
      case Step::promote:
        if (w.applied < w.old_writes) broken_ = "I3: an acknowledged write is lost";
        w.new_open = true;
        return true;
      case Step::open_old:
        if (!mutant_.leave_pending_set) w.pending_set = false;
        w.old_open = true;
        return true;
      default: return true;
    }
  }

  Mutant mutant_;
  std::deque<World> queue_;
  std::set<std::string> seen_;
  std::string broken_;
};

}  // namespace

TEST_CASE("no interleaving breaks an invariant") {
  Search search({});
  CHECK(search.run() == "");
  CHECK(search.states() > 20000);
  CHECK(search.finished > 0);
  CHECK(search.rolled_back > 0);
}

TEST_CASE("the search sees what each guard is for") {
  CHECK(Search({.leave_pending_set = true}).run() != "");
  CHECK(Search({.skip_catch_up = true}).run() != "");
  CHECK(Search({.open_old_after_commit = true}).run() != "");
  CHECK(Search({.promote_early = true}).run() != "");
  CHECK(Search({.freeze_without_read_back = true}).run() != "");
}
