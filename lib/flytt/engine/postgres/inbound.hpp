// Waiting for what a server sends: how much of it may come before something is complete has an end, whatever the server says.
// libpq alone takes a message of any announced length, and keeps every notification and parameter that it is sent.
// Layer: engine/postgres (3).  Thread rule: the session's thread.
// Source: https://www.postgresql.org/docs/current/libpq-async.html
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

struct pg_conn;
struct pg_result;

namespace flytt::engine::postgres {

struct PgClear {
  void operator()(pg_result* result) const noexcept;
};
using PgResult = std::unique_ptr<pg_result, PgClear>;

/// Bytes that may come without anything being complete, where the largest thing is a definition.
inline constexpr std::uint64_t kMostUncounted = std::uint64_t{256} << 20;

class Inbound {
 public:
  /// `most`: bytes that may come without a row, or a result, being complete.
  Inbound(pg_conn* handle, const std::string& endpoint, std::uint64_t most);

  /// Waits for more and takes it in. A session that is lost makes it return, and libpq tells it with the next result.
  /// Throws Error{Exit::unavailable}, the socket closed, when too much came.
  void wait();
  /// The same for a given time at most; false when nothing came.
  bool wait_for(std::chrono::milliseconds patience);
  /// True when the session is gone. While rows of a COPY are asked for without waiting libpq does not tell it: there is just nothing.
  bool lost() const noexcept;
  /// Something was complete: counting starts again.
  void taken() noexcept { counting_ = false; }
  /// The next result, waited for; null after the last.
  PgResult next();

 private:
  void take_in();

  pg_conn* handle_;
  const std::string& endpoint_;
  std::uint64_t most_;
  std::uint64_t before_ = 0;
  bool counting_ = false;
};

/// Closes the socket for both sides: whatever libpq waits for on it comes to an end.
void cut(pg_conn* handle) noexcept;

}  // namespace flytt::engine::postgres
