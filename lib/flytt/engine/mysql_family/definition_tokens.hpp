// Cuts a statement that the server printed (SHOW CREATE …) into words, names, strings and symbols. Not a parser of SQL: it knows
// quoting, comments and parentheses, so that nothing inside a name, a default or a comment is taken for syntax.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// Shape: the text was printed under a sql_mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, as our sessions pin it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::engine::mysql_family {

enum class TokenKind { word, name, string, symbol };

/// A piece of the text. `symbol` is one character, or the "/*!50100" and "*/" around what only some servers read.
struct Token {
  TokenKind kind = TokenKind::symbol;
  std::size_t at = 0;    ///< offset in the text
  std::size_t size = 0;  ///< with its quotes
  unsigned depth = 0;    ///< open parentheses before it; a closing one has the depth of its opening one
};

/// The tokens of `sql`; plain comments are left out, the content of "/*! … */" is not.
/// Throws Error{Exit::data} for a quote or comment that does not end, or parentheses that do not match.
std::vector<Token> tokenize(std::string_view sql);

/// The tokens up to the first of `words` outside of parentheses, that one included: the head of a statement whose body may be
/// written under another sql_mode, and is not looked at.
std::vector<Token> tokenize_until(std::string_view sql, std::initializer_list<std::string_view> words);

/// The token's text as it stands.
std::string_view token_text(std::string_view sql, const Token& token) noexcept;
/// True for a word, in any case, or a symbol.
bool token_is(std::string_view sql, const Token& token, std::string_view expected) noexcept;
/// The name or string without its quotes.
std::string token_value(std::string_view sql, const Token& token);

}  // namespace flytt::engine::mysql_family
