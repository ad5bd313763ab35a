// The hash that mysql_native_password keeps, so that a statement need not carry the password itself.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// Source: MariaDB documentation, "Authentication Plugin - mysql_native_password"; FIPS 180-4 for SHA-1.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace flytt::engine::mysql_family {

/// SHA-1 of a short text. Not for anything new: the server's format asks for it.
std::array<std::uint8_t, 20> sha1(std::string_view text);

/// "*" and the hexadecimal SHA1(SHA1(password)), as PASSWORD() gives it; "" for an empty password.
std::string native_password_hash(std::string_view password);

}  // namespace flytt::engine::mysql_family
