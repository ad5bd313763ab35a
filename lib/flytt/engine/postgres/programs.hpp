// PostgreSQL's own programs: which one is newest here, and what their complaints mean.
// Layer: engine/postgres (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::engine::postgres {

struct Program {
  std::string path;
  std::uint32_t major = 0;
};

/// The newest program of this name, of those in PATH and those that packages put beside the server's.
/// None newer than `most` is taken. Throws Error{Exit::config} when there is none, or none of at least `least`, naming what was found.
Program newest_program(const std::string& name, std::uint32_t least, std::uint32_t most = UINT32_MAX);

/// One complaint of pg_restore about an object.
struct Complaint {
  std::string message;  ///< the server's own, one line
  std::string command;  ///< the statement's first line
  std::string object;   ///< "TABLE public.orders", as far as it says
  std::string statement{};  ///< all of it, in one line
};

/// Takes what pg_restore wrote to its stderr apart.
/// Source: pg_backup_archiver.c of releases 14 to 18, "could not execute query", "from TOC entry".
std::vector<Complaint> complaints_of(std::string_view stderr_text);

}  // namespace flytt::engine::postgres
