// Server URLs. What is shown of one leads to the same server, and a shell takes it for one word.
// SPDX-License-Identifier: MIT
#include <flytt/engine/endpoint.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

/// One word as a shell reads it: quotes taken off. Ends the program when it is more than one, or not plain.
std::string word_of_shell(std::string_view text) {
  constexpr std::string_view kSpecial = " \t\n\r&;|<>()$`\\\"*?[]{}!#~";
  std::string out;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') {
      quoted = !quoted;
    } else if (!quoted && text[i] == '\\' && text.substr(i, 2) == "\\'") {
      out += text[++i];
    } else {
      require(quoted || kSpecial.find(text[i]) == std::string_view::npos, "a shell would not take this as one plain word: " + std::string(text));
      out += text[i];
    }
  }
  require(!quoted, "a quote does not end: " + std::string(text));
  return out;
}

}  // namespace

void one(std::string_view input) {
  const auto url = engine::parse_url(input);
  const std::string shown = url.display();
  require(word_of_shell(url.shell_word()).starts_with(shown), "a shell's word is another text");
  url.local();
  const auto again = engine::parse_url(shown);
  require(!again.has_password, "what is shown of a URL has a password: " + shown);
  require_equal(again.scheme, url.scheme, "scheme of " + shown);
  require_equal(again.user, url.user, "user of " + shown);
  require_equal(again.host, url.host, "host of " + shown);
  require(again.port == url.port, "port of " + shown);
  require_equal(again.database, url.database, "database of " + shown);
  for (const char* key : {"socket", "host"}) require_equal(again.param(key), url.param(key), "a parameter of " + shown);
  require(again.local() == url.local(), "one is local and the other is not: " + shown);
  require_equal(again.display(), shown, "what is shown is shown differently when it is read again");
}

void seeds(const Add& add) {
  for (const char* text : {"mysql://app@db1:3306/shop", "mariadb://root:secret@localhost/?socket=/run/my.sock", "postgres://[::1]:5432/shop?sslmode=verify-full",
                           "postgresql:///shop?host=/tmp&port=5433", "mysql://a%40b:p%3Aw@h/d%2Fe?ssl-mode=required&x=%20"})
    add(text);
}

}  // namespace flytt::fuzz
