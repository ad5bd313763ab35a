// Reads the head of a statement, word for word, and refuses what does not belong there.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/definition_check.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

/// Throws Error{Exit::data}: "view shop.v: WHAT", with what to do.
[[noreturn]] void refuse_definition(const value::SchemaObject& object, std::string what);

class DefinitionHead {
 public:
  DefinitionHead(const value::SchemaObject& object, Names names, Quoting quoting)
      : object_(object), names_(names), sql_(object.statement), tokens_(sql_, quoting) {}

  bool at_end() { return !peek(); }
  bool is(std::string_view word) { return peek() && token_is(sql_, *peek(), word); }
  bool is_kind(TokenKind kind) { return peek() && peek()->kind == kind; }
  /// Passes over the word, or these words one after another, when the first is there.
  bool take(std::string_view word);
  bool take_all(std::initializer_list<std::string_view> words);
  /// Passes over the words; anything else is refused.
  void need(std::initializer_list<std::string_view> words);
  /// A name, in quotes or without, in UTF-8 whatever the statement is in. Throws when something else is there.
  std::string name();
  /// The object's own name, which may stand behind its database's.
  void own_name(const std::string& schema, const std::string& name, Names names);
  void own_name(const std::string& schema, const std::string& name) { own_name(schema, name, names_); }
  /// "user@host", or a role's name.
  std::string account();
  /// DEFINER = account, if it is there.
  void definer();
  /// One name or word, one string, one number.
  Token any();
  std::string_view text(const Token& token) const { return token_text(sql_, token); }
  void need_end();
  /// The rest: nothing that ends the statement, and none of these words outside of quotes.
  void rest_without(std::initializer_list<std::string_view> words);
  /// The rest as tokens.
  std::vector<Token> rest();

  [[noreturn]] void refuse(std::string what) const { refuse_definition(object_, std::move(what)); }
  [[noreturn]] void unexpected();

 private:
  const std::optional<Token>& peek();

  const value::SchemaObject& object_;
  Names names_;
  std::string_view sql_;
  Tokenizer tokens_;
  std::optional<Token> next_;
  bool peeked_ = false;
};

}  // namespace flytt::engine::mysql_family
