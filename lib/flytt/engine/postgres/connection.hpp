// One session with a PostgreSQL server, and the place that all of a server's sessions come from.
// Layer: engine/postgres (3).  Thread rule: a Connection belongs to one thread; Connector::cancel_all() to any.
// The C client stays in connection.cpp and copy_io.cpp: this header names only its struct tags.
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
#include <flytt/engine/postgres/inbound.hpp>
#include <flytt/engine/postgres/login.hpp>

struct pg_conn;
struct pg_result;

namespace flytt::engine::postgres {

/// A result small enough to hold: names of the columns and rows of text values.
struct Result {
  using Row = AnswerRow;
  std::vector<std::string> columns;
  Answered<Row> rows;

  bool empty() const noexcept { return rows.empty(); }
  /// Value of a column by name, in row `row`; nothing when NULL or absent.
  std::optional<std::string> get(std::string_view column, std::size_t row = 0) const;
  /// Same, "" for NULL or absent.
  std::string text(std::string_view column, std::size_t row = 0) const;
  /// text() as a number; 0 when it is none.
  std::uint64_t number(std::string_view column, std::size_t row = 0) const;
  /// text() is PostgreSQL's "t".
  bool yes(std::string_view column, std::size_t row = 0) const { return text(column, row) == "t"; }
};

using Parameters = std::vector<std::optional<std::string>>;

class Connector;

/// A session. Every failure is an Error from error_map.cpp with the SQLSTATE and the endpoint.
class Connection {
 public:
  Connection(Connector& owner, PgHandle handle, std::string endpoint);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Runs one statement or several and discards the results.
  void execute(std::string_view sql);
  /// Runs a statement whose text must not be shown in any message (it holds a password).
  void execute_secret(std::string_view sql, std::string_view shown_as);
  /// One statement; its rows as text.
  Result query(std::string_view sql);
  /// The same with $1, $2, … given apart, as text.
  Result query(std::string_view sql, const Parameters& parameters);
  /// First value of the first row; nothing when there is none or it is NULL.
  std::optional<std::string> scalar(std::string_view sql);
  /// scalar() as a number; `fallback` when there is none.
  std::uint64_t number(std::string_view sql, std::uint64_t fallback = 0);
  /// Rows that the last execute() or query() changed.
  std::uint64_t affected_rows() const noexcept { return affected_; }

  int id() const noexcept { return id_; }  ///< process id of the server's backend
  const std::string& endpoint() const noexcept { return endpoint_; }
  pg_conn* raw() noexcept { return handle_.get(); }
  Connector& owner() noexcept { return owner_; }
  /// Throws the Error for a result that is none, or for the handle's last failure when `result` is null.
  [[noreturn]] void fail(const pg_result* result, std::string_view statement) const;
  /// A password as the server stores it: made here, so that its text is never sent.
  std::string encrypt_password(const std::string& user, const std::string& password);
  /// Asks for a sign of life; never throws.
  bool alive();
  /// From now on values come and go as they are stored. Statements are UTF-8 all the same; names and messages in answers are not.
  void use_server_encoding();
  /// A statement in the bytes that the session takes. Throws Error{Exit::unavailable} for a character that the database cannot have.
  std::string as_sent(std::string_view sql);

 private:
  Result answer(bool sent, std::string_view statement, std::size_t most_bytes);
  void add_row(const pg_result* result, Result& out, std::size_t& bytes) const;

  Connector& owner_;
  PgHandle handle_;
  std::string endpoint_;
  int id_ = 0;
  bool converts_ = false;  ///< the session's encoding is another one than UTF-8
  std::uint64_t affected_ = 0;
};

enum class Mode { ordinary, replication };

/// Makes sessions for one endpoint and can end what they are doing.
class Connector {
 public:
  Connector(Endpoint endpoint, const base::Context& ctx);
  ~Connector();

  /// A new session: client encoding UTF-8, time zone UTC, ISO dates, exact floats, row security an error, time limits off.
  /// Mode::replication: a walsender of the same database, which takes replication commands.
  /// Throws Error{Exit::unavailable} unreachable or no such database, Exit::privilege refused, Exit::config for TLS trouble.
  std::unique_ptr<Connection> connect(Mode mode = Mode::ordinary, const std::string& database = {});
  const Endpoint& endpoint() const noexcept { return endpoint_; }
  const base::Context& context() const noexcept { return ctx_; }
  /// Cancels what every session is doing and shuts their sockets. Thread rule: any thread.
  void cancel_all() noexcept;
  /// Cancels the statement of one session; a bounded wait. The session's thread.
  void cancel(Connection& c) noexcept;
  bool cancelled() const noexcept { return cancel_.stop_requested(); }
  /// Variables with which a program such as pg_dump reaches the same database with the same account; may hold a password.
  std::vector<std::pair<std::string, std::string>> program_environment() const;
  /// "key='value' …" for such a program, without any password. Empty `database`: the endpoint's.
  std::string connection_text(const std::string& database = {}) const;

 private:
  friend class Connection;
  PgHandle open_handle(Mode mode, const std::string& database, std::stop_token stop);
  void enlist(Connection* c);
  void dismiss(Connection* c) noexcept;

  Endpoint endpoint_;
  const base::Context& ctx_;
  std::stop_source cancel_;
  std::mutex mutex_;
  std::vector<Connection*> live_;
};

/// The Error for an SQLSTATE, decided in error_map.cpp and nowhere else. Empty: the connection itself failed.
base::Error server_error(std::string_view sqlstate, std::string_view message, std::string_view detail, std::string_view statement,
                         std::string_view endpoint);
/// A statement for messages: literals replaced by '?', cut at 200 bytes.
std::string without_values(std::string_view sql);

/// `name` in double quotes, whatever it holds.
std::string quote_name(std::string_view name);
/// "schema"."table".
std::string quote_table(std::string_view schema, std::string_view table);
/// A text literal, whatever standard_conforming_strings says.
std::string quote_text(std::string_view text);

}  // namespace flytt::engine::postgres
