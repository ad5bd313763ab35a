// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition_head.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/character_set.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::size_t kShownOfStatement = 60;

bool of_one_statement(std::string_view sql, const Token& t) { return !token_is(sql, t, ";"); }

}  // namespace

void refuse_definition(const value::SchemaObject& object, std::string what) {
  throw base::Error(base::Exit::data, base::concat(object.display(), ": ", what),
                    {.hint = "dump-stream writes no such stream. Do not load it, and find out who could change it."});
}

bool same_name(Names names, std::string_view a, std::string_view b) {
  if (names == Names::exact) return a == b;
  // How other letters fold only the server knows; the name is in the right database, and that is what counts.
  if (!plain_ascii(a) || !plain_ascii(b)) return true;
  return base::equal_ignoring_case(a, b);
}

const std::optional<Token>& DefinitionHead::peek() {
  if (!peeked_) next_ = tokens_.next();
  peeked_ = true;
  return next_;
}

Token DefinitionHead::any() {
  if (!peek()) unexpected();
  peeked_ = false;
  return *next_;
}

void DefinitionHead::unexpected() {
  // Accounts' statements hold what stands for a password.
  const bool secret = object_.kind == value::ObjectKind::account || object_.kind == value::ObjectKind::grant;
  const std::string begins = secret ? std::string() : ", it begins with " + base::quote_for_message(sql_, kShownOfStatement);
  refuse(base::concat("its statement does not create it", at_end() ? ", it ends too soon" : base::concat(" (at byte ", peek()->at, ")"), begins));
}

bool DefinitionHead::take(std::string_view word) {
  if (!is(word)) return false;
  peeked_ = false;
  return true;
}

bool DefinitionHead::take_all(std::initializer_list<std::string_view> words) {
  if (!is(*words.begin())) return false;
  need(words);
  return true;
}

void DefinitionHead::need(std::initializer_list<std::string_view> words) {
  for (const auto word : words)
    if (!take(word)) unexpected();
}

std::string DefinitionHead::name() {
  if (!is_kind(TokenKind::name) && !is_kind(TokenKind::word)) unexpected();
  const Token token = any();
  const auto known = utf8_of(token_value(sql_, token), object_.charset);
  if (!known) refuse(base::concat("it has a name that is no text in its character set, ", base::quote_for_message(object_.charset)));
  return *known;
}

void DefinitionHead::own_name(const std::string& schema, const std::string& own, Names names) {
  std::string first = name();
  if (take(".")) {
    if (!same_name(names_, first, schema)) refuse("its statement is about database " + base::quote_for_message(first));
    first = name();
  }
  if (!same_name(names, first, own)) refuse("its statement is about " + base::quote_for_message(first));
}

std::string DefinitionHead::account() {
  const auto part = [&] {
    if (is_kind(TokenKind::symbol) || at_end()) unexpected();
    const Token token = any();
    return token_value(sql_, token);
  };
  std::string out = part();  // of an account without quotes, all of it: '@' is part of a word
  if (out.ends_with('@') || is("@")) {
    if (take("@")) out += '@';
    out += part();
  }
  return out;
}

void DefinitionHead::definer() {
  if (!take("DEFINER")) return;
  need({"="});
  account();
  if (take("(")) need({")"});  // CURRENT_USER()
}

void DefinitionHead::need_end() {
  if (!at_end()) unexpected();
}

void DefinitionHead::rest_without(std::initializer_list<std::string_view> words) {
  while (!at_end()) {
    const Token t = any();
    if (!of_one_statement(sql_, t)) refuse("its statement is more than one");
    if (t.kind == TokenKind::symbol && text(t).size() > 1) refuse("its statement has a comment that some servers run");
    for (const auto word : words)
      if (token_is(sql_, t, word)) refuse(base::concat("its statement has the word ", word, " where dump-stream writes none"));
  }
}

std::vector<Token> DefinitionHead::rest() {
  std::vector<Token> out;
  while (!at_end()) {
    out.push_back(any());
    if (!of_one_statement(sql_, out.back())) refuse("its statement is more than one");
  }
  return out;
}

}  // namespace flytt::engine::mysql_family
