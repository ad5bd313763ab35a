// The judgement, key by key: a key belongs to one thread, so its writes have one order.
// SPDX-License-Identifier: MIT
#include "ack_check.hpp"

#include <algorithm>
#include <optional>

namespace ackwriter {
namespace {

constexpr std::size_t kExamples = 10;

/// What is known of one key while its writes are replayed.
struct History {
  std::vector<Entry> acked;
  std::vector<Entry> unknown;
  std::optional<Entry> sent;  ///< Without an answer yet.
  bool missing = false;
};

bool shows(const Entry& write, const std::optional<Row>& row) {
  if (write.op == Op::erase) return !row;
  return row && row->seq == write.seq && row->value == write.value;
}

void note(Verdict& v, std::uint64_t& counter, std::uint64_t n, const std::string& text) {
  counter += n;
  if (n > 0 && v.examples.size() < kExamples) v.examples.push_back(text);
}

void judge_key(std::uint64_t key, const History& h, const std::optional<Row>& row, Verdict& v) {
  const std::string name = "key " + std::to_string(key);
  if (h.missing) return note(v, v.lost, 1, name + ": an acknowledged write was gone when the next one came");
  if (h.acked.empty() ? !row : shows(h.acked.back(), row)) return;
  for (const Entry& write : h.unknown)
    if (shows(write, row)) return;
  // The last acknowledged write that the state still shows, by its number; what came after it is lost.
  const auto found = std::find_if(h.acked.rbegin(), h.acked.rend(),
                                  [&](const Entry& w) { return w.op == Op::erase ? !row : row && row->seq == w.seq; });
  const auto after = static_cast<std::uint64_t>(found - h.acked.rbegin());
  if (row && found == h.acked.rend())
    return note(v, v.unasked, 1, name + ": holds write " + std::to_string(row->seq) + ", which was never acknowledged");
  const std::string state = row ? "write " + std::to_string(row->seq) + " with value " + row->value : "no row";
  note(v, v.lost, std::max<std::uint64_t>(after, 1),
       name + ": write " + std::to_string(h.acked.back().seq) + " was acknowledged, but there is " + state);
}

/// The order of the servers, their shares, and whether two of them took writes at the same time.
void judge_servers(const std::vector<Entry>& log, Verdict& v) {
  std::map<std::string, std::size_t> index;
  std::map<unsigned, std::uint64_t> sent_at;
  std::vector<std::pair<std::string, std::uint64_t>> sends;  // server and time of sending of each acknowledged write
  for (const Entry& e : log) {
    if (e.outcome == Outcome::sent) sent_at[e.thread] = e.at_ns;
    if (e.outcome != Outcome::acked) continue;
    const auto [at, fresh] = index.try_emplace(e.server, v.servers.size());
    if (fresh) v.servers.push_back({e.server, 0, e.at_ns, e.at_ns});
    ServerShare& s = v.servers[at->second];
    s.acked += 1;
    if (e.at_ns > s.last_ns) {
      v.longest_gap_ns = std::max(v.longest_gap_ns, e.at_ns - s.last_ns);
      s.last_ns = e.at_ns;
    }
    sends.emplace_back(e.server, sent_at[e.thread]);
  }
  if (v.servers.size() < 2) return;
  for (const auto& [server, when] : sends)
    if (server == v.servers.front().server && when > v.servers.back().first_ns)
      note(v, v.overlap, 1, server + " acknowledged a write after " + v.servers.back().server + " had taken over");
}

}  // namespace

std::uint64_t Verdict::pause_ns() const {
  if (servers.size() < 2 || servers.back().first_ns < servers.front().last_ns) return 0;
  return servers.back().first_ns - servers.front().last_ns;
}

Verdict judge(const std::vector<Entry>& log, const State& state) {
  Verdict v;
  std::map<std::uint64_t, History> keys;
  for (const Entry& e : log) {
    History& h = keys[e.key];
    if (e.outcome == Outcome::sent) {
      h.sent = e;
      continue;
    }
    h.sent.reset();
    switch (e.outcome) {
      case Outcome::acked: ++v.acked, h.acked.push_back(e); break;
      case Outcome::refused: ++v.refused; break;
      case Outcome::unknown: ++v.unknown, h.unknown.push_back(e); break;
      case Outcome::missing: h.missing = true; break;
      case Outcome::sent: break;
    }
  }
  for (auto& [key, h] : keys) {
    if (h.sent) ++v.unknown, h.unknown.push_back(*h.sent);  // the writer ended before the answer
    const auto row = state.find(key);
    judge_key(key, h, row == state.end() ? std::nullopt : std::optional<Row>(row->second), v);
  }
  for (const auto& [key, row] : state)
    if (!keys.contains(key)) note(v, v.unasked, 1, "key " + std::to_string(key) + ": a row that nobody wrote");
  judge_servers(log, v);
  return v;
}

}  // namespace ackwriter
