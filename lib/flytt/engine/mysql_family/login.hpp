// Opening one session: options, TLS, what the account's password may be shown to, and an end to all waiting.
// Layer: engine/mysql_family (3).  Thread rule: any thread; each call has a handle of its own.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <memory>
#include <stop_token>

#include <flytt/engine/endpoint.hpp>
#include <flytt/engine/mysql_family/local_data.hpp>

struct st_mysql;

namespace flytt::engine::mysql_family {

struct MysqlClose {
  void operator()(st_mysql* handle) const noexcept;
};

/// A handle of the C client together with what its callbacks point to.
class MysqlHandle {
 public:
  MysqlHandle();
  st_mysql* get() const noexcept { return handle_.get(); }
  LocalData& local_data() const noexcept { return *local_data_; }

 private:
  std::unique_ptr<LocalData> local_data_;  // outlives the handle
  std::unique_ptr<st_mysql, MysqlClose> handle_;
};

struct LoginRequest {
  const Endpoint& endpoint;
  LocalData::Offer offer = LocalData::Offer::nothing;
  std::chrono::seconds within{10};    ///< for the whole login, however slowly the server answers
  bool short_answers = false;         ///< each later answer has to come within the same time
};

/// Checks what can be checked of a URL before anybody connects. Throws Error{Exit::usage}.
void check_parameters(const Endpoint& endpoint);

/// A session that is logged in. A stop ends the waiting at once.
/// Throws Error{Exit::unavailable} unreachable or too slow, Exit::privilege refused, Exit::config for TLS, an option file's or an
/// authentication's trouble, Exit::temporary when stopped.
MysqlHandle log_in(const LoginRequest& request, std::stop_token stop);

/// The socket of a session, for poll() and to look at; -1 when it is closed.
int socket_of(st_mysql* handle) noexcept;

}  // namespace flytt::engine::mysql_family
