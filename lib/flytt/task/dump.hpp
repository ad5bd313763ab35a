// dump-stream: one consistent copy of a server's databases, written as one stream.
// Layer: task (5).  Thread rule: one call at a time; it starts threads of its own.  Formats: man/dump-stream.1, man/flytt-stream.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include <flytt/base/context.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/engine/snapshot.hpp>
#include <flytt/task/output.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/wire/byte_io.hpp>

namespace flytt::task {

inline constexpr std::uint64_t kDefaultChunkSize = std::uint64_t{8} << 20;

/// What the command line says.
struct DumpOptions {
  engine::Endpoint source;
  std::string output = "-";    ///< file, or "-" for stdout
  value::Scope scope;          ///< no database named: the URL's
  unsigned jobs = 0;           ///< 0: one a core, at most 8
  std::uint64_t chunk_size = kDefaultChunkSize;
  std::string compress = "zstd:1";
  std::string slot;
  bool to_follow = false;      ///< --to-follow: refuse to copy what could not be followed
  engine::OnDdl on_ddl = engine::OnDdl::wait;
  bool lock_tables = false;
  bool recount = false;
  bool dry_run = false;
  std::optional<std::chrono::nanoseconds> time_limit{};  ///< --timeout: the stream then ends with that status
  const std::atomic<bool>* time_is_over = nullptr;       ///< set by dump() itself
};

/// Writes the stream, or with dry_run says what it would hold. After a failure the stream ends with ERR, never with END.
/// Throws: Exit::usage for options that do not go together and for a terminal as output; Exit::privilege naming every privilege
/// that is missing; Exit::refused naming everything that cannot be carried; Exit::unavailable for a lost server; Exit::io.
base::Exit dump(const DumpOptions& options, base::Context& context, Output& out);

/// The same from a server that is open, into a sink. `sink` is not used by a dry run.
base::Exit dump_from(engine::Server& server, const DumpOptions& options, wire::ByteSink& sink, base::Context& context, Output& out);

}  // namespace flytt::task
