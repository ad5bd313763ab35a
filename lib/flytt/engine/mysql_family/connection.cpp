// Sessions over the C client: opening with the right safety, running statements, being ended from another thread.
// Works with MariaDB Connector/C and Oracle's libmysqlclient; what only one of them has stands behind MARIADB_PACKAGE_VERSION.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/connection.hpp>

#include <mysql.h>
#include <sys/socket.h>

#include <algorithm>
#include <condition_variable>
#include <thread>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/os/fd.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

/// A year: no statement of ours may be ended because the other side was slow. Largest value both products take. An administrator may
/// have set limits on rows for everybody: of ours none may be left out, and DEFAULT would be his value again.
constexpr std::string_view kPinnedSession =
    "SET SESSION time_zone='+00:00', sql_mode='NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES',"
    " net_write_timeout=31536000, net_read_timeout=31536000, wait_timeout=31536000, interactive_timeout=31536000,"
    " sql_quote_show_create=1, group_concat_max_len=1048576, sql_select_limit=18446744073709551615,"
    " max_join_size=18446744073709551615, sql_big_selects=1, sql_safe_updates=0, sql_auto_is_null=0"
    "/*M!100300 , idle_transaction_timeout=0, idle_readonly_transaction_timeout=0, idle_write_transaction_timeout=0,"
    " max_statement_time=0 */"
    "/*!80000 , max_execution_time=0, information_schema_stats_expiry=0, show_gipk_in_create_table_and_information_schema=1,"
    " show_create_table_verbosity=0 */";

constexpr std::chrono::seconds kSideSeconds{2};    ///< for the login of a side connection and each answer on it
constexpr std::chrono::seconds kAsideSeconds{4};   ///< for all that it has to do
constexpr int kMostResults = 16;                   ///< of one statement; ours have one, or two of a CALL

}  // namespace

std::optional<std::string> Result::get(std::string_view column, std::size_t row) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (row < rows.size() && base::equal_ignoring_case(columns[i], column)) return rows[row][i];
  return std::nullopt;
}

std::string Result::text(std::string_view column, std::size_t row) const { return get(column, row).value_or(""); }

Connection::Connection(Connector& owner, MysqlHandle handle, std::string endpoint)
    : owner_(owner), handle_(std::move(handle)), endpoint_(std::move(endpoint)), id_(mysql_thread_id(handle_.get())) {
  owner_.enlist(this);
}

Connection::~Connection() { owner_.dismiss(this); }

void Connection::fail(std::string_view statement) const {
  fail(mysql_errno(handle_.get()), mysql_sqlstate(handle_.get()), mysql_error(handle_.get()), statement);
}

void Connection::fail(unsigned native, std::string_view sqlstate, std::string_view message, std::string_view statement) const {
  if (owner_.cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_});
  // Whatever else the server said afterwards.
  if (const auto& file = handle_.local_data().refused())
    throw Error(Exit::unavailable, base::concat(endpoint_, ": the server asked for the local file ", base::quote_for_message(*file), ": refused, nothing of it was sent"),
                {.native = static_cast<int>(native), .statement = without_values(statement), .endpoint = endpoint_,
                 .hint = "No statement of flytt asks for a file: find out what answers there before you use it again."});
  throw server_error(native, sqlstate, message, statement, endpoint_);
}

void Connection::too_much(std::string_view what, std::string_view statement) {
  // Else the client library reads on to an end that may never come.
  ::shutdown(socket_of(handle_.get()), SHUT_RDWR);
  throw Error(Exit::unavailable, base::concat(endpoint_, ": the server's answer has more than ", what),
              {.statement = without_values(statement), .endpoint = endpoint_, .hint = "Is this a database server, or something that only looks like one?"});
}

HeadWatch& Connection::head_watch() noexcept { return owner_.head_watch_; }

void Connection::send(std::string_view sql, std::string_view shown_as) {
  const HeadWatch::Scope watched(head_watch(), socket_of(handle_.get()));
  if (mysql_real_query(handle_.get(), sql.data(), sql.size()) == 0) return;
  if (watched.tripped()) too_much(base::format_bytes(kMostHeadBytes) + " before its first row", shown_as);
  fail(shown_as);
}

using Rows = std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)>;

/// Reads and forgets.
void Connection::discard_rows(std::string_view shown_as) {
  const Rows result(mysql_use_result(handle_.get()), mysql_free_result);
  if (!result) return;
  const unsigned n = mysql_num_fields(result.get());
  std::size_t bytes = 0;
  while (mysql_fetch_row(result.get()) != nullptr) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    for (unsigned i = 0; i < n; ++i) bytes += kValueOverhead + lengths[i];
    if (bytes > kMostAnswerBytes) too_much(base::format_bytes(kMostAnswerBytes), shown_as);
  }
}

void Connection::execute(std::string_view sql) { execute_secret(sql, sql); }

void Connection::execute_secret(std::string_view sql, std::string_view shown_as) {
  MYSQL* m = handle_.get();
  send(sql, shown_as);
  for (int results = 1;; ++results) {
    discard_rows(shown_as);
    if (mysql_errno(m) != 0) fail(shown_as);
    if (results == 1) {
      affected_ = mysql_affected_rows(m);
      warnings_ = mysql_warning_count(m);
      const char* text = mysql_info(m);
      info_ = text != nullptr ? text : "";
    }
    const int more = mysql_next_result(m);
    if (more < 0) return;
    if (more > 0) fail(shown_as);
    if (results == kMostResults) too_much(base::concat(kMostResults, " parts"), shown_as);
  }
}

Result Connection::query(std::string_view sql) { return query(sql, kMostAnswerBytes); }

Result Connection::query(std::string_view sql, std::size_t most_bytes) {
  MYSQL* m = handle_.get();
  send(sql, sql);
  // Row by row, not stored by the library, which would take all that a server cares to send.
  const Rows result(mysql_use_result(m), mysql_free_result);
  if (!result) {
    if (mysql_errno(m) != 0) fail(sql);
    return {};
  }
  Result out;
  const unsigned n = mysql_num_fields(result.get());
  const MYSQL_FIELD* fields = mysql_fetch_fields(result.get());
  for (unsigned i = 0; i < n; ++i) out.columns.emplace_back(fields[i].name);
  std::size_t bytes = 0;
  while (MYSQL_ROW row = mysql_fetch_row(result.get())) {
    const unsigned long* lengths = mysql_fetch_lengths(result.get());
    auto& values = out.rows.emplace_back();
    for (unsigned i = 0; i < n; ++i) {
      bytes += kValueOverhead + lengths[i];
      if (row[i] == nullptr) values.emplace_back(std::nullopt);
      else values.emplace_back(std::string(row[i], lengths[i]));
    }
    if (bytes > most_bytes) too_much(base::format_bytes(most_bytes), sql);
  }
  if (mysql_errno(m) != 0) fail(sql);
  return out;
}

std::optional<std::string> Connection::scalar(std::string_view sql) {
  const Result r = query(sql, kMostScalarBytes);
  return r.rows.empty() || r.rows[0].empty() ? std::nullopt : r.rows[0][0];
}

std::uint64_t Connection::number(std::string_view sql, std::uint64_t fallback) {
  const auto text = scalar(sql);
  return text ? base::parse_u64(*text).value_or(fallback) : fallback;
}

std::string Connection::warning_text(unsigned limit) {
  const Result r = query("SHOW WARNINGS LIMIT " + std::to_string(limit));
  std::string out;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out += (i == 0 ? "" : "; ") + r.text("Code", i) + " " + r.text("Message", i);
  return out;
}

bool Connection::alive() { return mysql_ping(handle_.get()) == 0; }

Connector::Connector(Endpoint endpoint, const base::Context& ctx) : endpoint_(std::move(endpoint)), ctx_(ctx) { check_parameters(endpoint_); }

Connector::~Connector() = default;

std::unique_ptr<Connection> Connector::connect(LocalData::Offer offer) {
  if (cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  std::stop_source stop;
  const std::stop_callback on_cancel(cancel_.get_token(), [&stop] { stop.request_stop(); });
  // What is put back after a stop needs new sessions: only a stop that comes now ends this login.
  const std::stop_callback on_stop(ctx_.stop.stop_requested() ? std::stop_token() : ctx_.stop, [&stop] { stop.request_stop(); });
  MysqlHandle handle = log_in({.endpoint = endpoint_, .offer = offer}, stop.get_token());
  const os::UniqueFd hold = os::duplicate(socket_of(handle.get()));
  const std::stop_callback cut(stop.get_token(), [&hold] { ::shutdown(hold.get(), SHUT_RDWR); });
  auto connection = std::make_unique<Connection>(*this, std::move(handle), endpoint_.display());
  try {
    connection->execute(kPinnedSession);
  } catch (const Error&) {
    if (stop.stop_requested()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
    throw;
  }
  return connection;
}

void Connector::enlist(Connection* c) {
  const std::lock_guard lock(mutex_);
  // Between the look before connecting and this one cancel_all() may have come, and passed by.
  if (cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  live_.push_back(c);
}

void Connector::dismiss(Connection* c) noexcept {
  const std::lock_guard lock(mutex_);
  live_.erase(std::remove(live_.begin(), live_.end(), c), live_.end());
}

/// On a session of its own and for a few seconds at most, whatever the server does.
void Connector::run_aside(const std::vector<std::string>& statements) noexcept {
  try {
    std::stop_source limit;
    std::mutex mutex;
    std::condition_variable wake;
    bool finished = false;
    const std::jthread work([&] {
      try {
        const MysqlHandle side = log_in({.endpoint = endpoint_, .within = kSideSeconds, .short_answers = true}, limit.get_token());
        const os::UniqueFd hold = os::duplicate(socket_of(side.get()));
        const std::stop_callback cut(limit.get_token(), [&hold] { ::shutdown(hold.get(), SHUT_RDWR); });
        for (const auto& sql : statements) mysql_real_query(side.get(), sql.data(), sql.size());
      } catch (...) {
        // The server cannot be reached for a KILL: closing the sockets is all that is left, and ends our own waiting.
      }
      const std::lock_guard lock(mutex);
      finished = true;
      wake.notify_one();
    });
    std::unique_lock lock(mutex);
    wake.wait_for(lock, kAsideSeconds, [&] { return finished; });
    lock.unlock();
    limit.request_stop();
  } catch (...) {
    // No thread or no memory for it: as above.
  }
}

void Connector::cancel_all() noexcept {
  cancel_.request_stop();
  const std::lock_guard lock(mutex_);
  if (live_.empty()) return;
  try {
    std::vector<std::string> kills;
    for (const Connection* c : live_) kills.push_back("KILL " + std::to_string(c->id()));
    run_aside(kills);
  } catch (...) {
    // No memory for the statements.
  }
  for (Connection* c : live_) ::shutdown(socket_of(c->raw()), SHUT_RDWR);
}

/// The caller reads back what became of the statement.
void Connector::kill_query(std::uint64_t id) noexcept { run_aside({"KILL QUERY " + std::to_string(id)}); }

}  // namespace flytt::engine::mysql_family
