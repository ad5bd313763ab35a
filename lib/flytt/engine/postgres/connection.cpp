// Sessions over libpq: opening with the right safety, running statements, being ended from another thread.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/connection.hpp>

#include <libpq-fe.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstdlib>
#include <future>
#include <thread>

#include <flytt/base/text.hpp>
#include <flytt/engine/client_files.hpp>
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

constexpr int kConnectSeconds = 10;
constexpr std::chrono::milliseconds kCancelFor{1500};

bool peer_is_local(int socket) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket, reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.ss_family == AF_UNIX) return true;
  if (peer.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr.s_addr) >> 24) == 127;
  if (peer.ss_family != AF_INET6) return false;
  const auto& address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

/// The host may come from the environment or a service file, and then only the connection shows that it is another one.
void refuse_clear_text(PGconn* c, const Endpoint& e) {
  if (PQsslInUse(c) != 0 || e.param("sslmode") == "disable" || peer_is_local(PQsocket(c))) return;
  throw Error(Exit::config, "the connection to " + e.display() + " leaves this host without encryption",
              {.endpoint = e.display(), .hint = "Name the host in the URL, so that TLS is used; ?sslmode=disable sends rows in clear."});
}

void refuse_unknown_params(const Endpoint& e) {
  std::vector<std::string> known{"password-file"};
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> defaults(PQconndefaults(), PQconninfoFree);
  for (const auto* o = defaults.get(); o != nullptr && o->keyword != nullptr; ++o)
    if (o->dispchar == nullptr || o->dispchar[0] != 'D') known.emplace_back(o->keyword);
  // It would have to stand on pg_dump's command line. (A password that was a parameter has been taken out.)
  if (e.params.count("sslpassword") != 0)
    throw Error(Exit::usage, "server URL: a passphrase does not go into a URL", {.hint = "Give a key that only its owner may read and that has no passphrase (sslkey)."});
  for (const auto& [key, value] : e.params) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = base::nearest(key, known);
    throw Error(Exit::usage, "server URL: parameter " + base::quote_for_message(key) + " is not known",
                {.hint = near ? "Did you mean " + *near + "?" : "The connection parameters of libpq are known."});
  }
}

/// Where libpq looks for passwords, and for services: those say which server it is and whether it is verified.
void refuse_client_files_of_others(const Endpoint& e) {
  const auto or_home = [&](const std::string& given, const char* variable, const std::string& at_home) {
    if (!given.empty()) return given;
    const char* value = std::getenv(variable);
    return value != nullptr && *value != '\0' ? std::string(value) : below_variable("HOME", at_home);
  };
  refuse_files_of_others({or_home(e.param("passfile"), "PGPASSFILE", ".pgpass")}, "the client's password file");
  if (e.params.count("service") != 0 || std::getenv("PGSERVICE") != nullptr)
    refuse_files_of_others({or_home({}, "PGSERVICEFILE", ".pg_service.conf"), below_variable("PGSYSCONFDIR", "pg_service.conf")}, "the client's service file");
}

using Keywords = std::vector<std::pair<std::string, std::string>>;

/// What the URL says, in libpq's words; what it does not say is left to the environment, service and password files.
Keywords keywords_of(const Endpoint& e, const std::string& database) {
  Keywords out;
  if (!e.host.empty() && e.host != "localhost") out.emplace_back("host", e.host);
  if (e.port != 0) out.emplace_back("port", std::to_string(e.port));
  if (!e.user.empty()) out.emplace_back("user", e.user);
  if (const std::string& name = database.empty() ? e.database : database; !name.empty()) out.emplace_back("dbname", name);
  for (const auto& [key, value] : e.params)
    if (key != "password-file") out.emplace_back(key, value);
  if (!e.local() && e.params.count("sslmode") == 0) out.emplace_back("sslmode", "verify-full");
  return out;
}

void ignore_notice(void*, const PGresult*) {}

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

void PgClose::operator()(pg_conn* handle) const noexcept { PQfinish(handle); }
void PgClear::operator()(pg_result* result) const noexcept { PQclear(result); }

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

Result Connection::take(PgResult result, std::string_view statement) {
  const auto status = PQresultStatus(result.get());
  if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK && status != PGRES_EMPTY_QUERY) fail(result.get(), statement);
  affected_ = base::parse_u64(PQcmdTuples(result.get())).value_or(0);
  Result out;
  const int columns = PQnfields(result.get());
  for (int i = 0; i < columns; ++i) out.columns.emplace_back(PQfname(result.get(), i));
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    auto& values = out.rows.emplace_back();
    for (int i = 0; i < columns; ++i) {
      if (PQgetisnull(result.get(), row, i) != 0)
        values.emplace_back(std::nullopt);
      else
        values.emplace_back(std::string(PQgetvalue(result.get(), row, i), static_cast<std::size_t>(PQgetlength(result.get(), row, i))));
    }
  }
  return out;
}

void Connection::execute(std::string_view sql) { execute_secret(sql, sql); }

void Connection::execute_secret(std::string_view sql, std::string_view shown_as) {
  take(PgResult(PQexec(handle_.get(), std::string(sql).c_str())), shown_as);
}

Result Connection::query(std::string_view sql) { return take(PgResult(PQexec(handle_.get(), std::string(sql).c_str())), sql); }

Result Connection::query(std::string_view sql, const Parameters& parameters) {
  std::vector<const char*> values;
  for (const auto& p : parameters) values.push_back(p ? p->c_str() : nullptr);
  return take(PgResult(PQexecParams(handle_.get(), std::string(sql).c_str(), static_cast<int>(values.size()), nullptr, values.data(),
                                    nullptr, nullptr, 0)),
              sql);
}

std::optional<std::string> Connection::scalar(std::string_view sql) {
  const Result r = query(sql);
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

bool Connection::alive() {
  const PgResult result(PQexec(handle_.get(), "SELECT 1"));
  return PQresultStatus(result.get()) == PGRES_TUPLES_OK;
}

Connector::Connector(Endpoint endpoint, const base::Context& ctx) : endpoint_(std::move(endpoint)), ctx_(ctx) {
  refuse_unknown_params(endpoint_);
  refuse_client_files_of_others(endpoint_);
}

Connector::~Connector() = default;

PgHandle Connector::open_handle(Mode mode, const std::string& database) {
  auto words = keywords_of(endpoint_, database);
  if (endpoint_.has_password) words.emplace_back("password", endpoint_.password);
  if (endpoint_.params.count("connect_timeout") == 0) words.emplace_back("connect_timeout", std::to_string(kConnectSeconds));
  words.emplace_back("client_encoding", "UTF8");
  words.emplace_back("fallback_application_name", "flytt");
  if (mode == Mode::replication) words.emplace_back("replication", "database");
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : words) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PgHandle handle(PQconnectdbParams(keys.data(), values.data(), 0));
  if (!handle) throw Error(Exit::bug, "the client library could not be initialised");
  if (PQstatus(handle.get()) != CONNECTION_OK) {
    if (const int why = os::short_of_descriptors(); why != 0) base::throw_errno(base::concat("cannot connect to ", endpoint_.display()), why);
    throw server_error("connect", base::trim(PQerrorMessage(handle.get())), {}, "connect", endpoint_.display());
  }
  PQsetNoticeReceiver(handle.get(), ignore_notice, nullptr);
  refuse_clear_text(handle.get(), endpoint_);
  return handle;
}

std::unique_ptr<Connection> Connector::connect(Mode mode, const std::string& database) {
  if (cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  auto connection = std::make_unique<Connection>(*this, open_handle(mode, database), endpoint_.display());
  if (mode == Mode::ordinary) connection->execute(kPinnedSession);
  return connection;
}

void Connector::enlist(Connection* c) {
  const std::lock_guard lock(mutex_);
  // Between the look before connecting and this one cancel_all() may have come, and passed by.
  if (cancelled_) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  live_.push_back(c);
}

void Connector::dismiss(Connection* c) noexcept {
  const std::lock_guard lock(mutex_);
  live_.erase(std::remove(live_.begin(), live_.end(), c), live_.end());
}

bool Connector::cancelled() const noexcept {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

void Connector::cancel_all() noexcept {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  if (live_.empty()) return;
  try {
    // PQcancel opens a connection and may wait for a host that is gone: its own thread, which nobody has to wait for.
    auto requests = std::make_shared<std::vector<std::unique_ptr<PGcancel, decltype(&PQfreeCancel)>>>();
    for (Connection* c : live_)
      if (PGcancel* request = PQgetCancel(c->raw()); request != nullptr) requests->emplace_back(request, PQfreeCancel);
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
  for (Connection* c : live_) ::shutdown(PQsocket(c->raw()), SHUT_RDWR);
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
  out.emplace_back("PGOPTIONS", "-c client_connection_check_interval=1000 -c lc_monetary=C -c array_nulls=on -c transform_null_equals=off");
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
