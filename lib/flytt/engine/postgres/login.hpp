// Opening one session over libpq: what the URL says in libpq's words, and an end to all waiting.
// Layer: engine/postgres (3).  Thread rule: any thread; each call has a handle of its own.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <flytt/engine/endpoint.hpp>

struct pg_conn;

namespace flytt::engine::postgres {

struct PgClose {
  void operator()(pg_conn* handle) const noexcept;
};
using PgHandle = std::unique_ptr<pg_conn, PgClose>;

using Keywords = std::vector<std::pair<std::string, std::string>>;

constexpr int kConnectSeconds = 10;

/// Checks what can be checked of a URL before anybody connects. Throws Error{Exit::usage}.
void check_parameters(const Endpoint& endpoint);

/// What the URL says, without the password; what it does not say is left to the environment, service and password files.
Keywords keywords_of(const Endpoint& endpoint, const std::string& database);

/// A session that is logged in. A stop ends the waiting at once.
/// Throws Error{Exit::unavailable} unreachable or too slow, Exit::privilege refused, Exit::config for TLS trouble,
/// Exit::temporary when stopped.
PgHandle log_in(const Endpoint& endpoint, Keywords words, std::stop_token stop);

}  // namespace flytt::engine::postgres
