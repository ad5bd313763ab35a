// One session with a MySQL or MariaDB server, and the place that all of a server's sessions come from.
// Layer: engine/mysql_family (3).  Thread rule: a Connection belongs to one thread; Connector::cancel_all() to any.
// The C client stays in connection.cpp: this header names only its struct tags.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/base/error.hpp>
#include <flytt/engine/answer.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/engine/mysql_family/head_watch.hpp>
#include <flytt/engine/mysql_family/login.hpp>

struct st_mysql;

namespace flytt::engine::mysql_family {

/// A result small enough to hold: names of the columns and rows of text values.
struct Result {
  using Row = AnswerRow;
  std::vector<std::string> columns;
  Answered<Row> rows;

  bool empty() const noexcept { return rows.empty(); }
  /// Value of a column by name (case-insensitive), in row `row`; nothing when NULL or absent.
  std::optional<std::string> get(std::string_view column, std::size_t row = 0) const;
  /// Same, "" for NULL or absent.
  std::string text(std::string_view column, std::size_t row = 0) const;
};

class Connector;

/// A session. Every failure is an Error from error_map.cpp with the server's number, SQLSTATE and the endpoint.
class Connection {
 public:
  Connection(Connector& owner, MysqlHandle handle, std::string endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs a statement and discards its result.
  void execute(std::string_view sql);
  /// Runs a statement whose text must not be shown in any message (it holds a password).
  void execute_secret(std::string_view sql, std::string_view shown_as);
  Result query(std::string_view sql);
  /// First value of the first row; nothing when there is none or it is NULL.
  std::optional<std::string> scalar(std::string_view sql);
  /// scalar() as a number; `fallback` when there is none.
  std::uint64_t number(std::string_view sql, std::uint64_t fallback = 0);

  std::uint64_t affected_rows() const noexcept { return affected_; }
  unsigned warnings() const noexcept { return warnings_; }
  /// The server's text of LOAD DATA and ALTER, such as "Records: 5  Deleted: 0  Skipped: 0  Warnings: 0".
  const std::string& info() const noexcept { return info_; }
  /// Messages of SHOW WARNINGS, "1265 Data truncated for column 'a' at row 1; …", at most `limit`.
  std::string warning_text(unsigned limit = 3);

  std::uint64_t id() const noexcept { return id_; }
  const std::string& endpoint() const noexcept { return endpoint_; }
  st_mysql* raw() noexcept { return handle_.get(); }
  LocalData& local_data() noexcept { return handle_.local_data(); }
  Connector& owner() noexcept { return owner_; }
  /// Throws the Error for the handle's last failure.
  [[noreturn]] void fail(std::string_view statement) const;
  /// The same for a failure that stands elsewhere, such as with a prepared statement.
  [[noreturn]] void fail(unsigned native, std::string_view sqlstate, std::string_view message, std::string_view statement) const;
  bool alive();  ///< a ping that never throws
  /// Sends a statement and reads the head of its answer. Throws as fail() does.
  void send(std::string_view sql, std::string_view shown_as);
  /// For what sends a statement in another way; see head_watch.hpp.
  HeadWatch& head_watch() noexcept;
  /// The answer is larger than any of ours: the session ends with it.
  [[noreturn]] void too_much(std::string_view what, std::string_view statement);

 private:
  Result query(std::string_view sql, std::size_t most_bytes);
  void discard_rows(std::string_view shown_as);

  Connector& owner_;
  MysqlHandle handle_;
  std::string endpoint_;
  std::uint64_t id_ = 0;
  std::uint64_t affected_ = 0;
  unsigned warnings_ = 0;
  std::string info_;
};

/// Makes sessions for one endpoint and can end what they are doing.
class Connector {
 public:
  Connector(Endpoint endpoint, const base::Context& ctx);
  ~Connector();

  /// A new session: names in utf8mb4, values unconverted where asked, time zone UTC, a known sql_mode, timeouts pinned.
  /// Throws Error{Exit::unavailable} unreachable, Exit::privilege refused, Exit::config for TLS or option file trouble.
  /// Offer::load_data: a session that may run LOAD DATA LOCAL; see local_data.hpp.
  std::unique_ptr<Connection> connect(LocalData::Offer offer = LocalData::Offer::nothing);
  const Endpoint& endpoint() const noexcept { return endpoint_; }
  const base::Context& context() const noexcept { return ctx_; }
  /// KILLs every session through a side connection and shuts their sockets. Thread rule: any thread.
  void cancel_all() noexcept;
  /// Ends one statement, not its session. Thread rule: any thread.
  void kill_query(std::uint64_t id) noexcept;
  bool cancelled() const noexcept { return cancel_.stop_requested(); }

 private:
  friend class Connection;
  void enlist(Connection* c);
  void dismiss(Connection* c) noexcept;
  void run_aside(const std::vector<std::string>& statements) noexcept;

  Endpoint endpoint_;
  const base::Context& ctx_;
  std::stop_source cancel_;
  HeadWatch head_watch_;
  std::mutex mutex_;
  std::vector<Connection*> live_;
};

/// The Error for a server's or the client library's number, decided in error_map.cpp and nowhere else.
base::Error server_error(unsigned native, std::string_view sqlstate, std::string_view message, std::string_view statement,
                         std::string_view endpoint);
/// A statement for messages: literals replaced by '?', cut at 200 bytes.
std::string without_values(std::string_view sql);

/// `name` in backquotes, whatever it holds.
std::string quote_name(std::string_view name);
/// A text literal: 'it''s' with backslashes doubled; only for sessions without NO_BACKSLASH_ESCAPES (ours never have it).
std::string quote_text(std::string_view text);
/// A byte literal: X'00ff', '' for nothing.
std::string quote_bytes(std::string_view bytes);

}  // namespace flytt::engine::mysql_family
