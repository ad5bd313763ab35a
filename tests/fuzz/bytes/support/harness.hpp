// What a harness of bytes is: it reads an input as a hostile peer would have sent it, and says what must hold of the answer.
// Every base::Error is a good answer but Exit::bug. Another exception, a sanitizer's report, too much memory or time is a finding.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/error.hpp>

namespace flytt::fuzz {

// Each harness, tests/fuzz/bytes/<name>.cpp, defines these two.

/// Reads one input. May throw what the code under test throws.
void one(std::string_view input);

/// Good inputs to begin with.
using Add = std::function<void(std::string_view)>;
void seeds(const Add& add);

/// Ends the program as a finding unless `truth`.
void require(bool truth, std::string_view what);
/// The same, showing both.
void require_equal(std::string_view is, std::string_view wanted, std::string_view what);

/// Ends the program as a finding when the error is one that no input may cause.
void check(const base::Error& error);

/// True when it returns; false when it throws an error that is a good answer.
template <class Read>
bool accepted(Read&& read) {
  try {
    read();
    return true;
  } catch (const base::Error& error) {
    check(error);
    return false;
  }
}

/// Takes an input apart into small numbers and pieces. What is beyond the end is zero and empty.
class Bytes {
 public:
  explicit Bytes(std::string_view input) noexcept : rest_(input) {}
  bool empty() const noexcept { return rest_.empty(); }
  std::uint8_t byte() noexcept;
  std::uint64_t number() noexcept;  ///< eight bytes, little-endian
  /// A byte that says how long, and that much.
  std::string_view piece() noexcept;
  std::string text() { return std::string(piece()); }
  std::string_view take(std::size_t size) noexcept;
  std::string_view rest() noexcept { return take(rest_.size()); }

 private:
  std::string_view rest_;
};

/// How piece() wants it.
std::string as_piece(std::string_view text);

/// A file of tests/vectors.
std::string vector_file(const std::string& name);
/// All streams of tests/vectors.
std::vector<std::string> vector_streams();

}  // namespace flytt::fuzz
