// Option values between text and variables: sizes, durations, counts, choices, and how a default is shown.
// Layer: cli (6).  Thread rule: functions without state.  Format: man/flytt.7, VALUES.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>

#include <chrono>
#include <concepts>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flytt::cli {

/// The shortest text that parse_size reads back to the same number: "8M", "1000".
std::string show_size(std::uint64_t bytes);

/// The shortest text that parse_duration reads back to the same time: "10s", "500ms", "0s".
std::string show_duration(std::chrono::nanoseconds duration);

/// true, yes, on, 1 and their opposites, in any case. Throws: Exit::usage naming the text.
bool parse_switch(std::string_view text);

/// Throws the Exit::usage error for a word that is none of the choices, with the nearest as the hint.
[[noreturn]] void throw_no_choice(std::string_view text, const std::vector<std::string>& choices);

namespace detail {

[[noreturn]] void throw_out_of_range(std::string_view text, std::uint64_t limit);
[[noreturn]] void throw_too_fine(std::string_view text);

template <class T>
struct OptionalOf {
  using Value = T;
};
template <class T>
struct OptionalOf<std::optional<T>> {
  using Value = T;
};

/// What an option's variable holds, with or without std::optional around it.
template <class T>
using ValueOf = typename OptionalOf<T>::Value;

template <class T>
concept IsOptional = !std::same_as<T, ValueOf<T>>;

/// The shown text of a variable as it stands; "" for an empty optional.
template <class T, class Show>
std::string show_with(const T& variable, Show show) {
  if constexpr (IsOptional<T>) {
    return variable ? show(*variable) : std::string();
  } else {
    return show(variable);
  }
}

template <std::integral T>
T narrow(std::string_view text, std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) {
    throw_out_of_range(text, static_cast<std::uint64_t>(std::numeric_limits<T>::max()));
  }
  return static_cast<T>(number);
}

}  // namespace detail

/// A decimal count into any integer. Throws: Exit::usage naming the text and the limit.
template <std::integral T>
T read_count(std::string_view text) {
  return detail::narrow<T>(text, base::parse_count(text));
}

/// A size into base::Bytes or any integer of bytes.
template <class T>
T read_size(std::string_view text) {
  if constexpr (std::same_as<T, base::Bytes>) {
    return base::parse_size(text);
  } else {
    return detail::narrow<T>(text, base::parse_size(text).value);
  }
}

template <class T>
std::uint64_t size_of(const T& size) {
  if constexpr (std::same_as<T, base::Bytes>) {
    return size.value;
  } else {
    return static_cast<std::uint64_t>(size);
  }
}

/// A duration into any std::chrono unit; one that the unit cannot hold exactly is refused and not cut.
template <class T>
T read_duration(std::string_view text) {
  const std::chrono::nanoseconds exact = base::parse_duration(text);
  const T cut = std::chrono::duration_cast<T>(exact);
  if (cut != exact) detail::throw_too_fine(text);
  return cut;
}

/// One of the words. Throws: Exit::usage with the nearest word as the hint.
template <class E>
E read_choice(std::string_view text, const std::vector<std::pair<std::string, E>>& choices) {
  std::vector<std::string> words;
  for (const auto& [word, value] : choices) {
    if (word == text) return value;
    words.push_back(word);
  }
  throw_no_choice(text, words);
}

template <class E>
std::string show_choice(const E& value, const std::vector<std::pair<std::string, E>>& choices) {
  for (const auto& [word, choice] : choices) {
    if (choice == value) return word;
  }
  return {};
}

}  // namespace flytt::cli
