// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/inbound.hpp>

#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/os/tcp.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

/// What TLS has decrypted already does not wake a poll().
constexpr int kLookAgainMs = 1000;

}  // namespace

void PgClear::operator()(pg_result* result) const noexcept { PQclear(result); }

void cut(pg_conn* handle) noexcept {
  if (const int fd = PQsocket(handle); fd >= 0) ::shutdown(fd, SHUT_RDWR);
}

Inbound::Inbound(pg_conn* handle, const std::string& endpoint, std::uint64_t most) : handle_(handle), endpoint_(endpoint), most_(most) {}

void Inbound::take_in() {
  static_cast<void>(PQconsumeInput(handle_));
  // Nobody listens: libpq would keep them until somebody asks.
  while (PGnotify* unwanted = PQnotifies(handle_)) PQfreemem(unwanted);
  const auto received = os::received_bytes(PQsocket(handle_));
  if (!received) return;
  if (!counting_) before_ = *received;
  counting_ = true;
  if (*received - before_ <= most_) return;
  cut(handle_);
  throw Error(Exit::unavailable, base::concat(endpoint_, ": the server sent more than ", base::format_bytes(most_), " of nothing that was asked for"),
              {.endpoint = endpoint_, .hint = "Is this a database server, or something that only looks like one?"});
}

bool Inbound::wait_for(std::chrono::milliseconds patience) {
  pollfd one{PQsocket(handle_), POLLIN, 0};
  if (::poll(&one, 1, static_cast<int>(patience.count())) == 0) return false;
  take_in();
  return true;
}

void Inbound::wait() {
  pollfd one{PQsocket(handle_), POLLIN, 0};
  ::poll(&one, 1, kLookAgainMs);
  take_in();
}

bool Inbound::lost() const noexcept { return PQstatus(handle_) == CONNECTION_BAD || PQsocket(handle_) < 0; }

PgResult Inbound::next() {
  while (!lost() && PQisBusy(handle_) != 0) wait();
  return PgResult(PQgetResult(handle_));
}

}  // namespace flytt::engine::postgres
