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

/// Offset behind the quoted piece that starts at `at`.
std::size_t behind_quoted(std::string_view sql, std::size_t at) {
  const char quote = sql[at];
  for (std::size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] == '\\' && quote != '`') ++i;
    else if (sql[i] == quote && i + 1 < sql.size() && sql[i + 1] == quote) ++i;
    else if (sql[i] == quote) return i + 1;
  }
  unended(quote == '`' ? "a name" : "a string", at);
}

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

class Tokenizer {
 public:
  explicit Tokenizer(std::string_view sql) : sql_(sql) {}

  std::vector<Token> run() {
    while (at_ < sql_.size()) step();
    if (depth_ != 0) unended("a parenthesis", sql_.size());
    return std::move(out_);
  }

  std::vector<Token> run_until(std::initializer_list<std::string_view> words) {
    while (at_ < sql_.size()) {
      step();
      if (out_.empty() || out_.back().depth != 0) continue;
      for (const std::string_view word : words)
        if (token_is(sql_, out_.back(), word)) return std::move(out_);
    }
    return std::move(out_);
  }

 private:
  void push(TokenKind kind, std::size_t end) {
    out_.push_back({kind, at_, end - at_, depth_});
    at_ = end;
  }

  void step() {
    const char c = sql_[at_];
    if (blank(c)) ++at_;
    else if (c == '\'' || c == '"') push(TokenKind::string, behind_quoted(sql_, at_));
    else if (c == '`') push(TokenKind::name, behind_quoted(sql_, at_));
    else if (c == '#' || dashes_comment(sql_, at_)) at_ = behind_line(sql_, at_);
    else if (sql_.substr(at_, 2) == "/*") comment();
    else if (sql_.substr(at_, 2) == "*/") push(TokenKind::symbol, at_ + 2);
    else if (word_char(c)) word();
    else symbol(c);
  }

  void comment() {
    if (const auto n = conditional_opening(sql_.substr(at_)); n != 0) return push(TokenKind::symbol, at_ + n);
    const auto end = sql_.find("*/", at_ + 2);
    if (end == std::string_view::npos) unended("a comment", at_);
    at_ = end + 2;
  }

  void word() {
    std::size_t end = at_;
    while (end < sql_.size() && word_char(sql_[end])) ++end;
    push(TokenKind::word, end);
  }

  void symbol(char c) {
    if (c == ')') {
      if (depth_ == 0) throw Error(Exit::data, base::concat("definition cannot be read: ')' at byte ", at_, " closes nothing"));
      --depth_;
    }
    push(TokenKind::symbol, at_ + 1);
    if (c == '(') ++depth_;
  }

  std::string_view sql_;
  std::size_t at_ = 0;
  unsigned depth_ = 0;
  std::vector<Token> out_;
};

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

std::vector<Token> tokenize(std::string_view sql) { return Tokenizer(sql).run(); }

std::vector<Token> tokenize_until(std::string_view sql, std::initializer_list<std::string_view> words) {
  return Tokenizer(sql).run_until(words);
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
    if (text[i] == '\\' && quote != '`') out.push_back(unescaped(text[++i]));
    else {
      out.push_back(text[i]);
      if (text[i] == quote) ++i;  // doubled
    }
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
