// Judges a log of writes against the rows that a server holds in the end. Pure: so that it can be shown to fail.
// Layer: test support.  Thread rule: none shared.
// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ack_log.hpp"

namespace ackwriter {

struct Row {
  std::uint64_t seq = 0;
  std::string value;
};

/// Rows by key.
using State = std::map<std::uint64_t, Row>;

struct ServerShare {
  std::string server;
  std::uint64_t acked = 0;
  std::uint64_t first_ns = 0, last_ns = 0;  ///< Of its acknowledgements.
};

struct Verdict {
  std::uint64_t acked = 0, refused = 0, unknown = 0;
  std::uint64_t lost = 0;      ///< Acknowledged writes that the state does not show.
  std::uint64_t unasked = 0;   ///< Rows that no acknowledged or undecided write explains: a refused write that is there.
  std::uint64_t overlap = 0;   ///< Writes sent to the first server after the last one had acknowledged one, and acknowledged.
  std::vector<std::string> examples;  ///< The first few findings in words.
  std::vector<ServerShare> servers;   ///< In the order of their first acknowledgement.
  std::uint64_t longest_gap_ns = 0;   ///< Between two acknowledgements of the same server.

  bool good() const { return lost == 0 && unasked == 0 && overlap == 0; }
  /// Last acknowledgement of the first server to the first of the last one; 0 with a single server.
  std::uint64_t pause_ns() const;
};

Verdict judge(const std::vector<Entry>& log, const State& state);

/// Judges logs and states made up for the purpose. True when each gets the verdict it should; says on stderr which did not.
bool self_check();

}  // namespace ackwriter
