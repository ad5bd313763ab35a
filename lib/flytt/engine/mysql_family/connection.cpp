// Sessions over the C client: opening with the right safety, running statements, being ended from another thread.
// Works with MariaDB Connector/C and Oracle's libmysqlclient; what only one of them has stands behind MARIADB_PACKAGE_VERSION.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/connection.hpp>

#include <mysql.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/client_files.hpp>
#include <flytt/os/fd.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

/// A year: no statement of ours may be ended because the other side was slow. Largest value both products take.
constexpr std::string_view kPinnedSession =
    "SET SESSION time_zone='+00:00', sql_mode='NO_AUTO_VALUE_ON_ZERO,STRICT_ALL_TABLES,ALLOW_INVALID_DATES',"
    " net_write_timeout=31536000, net_read_timeout=31536000, wait_timeout=31536000, interactive_timeout=31536000,"
    " sql_quote_show_create=1, group_concat_max_len=1048576, sql_select_limit=DEFAULT"
    "/*M!100300 , idle_transaction_timeout=0, idle_readonly_transaction_timeout=0, idle_write_transaction_timeout=0,"
    " max_statement_time=0 */"
    "/*!80000 , max_execution_time=0, information_schema_stats_expiry=0, show_gipk_in_create_table_and_information_schema=1 */";

constexpr unsigned kConnectSeconds = 10;
constexpr unsigned kSideConnectSeconds = 2;

int socket_of(MYSQL* m) {
#ifdef MARIADB_PACKAGE_VERSION
  return static_cast<int>(mysql_get_socket(m));
#else
  return m->net.fd;
#endif
}

enum class Tls { off, encrypted, verified };

Tls tls_mode(const Endpoint& e) {
  const std::string mode = base::lower(e.param("ssl-mode"));
  if (mode == "disabled") return Tls::off;
  if (mode == "required") return Tls::encrypted;
  if (mode == "verify-ca" || mode == "verify_ca" || mode == "verify-identity" || mode == "verify_identity") return Tls::verified;
  if (!mode.empty())
    throw Error(Exit::usage, "ssl-mode " + base::quote_for_message(mode) + " is not known",
                {.hint = "Use disabled, required, verify-ca or verify-identity."});
  return e.local() ? Tls::off : Tls::verified;
}

void refuse_unknown_params(const Endpoint& e) {
  static constexpr std::array<std::string_view, 9> kKnown{"socket",  "ssl-mode", "ssl-ca",        "ssl-cert",      "ssl-key",
                                                          "charset", "defaults-file", "defaults-group", "password-file"};
  for (const auto& [key, value] : e.params) {
    if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    const auto near = base::nearest(key, kKnown);
    throw Error(Exit::usage, "server URL: parameter " + base::quote_for_message(key) + " is not known",
                {.hint = near ? "Did you mean " + *near + "?" : "Known are: " + base::join(kKnown, ", ") + "."});
  }
}

/// An option file may name a library to load (plugin-dir), not only servers and passwords.
void refuse_option_files_of_others(const Endpoint& e) {
  const std::string named = e.param("defaults-file");
  refuse_files_of_others(named.empty() ? std::vector<std::string>{"/etc/my.cnf", "/etc/mysql/my.cnf", below_variable("MARIADB_HOME", "my.cnf"), below_variable("MYSQL_HOME", "my.cnf"),
                                                                  below_variable("HOME", ".my.cnf")}
                                       : std::vector{named},
                         "the client's option file");
}

/// True when the other end is on this host: a socket file, or a loopback address.
bool peer_is_local(MYSQL* m) {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  if (::getpeername(socket_of(m), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return false;
  if (peer.ss_family == AF_UNIX) return true;
  if (peer.ss_family == AF_INET)
    return (ntohl(reinterpret_cast<const sockaddr_in*>(&peer)->sin_addr.s_addr) >> 24) == 127;
  if (peer.ss_family != AF_INET6) return false;
  const auto& address = reinterpret_cast<const sockaddr_in6*>(&peer)->sin6_addr;
  return IN6_IS_ADDR_LOOPBACK(&address);
}

/// The host may come from an option file, and then only the connection shows that it is another one.
void refuse_clear_text(MYSQL* m, const Endpoint& e) {
  if (mysql_get_ssl_cipher(m) != nullptr || base::lower(e.param("ssl-mode")) == "disabled" || peer_is_local(m)) return;
  throw Error(Exit::config, "the connection to " + e.display() + " leaves this host without encryption",
              {.endpoint = e.display(), .hint = "Name the host in the URL, so that TLS is used; ?ssl-mode=disabled sends rows in clear."});
}

void set_tls(MYSQL* m, const Endpoint& e) {
  const Tls mode = tls_mode(e);
  const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
  const std::string ca = e.param("ssl-ca"), cert = e.param("ssl-cert"), key = e.param("ssl-key");
  if (mode != Tls::off || !ca.empty()) mysql_ssl_set(m, text(key), text(cert), text(ca), nullptr, nullptr);
#ifdef MARIADB_PACKAGE_VERSION
  my_bool enforce = mode != Tls::off, verify = mode == Tls::verified;
  mysql_optionsv(m, MYSQL_OPT_SSL_ENFORCE, &enforce);
  mysql_optionsv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verify);
#else
  unsigned native = mode == Tls::off ? SSL_MODE_PREFERRED : mode == Tls::encrypted ? SSL_MODE_REQUIRED : SSL_MODE_VERIFY_IDENTITY;
  mysql_options(m, MYSQL_OPT_SSL_MODE, &native);
#endif
}

}  // namespace

std::optional<std::string> Result::get(std::string_view column, std::size_t row) const {
  for (std::size_t i = 0; i < columns.size(); ++i)
    if (row < rows.size() && base::equal_ignoring_case(columns[i], column)) return rows[row][i];
  return std::nullopt;
}

std::string Result::text(std::string_view column, std::size_t row) const { return get(column, row).value_or(""); }

void MysqlClose::operator()(st_mysql* handle) const noexcept { mysql_close(handle); }

Connection::Connection(Connector& owner, MysqlHandle handle, std::string endpoint)
    : owner_(owner), handle_(std::move(handle)), endpoint_(std::move(endpoint)), id_(mysql_thread_id(handle_.get())) {
  owner_.enlist(this);
}

Connection::~Connection() { owner_.dismiss(this); }

void Connection::fail(std::string_view statement) const {
  const unsigned native = mysql_errno(handle_.get());
  if (owner_.cancelled()) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_});
  throw server_error(native, mysql_sqlstate(handle_.get()), mysql_error(handle_.get()), statement, endpoint_);
}

void Connection::execute(std::string_view sql) { execute_secret(sql, sql); }

void Connection::execute_secret(std::string_view sql, std::string_view shown_as) {
  MYSQL* m = handle_.get();
  if (mysql_real_query(m, sql.data(), sql.size()) != 0) fail(shown_as);
  for (bool first = true;; first = false) {
    if (MYSQL_RES* result = mysql_use_result(m)) mysql_free_result(result);
    if (mysql_errno(m) != 0) fail(shown_as);
    if (first) {
      affected_ = mysql_affected_rows(m);
      warnings_ = mysql_warning_count(m);
      const char* text = mysql_info(m);
      info_ = text != nullptr ? text : "";
    }
    const int more = mysql_next_result(m);
    if (more < 0) return;
    if (more > 0) fail(shown_as);
  }
}

Result Connection::query(std::string_view sql) {
  MYSQL* m = handle_.get();
  if (mysql_real_query(m, sql.data(), sql.size()) != 0) fail(sql);
  MYSQL_RES* raw = mysql_store_result(m);
  if (raw == nullptr) {
    if (mysql_errno(m) != 0) fail(sql);
    return {};
  }
  const std::unique_ptr<MYSQL_RES, decltype(&mysql_free_result)> result(raw, mysql_free_result);
  Result out;
  const unsigned n = mysql_num_fields(raw);
  const MYSQL_FIELD* fields = mysql_fetch_fields(raw);
  for (unsigned i = 0; i < n; ++i) out.columns.emplace_back(fields[i].name);
  while (MYSQL_ROW row = mysql_fetch_row(raw)) {
    const unsigned long* lengths = mysql_fetch_lengths(raw);
    auto& values = out.rows.emplace_back();
    for (unsigned i = 0; i < n; ++i) {
      if (row[i] == nullptr) values.emplace_back(std::nullopt);
      else values.emplace_back(std::string(row[i], lengths[i]));
    }
  }
  return out;
}

std::optional<std::string> Connection::scalar(std::string_view sql) {
  const Result r = query(sql);
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

Connector::Connector(Endpoint endpoint, const base::Context& ctx) : endpoint_(std::move(endpoint)), ctx_(ctx) {
  refuse_unknown_params(endpoint_);
  refuse_option_files_of_others(endpoint_);
  static_cast<void>(tls_mode(endpoint_));
}

Connector::~Connector() = default;

MysqlHandle Connector::open_handle(bool side) {
  MysqlHandle handle(mysql_init(nullptr));
  if (!handle) throw Error(Exit::bug, "the client library could not be initialised");
  MYSQL* m = handle.get();
  const unsigned seconds = side ? kSideConnectSeconds : kConnectSeconds;
  mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  if (side) {
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
  }
  const std::string file = endpoint_.param("defaults-file"), group = endpoint_.param("defaults-group", "flytt");
  if (!file.empty()) mysql_options(m, MYSQL_READ_DEFAULT_FILE, file.c_str());
  mysql_options(m, MYSQL_READ_DEFAULT_GROUP, group.c_str());
  mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned long packet = 1UL << 30;
  mysql_options(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
  const unsigned local_infile = 1;  // only ever fed from memory: the writer installs its own handler
  mysql_options(m, MYSQL_OPT_LOCAL_INFILE, &local_infile);
  mysql_options4(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "flytt");
  set_tls(m, endpoint_);

  const auto text = [](const std::string& s) { return s.empty() ? nullptr : s.c_str(); };
  const std::string socket = endpoint_.param("socket");
  const std::string host = socket.empty() ? endpoint_.host : "localhost";
  if (mysql_real_connect(m, text(host), text(endpoint_.user), endpoint_.has_password ? endpoint_.password.c_str() : nullptr,
                         nullptr, endpoint_.port, text(socket), 0) == nullptr) {
    if (const int why = os::short_of_descriptors(); why != 0) base::throw_errno(base::concat("cannot connect to ", endpoint_.display()), why);
    throw server_error(mysql_errno(m), mysql_sqlstate(m), mysql_error(m), "connect", endpoint_.display());
  }
  refuse_clear_text(m, endpoint_);
  return handle;
}

std::unique_ptr<Connection> Connector::connect() {
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) throw Error(Exit::temporary, "stopped on request", {.endpoint = endpoint_.display()});
  }
  auto connection = std::make_unique<Connection>(*this, open_handle(false), endpoint_.display());
  connection->execute(kPinnedSession);
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
    const MysqlHandle side = open_handle(true);
    for (const Connection* c : live_) {
      const std::string kill = "KILL " + std::to_string(c->id());
      mysql_real_query(side.get(), kill.data(), kill.size());
    }
  } catch (...) {
    // The server cannot be reached for a KILL: closing the sockets is all that is left, and ends our own waiting.
  }
  for (Connection* c : live_) ::shutdown(socket_of(c->raw()), SHUT_RDWR);
}

void Connector::kill_query(std::uint64_t id) noexcept {
  try {
    const MysqlHandle side = open_handle(true);
    const std::string kill = "KILL QUERY " + std::to_string(id);
    mysql_real_query(side.get(), kill.data(), kill.size());
  } catch (...) {
    // The caller reads back what became of the statement.
  }
}

}  // namespace flytt::engine::mysql_family
