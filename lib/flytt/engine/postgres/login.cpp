// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/login.hpp>

#include <libpq-fe.h>
#include <poll.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <new>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/engine/client_files.hpp>
#include <flytt/engine/postgres/connection.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/stop_event.hpp>
#include <flytt/os/tcp.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

/// A login is a few hundred bytes, and a list of settings.
constexpr std::uint64_t kMostLoginBytes = 4U << 20;

/// The host may come from the environment or a service file, and then only the connection shows that it is another one.
void refuse_clear_text(PGconn* c, const Endpoint& e) {
  if (PQsslInUse(c) != 0 || e.param("sslmode") == "disable" || os::peer_is_local(PQsocket(c))) return;
  throw Error(Exit::config, "the connection to " + e.display() + " leaves this host without encryption",
              {.endpoint = e.display(), .hint = "Name the host in the URL, so that TLS is used; ?sslmode=disable sends rows in clear."});
}

/// The host may come from the environment or a service file, where the URL's default of verified TLS does not reach. Asked before
/// anything is sent.
void refuse_unverified(PGconn* c, const Endpoint& e) {
  if (e.params.count("sslmode") != 0 || !e.local()) return;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> all(PQconninfo(c), PQconninfoFree);
  Endpoint real;
  std::string mode;
  for (const auto* o = all.get(); o != nullptr && o->keyword != nullptr; ++o) {
    const std::string_view key = o->keyword;
    const std::string value = o->val == nullptr ? "" : o->val;
    if (key == "sslmode") mode = value;
    if ((key == "host" || key == "hostaddr") && !value.empty()) real.params.emplace(key, value);
  }
  if (real.local() || mode == "require" || mode == "verify-ca" || mode == "verify-full") return;
  throw Error(Exit::config, "the connection to " + e.display() + " leaves this host, and nothing says how that server is verified",
              {.endpoint = e.display(), .hint = "Name the host in the URL, so that TLS is verified; or say sslmode there, in the service file or in PGSSLMODE."});
}

/// The names of libpq's parameters, which differ between its versions.
std::vector<std::string> known_parameters() {
  std::vector<std::string> known;
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> defaults(PQconndefaults(), PQconninfoFree);
  for (const auto* o = defaults.get(); o != nullptr && o->keyword != nullptr; ++o)
    if (o->dispchar == nullptr || o->dispchar[0] != 'D') known.emplace_back(o->keyword);
  return known;
}

/// How to log in is the server's choice, and one way sends the password as it is typed: to a verified server, or through a socket
/// file of this host. Only libpq 16 and later can be told so.
void limit_authentication(const Endpoint& e, Keywords& words) {
  const std::string mode = e.param("sslmode", e.local() ? "" : "verify-full");
  const std::string host = e.param("host", e.host);
  const bool socket_file = host.empty() || host.front() == '/' || host == "localhost";
  if (mode == "verify-full" || mode == "verify-ca" || socket_file || e.params.count("require_auth") != 0) return;
  const auto known = known_parameters();
  if (std::find(known.begin(), known.end(), "require_auth") != known.end()) words.emplace_back("require_auth", "!password");
}

[[noreturn]] void give_up(const Endpoint& e, const std::string& why) {
  throw Error(Exit::unavailable, base::concat(e.display(), ": ", why),
              {.endpoint = e.display(), .hint = "Check host, port and what listens there.", .safe_to_retry = true});
}

[[noreturn]] void fail_login(PGconn* c, const Endpoint& e) {
  if (const int why = os::short_of_descriptors(); why != 0) base::throw_errno(base::concat("cannot connect to ", e.display()), why);
  throw server_error("connect", base::trim(PQerrorMessage(c)), {}, "connect", e.display());
}

/// One step at a time, so that neither a silent nor a talkative server holds us.
void poll_login(PGconn* c, const Endpoint& e, std::stop_token stop) {
  const os::StopEvent stopped(stop);
  const auto until = steady_clock::now() + std::chrono::seconds(kConnectSeconds);
  auto wanted = PGRES_POLLING_WRITING;
  while (wanted == PGRES_POLLING_READING || wanted == PGRES_POLLING_WRITING) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now());
    pollfd both[2] = {{PQsocket(c), static_cast<short>(wanted == PGRES_POLLING_READING ? POLLIN : POLLOUT), 0}, {stopped.fd(), POLLIN, 0}};
    const int ready = left <= milliseconds(0) ? 0 : ::poll(both, 2, static_cast<int>(left.count()));
    if (stop.stop_requested()) throw Error(Exit::temporary, "stopped on request", {.endpoint = e.display()});
    if (ready == 0) give_up(e, base::concat("the server did not let us in within ", kConnectSeconds, " s"));
    wanted = PQconnectPoll(c);
    if (os::received_bytes(PQsocket(c)).value_or(0) > kMostLoginBytes)
      give_up(e, base::concat("the server sent more than ", base::format_bytes(kMostLoginBytes), " before it let us in"));
  }
  if (wanted != PGRES_POLLING_OK) fail_login(c, e);
}

void ignore_notice(void*, const PGresult*) {}

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

}  // namespace

void PgClose::operator()(pg_conn* handle) const noexcept { PQfinish(handle); }

void check_parameters(const Endpoint& e) {
  // It would have to stand on pg_dump's command line. (A password that was a parameter has been taken out.)
  if (e.params.count("sslpassword") != 0)
    throw Error(Exit::usage, "server URL: a passphrase does not go into a URL", {.hint = "Give a key that only its owner may read and that has no passphrase (sslkey)."});
  auto known = known_parameters();
  known.emplace_back("password-file");
  for (const auto& [key, value] : e.params) {
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const auto near = base::nearest(key, known);
    throw Error(Exit::usage, "server URL: parameter " + base::quote_for_message(key) + " is not known",
                {.hint = near ? "Did you mean " + *near + "?" : "The connection parameters of libpq are known."});
  }
  refuse_client_files_of_others(e);
}

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

PgHandle log_in(const Endpoint& e, Keywords words, std::stop_token stop) {
  limit_authentication(e, words);
  std::vector<const char*> keys, values;
  for (const auto& [key, value] : words) {
    keys.push_back(key.c_str());
    values.push_back(value.c_str());
  }
  keys.push_back(nullptr);
  values.push_back(nullptr);
  PgHandle handle(PQconnectStartParams(keys.data(), values.data(), 0));
  if (!handle) throw std::bad_alloc();
  if (PQstatus(handle.get()) == CONNECTION_BAD) fail_login(handle.get(), e);
  refuse_unverified(handle.get(), e);
  PQsetNoticeReceiver(handle.get(), ignore_notice, nullptr);
  poll_login(handle.get(), e, stop);
  refuse_clear_text(handle.get(), e);
  return handle;
}

}  // namespace flytt::engine::postgres
