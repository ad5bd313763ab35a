// From a directory or a server to mounts, layers and disks.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/engine.hpp>
#include <flytt/os/block_device.hpp>
#include <flytt/os/mounts.hpp>
#include <flytt/task/probe.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace flytt::task {

/// One directory and what is below it.
struct ProbePlace {
  std::string role;
  std::string path;
  std::string origin;  ///< the option or the server's setting that named it
  std::optional<os::Mount> mount;
  std::vector<os::Layer> devices;  ///< the uppermost; several for btrfs
  std::string unknown;             ///< why nothing can be said about its disks; empty when something can
};

/// All places, and the server that named them.
struct ProbePlaces {
  std::vector<ProbePlace> places;
  std::unique_ptr<engine::Server> server;
  std::unique_ptr<engine::Storage> storage;  ///< made after server, goes before it
  std::optional<unsigned> server_pid;
};

/// Throws: Exit::usage when nothing is named; Exit::partial when the server is not proven to run here; Exit::io and
/// Exit::privilege for a directory that cannot be looked at; what the engine throws.
ProbePlaces find_places(const ProbePlacesOptions& options, const os::KernelFiles& files, const base::Context& ctx);

/// "memory", "iostats=0", …: why the place's counters say nothing; empty when they do.
std::string why_unknown(const os::Mount& mount, const std::vector<os::Layer>& devices);

}  // namespace flytt::task
