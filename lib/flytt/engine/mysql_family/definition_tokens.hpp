// Cuts a statement that the server printed (SHOW CREATE …) into words, names, strings and symbols. Not a parser of SQL: it knows
// quoting, comments and parentheses, so that nothing inside a name, a default or a comment is taken for syntax.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// Shape: unless a Quoting says otherwise the text was printed under a sql_mode without ANSI_QUOTES and NO_BACKSLASH_ESCAPES, as our
// sessions pin it.
// Source: https://dev.mysql.com/doc/refman/8.4/en/string-literals.html, https://dev.mysql.com/doc/refman/8.4/en/sql-mode.html
// SPDX-License-Identifier: MIT
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
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
  bool escapes = false;  ///< a string in which a backslash takes the next character's meaning away
};

/// What the server takes for the end of a quoted piece depends on the settings that a definition runs under.
struct Quoting {
  bool backslashes = true;  ///< not under NO_BACKSLASH_ESCAPES
  bool ansi_names = false;  ///< under ANSI_QUOTES "…" is a name
  /// Character sets in which the second byte of a character may look like a quote or a backslash.
  enum class Wide { none, gbk, gb18030, big5, sjis } wide = Wide::none;
};

/// The quoting of a definition that runs under this sql_mode and character_set_client.
Quoting quoting_of(std::string_view sql_mode, std::string_view charset);

/// Tokens one after another: what lies behind the last one that was asked for is not looked at.
class Tokenizer {
 public:
  explicit Tokenizer(std::string_view sql, Quoting quoting = {}) : sql_(sql), quoting_(quoting) {}

  /// Plain comments are left out, the content of "/*! … */" is not.
  /// Throws Error{Exit::data} for a quote, comment or parenthesis that does not end, or a character that is broken.
  std::optional<Token> next();

 private:
  std::optional<Token> step();
  std::optional<Token> comment();
  Token token(TokenKind kind, std::size_t end);
  Token symbol(char c);
  std::size_t behind_quoted() const;
  std::size_t behind_word() const;

  std::string_view sql_;
  Quoting quoting_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
};

/// All tokens of `sql`. Throws as Tokenizer does.
std::vector<Token> tokenize(std::string_view sql, Quoting quoting = {});

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
