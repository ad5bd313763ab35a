// The exit codes: what every tool tells the shell, and what an Error carries.
// Layer: base (0).  Thread rule: constants.  Format: man/flytt.7, EXIT STATUS.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <optional>
#include <string_view>

namespace flytt::base {

/// How a tool ended. The numbers are a promise to scripts: never change one, only add.
enum class Exit : int {
  done = 0,
  no = 1,
  partial = 10,
  timeout = 11,
  locked = 12,
  refused = 13,
  in_doubt = 14,
  replication = 15,
  promoted_not_opened = 20,
  hook_failed = 21,
  failback_unarmed = 22,
  usage = 64,
  data = 65,
  unavailable = 69,
  bug = 70,
  io = 74,
  temporary = 75,
  privilege = 77,
  config = 78,
};

/// One row of the table in the manual.
struct ExitInfo {
  Exit code;
  std::string_view name;
  std::string_view meaning;
};

/// All exit codes, ascending. The manual page is tested against this table.
inline constexpr std::array kExits{
    ExitInfo{Exit::done, "done", "done, and proven; the condition holds"},
    ExitInfo{Exit::no, "no", "a completed answer that is no"},
    ExitInfo{Exit::partial, "partial", "finished, but named parts are skipped, undecided or unknown"},
    ExitInfo{Exit::timeout, "timeout", "the time limit was reached; what was done is kept and named"},
    ExitInfo{Exit::locked, "locked", "another instance holds the lock"},
    ExitInfo{Exit::refused, "refused", "refused by a guard or a preflight finding; nothing changed"},
    ExitInfo{Exit::in_doubt, "in_doubt", "in doubt: the connection died after COMMIT was sent"},
    ExitInfo{Exit::replication, "replication", "replication stopped or diverged: waiting longer will not help"},
    ExitInfo{Exit::promoted_not_opened, "promoted_not_opened", "promoted, but not opened for writes"},
    ExitInfo{Exit::hook_failed, "hook_failed", "promoted, but a hook failed"},
    ExitInfo{Exit::failback_unarmed, "failback_unarmed", "promoted, but fail-back is not armed"},
    ExitInfo{Exit::usage, "usage", "the command line is wrong"},
    ExitInfo{Exit::data, "data", "corrupt or truncated stream or digest"},
    ExitInfo{Exit::unavailable, "unavailable", "a server is unreachable, a connection was lost, or it lacks what is needed"},
    ExitInfo{Exit::bug, "bug", "a bug in flytt"},
    ExitInfo{Exit::io, "io", "input/output error: disk full, closed pipe"},
    ExitInfo{Exit::temporary, "temporary", "failed for now: the same command line again continues"},
    ExitInfo{Exit::privilege, "privilege", "missing privileges"},
    ExitInfo{Exit::config, "config", "the configuration is wrong"},
};

/// The table's row for a code; nothing for a number the table does not know.
constexpr std::optional<ExitInfo> exit_info(int code) noexcept {
  for (const ExitInfo& info : kExits) {
    if (static_cast<int>(info.code) == code) return info;
  }
  return std::nullopt;
}

/// What the code says, as the manual puts it.
constexpr std::string_view meaning(Exit code) noexcept {
  const auto info = exit_info(static_cast<int>(code));
  return info ? info->meaning : "unknown failure";
}

/// The code's short name, for JSON and logs.
constexpr std::string_view name(Exit code) noexcept {
  const auto info = exit_info(static_cast<int>(code));
  return info ? info->name : "unknown";
}

}  // namespace flytt::base
