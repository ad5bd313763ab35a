// SPDX-License-Identifier: MIT
#include <flytt/base/bytes.hpp>

#include <flytt/base/text.hpp>

namespace flytt::base::detail {

void throw_short_read(std::string_view what, std::size_t at, std::uint64_t wanted, std::size_t left) {
  throw Error(Exit::data, concat(what, " ends too early: ", wanted, " bytes wanted at offset ", at, ", ", left, " left"));
}

void throw_trailing(std::string_view what, std::size_t at, std::size_t left) {
  throw Error(Exit::data, concat(what, " is too long: ", left, " bytes left over at offset ", at));
}

void throw_too_long(std::uint64_t size) {
  throw Error(Exit::refused, concat("a value of ", size, " bytes is longer than a 32-bit length can say"));
}

}  // namespace flytt::base::detail
