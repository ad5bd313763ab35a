// What this server does to its clients, and when: it is the real one behind it until then.
// SPDX-License-Identifier: MIT
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "channel.hpp"

namespace rogue {

struct Plan {
  std::string protocol;        ///< mysql, postgres
  std::string attack;          ///< what it does; see --help
  std::string on = "query";    ///< the kind of packet that it answers so
  int nth = 1;                 ///< counted in each session
  std::string statement;       ///< with "query": only statements that hold this
  std::string file = "/etc/passwd";
  std::string version, version_as;  ///< of the real server, and what is said instead
  std::string upstream_address = "127.0.0.1";
  unsigned short upstream_port = 0;
  std::shared_ptr<TlsContext> tls;
};

/// One line on stdout, whole, whichever thread says it.
void say(const std::string& line);
/// Bytes that came, in a form for say().
std::string shown(std::string_view bytes);

/// Serve one client to its end.
void serve_mysql(const Plan& plan, Channel& client);
void serve_postgres(const Plan& plan, Channel& client);

/// Until the client closes: the same bytes for ever; one byte now and then.
[[noreturn]] void flood(Channel& client, std::string_view bytes);
[[noreturn]] void drip(Channel& client, std::string_view bytes);
/// Nothing more is sent; what comes is counted and told.
[[noreturn]] void listen_only(Channel& client);

}  // namespace rogue
