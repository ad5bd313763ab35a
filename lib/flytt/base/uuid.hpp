// Random names for streams and runs: UUID version 4 as text.
// Layer: base (0).  Thread rule: functions without state.  Format: RFC 9562.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace flytt::base {

/// A new random UUID from the kernel's generator: 36 characters, small letters.
std::string make_uuid();

/// Is this 8-4-4-4-12 hexadecimal digits of either case? Any version: a server's own uuid is often version 1.
bool is_uuid(std::string_view text) noexcept;

/// The uuid in small letters. Throws: Exit::data naming the text when it is none.
std::string parse_uuid(std::string_view text);

}  // namespace flytt::base
