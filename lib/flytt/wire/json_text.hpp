// Texts in JSON that need not be UTF-8: a statement in another character set must arrive as it left.
// Layer: wire (3).  Thread rule: functions without state.  Format: man/flytt-stream.5, TEXTS.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/codec/json.hpp>

namespace flytt::wire {

/// "name": "text", or "name_hex": "..." when the text is not UTF-8.
void put_text(codec::JsonWriter& out, std::string_view name, std::string_view text);
/// Back from put_text; `otherwise` when neither member is there.
std::string get_text(const codec::JsonValue& in, std::string_view name);
std::string get_text(const codec::JsonValue& in, std::string_view name, std::string otherwise);

/// An array of texts; those that are not UTF-8 are objects {"hex": "..."}.
void put_texts(codec::JsonWriter& out, std::string_view name, const std::vector<std::string>& texts);
/// Throws: Exit::data for more than a million.
std::vector<std::string> get_texts(const codec::JsonValue& in, std::string_view name);

}  // namespace flytt::wire
