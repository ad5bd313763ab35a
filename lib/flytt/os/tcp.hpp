// A TCP connection made only to see how long it takes.
// Layer: os (1).  Thread rule: functions without state.  Source: tcp(7), TCP_INFO.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

namespace flytt::os {

/// Where a name leads: one numeric address.
struct TcpAddress {
  std::string text;           ///< "192.0.2.7"
  std::string bytes;          ///< the sockaddr
  bool loopback = false;
};

/// Throws: Exit::unavailable when the name is unknown.
TcpAddress resolve(const std::string& host, std::uint16_t port);

/// Connects and closes again; the time from SYN to the answer. Throws: Exit::unavailable naming the address when it is
/// refused or not answered within `limit`; Exit::temporary when stop is requested.
std::chrono::nanoseconds time_connect(const TcpAddress& address, std::chrono::nanoseconds limit, std::stop_token stop);

/// The shortest round trip that the kernel has seen on this connected socket; nothing for another kind of socket.
std::optional<std::chrono::nanoseconds> shortest_round_trip(int descriptor);

/// How many bytes a connected socket has got since it was opened; nothing for another kind of socket.
std::optional<std::uint64_t> received_bytes(int descriptor);

/// Is the other end of a connected socket on this host: by a socket file, or at a loopback address?
bool peer_is_local(int descriptor);

/// Is the descriptor a Unix socket?
bool is_unix_socket(int descriptor);

}  // namespace flytt::os
