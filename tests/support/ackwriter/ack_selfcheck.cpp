// The judge before a judge: made-up logs with every kind of loss, each of which must be counted.
// SPDX-License-Identifier: MIT
#include <cstdio>

#include "ack_check.hpp"

namespace ackwriter {
namespace {

/// Builds a log in which time passes by itself.
class Story {
 public:
  Story& write(std::uint64_t key, std::uint64_t seq, Op op, Outcome outcome, const std::string& server = "old") {
    Entry e{++now_, 0, seq, op, key, op == Op::erase ? "" : "v" + std::to_string(seq), server, Outcome::sent};
    log.push_back(e);
    if (outcome == Outcome::sent) return *this;
    e.at_ns = ++now_;
    e.outcome = outcome;
    log.push_back(e);
    return *this;
  }
  std::vector<Entry> log;

 private:
  std::uint64_t now_ = 0;
};

bool expect(const char* what, const Story& story, const State& state, std::uint64_t lost, std::uint64_t unasked, std::uint64_t overlap) {
  std::vector<Entry> copy;
  for (const Entry& e : story.log) copy.push_back(parse(format(e)));
  const Verdict v = judge(copy, state);
  if (v.lost == lost && v.unasked == unasked && v.overlap == overlap) return true;
  std::fprintf(stderr, "ackwriter: self-check '%s': lost %zu, unasked %zu, overlap %zu\n", what, static_cast<std::size_t>(v.lost),
               static_cast<std::size_t>(v.unasked), static_cast<std::size_t>(v.overlap));
  return false;
}

}  // namespace

bool self_check() {
  constexpr auto in = Op::insert, up = Op::update, del = Op::erase;
  constexpr auto ack = Outcome::acked, no = Outcome::refused, dunno = Outcome::unknown, sent = Outcome::sent;
  const Story plain = Story().write(1, 1, in, ack).write(1, 2, up, ack).write(2, 3, in, ack).write(2, 4, del, ack);
  bool ok = true;
  ok &= expect("all there", plain, {{1, {2, "v2"}}}, 0, 0, 0);
  ok &= expect("a row is gone: both its writes", plain, {}, 2, 0, 0);
  ok &= expect("an update is gone", plain, {{1, {1, "v1"}}}, 1, 0, 0);
  ok &= expect("a value is damaged", plain, {{1, {2, "x"}}}, 1, 0, 0);
  ok &= expect("a delete is gone", plain, {{1, {2, "v2"}}, {2, {3, "v3"}}}, 1, 0, 0);
  ok &= expect("a row from nowhere", plain, {{1, {2, "v2"}}, {9, {1, "v1"}}}, 0, 1, 0);
  const Story refused = Story().write(1, 1, in, ack).write(1, 2, up, no).write(2, 3, in, no);
  ok &= expect("refused and absent", refused, {{1, {1, "v1"}}}, 0, 0, 0);
  ok &= expect("refused, yet there", refused, {{1, {2, "v2"}}, {2, {3, "v3"}}}, 0, 2, 0);
  for (const Outcome end : {dunno, sent}) {
    const Story open = Story().write(1, 1, in, ack).write(1, 2, up, end);
    ok &= expect("undecided: old", open, {{1, {1, "v1"}}}, 0, 0, 0);
    ok &= expect("undecided: new", open, {{1, {2, "v2"}}}, 0, 0, 0);
    ok &= expect("undecided: neither", open, {}, 1, 0, 0);
  }
  const Story masked = Story().write(1, 1, in, ack).write(1, 2, up, Outcome::missing, "new");
  ok &= expect("found missing by the next write", masked, {}, 1, 0, 0);
  const Story moved = Story().write(1, 1, in, ack).write(1, 2, up, ack, "new");
  ok &= expect("moved", moved, {{1, {2, "v2"}}}, 0, 0, 0);
  ok &= expect("two masters", Story(moved).write(1, 3, up, ack, "old"), {{1, {3, "v3"}}}, 0, 0, 1);
  return ok;
}

}  // namespace ackwriter
