// Looks at words outside of parentheses that hold a query of their own: what stands in those keeps its names.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/view_text.hpp>

#include <vector>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

struct Token {
  std::string_view text;
  bool word = false;      ///< a name or key word
  std::size_t depth = 0;  ///< of parentheses around it
  bool inside = false;    ///< in a query within the query
};

bool begins_word(char c) noexcept {
  return c == '_' || c == '"' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

bool in_word(char c) noexcept { return begins_word(c) || c == '$' || (c >= '0' && c <= '9'); }

/// End of a quoted piece that begins at `at`; a doubled quote is part of it, and so is what a backslash precedes.
std::size_t end_of_quoted(std::string_view text, std::size_t at, bool escapes) noexcept {
  const char quote = text[at];
  for (++at; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') ++at;
    else if (text[at] != quote) continue;
    else if (at + 1 < text.size() && text[at + 1] == quote) ++at;
    else return at + 1;
  }
  return text.size();
}

std::size_t end_of_token(std::string_view text, std::size_t at) noexcept {
  const char c = text[at];
  if (c == 'E' && at + 1 < text.size() && text[at + 1] == '\'') return end_of_quoted(text, at + 1, true);
  if (c == '\'' || c == '"') return end_of_quoted(text, at, false);
  if (c == ':' && text.substr(at, 2) == "::") return at + 2;
  if (!in_word(c)) return at + 1;
  while (at < text.size() && in_word(text[at]) && text[at] != '"') ++at;
  return at;
}

std::vector<Token> tokens_of(std::string_view text) {
  std::vector<Token> out;
  std::vector<bool> queries;  // for each open parenthesis: does it hold a query, or lie in one that does?
  bool opened = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = end_of_token(text, at);
    const std::string_view token = text.substr(at, end - at);
    const bool blank = token == " " || token == "\n" || token == "\t";
    if (opened && !blank) {
      if (token == "SELECT" || token == "WITH" || token == "VALUES") queries.back() = true;
      opened = false;
    }
    if (token == ")" && !queries.empty()) queries.pop_back();
    out.push_back({token, begins_word(token[0]) && token[0] != '\'' && token.back() != '\'', queries.size(), !queries.empty() && queries.back()});
    if (token == "(") {
      queries.push_back(!queries.empty() && queries.back());
      opened = true;
    }
    at = end;
  }
  return out;
}

bool ends_from(std::string_view word) noexcept {
  for (const std::string_view key : {"WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR", ";"})
    if (word == key) return true;
  return false;
}

/// The FROM clause, when it names exactly one thing, and by what name its columns are called.
struct Lone {
  std::size_t begin = 0, end = 0;
  std::string_view name;
};

Lone lone_source(const std::vector<Token>& tokens) {
  Lone lone;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& t = tokens[i];
    if (t.depth != 0 || (!t.word && t.text != "," && t.text != ";")) continue;
    if (t.text == "UNION" || t.text == "INTERSECT" || t.text == "EXCEPT") return {};
    if (lone.begin == 0) {
      if (t.text == "FROM") lone.begin = i;
      continue;
    }
    if (lone.end != 0) continue;
    if (ends_from(t.text)) lone.end = i;
    else if (t.text == "," || t.text == "JOIN") return {};
    else if (t.word) lone.name = t.text;
  }
  if (lone.begin != 0 && lone.end == 0) lone.end = tokens.size();
  return lone;
}

}  // namespace

std::string without_lone_prefix(std::string_view definition) {
  const std::vector<Token> tokens = tokens_of(definition);
  const Lone lone = lone_source(tokens);
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool follows = i + 2 < tokens.size() && tokens[i + 1].text == "." && tokens[i + 2].word;
    const bool called = i + 3 < tokens.size() && (tokens[i + 3].text == "(" || tokens[i + 3].text == ".");
    const bool qualifies_other = i > 0 && (tokens[i - 1].text == "::" || tokens[i - 1].text == "." ||
                                           (i > 1 && tokens[i - 2].text == "COLLATE"));
    const bool in_from = i >= lone.begin && i < lone.end;
    if (!lone.name.empty() && tokens[i].text == lone.name && follows && !called && !qualifies_other && !in_from && !tokens[i].inside) {
      ++i;
      continue;
    }
    out += tokens[i].text;
  }
  return out;
}

}  // namespace flytt::engine::postgres
