// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition_tokens.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

bool blank(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

/// Letters, digits, "_", "$", "@", "." inside numbers, and every byte of a UTF-8 sequence.
bool word_char(char c) noexcept {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' || c == '@' ||
         static_cast<unsigned char>(c) >= 0x80;
}

[[noreturn]] void unended(std::string_view what, std::size_t at) {
  throw Error(Exit::data, base::concat("definition cannot be read: ", what, " at byte ", at, " does not end"));
}

using Byte = unsigned char;

bool between(Byte c, Byte low, Byte high) noexcept { return low <= c && c <= high; }

bool wide_lead(Quoting::Wide wide, Byte c) noexcept {
  switch (wide) {
    case Quoting::Wide::none: return false;
    case Quoting::Wide::gbk:
    case Quoting::Wide::gb18030: return between(c, 0x81, 0xFE);
    case Quoting::Wide::big5: return between(c, 0xA1, 0xF9);
    case Quoting::Wide::sjis: return between(c, 0x81, 0x9F) || between(c, 0xE0, 0xFC);
  }
  return false;
}

bool wide_trail(Quoting::Wide wide, Byte c) noexcept {
  if (between(c, 0x40, 0x7E)) return true;
  if (wide == Quoting::Wide::gb18030 && between(c, '0', '9')) return true;  // the first half of four bytes
  return wide == Quoting::Wide::big5 ? between(c, 0xA1, 0xFE) : between(c, 0x80, 0xFE);
}

/// Whoever reads a broken character in another way than the server sees another end of the name or string.
[[noreturn]] void broken(std::size_t at) { throw Error(Exit::data, base::concat("definition cannot be read: byte ", at, " is no whole character")); }

std::size_t behind_line(std::string_view sql, std::size_t at) {
  const auto end = sql.find('\n', at);
  return end == std::string_view::npos ? sql.size() : end + 1;
}

bool dashes_comment(std::string_view sql, std::size_t at) noexcept {
  return sql.substr(at, 2) == "--" && (at + 2 >= sql.size() || blank(sql[at + 2]));
}

/// "/*!", "/*!50100", "/*M!100301": how far the opening of a conditional comment goes; 0 when it is none.
std::size_t conditional_opening(std::string_view rest) noexcept {
  std::size_t n = rest.substr(0, 3) == "/*!" ? 3 : rest.substr(0, 4) == "/*M!" ? 4 : 0;
  while (n != 0 && n < rest.size() && rest[n] >= '0' && rest[n] <= '9') ++n;
  return n;
}

char unescaped(char c) noexcept {
  switch (c) {
    case 'n': return '\n';
    case 't': return '\t';
    case 'r': return '\r';
    case '0': return '\0';
    case 'b': return '\b';
    case 'Z': return '\x1a';
    default: return c;
  }
}

}  // namespace

Quoting quoting_of(std::string_view sql_mode, std::string_view charset) {
  Quoting out;
  for (const auto word : base::split(sql_mode, ',')) {
    if (base::equal_ignoring_case(word, "NO_BACKSLASH_ESCAPES")) out.backslashes = false;
    // These stand for several modes, that one among them.
    for (const std::string_view ansi : {"ANSI_QUOTES", "ANSI", "ORACLE", "POSTGRESQL", "MSSQL", "DB2", "MAXDB"})
      if (base::equal_ignoring_case(word, ansi)) out.ansi_names = true;
  }
  const std::string name = base::lower(charset);
  if (name == "gbk") out.wide = Quoting::Wide::gbk;
  else if (name == "gb18030") out.wide = Quoting::Wide::gb18030;
  else if (name == "big5") out.wide = Quoting::Wide::big5;
  else if (name == "sjis" || name == "cp932") out.wide = Quoting::Wide::sjis;
  return out;
}

std::optional<Token> Tokenizer::next() {
  while (at_ < sql_.size())
    if (const auto token = step()) return token;
  if (depth_ != 0) unended("a parenthesis", sql_.size());
  return std::nullopt;
}

std::optional<Token> Tokenizer::step() {
  const char c = sql_[at_];
  if (blank(c)) return ++at_, std::nullopt;
  if (c == '\'' || c == '"') return token(c == '"' && quoting_.ansi_names ? TokenKind::name : TokenKind::string, behind_quoted());
  if (c == '`') return token(TokenKind::name, behind_quoted());
  if (c == '#' || dashes_comment(sql_, at_)) return at_ = behind_line(sql_, at_), std::nullopt;
  if (sql_.substr(at_, 2) == "/*") return comment();
  if (sql_.substr(at_, 2) == "*/") return token(TokenKind::symbol, at_ + 2);
  if (word_char(c)) return token(TokenKind::word, behind_word());
  return symbol(c);
}

Token Tokenizer::token(TokenKind kind, std::size_t end) {
  const Token out{kind, at_, end - at_, depth_, kind == TokenKind::string && quoting_.backslashes};
  at_ = end;
  return out;
}

std::size_t Tokenizer::behind_quoted() const {
  const char quote = sql_[at_];
  const bool escapes = quote == '\'' || (quote == '"' && !quoting_.ansi_names) ? quoting_.backslashes : false;
  for (std::size_t i = at_ + 1; i < sql_.size(); ++i) {
    if (wide_lead(quoting_.wide, static_cast<Byte>(sql_[i]))) {
      if (i + 1 == sql_.size() || !wide_trail(quoting_.wide, static_cast<Byte>(sql_[i + 1]))) broken(i);
      ++i;
    } else if (sql_[i] == '\\' && escapes) ++i;
    else if (sql_[i] == quote && i + 1 < sql_.size() && sql_[i + 1] == quote) ++i;
    else if (sql_[i] == quote) return i + 1;
  }
  unended(quote == '`' ? "a name" : "a string", at_);
}

std::size_t Tokenizer::behind_word() const {
  std::size_t end = at_;
  for (; end < sql_.size() && word_char(sql_[end]); ++end)
    if (wide_lead(quoting_.wide, static_cast<Byte>(sql_[end]))) broken(end);  // a name that is not quoted: servers print none
  return end;
}

std::optional<Token> Tokenizer::comment() {
  if (const auto n = conditional_opening(sql_.substr(at_)); n != 0) return token(TokenKind::symbol, at_ + n);
  const auto end = sql_.find("*/", at_ + 2);
  if (end == std::string_view::npos) unended("a comment", at_);
  at_ = end + 2;
  return std::nullopt;
}

Token Tokenizer::symbol(char c) {
  if (c == ')') {
    if (depth_ == 0) throw Error(Exit::data, base::concat("definition cannot be read: ')' at byte ", at_, " closes nothing"));
    --depth_;
  }
  const Token out = token(TokenKind::symbol, at_ + 1);
  if (c == '(') ++depth_;
  return out;
}

std::vector<Token> tokenize(std::string_view sql, Quoting quoting) {
  std::vector<Token> out;
  Tokenizer tokens(sql, quoting);
  while (const auto token = tokens.next()) out.push_back(*token);
  return out;
}

std::vector<Token> tokenize_until(std::string_view sql, std::initializer_list<std::string_view> words) {
  std::vector<Token> out;
  Tokenizer tokens(sql);
  while (const auto token = tokens.next()) {
    out.push_back(*token);
    if (token->depth != 0) continue;
    for (const std::string_view word : words)
      if (token_is(sql, *token, word)) return out;
  }
  return out;
}

std::string_view token_text(std::string_view sql, const Token& token) noexcept { return sql.substr(token.at, token.size); }

bool token_is(std::string_view sql, const Token& token, std::string_view expected) noexcept {
  return (token.kind == TokenKind::word || token.kind == TokenKind::symbol) &&
         base::equal_ignoring_case(token_text(sql, token), expected);
}

std::string token_value(std::string_view sql, const Token& token) {
  const std::string_view text = token_text(sql, token);
  if (token.kind != TokenKind::name && token.kind != TokenKind::string) return std::string(text);
  std::string out;
  const char quote = text.front();
  for (std::size_t i = 1; i + 1 < text.size(); ++i) {
    if (text[i] == '\\' && token.escapes) out.push_back(unescaped(text[++i]));
    else {
      out.push_back(text[i]);
      if (text[i] == quote) ++i;  // doubled
    }
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
