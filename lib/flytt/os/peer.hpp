// The process at the other end of a connection, if it runs on this host, and what that process has in its hands.
// Layer: os (1).  Thread rule: functions without state.  Source: unix(7) SO_PEERCRED, proc_pid_net_tcp(5), proc_locks(5).
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/kernel_files.hpp>

#include <optional>
#include <string>

namespace flytt::os {

/// Who serves a connection.
struct Peer {
  std::optional<unsigned> pid;
  std::string why_not;  ///< when there is no pid: "it is on another host", "no permission to see whose socket it is"
};

/// The process that serves this connected socket. Of a Unix socket: who listens; of TCP: who holds the other end's descriptor.
/// A tunnel or proxy on this host is found too: it is the caller who must ask what the process has in its hands.
Peer peer_of(const KernelFiles& files, int descriptor);

/// Is this the process's working directory, or its parent's?
bool works_in(unsigned pid, const std::string& directory);
/// Does the process hold an fcntl lock on this file?
bool holds_lock(const KernelFiles& files, unsigned pid, const std::string& file);

}  // namespace flytt::os
