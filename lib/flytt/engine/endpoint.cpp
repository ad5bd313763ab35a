// Server URLs: taking them apart, and showing them without secrets.
// SPDX-License-Identifier: MIT
#include <flytt/engine/endpoint.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine {
namespace {

[[noreturn]] void refuse(std::string_view what) {
  throw base::Error(base::Exit::usage, "server URL: " + std::string(what),
                    {.hint = "Write it as mysql://user@host:3306/database or mysql://user@localhost/database?socket=/path."});
}

/// A part of a URL for a message. Where there is an '@' a slash or a question mark in the password may have put it anywhere.
std::string shown(std::string_view part, std::string_view url) {
  return url.find('@') == std::string_view::npos ? base::quote_for_message(part) : "'…'";
}

std::string decode(std::string_view text, std::string_view part) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const auto bytes = i + 2 < text.size() ? base::from_hex(text.substr(i + 1, 2)) : std::nullopt;
    if (!bytes) refuse(base::concat("the ", part, " has a '%' that two hexadecimal digits do not follow"));
    out += *bytes;
    i += 2;
  }
  if (out.find('\0') != std::string::npos) refuse(base::concat("the ", part, " holds a zero byte"));
  return out;
}

/// What decode() turns back: bytes that end or begin something in this part of a URL, and those that no line should hold.
std::string encode(std::string_view text, std::string_view reserved) {
  std::string out;
  for (const char c : text) {
    const bool plain = static_cast<unsigned char>(c) > ' ' && c != 0x7f && c != '%' && reserved.find(c) == std::string_view::npos;
    out += plain ? std::string(1, c) : "%" + base::hex({&c, 1});
  }
  return out;
}

bool alphanumeric(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

bool consists_of(std::string_view text, std::string_view others) noexcept {
  for (const char c : text)
    if (!alphanumeric(c) && others.find(c) == std::string_view::npos) return false;
  return true;
}

void parse_params(Endpoint& e, std::string_view query, std::string_view url) {
  for (const auto pair : base::split(query, '&')) {
    if (pair.empty()) continue;
    const auto eq = pair.find('=');
    if (eq == std::string_view::npos) refuse("parameter " + shown(pair, url) + " has no '=value'");
    e.params[decode(pair.substr(0, eq), "parameter")] = decode(pair.substr(eq + 1), "parameter");
  }
}

void parse_host(Endpoint& e, std::string_view host, std::string_view url) {
  std::string_view port;
  if (!host.empty() && host.front() == '[') {
    const auto close = host.find(']');
    if (close == std::string_view::npos) refuse("the IPv6 address has no ']'");
    port = host.substr(close + 1);
    e.host = host.substr(1, close - 1);
    // With a zone, which RFC 6874 writes behind "%25" and people behind "%".
    if (e.host.find(':') == std::string::npos || !consists_of(e.host, ":.%_-")) refuse("between '[' and ']' stands no IPv6 address");
    if (!port.empty() && port.front() != ':') refuse("after ']' only ':port' can follow");
  } else {
    const auto colon = host.find(':');
    port = colon == std::string_view::npos ? std::string_view() : host.substr(colon);
    e.host = decode(host.substr(0, colon), "host");
    if (e.host.find(':') != std::string::npos) refuse("the host holds a ':'; an IPv6 address stands in '[' and ']'");
  }
  if (port.empty()) return;
  const auto number = base::parse_u64(port.substr(1));
  if (!number || *number == 0 || *number > 65535) refuse("port " + shown(port.substr(1), url) + " is not a port");
  e.port = static_cast<std::uint16_t>(*number);
}

}  // namespace

std::string Endpoint::display() const {
  std::string out = scheme + "://";
  if (!user.empty()) out += encode(user, ":@/?") + "@";
  out += host.find(':') == std::string::npos ? encode(host, "@/?[]") : "[" + host + "]";
  if (port != 0) out += base::concat(":", port);
  if (!database.empty()) out += "/" + encode(database, "?");
  char before = '?';
  const auto add = [&](const char* name) {
    const auto given = params.find(name);
    if (given == params.end()) return;
    out += base::concat(before == '?' && database.empty() ? "/" : "", before, name, "=", encode(given->second, "&"));
    before = '&';
  };
  if (params.count("host") != 0) {
    add("host");
    add("port");
  }
  add("hostaddr");  // it decides where a client connects, whatever the name says
  add("socket");
  return out;
}

std::string Endpoint::shell_word() const {
  std::string text = display();
  // What else its user said of how to connect; a password is not repeated, and what is ours alone no other program takes.
  for (const auto& [name, value] : params) {
    if (name == "host" || name == "port" || name == "hostaddr" || name == "socket" || name.find("password") != std::string::npos) continue;
    text += base::concat(text.find('?') != std::string::npos ? "&" : database.empty() ? "/?" : "?", encode(name, "&="), "=", encode(value, "&"));
  }
  // What no shell takes for its own, wherever it stands in a word.
  if (consists_of(text, "/:.,@%+=_-")) return text;
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string Endpoint::param(std::string_view key, std::string_view fallback) const {
  const auto found = params.find(std::string(key));
  return std::string(found == params.end() ? fallback : std::string_view(found->second));
}

namespace {

/// "127.0.0.1" and its like: four numbers, which no name server is asked about.
bool is_loopback_address(std::string_view host) noexcept {
  if (host == "::1") return true;
  int parts = 0, digits = 0;
  unsigned value = 0;
  for (std::size_t i = 0; i <= host.size(); ++i) {
    if (i == host.size() || host[i] == '.') {
      if (digits == 0 || value > 255 || (parts == 0 && value != 127)) return false;
      ++parts;
      digits = 0;
      value = 0;
    } else if (host[i] < '0' || host[i] > '9' || ++digits > 3) {
      return false;
    } else {
      value = value * 10 + static_cast<unsigned>(host[i] - '0');
    }
  }
  return parts == 4;
}

}  // namespace

bool is_local_host(std::string_view host) noexcept {
  return host.empty() || host.front() == '/' || host == "localhost" || is_loopback_address(host);
}

bool Endpoint::local() const noexcept {
  if (params.count("socket") != 0) return true;
  // A host may stand among the parameters, as a list too, and an address of its own overrules it.
  const auto given = params.find("host"), address = params.find("hostaddr");
  for (const std::string_view list : {std::string_view(given == params.end() ? host : given->second),
                                      std::string_view(address == params.end() ? std::string_view() : std::string_view(address->second))})
    for (std::size_t at = 0; at <= list.size();) {
      const std::size_t end = std::min(list.find(',', at), list.size());
      if (!is_local_host(list.substr(at, end - at))) return false;
      at = end + 1;
    }
  return true;
}

Endpoint parse_url(std::string_view url) {
  Endpoint e;
  const std::string_view whole = url;
  const auto colon = url.find("://");
  if (colon == std::string_view::npos || colon == 0) refuse(shown(url, whole) + " does not begin with scheme://");
  e.scheme = base::lower(url.substr(0, colon));
  if (!consists_of(e.scheme, "+.-")) refuse("no scheme has the name " + base::quote_for_message(e.scheme));
  url.remove_prefix(colon + 3);
  if (const auto q = url.find('?'); q != std::string_view::npos) {
    parse_params(e, url.substr(q + 1), whole);
    url = url.substr(0, q);
  }
  if (const auto slash = url.find('/'); slash != std::string_view::npos) {
    e.database = decode(url.substr(slash + 1), "database");
    url = url.substr(0, slash);
  }
  if (const auto at = url.rfind('@'); at != std::string_view::npos) {
    const auto login = url.substr(0, at);
    const auto sep = login.find(':');
    e.user = decode(login.substr(0, sep), "user");
    if (sep != std::string_view::npos) {
      e.password = decode(login.substr(sep + 1), "password");
      e.has_password = true;
    }
    url = url.substr(at + 1);
  }
  parse_host(e, url, whole);
  if (const auto found = e.params.find("password"); found != e.params.end()) {  // libpq's other place for it
    if (!e.has_password) e.password = found->second;
    e.has_password = true;
    e.params.erase(found);
  }
  return e;
}

}  // namespace flytt::engine
