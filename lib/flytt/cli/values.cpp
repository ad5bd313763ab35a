// Option values: what does not have to be a template.
// SPDX-License-Identifier: MIT
#include <flytt/cli/values.hpp>

#include <array>
#include <span>

namespace flytt::cli {
namespace {

struct Unit {
  std::uint64_t factor;
  std::string_view name;
};

std::string show_in(std::uint64_t number, std::span<const Unit> units) {
  for (const Unit& unit : units) {
    if (number % unit.factor == 0 && (number != 0 || unit.factor == 1)) return base::concat(number / unit.factor, unit.name);
  }
  return std::to_string(number);
}

constexpr std::array kSizes{Unit{1ull << 40, "T"}, Unit{1ull << 30, "G"}, Unit{1ull << 20, "M"}, Unit{1ull << 10, "K"}, Unit{1, ""}};
constexpr std::array kTimes{Unit{86'400'000'000'000, "d"}, Unit{3'600'000'000'000, "h"}, Unit{60'000'000'000, "m"},
                            Unit{1'000'000'000, "s"},      Unit{1'000'000, "ms"},        Unit{1'000, "us"},
                            Unit{1, "ns"}};

}  // namespace

std::string show_size(std::uint64_t bytes) { return show_in(bytes, kSizes); }

std::string show_duration(std::chrono::nanoseconds duration) {
  if (duration.count() <= 0) return "0s";
  return show_in(static_cast<std::uint64_t>(duration.count()), kTimes);
}

bool parse_switch(std::string_view text) {
  const std::string word = base::lower(text);
  for (const std::string_view yes : {"true", "yes", "on", "1"}) {
    if (word == yes) return true;
  }
  for (const std::string_view no : {"false", "no", "off", "0"}) {
    if (word == no) return false;
  }
  throw base::Error(base::Exit::usage, base::quote_for_message(text) + " is neither true nor false");
}

void throw_no_choice(std::string_view text, const std::vector<std::string>& choices) {
  const auto near = base::nearest(text, std::span<const std::string>(choices));
  throw base::Error(base::Exit::usage,
                    base::quote_for_message(text) + " is none of " + base::join(choices, ", "),
                    {.hint = near ? "Did you mean " + *near + "?" : std::string()});
}

namespace detail {

void throw_out_of_range(std::string_view text, std::uint64_t limit) {
  throw base::Error(base::Exit::usage, base::concat(base::quote_for_message(text), " is above the limit of ", limit));
}

void throw_too_fine(std::string_view text) {
  throw base::Error(base::Exit::usage, base::quote_for_message(text) + " is finer than this option can tell");
}

}  // namespace detail

}  // namespace flytt::cli
