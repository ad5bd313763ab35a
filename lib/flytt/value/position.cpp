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

/// "0-1-100" or "uuid:1-5", each with more after a comma.
bool looks_like_gtid_set(std::string_view text) {
  for (auto part : base::split(text, ',')) {
    part = base::trim(part);
    if (part.size() > 37 && part[8] == '-' && part[36] == ':') continue;
    if (std::count(part.begin(), part.end(), '-') != 2) return false;
    if (!std::all_of(part.begin(), part.end(), [](char c) { return is_digit(c) || c == '-'; })) return false;
  }
  return true;
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
  if (!t.empty() && looks_like_gtid_set(t)) {
    for (char c : t)
      if (c != ' ' && c != '\n') p.gtid += c;
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
