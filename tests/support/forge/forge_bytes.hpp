// The forge's language of bytes: what a recipe writes into payloads.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace forge {

/// Cuts a line at blanks; quoted pieces ("…", with JSON's escapes) and JSON objects or arrays stay whole.
std::vector<std::string> words(std::string_view line);

/// "…" or a plain word, without its quotes.
std::string plain(std::string_view word);

/// The bytes of one word: x00ff, u8:1 … u64:1 and i8:-1 … i64:-1 (little-endian), f64:0.5, "text", s:"text" (a length of 4 bytes before it),
/// @FILE (its content), N*WORD (N times). Throws std::runtime_error.
std::string bytes_of(std::string_view word);

std::string file_content(const std::string& path);

}  // namespace forge
