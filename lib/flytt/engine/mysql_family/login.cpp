// Opening a session over the C client: MariaDB Connector/C or Oracle's libmysqlclient, apart behind MARIADB_PACKAGE_VERSION.
// The server is nobody's friend until its certificate is verified, and even then it may answer slowly, or for ever.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/login.hpp>

#include <mysql.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <vector>

#include <flytt/base/text.hpp>
#include <flytt/engine/client_files.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/stop_event.hpp>
#include <flytt/os/tcp.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

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

/// The host may come from an option file, and then only the connection shows that it is another one. And Connector/C that was told
/// to use TLS without verifying goes on in clear when the server says that it has none.
void refuse_clear_text(MYSQL* m, const Endpoint& e) {
  if (mysql_get_ssl_cipher(m) != nullptr) return;
  if (tls_mode(e) != Tls::off)
    throw Error(Exit::config, "the server at " + e.display() + " offers no encryption, and it is asked for",
                {.endpoint = e.display(), .hint = "Set up TLS there; ?ssl-mode=disabled sends rows in clear."});
  if (base::lower(e.param("ssl-mode")) == "disabled" || os::peer_is_local(socket_of(m))) return;
  throw Error(Exit::config, "the connection to " + e.display() + " leaves this host without encryption",
              {.endpoint = e.display(), .hint = "Name the host in the URL, so that TLS is used; ?ssl-mode=disabled sends rows in clear."});
}

/// Option files are read while the library connects, after what the URL says.
void refuse_unverified(MYSQL* m, const Endpoint& e) {
#ifdef MARIADB_PACKAGE_VERSION
  my_bool verifies = 1;
  if (tls_mode(e) != Tls::verified || mysql_get_optionv(m, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &verifies) != 0 || verifies != 0) return;
  throw Error(Exit::config, "an option file turns off what " + e.display() + " is to be verified by",
              {.endpoint = e.display(), .hint = "Take ssl-verify-server-cert out of it, or write ?ssl-mode=required for a server that is not verified."});
#else
  static_cast<void>(m);
  static_cast<void>(e);
#endif
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

/// An option file may name a library to load (plugin-dir), not only servers and passwords.
void refuse_option_files_of_others(const Endpoint& e) {
  const std::string named = e.param("defaults-file");
  refuse_files_of_others(named.empty() ? std::vector<std::string>{"/etc/my.cnf", "/etc/mysql/my.cnf", below_variable("MARIADB_HOME", "my.cnf"), below_variable("MYSQL_HOME", "my.cnf"),
                                                                  below_variable("HOME", ".my.cnf")}
                                       : std::vector{named},
                         "the client's option file");
}

bool through_socket_file(const Endpoint& e) { return !e.param("socket").empty() || e.host == "localhost"; }

/// Which way to log in is the server's choice, and some send the password as it is typed: to a verified server, or through a
/// socket file of this host, and to nobody else. The others prove it by a hash.
void limit_authentication(MYSQL* m, const Endpoint& e) {
  const bool trusted = tls_mode(e) == Tls::verified || through_socket_file(e);
#ifdef MARIADB_PACKAGE_VERSION
  static constexpr const char* kHashes =
      "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519,parsec,auth_gssapi_client";
  if (!trusted) mysql_optionsv(m, MARIADB_OPT_RESTRICTED_AUTH, kHashes);
#else
  const bool clear = trusted;
  mysql_options(m, MYSQL_ENABLE_CLEARTEXT_PLUGIN, &clear);
#endif
}

void set_options(MYSQL* m, const LoginRequest& request) {
  const Endpoint& e = request.endpoint;
  const auto seconds = static_cast<unsigned>(request.within.count());
  mysql_options(m, MYSQL_OPT_CONNECT_TIMEOUT, &seconds);
  if (request.short_answers) {
    mysql_options(m, MYSQL_OPT_READ_TIMEOUT, &seconds);
    mysql_options(m, MYSQL_OPT_WRITE_TIMEOUT, &seconds);
  }
  const std::string file = e.param("defaults-file"), group = e.param("defaults-group", "flytt");
  if (!file.empty()) mysql_options(m, MYSQL_READ_DEFAULT_FILE, file.c_str());
  mysql_options(m, MYSQL_READ_DEFAULT_GROUP, group.c_str());
  mysql_options(m, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned long packet = 1UL << 30;
  mysql_options(m, MYSQL_OPT_MAX_ALLOWED_PACKET, &packet);
  mysql_options4(m, MYSQL_OPT_CONNECT_ATTR_ADD, "program_name", "flytt");
  set_tls(m, e);
  limit_authentication(m, e);
}

struct Target {
  explicit Target(const Endpoint& e) : endpoint(e), socket(e.param("socket")), host(socket.empty() ? e.host : "localhost") {}
  static const char* text(const std::string& s) { return s.empty() ? nullptr : s.c_str(); }
  const char* password() const { return endpoint.has_password ? endpoint.password.c_str() : nullptr; }

  const Endpoint& endpoint;
  std::string socket, host;
};

#ifdef MARIADB_PACKAGE_VERSION
constexpr std::size_t kStackBytes = 256 * 1024;  ///< for the library's side of a login: name service and TLS run on it

/// A second hold on a socket that the library opens and closes as it likes.
class Hold {
 public:
  void take(int fd) {
    const std::lock_guard lock(mutex_);
    mine_ = fd < 0 ? os::UniqueFd() : os::duplicate(fd);
  }
  void cut() noexcept {
    const std::lock_guard lock(mutex_);
    if (mine_) ::shutdown(mine_.get(), SHUT_RDWR);
  }

 private:
  std::mutex mutex_;
  os::UniqueFd mine_;
};

/// Waits for what the library waits for, but for no longer than the whole login may take. 0: that time, or the stop, has come.
int wait_for_server(MYSQL* m, int wanted, int stopped, std::chrono::steady_clock::time_point until) {
  using std::chrono::milliseconds;
  const auto left = std::chrono::ceil<milliseconds>(until - std::chrono::steady_clock::now());
  if (left <= milliseconds(0)) return 0;
  int limit = static_cast<int>(left.count());
  if ((wanted & MYSQL_WAIT_TIMEOUT) != 0) limit = std::min(limit, static_cast<int>(mysql_get_timeout_value_ms(m)));
  const auto events = static_cast<short>(((wanted & MYSQL_WAIT_READ) != 0 ? POLLIN : 0) | ((wanted & MYSQL_WAIT_WRITE) != 0 ? POLLOUT : 0) |
                                         ((wanted & MYSQL_WAIT_EXCEPT) != 0 ? POLLPRI : 0));
  pollfd both[2] = {{socket_of(m), events, 0}, {stopped, POLLIN, 0}};
  if (::poll(both, 2, limit) <= 0) return (wanted & MYSQL_WAIT_TIMEOUT) != 0 ? MYSQL_WAIT_TIMEOUT : 0;
  if (both[1].revents != 0) return 0;
  const int got = ((both[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0 ? MYSQL_WAIT_READ : 0) |
                  ((both[0].revents & (POLLOUT | POLLHUP | POLLERR)) != 0 ? MYSQL_WAIT_WRITE : 0) |
                  ((both[0].revents & POLLPRI) != 0 ? MYSQL_WAIT_EXCEPT : 0);
  return got & wanted;
}

/// True when the session is there. The library gets its bytes in pieces, so that neither a silent nor a dripping server holds us.
bool connect_session(MYSQL* m, const LoginRequest& request, const std::stop_token& stop) {
  if (mysql_options(m, MYSQL_OPT_NONBLOCK, &kStackBytes) != 0) throw std::bad_alloc();  // its stack is taken here
  const Target to(request.endpoint);
  const os::StopEvent stopped(stop);
  Hold hold;
  const std::stop_callback cut(stop, [&hold] { hold.cut(); });  // a server that never pauses lets nobody poll
  const auto until = std::chrono::steady_clock::now() + request.within;
  const unsigned long flags = request.offer == LocalData::Offer::load_data ? CLIENT_LOCAL_FILES : 0;
  MYSQL* done = nullptr;
  int wanted = mysql_real_connect_start(&done, m, Target::text(to.host), Target::text(to.endpoint.user), to.password(), nullptr,
                                        to.endpoint.port, Target::text(to.socket), flags);
  bool given_up = false;
  while (wanted != 0) {
    hold.take(socket_of(m));
    int got = given_up ? 0 : wait_for_server(m, wanted, stopped.fd(), until);
    if (got == 0) {
      // What is suspended inside the library has to run to its end: it finds the socket dead.
      given_up = true;
      hold.cut();
      got = (wanted & MYSQL_WAIT_TIMEOUT) != 0 ? MYSQL_WAIT_TIMEOUT : wanted;
    }
    wanted = mysql_real_connect_cont(&done, m, got);
  }
  if (given_up && !stop.stop_requested())
    throw Error(Exit::unavailable, base::concat(to.endpoint.display(), ": the server did not let us in within ", request.within.count(), " s"),
                {.endpoint = to.endpoint.display(), .hint = "Check host, port and what listens there.", .safe_to_retry = true});
  return done != nullptr;
}
#else
bool connect_session(MYSQL* m, const LoginRequest& request, const std::stop_token&) {
  const Target to(request.endpoint);
  const unsigned long flags = request.offer == LocalData::Offer::load_data ? CLIENT_LOCAL_FILES : 0;
  return mysql_real_connect(m, Target::text(to.host), Target::text(to.endpoint.user), to.password(), nullptr, to.endpoint.port,
                            Target::text(to.socket), flags) != nullptr;
}
#endif

}  // namespace

void MysqlClose::operator()(st_mysql* handle) const noexcept { mysql_close(handle); }

MysqlHandle::MysqlHandle() : local_data_(std::make_unique<LocalData>()), handle_(mysql_init(nullptr)) {
  if (!handle_) throw std::bad_alloc();
}

int socket_of(st_mysql* handle) noexcept {
#ifdef MARIADB_PACKAGE_VERSION
  return static_cast<int>(mysql_get_socket(handle));
#else
  return handle->net.fd;
#endif
}

void check_parameters(const Endpoint& e) {
  static constexpr std::array<std::string_view, 9> kKnown{"socket",  "ssl-mode", "ssl-ca",        "ssl-cert",      "ssl-key",
                                                          "charset", "defaults-file", "defaults-group", "password-file"};
  for (const auto& [key, value] : e.params) {
    if (std::find(kKnown.begin(), kKnown.end(), key) != kKnown.end()) continue;
    const auto near = base::nearest(key, kKnown);
    throw Error(Exit::usage, "server URL: parameter " + base::quote_for_message(key) + " is not known",
                {.hint = near ? "Did you mean " + *near + "?" : "Known are: " + base::join(kKnown, ", ") + "."});
  }
  refuse_option_files_of_others(e);
  static_cast<void>(tls_mode(e));
}

MysqlHandle log_in(const LoginRequest& request, std::stop_token stop) {
  const Endpoint& e = request.endpoint;
  MysqlHandle handle;
  MYSQL* m = handle.get();
  set_options(m, request);
  handle.local_data().guard(m, request.offer);
  const bool there = connect_session(m, request, stop);
  if (stop.stop_requested()) throw Error(Exit::temporary, "stopped on request", {.endpoint = e.display()});
  if (!there) {
    if (const int why = os::short_of_descriptors(); why != 0) base::throw_errno(base::concat("cannot connect to ", e.display()), why);
    throw server_error(mysql_errno(m), mysql_sqlstate(m), mysql_error(m), "connect", e.display());
  }
  handle.local_data().guard_again();
  refuse_clear_text(m, e);
  refuse_unverified(m, e);
  return handle;
}

}  // namespace flytt::engine::mysql_family
