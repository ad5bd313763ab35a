// A server that turns on its clients: it passes on what a real server and its client say to each other until a packet of the
// chosen kind comes, and answers that one by itself. See --help. It prints what it did and what it was given.
// SPDX-License-Identifier: MIT
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <mutex>
#include <thread>

#include "plan.hpp"

namespace rogue {

void say(const std::string& line) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cout << line << std::endl;
}

std::string shown(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += c >= ' ' && c <= '~' ? c : '.';
  return out;
}

void flood(Channel& client, std::string_view bytes) {
  std::string many;
  while (many.size() < 65536) many += bytes;
  for (;;) client.write(many);
}

void drip(Channel& client, std::string_view bytes) {
  for (std::size_t i = 0;; ++i) {
    client.write(bytes.substr(i % bytes.size(), 1));
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
  }
}

void listen_only(Channel& client) {
  std::string kept;
  const auto all = client.read_rest(kept, 4096);
  say("took " + std::to_string(all) + " bytes: " + shown(kept));
  throw Closed();
}

namespace {

constexpr const char* kHelp = R"(Usage: rogue mysql|postgres --upstream ADDRESS:PORT --attack WHAT [OPTION VALUE]...

Listens on 127.0.0.1, prints "port N", and is the real server at ADDRESS:PORT until it attacks.
  --on KIND       the client's packet that is answered by the attack: greeting login query prepare execute ping reset quit
                  change-user row (a row of the real answer) loaded (the first packet after a LOAD DATA); of PostgreSQL
                  startup password query parse copy row
  --nth N         the Nth of them in a session (1)
  --statement S   of query and prepare only those that hold S
  --file NAME     what is asked for (/etc/passwd)
  --version A=B   version A is called B, of the same length (mysql)
  --cert FILE --key FILE   TLS, as a server that nobody knows
WHAT: nothing; for mysql infile infile-error infile-close silent drip huge rows columns many-columns oks progress infos clear dialog switches
no-row few-columns; for postgres copy-in copy-out copy-both huge negative rows notices error errors parameters notify clear md5 few-columns no-row silent drip
)";

int usage(const std::string& why) {
  std::cerr << "rogue: " << why << "\n" << kHelp;
  return 64;
}

void take_option(Plan& plan, const std::string& name, const std::string& value, std::string& cert, std::string& key) {
  if (name == "--attack") plan.attack = value;
  else if (name == "--on") plan.on = value;
  else if (name == "--nth") plan.nth = std::stoi(value);
  else if (name == "--statement") plan.statement = value;
  else if (name == "--file") plan.file = value;
  else if (name == "--version") {
    plan.version = value.substr(0, value.find('='));
    plan.version_as = value.substr(value.find('=') + 1);
    if (plan.version.size() != plan.version_as.size() || plan.version == plan.version_as) throw std::invalid_argument("--version takes two of one length");
  } else if (name == "--cert") cert = value;
  else if (name == "--key") key = value;
  else if (name == "--upstream") {
    plan.upstream_address = value.substr(0, value.find(':'));
    plan.upstream_port = static_cast<unsigned short>(std::stoi(value.substr(value.find(':') + 1)));
  } else throw std::invalid_argument("unknown option " + name);
}

int listen_on_loopback() {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof at;
  if (::bind(fd, reinterpret_cast<const sockaddr*>(&at), sizeof at) != 0 || ::listen(fd, 64) != 0 ||
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
    throw std::runtime_error("cannot listen");
  say("port " + std::to_string(ntohs(at.sin_port)));
  return fd;
}

void serve(const Plan& plan, int fd) {
  std::string why = "of what was asked";
  say("open");
  try {
    Channel client(fd);
    if (plan.protocol == "mysql") serve_mysql(plan, client);
    else serve_postgres(plan, client);
  } catch (const std::exception& e) {
    why = e.what();
  }
  say("end " + why);
}

}  // namespace

int run(int count, char** words) {
  Plan plan;
  std::string cert, key;
  if (count < 2) return usage("mysql or postgres?");
  plan.protocol = words[1];
  if (plan.protocol == "--help") return std::cout << kHelp, 0;
  if (plan.protocol != "mysql" && plan.protocol != "postgres") return usage("mysql or postgres?");
  try {
    for (int i = 2; i + 1 < count; i += 2) take_option(plan, words[i], words[i + 1], cert, key);
    if (!cert.empty()) plan.tls = std::make_shared<TlsContext>(cert, key);
  } catch (const std::exception& e) {
    return usage(e.what());
  }
  ::signal(SIGPIPE, SIG_IGN);
  const int listener = listen_on_loopback();
  for (;;) {
    const int fd = ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) continue;
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    std::thread(serve, std::cref(plan), fd).detach();
  }
}

}  // namespace rogue

int main(int count, char** words) { return rogue::run(count, words); }
