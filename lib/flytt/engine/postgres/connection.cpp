// Sessions over libpq: opening with the right safety, running statements, being ended from another thread.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/connection.hpp>

#include <libpq-fe.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <thread>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/os/fd.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

/// No statement of ours may be ended because the other side was slow, no value may depend on a setting, and a backend whose
/// client was killed notices within a second. set_config with a row for each that exists: versions differ in what they have.
constexpr std::string_view kPinnedSession =
    "SELECT pg_catalog.set_config(s.name, v.setting, false) FROM (VALUES ('search_path',''),('statement_timeout','0'),"
    "('lock_timeout','0'),('idle_in_transaction_session_timeout','0'),('idle_session_timeout','0'),('transaction_timeout','0'),"
    "('datestyle','ISO, YMD'),('intervalstyle','postgres'),('timezone','UTC'),('extra_float_digits','3'),('bytea_output','hex'),"
    "('row_security','off'),('synchronize_seqscans','off'),('quote_all_identifiers','off'),('standard_conforming_strings','on'),"
    "('xmloption','content'),('lc_monetary','C'),('array_nulls','on'),('transform_null_equals','off'),('default_transaction_read_only','off'),('default_transaction_deferrable','off'),"
    "('session_replication_role',NULL),('tcp_user_timeout','0'),('client_connection_check_interval','1000')) AS v(name, setting)"
    " JOIN pg_catalog.pg_settings s ON pg_catalog.lower(s.name) = v.name WHERE v.setting IS NOT NULL";

constexpr std::chrono::milliseconds kCancelFor{1500};

/// Of one string of statements, after the first that failed: no server goes on, and one that does is none.
constexpr int kMostFailures = 100;

using Requests = std::vector<std::unique_ptr<PGcancel, decltype(&PQfreeCancel)>>;

/// PQcancel opens a connection and may wait for a host that is gone: its own thread, which nobody has to wait for.
void send_cancel(std::shared_ptr<Requests> requests) noexcept {
  try {
    auto finished = std::make_shared<std::promise<void>>();
    auto future = finished->get_future();
    std::thread([requests, finished] {
      char unused[256];
      for (const auto& request : *requests) PQcancel(request.get(), unused, sizeof unused);
      finished->set_value();
    }).detach();
    future.wait_for(kCancelFor);
  } catch (...) {
    // Without a thread or memory for it: the sockets are closed all the same, and the server notices that.
  }
}

}  // namespace

std::optional<std::string> Result::get(std::string_view column, std::size_t row) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (row < rows.size() && columns[i] == column) return rows[row][i];
  return std::nullopt;
}

std::string Result::text(std::string_view column, std::size_t row) const { return get(column, row).value_or(""); }
std::uint64_t Result::number(std::string_view column, std::size_t row) const {
  return base::parse_u64(text(column, row)).value_or(0);
}

Connection::Connection(Connector& owner, PgHandle handle, std::string endpoint)
    : owner_(owner), handle_(std::move(handle)), endpoint_(std::move(endpoint)), id_(PQbackendPID(handle_.get())) {
  owner_.enlist(this);
}

Connection::~Connection() { owner_.dismiss(this); }

void Connection::fail(const pg_result* result, std::string_view statement) const {
  if (owner_.cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_});
  const auto field = [&](int code) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, code);
    return std::string(text == nullptr ? "" : text);
  };
  std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = base::trim(PQerrorMessage(handle_.get()));
  // A session that is gone says so in the result of whatever was asked of it last.
  const bool lost = PQstatus(handle_.get()) == CONNECTION_BAD;
  auto error = server_error(field(PG_DIAG_SQLSTATE), message, field(PG_DIAG_MESSAGE_DETAIL), statement, endpoint_);
  if (!lost || !error.facts().connection_usable) throw error;
  auto facts = error.facts();
  facts.connection_usable = false;
  facts.safe_to_retry = false;
  throw Error(error.code(), error.message(), facts);
}

void Connection::add_row(const pg_result* result, Result& out, std::size_t& bytes) const {
  const int columns = PQnfields(result);
  auto& values = out.rows.emplace_back();
  for (int i = 0; i < columns; ++i) {
    const auto length = static_cast<std::size_t>(PQgetlength(result, 0, i));
    bytes += kValueOverhead + length;
    if (PQgetisnull(result, 0, i) != 0) values.emplace_back(std::nullopt);
    else values.emplace_back(std::string(PQgetvalue(result, 0, i), length));
  }
}

/// The last result of what was sent, or the first error, row by row: libpq alone would take all that a server cares to send.
Result Connection::answer(bool sent, std::string_view statement, std::size_t most_bytes) {
  pg_conn* c = handle_.get();
  if (!sent) fail(nullptr, statement);
  PQsetSingleRowMode(c);
  const auto refuse = [&](const std::string& what) {
    cut(c);
    throw Error(Exit::unavailable, base::concat(endpoint_, ": the server's answer ", what),
                {.statement = without_values(statement), .endpoint = endpoint_, .hint = "Is this a database server, or something that only looks like one?"});
  };
  Inbound in(c, endpoint_, kMostUncounted);
  Result out;
  PgResult failed;
  std::size_t bytes = 0;
  int failures = 0;
  bool complete = true;
  while (PgResult result = in.next()) {
    in.taken();
    const auto status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) refuse("is a COPY, and none was asked for");
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) {
      if (++failures > kMostFailures) refuse("is one error after another");
      if (!failed) failed = std::move(result);
      continue;
    }
    if (complete) {
      out = {};
      for (int i = 0; i < PQnfields(result.get()); ++i) out.columns.emplace_back(PQfname(result.get(), i));
    }
    complete = status != PGRES_SINGLE_TUPLE;
    if (complete) affected_ = base::parse_u64(PQcmdTuples(result.get())).value_or(0);
    else add_row(result.get(), out, bytes);
    if (bytes > most_bytes) refuse("has more than " + base::format_bytes(most_bytes));
  }
  if (failed) fail(failed.get(), statement);
  return out;
}

void Connection::execute(std::string_view sql) { execute_secret(sql, sql); }

void Connection::execute_secret(std::string_view sql, std::string_view shown_as) {
  answer(PQsendQuery(handle_.get(), as_sent(sql).c_str()) == 1, shown_as, kMostAnswerBytes);
}

Result Connection::query(std::string_view sql) {
  return answer(PQsendQuery(handle_.get(), as_sent(sql).c_str()) == 1, sql, kMostAnswerBytes);
}

Result Connection::query(std::string_view sql, const Parameters& parameters) {
  std::vector<std::string> texts;
  for (const auto& p : parameters) texts.push_back(p ? as_sent(*p) : std::string());
  std::vector<const char*> values;
  for (std::size_t i = 0; i < texts.size(); ++i) values.push_back(parameters[i] ? texts[i].c_str() : nullptr);
  const int sent = PQsendQueryParams(handle_.get(), as_sent(sql).c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                                     nullptr, 0);
  return answer(sent == 1, sql, kMostAnswerBytes);
}

std::optional<std::string> Connection::scalar(std::string_view sql) {
  const Result r = answer(PQsendQuery(handle_.get(), as_sent(sql).c_str()) == 1, sql, kMostScalarBytes);
  return r.rows.empty() || r.rows[0].empty() ? std::nullopt : r.rows[0][0];
}

std::uint64_t Connection::number(std::string_view sql, std::uint64_t fallback) {
  const auto text = scalar(sql);
  return text ? base::parse_u64(*text).value_or(fallback) : fallback;
}

std::string Connection::encrypt_password(const std::string& user, const std::string& password) {
  const std::unique_ptr<char, decltype(&PQfreemem)> text(PQencryptPasswordConn(handle_.get(), password.c_str(), user.c_str(), nullptr), PQfreemem);
  if (!text) fail(nullptr, "encrypt password");
  return text.get();
}

void Connection::use_server_encoding() {
  const auto encoding = scalar("SELECT pg_catalog.set_config('client_encoding', pg_catalog.current_setting('server_encoding'), false)").value_or("");
  converts_ = encoding != "UTF8" && encoding != "SQL_ASCII";  // the latter takes and gives any byte as it is
}

std::string Connection::as_sent(std::string_view sql) {
  const bool ascii = std::all_of(sql.begin(), sql.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (!converts_ || ascii) return std::string(sql);
  return scalar(base::concat("SELECT pg_catalog.convert_from(pg_catalog.decode('", base::hex(sql), "', 'hex'), 'UTF8')")).value_or("");
}

bool Connection::alive() {
  try {
    execute("");  // which a server answers in a transaction that has failed, too
    return true;
  } catch (const Error&) {
    return false;
  }
}

Connector::Connector(Endpoint endpoint, const base::Context& ctx) : endpoint_(std::move(endpoint)), ctx_(ctx) { check_parameters(endpoint_); }

Connector::~Connector() = default;

PgHandle Connector::open_handle(Mode mode, const std::string& database, std::stop_token stop) {
  auto words = keywords_of(endpoint_, database);
  if (endpoint_.has_password) words.emplace_back("password", endpoint_.password);
  if (endpoint_.params.count("connect_timeout") == 0) words.emplace_back("connect_timeout", std::to_string(kConnectSeconds));
  words.emplace_back("client_encoding", "UTF8");
  words.emplace_back("fallback_application_name", "flytt");
  if (mode == Mode::replication) words.emplace_back("replication", "database");
  return log_in(endpoint_, std::move(words), stop);
}

std::unique_ptr<Connection> Connector::connect(Mode mode, const std::string& database) {
  if (cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  std::stop_source stop;
  const std::stop_callback on_cancel(cancel_.get_token(), [&stop] { stop.request_stop(); });
  // What is put back after a stop needs new sessions: only a stop that comes now ends this login.
  const std::stop_callback on_stop(ctx_.stop.stop_requested() ? std::stop_token() : ctx_.stop, [&stop] { stop.request_stop(); });
  PgHandle handle = open_handle(mode, database, stop.get_token());
  const os::UniqueFd hold = os::duplicate(PQsocket(handle.get()));
  const std::stop_callback on_either(stop.get_token(), [&hold] { ::shutdown(hold.get(), SHUT_RDWR); });
  auto connection = std::make_unique<Connection>(*this, std::move(handle), endpoint_.display());
  try {
    if (mode == Mode::ordinary) connection->execute(kPinnedSession);
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

void Connector::cancel_all() noexcept {
  cancel_.request_stop();
  const std::lock_guard lock(mutex_);
  if (live_.empty()) return;
  try {
    auto requests = std::make_shared<Requests>();
    for (Connection* c : live_)
      if (PGcancel* request = PQgetCancel(c->raw()); request != nullptr) requests->emplace_back(request, PQfreeCancel);
    send_cancel(std::move(requests));
  } catch (...) {
    // No memory for the requests.
  }
  for (Connection* c : live_) cut(c->raw());
}

void Connector::cancel(Connection& c) noexcept {
  try {
    auto requests = std::make_shared<Requests>();
    if (PGcancel* request = PQgetCancel(c.raw()); request != nullptr) requests->emplace_back(request, PQfreeCancel);
    send_cancel(std::move(requests));
  } catch (...) {
    // No memory for the request.
  }
}

std::vector<std::pair<std::string, std::string>> Connector::program_environment() const {
  std::vector<std::pair<std::string, std::string>> out;
  // The client library takes a password of the environment for either server; children get none unless it is named.
  if (endpoint_.has_password) out.emplace_back("PGPASSWORD", endpoint_.password);
  else if (const char* of_ours = std::getenv("PGPASSWORD"); of_ours != nullptr) out.emplace_back("PGPASSWORD", of_ours);
  out.emplace_back("PGAPPNAME", "flytt");
  out.emplace_back("PGCONNECT_TIMEOUT", std::to_string(kConnectSeconds));
  // Checked by the server while a statement runs: a program that was killed leaves no session behind.
  // Constants in definitions are written as these settings say, and read as they say.
  out.emplace_back("PGOPTIONS", "-c client_connection_check_interval=1000 -c lc_monetary=C -c array_nulls=on -c transform_null_equals=off"
                                  " -c standard_conforming_strings=on");
  return out;
}

std::string Connector::connection_text(const std::string& database) const {
  std::string out;
  for (const auto& [key, value] : keywords_of(endpoint_, database)) {
    if (key == "password") continue;
    std::string quoted;
    for (const char c : value) {
      if (c == '\'' || c == '\\') quoted += '\\';
      quoted += c;
    }
    out += base::concat(out.empty() ? "" : " ", key, "='", quoted, "'");
  }
  return out;
}

}  // namespace flytt::engine::postgres
