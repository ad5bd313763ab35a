// Positions as text.
// SPDX-License-Identifier: MIT
#include <flytt/value/position.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::value {
namespace {

bool is_hex(char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// "16/B374D848"
bool looks_like_lsn(std::string_view text) {
  const auto slash = text.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash > 8 || text.size() - slash - 1 > 8 || slash + 1 == text.size())
    return false;
  return std::all_of(text.begin(), text.end(), [](char c) { return is_hex(c) || c == '/'; }) &&
         std::count(text.begin(), text.end(), '/') == 1;
}

/// "3e11fa47-71ca-11e1-9e33-c80aa9429562:1-5", with a tag or more intervals behind further colons.
bool is_uuid_set(std::string_view part) {
  constexpr std::size_t kUuid = 36;
  if (part.size() < kUuid + 2 || part[kUuid] != ':') return false;
  for (std::size_t i = 0; i < kUuid; ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? part[i] != '-' : !is_hex(part[i])) return false;
  }
  return std::all_of(part.begin() + kUuid, part.end(), [](char c) {
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':' || c == '-';
  });
}

/// "0-1-100"
bool is_domain_position(std::string_view part) {
  const auto numbers = base::split(part, '-');
  return numbers.size() == 3 && std::all_of(numbers.begin(), numbers.end(), [](std::string_view n) { return base::parse_u64(n).has_value(); });
}

/// One of them, or more with commas between.
bool looks_like_gtid_set(std::string_view text) {
  const auto parts = base::split(text, ',');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) { return is_uuid_set(part) || is_domain_position(part); });
}

}  // namespace

std::string Position::display() const {
  std::string out;
  if (!gtid.empty()) out = "gtid " + gtid;
  if (!file.empty()) out += (out.empty() ? "" : ", ") + base::concat(file, ":", offset);
  if (!lsn.empty()) out += (out.empty() ? "" : ", ") + ("lsn " + lsn);
  return out.empty() ? "unknown" : out;
}

Position parse_position(const std::string& text) {
  Position p;
  const std::string_view t = base::trim(text);
  if (looks_like_lsn(t)) {
    p.lsn = t;
    return p;
  }
  std::string without_blanks;  // servers print a line feed behind each comma
  for (const char c : t)
    if (c != ' ' && c != '\n' && c != '\r' && c != '\t') without_blanks += c;
  if (looks_like_gtid_set(without_blanks)) {
    p.gtid = without_blanks;
    return p;
  }
  const auto colon = t.rfind(':');
  if (colon != std::string_view::npos && colon > 0) {
    if (const auto offset = base::parse_u64(t.substr(colon + 1))) {
      p.file = t.substr(0, colon);
      p.offset = *offset;
      return p;
    }
  }
  throw base::Error(base::Exit::usage, "position " + base::quote_for_message(text) + " is not one that is known",
                    {.hint = "Give a GTID set, FILE:OFFSET of a binary log, or an LSN such as 16/B374D848."});
}

}  // namespace flytt::value
