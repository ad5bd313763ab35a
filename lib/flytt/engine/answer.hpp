// The rows of a statement's answer, with every index checked: how many columns and rows there are is the server's word.
// Layer: engine (3).  Thread rule: values, no state.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine {

/// A vector whose [] throws Error{Exit::unavailable} where a vector's would read past its end.
template <class T>
class Answered {
 public:
  const T& operator[](std::size_t i) const {
    if (i < items_.size()) return items_[i];
    throw base::Error(base::Exit::unavailable, base::concat("the server's answer has ", items_.size(), T::kCounted, ", and more were asked for"),
                      {.hint = "Is this a database server, or something that only looks like one?"});
  }
  T& operator[](std::size_t i) { return const_cast<T&>(std::as_const(*this)[i]); }
  template <class Predicate>
  void erase_if(Predicate predicate) {
    std::erase_if(items_, predicate);
  }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[items_.empty() ? 0 : items_.size() - 1]; }
  template <class... Args>
  T& emplace_back(Args&&... args) {
    return items_.emplace_back(std::forward<Args>(args)...);
  }
  std::size_t size() const noexcept { return items_.size(); }
  bool empty() const noexcept { return items_.empty(); }
  auto begin() const noexcept { return items_.begin(); }
  auto end() const noexcept { return items_.end(); }

 private:
  std::vector<T> items_;
};

/// A value as text; nothing is NULL.
struct AnswerValue : std::optional<std::string> {
  static constexpr const char* kCounted = " columns";
  using std::optional<std::string>::optional;
};

struct AnswerRow : Answered<AnswerValue> {
  static constexpr const char* kCounted = " rows";
};

/// How much of an answer that is held in memory as a whole is taken, with what each value costs beside its bytes. Far above the
/// catalog of any server that we know, and below what takes a host down.
inline constexpr std::size_t kMostAnswerBytes = std::size_t{1} << 30;
/// The same where one value is asked for.
inline constexpr std::size_t kMostScalarBytes = std::size_t{64} << 20;
/// What a held value costs beside its bytes.
inline constexpr std::size_t kValueOverhead = sizeof(AnswerValue);

}  // namespace flytt::engine
