// Shell patterns: glob_match of text.hpp.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>

#include <algorithm>

namespace flytt::base {

namespace {

/// The character at `at`: one UTF-8 sequence, or one byte that belongs to none.
std::string_view character_at(std::string_view text, std::size_t at) noexcept {
  return text.substr(at, std::max<std::size_t>(utf8_length_at(text, at), 1));
}

/// As character_at, behind a backslash if there is one.
std::string_view set_character_at(std::string_view pattern, std::size_t& at) noexcept {
  if (pattern[at] == '\\' && at + 1 < pattern.size()) ++at;
  const std::string_view found = character_at(pattern, at);
  at += found.size();
  return found;
}

struct Step {
  bool matches = false;
  std::size_t length = 0;  // of the pattern's part
};

/// Compares [..] at `at`. UTF-8 sorts bytewise as its code points do, so that ranges need no decoding.
/// A bracket that is never closed stands for itself.
Step match_set(std::string_view pattern, std::size_t at, std::string_view character) noexcept {
  std::size_t i = at + 1;
  const bool negated = i < pattern.size() && (pattern[i] == '!' || pattern[i] == '^');
  if (negated) ++i;
  bool found = false;
  for (bool first = true; i < pattern.size(); first = false) {
    if (pattern[i] == ']' && !first) return {found != negated, i + 1 - at};
    const std::string_view low = set_character_at(pattern, i);
    std::string_view high = low;
    if (i + 1 < pattern.size() && pattern[i] == '-' && pattern[i + 1] != ']') {
      ++i;
      high = set_character_at(pattern, i);
    }
    found = found || (low <= character && character <= high);
  }
  return {character == "[", 1};
}

/// Compares one character with the pattern's part at `at`, which is not a star.
Step match_one(std::string_view pattern, std::size_t at, std::string_view character) noexcept {
  if (pattern[at] == '?') return {true, 1};
  if (pattern[at] == '[') return match_set(pattern, at, character);
  std::size_t next = at;
  const std::string_view wanted = set_character_at(pattern, next);
  return {wanted == character, next - at};
}

}  // namespace

bool glob_match(std::string_view pattern, std::string_view text) noexcept {
  constexpr std::size_t kNone = std::string_view::npos;
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t after_star = kNone;  // the pattern behind the last star,
  std::size_t star_text = 0;       // and up to where that star reaches
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      after_star = ++p;
      star_text = t;
      continue;
    }
    const std::string_view character = character_at(text, t);
    const Step step = p < pattern.size() ? match_one(pattern, p, character) : Step{};
    if (step.matches) {
      p += step.length;
      t += character.size();
    } else if (after_star != kNone) {  // let the last star take one character more
      star_text += character_at(text, star_text).size();
      p = after_star;
      t = star_text;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace flytt::base
