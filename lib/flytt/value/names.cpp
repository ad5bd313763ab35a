// Names as patterns.
// SPDX-License-Identifier: MIT
#include <flytt/value/names.hpp>

namespace flytt::value {

std::string literal_glob(std::string_view text) {
  constexpr std::string_view kSpecial = "*?[\\";
  std::string out;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

}  // namespace flytt::value
