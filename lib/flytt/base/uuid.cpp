// SPDX-License-Identifier: MIT
#include <flytt/base/uuid.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <sys/random.h>

namespace flytt::base {

namespace {

constexpr bool dash_at(std::size_t i) noexcept { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string make_uuid() {
  char raw[16];
  std::size_t have = 0;
  while (have < sizeof raw) {
    const auto got = ::getrandom(raw + have, sizeof raw - have, 0);
    if (got < 0 && errno != EINTR) throw_errno("cannot get random bytes");
    if (got > 0) have += static_cast<std::size_t>(got);
  }
  raw[6] = static_cast<char>((raw[6] & 0x0f) | 0x40);  // version 4
  raw[8] = static_cast<char>((raw[8] & 0x3f) | 0x80);  // the RFC's variant
  const std::string digits = hex(std::string_view(raw, sizeof raw));
  return concat(digits.substr(0, 8), "-", digits.substr(8, 4), "-", digits.substr(12, 4), "-", digits.substr(16, 4), "-",
                digits.substr(20));
}

bool is_uuid(std::string_view text) noexcept {
  if (text.size() != 36) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool digit = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    if (dash_at(i) ? c != '-' : !digit) return false;
  }
  return true;
}

std::string parse_uuid(std::string_view text) {
  if (!is_uuid(text)) throw Error(Exit::data, concat(quote_for_message(text), " is not a UUID"));
  return lower(text);
}

}  // namespace flytt::base
