// How a JSON tree lies in memory: one row of small nodes in the order of the text, and the bytes of all strings behind each other.
// Layer: codec (1).  Thread rule: never changes once it is read.
// SPDX-License-Identifier: MIT
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::codec {

enum class JsonKind : std::uint8_t { null, boolean, small, small_negative, signed_wide, unsigned_wide, real, string, array, object };

/// An object's members are pairs of nodes: the name, a string, and the value with all below it.
struct JsonNode {
  static constexpr std::size_t kMostSize = (std::size_t{1} << 28) - 1;

  JsonKind kind : 4 {};
  std::uint32_t size : 28 {};  ///< a string's bytes; an array's elements, an object's members
  std::uint32_t at = 0;        ///< true or false; a small number; where a string begins; the node after an array or object
};
static_assert(sizeof(JsonNode) == 8);

struct JsonTree {
  std::vector<JsonNode> nodes;
  std::string bytes;

  const JsonNode& node(std::uint32_t index) const noexcept { return nodes[index]; }
  std::string_view string(const JsonNode& node) const noexcept { return std::string_view(bytes).substr(node.at, node.size); }
  /// A number that is not small lies in the node behind its own.
  std::uint64_t wide(std::uint32_t index) const noexcept { return std::bit_cast<std::uint64_t>(nodes[index + 1]); }

  /// The node after this one and all that is below it.
  std::uint32_t after(std::uint32_t index) const noexcept {
    switch (nodes[index].kind) {
      case JsonKind::array:
      case JsonKind::object: return nodes[index].at;
      case JsonKind::signed_wide:
      case JsonKind::unsigned_wide:
      case JsonKind::real: return index + 2;
      default: return index + 1;
    }
  }
};

}  // namespace flytt::codec
