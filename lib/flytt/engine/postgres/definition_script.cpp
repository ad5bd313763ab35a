// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/definition_script.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr std::size_t kFirstTokens = 12;

bool letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80; }
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool space(char c) noexcept { return c == ' ' || c == '\n' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

class ScriptReader {
 public:
  ScriptReader(std::string_view script, const std::function<void(const ScriptStatement&)>& take) : sql_(script), take_(take) {}

  void run() {
    while (at_ < sql_.size()) step();
    if (depth_ != 0 || body_ != 0) unended("a parenthesis or body");
    end_statement(sql_.size());
  }

 private:
  [[noreturn]] static void unended(std::string_view what) { throw Error(Exit::data, concat("definitions cannot be read: ", what, " does not end")); }

  void step() {
    const char c = sql_[at_];
    const auto two = sql_.substr(at_, 2);
    if (space(c)) ++at_;
    else if (two == "--") at_ = std::min(sql_.find('\n', at_), sql_.size());
    else if (two == "/*") comment();
    else if (c == '\\') meta();
    else if (c == '\'') string(Escapes::no);
    else if (c == '"') name();
    else if (c == '$') dollar();
    else if (letter(c)) word();
    else symbol(c);
  }

  enum class Escapes : bool { no, yes };

  void push(std::string text, std::size_t end) {
    if (begin_ == kNone) begin_ = at_;
    last_ = text;
    if (tokens_.size() < kFirstTokens || depth_ == 0) tokens_.push_back({std::move(text), depth_});
    at_ = end;
  }

  void end_statement(std::size_t end) {
    if (begin_ != kNone) take_({sql_.substr(begin_, end - begin_), std::move(tokens_)});
    tokens_ = {};
    begin_ = kNone;
    last_.clear();
  }

  void comment() {
    unsigned open = 0;
    do {
      const auto two = sql_.substr(at_, 2);
      if (two.size() < 2) unended("a comment");
      if (two == "/*") ++open;
      if (two == "*/") --open;
      at_ += two == "/*" || two == "*/" ? 2 : 1;
    } while (open > 0);
  }

  /// psql's guard around a script that is to be read by it. pg_restore sends no such thing to a server.
  void meta() {
    const auto line = sql_.substr(at_, std::min(sql_.find('\n', at_), sql_.size()) - at_);
    if (begin_ != kNone || (!line.starts_with("\\restrict ") && !line.starts_with("\\unrestrict ")))
      throw Error(Exit::data, "definitions cannot be read: a backslash stands outside of quotes");
    at_ += line.size();
  }

  void string(Escapes escapes) {
    for (std::size_t i = at_ + 1; i < sql_.size(); ++i) {
      if (sql_[i] == '\\' && escapes == Escapes::yes) ++i;
      else if (sql_[i] == '\'' && sql_.substr(i + 1, 1) == "'") ++i;
      else if (sql_[i] == '\'') return push("'", i + 1);
    }
    unended("a string");
  }

  void name() {
    for (std::size_t i = at_ + 1; i < sql_.size(); ++i) {
      if (sql_[i] == '"' && sql_.substr(i + 1, 1) == "\"") ++i;
      else if (sql_[i] == '"') return push(std::string(sql_.substr(at_, i + 1 - at_)), i + 1);
    }
    unended("a name");
  }

  void dollar() {
    std::size_t end = at_ + 1;
    while (end < sql_.size() && (letter(sql_[end]) || (digit(sql_[end]) && end > at_ + 1))) ++end;
    if (end >= sql_.size() || sql_[end] != '$') return push("$", at_ + 1);
    const auto tag = sql_.substr(at_, end + 1 - at_);
    const auto close = sql_.find(tag, end + 1);
    if (close == std::string_view::npos) unended("a string");
    push("'", close + tag.size());
  }

  void word() {
    std::size_t end = at_;
    while (end < sql_.size() && (letter(sql_[end]) || digit(sql_[end]) || sql_[end] == '$')) ++end;
    std::string text = upper(sql_.substr(at_, end - at_));
    if (text == "E" && sql_.substr(end, 1) == "'") {
      at_ = end;
      return string(Escapes::yes);
    }
    // BEGIN ATOMIC … END is the body of a function: what it has between semicolons are no statements of the script.
    if (depth_ == 0) {
      if (body_ > 0) in_body(text);
      else if (text == "ATOMIC" && last_ == "BEGIN") body_ = 1, fresh_ = true;
    }
    push(std::move(text), end);
  }

  /// CASE and END can be names of columns, so that a body seems longer than it is: what begins in it has to be of its kind, too.
  void in_body(std::string_view word) {
    constexpr std::array<std::string_view, 9> kOfBodies{"SELECT", "INSERT", "UPDATE", "DELETE", "MERGE", "WITH", "VALUES", "RETURN", "END"};
    if (std::exchange(fresh_, false) && std::find(kOfBodies.begin(), kOfBodies.end(), word) == kOfBodies.end())
      throw Error(Exit::data, concat("definitions cannot be read: the body of a function has a statement that begins with ", word));
    if (word == "CASE") ++body_;
    else if (word == "END") --body_;
  }

  void symbol(char c) {
    if (c == ';' && depth_ == 0) {
      fresh_ = true;
      if (body_ == 0) end_statement(at_);
      ++at_;
      return;
    }
    if (c == ')' || c == ']') {
      if (depth_ == 0) throw Error(Exit::data, "definitions cannot be read: a parenthesis closes nothing");
      --depth_;
    }
    push(std::string(1, c), at_ + 1);
    if (c == '(' || c == '[') ++depth_;
  }

  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::string_view sql_;
  const std::function<void(const ScriptStatement&)>& take_;
  std::size_t at_ = 0;
  std::size_t begin_ = kNone;
  unsigned depth_ = 0;
  unsigned body_ = 0;
  bool fresh_ = false;  // in a body: the next word begins a statement
  std::string last_;
  std::vector<ScriptToken> tokens_;
};

/// What pg_dump sets around definitions.
constexpr std::array<std::string_view, 14> kSettings{
    "STATEMENT_TIMEOUT", "LOCK_TIMEOUT", "IDLE_IN_TRANSACTION_SESSION_TIMEOUT", "TRANSACTION_TIMEOUT", "CLIENT_ENCODING", "STANDARD_CONFORMING_STRINGS",
    "CHECK_FUNCTION_BODIES", "XMLOPTION", "CLIENT_MIN_MESSAGES", "ROW_SECURITY", "ESCAPE_STRING_WARNING", "DEFAULT_TABLE_ACCESS_METHOD", "DEFAULT_TABLESPACE",
    "DEFAULT_TOAST_COMPRESSION"};

/// What a table needs, with CREATE, ALTER or DROP before it.
constexpr std::array<std::string_view, 12> kTables{"TABLE", "UNLOGGED TABLE", "INDEX", "UNIQUE INDEX", "SEQUENCE", "UNLOGGED SEQUENCE",
                                                   "TYPE", "DOMAIN", "SCHEMA", "STATISTICS", "COLLATION", "CONSTRAINT"};
constexpr std::array<std::string_view, 32> kCode{
    "FUNCTION", "PROCEDURE", "AGGREGATE", "VIEW", "OR REPLACE VIEW", "MATERIALIZED VIEW", "TRIGGER", "CONSTRAINT TRIGGER", "RULE", "POLICY", "EXTENSION",
    "OPERATOR", "CAST", "CONVERSION", "DEFAULT CONVERSION", "LANGUAGE", "TRUSTED LANGUAGE", "TRUSTED PROCEDURAL LANGUAGE", "PROCEDURAL LANGUAGE", "OR REPLACE LANGUAGE",
    "OR REPLACE TRUSTED LANGUAGE", "OR REPLACE TRUSTED PROCEDURAL LANGUAGE", "OR REPLACE PROCEDURAL LANGUAGE", "TEXT SEARCH", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "SERVER", "USER MAPPING",
    "EVENT TRIGGER", "PUBLICATION", "ACCESS METHOD", "TRANSFORM"};

class StatementCheck {
 public:
  StatementCheck(const ScriptStatement& s, Code code, Drops drops) : s_(s), code_(code), drops_(drops) {}

  bool good() const {
    if (is(0, "SET")) return setting();
    if (is(0, "SELECT")) return s_.text == "SELECT pg_catalog.set_config('search_path', '', false)";
    if (is(0, "COMMENT")) return is(1, "ON");
    if (is(0, "CREATE") || is(0, "ALTER")) return definition();
    if (is(0, "DROP")) return drops_ == Drops::allowed && made_of(1);
    if (code_ == Code::left_out) return false;
    if (is(0, "SECURITY")) return is(1, "LABEL");
    // Rights on an object; without ON it is a role that is given.
    if (is(0, "GRANT") || is(0, "REVOKE")) return outside("ON");
    return false;
  }

 private:
  bool is(std::size_t i, std::string_view word) const { return i < s_.tokens.size() && s_.tokens[i].text == word; }
  bool outside(std::string_view word) const {
    return std::any_of(s_.tokens.begin(), s_.tokens.end(), [&](const auto& t) { return t.depth == 0 && t.text == word; });
  }

  bool words_at(std::size_t i, std::string_view words) const {
    for (const auto word : base::split(words, ' '))
      if (!is(i++, word)) return false;
    return true;
  }

  /// Is one of these what is made, changed or dropped?
  bool made_of(std::size_t i) const {
    const auto there = [&](auto words) { return words_at(i, words); };
    if (std::any_of(kTables.begin(), kTables.end(), there)) return true;
    return code_ == Code::loaded && (std::any_of(kCode.begin(), kCode.end(), there) || words_at(i, "DEFAULT PRIVILEGES"));
  }

  /// The two on which everything that was read here depends are as they have to be.
  bool setting() const {
    if (std::find(kSettings.begin(), kSettings.end(), s_.tokens.size() > 1 ? s_.tokens[1].text : "") == kSettings.end()) return false;
    if (is(1, "STANDARD_CONFORMING_STRINGS")) return s_.text.ends_with("= on");
    if (!is(1, "CLIENT_ENCODING")) return true;
    const std::string encoding = upper(s_.text.substr(s_.text.find('=') + 1));
    constexpr std::array<std::string_view, 8> kUnsafe{"SJIS", "BIG5", "GBK", "UHC", "GB18030", "JOHAB", "SHIFT_JIS", "WIN9"};
    return std::none_of(kUnsafe.begin(), kUnsafe.end(), [&](auto name) { return encoding.find(name) != std::string::npos; });
  }

  bool definition() const {
    if (!made_of(1)) return false;
    // A table that is filled by a query, and a schema that comes with more than its name.
    if (is(0, "CREATE") && (is(1, "TABLE") || is(2, "TABLE")) && !is(1, "FOREIGN") && outside("AS")) return false;
    return !(is(0, "CREATE") && is(1, "SCHEMA")) || s_.tokens.size() == 3;
  }

  const ScriptStatement& s_;
  Code code_;
  Drops drops_;
};

}  // namespace

void each_statement(std::string_view script, const std::function<void(const ScriptStatement&)>& take) { ScriptReader(script, take).run(); }

std::vector<ScriptStatement> statements_of(std::string_view script) {
  std::vector<ScriptStatement> out;
  each_statement(script, [&](const ScriptStatement& statement) { out.push_back(statement); });
  return out;
}

void check_statement(const ScriptStatement& statement, Code code, Drops drops) {
  constexpr std::size_t kShown = 60;
  if (StatementCheck(statement, code, drops).good()) return;
  throw Error(Exit::data, concat("the definitions have a statement that pg_dump does not write there: ", base::quote_for_message(statement.text, kShown)),
              {.hint = "Do not load this stream, and find out who could change it."});
}

}  // namespace flytt::engine::postgres
