// How each product writes to its disks while it is restored: what io-probe imitates.
// Layer: engine (3).  Thread rule: constants.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::engine {

struct WritePattern {
  std::string name;
  std::size_t log_write = 4096;      ///< bytes of one commit in the log, then fdatasync
  std::size_t page = 16384;          ///< bytes of a page
  unsigned pages_a_batch = 128;      ///< written before they are synced
  bool double_write = true;          ///< a batch goes first to one place in sequence, and is synced there
  bool direct = true;                ///< pages bypass the page cache
  double amplification = 3;          ///< bytes written to the disk for one byte of data restored
};

/// Throws: Exit::usage naming those that are known.
WritePattern write_pattern(std::string_view name);
std::vector<std::string> write_pattern_names();

}  // namespace flytt::engine
