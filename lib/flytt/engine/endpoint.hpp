// A server's address as the user wrote it, before anybody connects.
// Layer: engine (3).  Thread rule: values, no state.  URL forms: man/flytt.7, SERVERS.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace flytt::engine {

/// A parsed server URL. Passwords never appear in `display()`.
struct Endpoint {
  std::string scheme;
  std::string user;       ///< empty: the engine's own default
  std::string host;       ///< empty: local
  std::uint16_t port = 0;  ///< 0: the engine's default
  std::string database;
  std::map<std::string, std::string> params;
  std::string password;
  bool has_password = false;
  std::string role;       ///< "source" or "target", for messages and password variables

  /// "mysql://app@db1:3306/shop": never a password, never option file contents.
  std::string display() const;
  /// display() and what else was said of how to connect, but for passwords, as one word of a shell's command line: in quotes where it
  /// holds what a shell would take for its own.
  std::string shell_word() const;
  /// A parameter's value, or `fallback`.
  std::string param(std::string_view key, std::string_view fallback = {}) const;
  /// True when the server is reached through this host's loopback or a socket.
  bool local() const noexcept;
};

/// True for a name that leads to this host whatever a name server says: "localhost", a loopback address, the directory of a socket.
/// Part of a name decides nothing: 127.example.org is somebody else's.
bool is_local_host(std::string_view host) noexcept;

/// Parses scheme://[user[:password]@]host[:port]/[database][?key=value&…] with percent-decoding.
/// An unknown parameter is left for the engine, which refuses it by name.
/// Throws Error{Exit::usage} naming the part that is wrong.
Endpoint parse_url(std::string_view url);

}  // namespace flytt::engine
