// Small text tools: gluing, cutting, globs, quoting for messages. ASCII rules, never the locale's.
// Layer: base (0).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

namespace flytt::base {

/// Appends one part as text: a string, a character, an integer, a bool as true/false, a float in its shortest exact form.
template <class Part>
void append(std::string& out, const Part& part) {
  if constexpr (std::is_convertible_v<const Part&, std::string_view>) {
    out.append(std::string_view(part));
  } else if constexpr (std::same_as<Part, char>) {
    out.push_back(part);
  } else if constexpr (std::same_as<Part, bool>) {
    out.append(part ? "true" : "false");
  } else {
    static_assert(std::is_arithmetic_v<Part>, "concat takes strings, characters and numbers");
    char digits[64];
    const auto end = std::to_chars(digits, digits + sizeof digits, part).ptr;
    out.append(digits, end);
  }
}

/// Glues parts to one string: concat("chunk ", 17, " of ", name).
template <class... Parts>
std::string concat(const Parts&... parts) {
  std::string out;
  (append(out, parts), ...);
  return out;
}

/// Glues the elements of a range with a separator between them.
template <class Range>
std::string join(const Range& range, std::string_view separator) {
  std::string out;
  bool first = true;
  for (const auto& element : range) {
    if (!first) out.append(separator);
    first = false;
    append(out, element);
  }
  return out;
}

/// Cuts at every separator: n separators give n + 1 parts, and an empty text has one empty part. The parts point into `text`.
std::vector<std::string_view> split(std::string_view text, char separator);
/// The views would outlive a temporary.
template <std::same_as<std::string> Temporary>
void split(Temporary&& text, char separator) = delete;

/// Without the blanks, tabs and line ends on both sides. Points into `text`.
std::string_view trim(std::string_view text) noexcept;

/// A to Z made small; other bytes as they are.
std::string lower(std::string_view text);

/// Are both the same when A to Z and a to z count as equal?
bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept;

/// A word of a command that is shown to be run: as it is where a shell takes it so, else in single quotes.
std::string quote_for_shell(std::string_view text);

/// Does the whole text match the shell pattern? `*`, `?`, `[a-z]`, `[!x]`, and `\` before a character meant as itself.
/// Shape: characters are UTF-8 sequences; a byte that is none counts as one character. Case matters.
bool glob_match(std::string_view pattern, std::string_view text) noexcept;

/// Length of the valid UTF-8 sequence that starts at `at`; 0 when none does (overlong forms and surrogates are none).
std::size_t utf8_length_at(std::string_view text, std::size_t at) noexcept;

/// Text from outside as one line that people read: controls (of seven and of eight bits), line separators, what turns the direction
/// of writing, and bytes that are not UTF-8 become \n, \t, \r or \x and two digits a byte. Everything else, a backslash too, stays.
std::string printable(std::string_view text);

/// 'text' for a message: in quotes, printable, and quotes and backslashes escaped; cut after `limit` bytes.
std::string quote_for_message(std::string_view text, std::size_t limit = 200);

/// The candidate a person may have meant; nothing when none is near.
std::optional<std::string> nearest(std::string_view word, std::span<const std::string_view> candidates);
std::optional<std::string> nearest(std::string_view word, std::span<const std::string> candidates);

/// Two small hexadecimal digits a byte.
std::string hex(std::string_view bytes);

/// The bytes behind hexadecimal digits of either case; nothing for an odd length or another character.
std::optional<std::string> from_hex(std::string_view digits);

/// A decimal number of digits only (no sign, no blanks, leading zeros mean nothing); nothing else, and nothing on overflow.
std::optional<std::uint64_t> parse_u64(std::string_view text) noexcept;

/// As parse_u64, with an optional leading minus.
std::optional<std::int64_t> parse_i64(std::string_view text) noexcept;

}  // namespace flytt::base
