// Any records in any order to the state machine of a switchover, and its invariants I1 to I6 (flytt/plan/switchover.hpp).
// Shape: a byte a record: the step, the mark, or that the process ended.
// SPDX-License-Identifier: MIT
#include <flytt/plan/switchover.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

using plan::Mark;
using plan::Record;
using plan::Step;

/// What was taken, told apart from what the machine thinks of it.
struct Seen {
  bool fence_intended = false, fenced = false, frozen = false, caught_up = false, checked = false, committed = false, opened = false, promoted = false;

  void note(const Record& r) {
    const bool done = r.mark == Mark::done;
    if (r.step == Step::fence) fence_intended = true;
    if (r.step == Step::open_old) {
      require(!committed && !promoted, "I4: the old server is opened after commit");
      opened = true;
    }
    if (r.step == Step::freeze) require(fenced && !opened, "I2: frozen without a fence");
    if (r.step == Step::commit) require(frozen && caught_up && checked, "I3: committed without catch_up and check");
    if (r.step == Step::promote) {
      require(committed && !opened, "I1: promoted before commit, or after the old server was opened");
      promoted = true;
    }
    if (r.step == Step::rolled_back) require(!committed && (opened || !fence_intended), "I4: rolled back with a fence");
    if (!done) return;
    fenced = fenced || r.step == Step::fence;
    frozen = frozen || r.step == Step::freeze;
    caught_up = caught_up || r.step == Step::catch_up;
    checked = checked || r.step == Step::check;
    committed = committed || r.step == Step::commit;
  }
};

}  // namespace

void one(std::string_view input) {
  plan::Switchover machine;
  Seen seen;
  for (Bytes in(input); !in.empty();) {
    const unsigned what = in.byte();
    if (what == 255) {
      machine.interrupted();
      continue;
    }
    Record record{static_cast<Step>(what % plan::kStepNames.size()), static_cast<Mark>(what / 64 % 3)};
    if (what >= 192) {  // what the machine itself wants next: else few inputs come far
      if (!machine.next()) return;
      record = {*machine.next(), machine.pending() == machine.next() || plan::is_record_only(*machine.next()) ? Mark::done : Mark::intent};
    }
    require(plan::step_named(plan::name(record.step)) == record.step && plan::mark_named(plan::name(record.mark)) == record.mark, "a name is another's");
    if (accepted([&] { machine.apply(record); })) seen.note(record);
    require(machine.committed() == seen.committed, "the machine forgot a commit, or made one up");
    require(!seen.fence_intended || seen.opened || machine.committed() || machine.fence_possible(), "I6: a fence was forgotten");
    require(machine.next().has_value() == machine.open() || machine.phase() == plan::Phase::forward, "what is open has a next step");
  }
}

void seeds(const Add& add) {
  add(std::string(24, static_cast<char>(200)));
  add(std::string(7, static_cast<char>(200)) + '\xff' + std::string(8, static_cast<char>(200)));
  std::string forward;
  for (unsigned step = 0; step <= static_cast<unsigned>(Step::finish); ++step) {
    const auto intent = step;  // the marks count in 64s; a step's number modulo 14 is its own
    if (!plan::is_record_only(static_cast<Step>(step))) forward += static_cast<char>(intent);
    for (unsigned byte = 64; byte < 128; ++byte)
      if (byte % plan::kStepNames.size() == step) {
        forward += static_cast<char>(byte);
        break;
      }
  }
  add(forward);
}

}  // namespace flytt::fuzz
