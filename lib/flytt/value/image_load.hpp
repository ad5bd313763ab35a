// One fixed-width number out of a row image.
// Layer: value (2).  Thread rule: a function without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace flytt::value {

static_assert(std::endian::native == std::endian::little, "row images are copied as they are in memory");

/// The T whose bytes begin at `at`. The image is at least at + sizeof(T) bytes long, which its reader has checked.
template <class T>
T load(std::string_view image, std::size_t at = 0) noexcept {
  T v;
  std::memcpy(&v, image.data() + at, sizeof v);
  return v;
}

}  // namespace flytt::value
