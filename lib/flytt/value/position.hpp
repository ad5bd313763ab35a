// Where in a server's history a copy stands: a GTID set, a file and offset, or an LSN.
// Layer: value (2).  Thread rule: values, no state.  Only the engine compares positions; everybody else carries them.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

namespace flytt::value {

/// A position as the source reported it. Empty members are unknown. At least one of gtid, file or lsn is set when `known()`.
struct Position {
  std::string gtid;        ///< GTID set (MySQL "uuid:1-5,…", MariaDB "0-1-100,…")
  std::string file;        ///< binary log file
  std::uint64_t offset = 0;  ///< byte offset in `file`
  std::string lsn;         ///< PostgreSQL "16/B374D848"

  bool known() const noexcept { return !gtid.empty() || !file.empty() || !lsn.empty(); }
  bool operator==(const Position&) const = default;

  /// For messages and journals: "gtid 0-1-100, binlog.000003:4711".
  std::string display() const;
};

/// Reads what --position accepts: a GTID set, FILE:OFFSET or an LSN.
/// Throws Error{Exit::usage} naming the text when it is none of them.
Position parse_position(const std::string& text);

}  // namespace flytt::value
