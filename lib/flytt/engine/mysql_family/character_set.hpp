// Text in a character set as the servers name them, to and from UTF-8.
// Layer: engine/mysql_family (3).  Thread rule: free functions.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace flytt::engine::mysql_family {

/// True for text that is the same in every character set a session may have.
bool plain_ascii(std::string_view text) noexcept;

/// The same text in UTF-8; nothing when we have no such character set, or the bytes are none of it. Text that is ASCII, or whose
/// character set is empty or a UTF-8 one, comes back as it is.
std::optional<std::string> utf8_of(std::string_view text, std::string_view charset);

/// The other way: UTF-8 in that character set; nothing when it lacks a character, or we lack it.
std::optional<std::string> in_charset(std::string_view utf8, std::string_view charset);

}  // namespace flytt::engine::mysql_family
