// io-probe: is this disk, and this distance, good enough?
// Layer: task (5).  Thread rule: call from one thread.  Output: man/io-probe.1.
//
// Exit: 0 good enough; 1 it is not; 10 it cannot be said (memory or network under the directory, counters off, a server that is not
// proven to run here, a run too short); 74 no space; 77 no permission.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/context.hpp>
#include <flytt/base/exit.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/task/output.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flytt::task {

/// Which directories are looked at.
struct ProbePlacesOptions {
  std::string dir;                                        ///< --dir: the role data
  std::vector<std::pair<std::string, std::string>> roles;  ///< --role NAME=DIR
  std::optional<engine::Endpoint> db;                     ///< --db: the server says
  std::string proc_root;                                  ///< --proc-root: another /proc and /sys, or a recording
};

/// Where the verdict changes from good to bad.
struct ProbeLimits {
  double util = 100;                                     ///< --max-util, percent
  std::chrono::nanoseconds await{10'000'000};            ///< --max-await
  std::chrono::nanoseconds commit{20'000'000};           ///< --max-commit: p99 of a write and fdatasync
  bool commit_asked = false;                             ///< by the user, and not only the default
  double slow_share = 0;                                 ///< --allow-slow: percent of the time that may be too slow
};

struct ProbeWatchOptions {
  ProbePlacesOptions places;
  ProbeLimits limits;
  std::chrono::nanoseconds interval{1'000'000'000};
  std::optional<std::chrono::nanoseconds> run_for;
  std::optional<std::uint64_t> pid;
  std::optional<std::chrono::nanoseconds> canary;  ///< time between two writes of it
  std::string report;                              ///< FILE.html, or empty
};

struct ProbeWriteOptions {
  std::string dir;
  std::string engine;  ///< whose pattern
  ProbeLimits limits;
  std::uint64_t bytes = 0;  ///< 0: no limit but the time
  std::chrono::nanoseconds run_for{60'000'000'000};
  std::uint64_t restore_size = 0;
  std::optional<std::chrono::nanoseconds> window;
  double amplification = 0;  ///< bytes written for a byte restored; 0: the engine's own
  bool no_burst = false;     ///< the user answers for it that no credits run out
  std::string report;
};

struct ProbeRttOptions {
  engine::Endpoint url;  ///< scheme "tcp" for a plain host and port
  std::uint64_t count = 50;
  std::optional<std::chrono::nanoseconds> max_rtt;
};

/// The way from each directory to its disks.
base::Exit probe_map(const ProbePlacesOptions& options, Output& out, const base::Context& ctx);
/// Watches the disks while something else writes.
base::Exit probe_watch(const ProbeWatchOptions& options, Output& out, const base::Context& ctx);
/// Writes as a restore does.
base::Exit probe_write(const ProbeWriteOptions& options, Output& out, const base::Context& ctx);
/// Measures the distance to a server.
base::Exit probe_rtt(const ProbeRttOptions& options, Output& out, const base::Context& ctx);

}  // namespace flytt::task
