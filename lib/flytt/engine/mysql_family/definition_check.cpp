// One function for each kind: what dump-stream writes passes, and nothing else does.
// Source: https://mariadb.com/kb/en/data-definition/, https://dev.mysql.com/doc/refman/8.4/en/sql-data-definition-statements.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition_check.hpp>

#include <algorithm>
#include <array>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/mysql_family/definition_head.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

bool runs_under_its_mode(ObjectKind kind) { return kind == ObjectKind::routine || kind == ObjectKind::trigger || kind == ObjectKind::event; }

Quoting quoting_of(const SchemaObject& o) {
  if (!runs_under_its_mode(o.kind) && o.kind != ObjectKind::view) return {};
  return mysql_family::quoting_of(runs_under_its_mode(o.kind) ? o.sql_mode : std::string(), o.charset);
}

/// Settings stand in a SET statement: quoted there, and never anything but words.
void check_settings(const SchemaObject& o) {
  const auto plain = [&](std::string_view what, const std::string& text, std::string_view others) {
    const auto fits = [&](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || others.find(c) != std::string_view::npos;
    };
    if (!std::all_of(text.begin(), text.end(), fits)) refuse_definition(o, base::concat("its ", what, " is ", base::quote_for_message(text)));
  };
  plain("sql_mode", o.sql_mode, ",");
  plain("character set", o.charset, "");
  plain("collation", o.collation, "");
  plain("time zone", o.time_zone, "+-:/");
}

void database_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE", "DATABASE"});
  s.take_all({"IF", "NOT", "EXISTS"});
  s.own_name(o.name, o.name);
  while (!s.at_end()) {
    if (s.take("COMMENT")) {
      if (s.any().kind != TokenKind::string) s.unexpected();
      continue;
    }
    s.take("DEFAULT");
    if (s.take("CHARACTER")) s.need({"SET"});
    else if (!s.take("COLLATE")) s.unexpected();
    s.take("=");
    s.name();
  }
}

void sequence_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE", "SEQUENCE"});
  s.own_name(o.schema, o.name);
  s.rest_without({"SELECT", "("});
}

void sequence_value_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"SELECT", "SETVAL", "("});
  s.own_name(o.schema, o.name);
  for (int i = 0; i < 3; ++i) {
    s.need({","});
    s.take("-");
    const Token number = s.any();
    if (!base::parse_u64(s.text(number))) s.unexpected();
  }
  s.need({")"});
  s.need_end();
}

/// What only some servers read begins and ends on the same level for those that read it and those that do not.
void conditional_comments_are_closed(DefinitionHead& s, const std::vector<Token>& tokens) {
  const Token* open = nullptr;
  for (const Token& t : tokens) {
    const auto text = s.text(t);
    if (t.kind == TokenKind::symbol && text.starts_with("/*")) {
      if (open != nullptr) s.refuse("its statement has a comment within a comment");
      open = &t;
    } else if (t.kind == TokenKind::symbol && text == "*/") {
      if (open == nullptr || open->depth != t.depth) s.refuse("its statement has a comment that does not end where it began");
      open = nullptr;
    } else if (open != nullptr && (t.kind == TokenKind::string || t.kind == TokenKind::name) && text.find("*/") != std::string_view::npos)
      s.refuse("its statement has the end of a comment inside of a quote");
  }
  if (open != nullptr) s.refuse("its statement has a comment without an end");
}

/// No rows out of other tables, no files at places that the stream chooses.
void table_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE", "TABLE"});
  s.own_name(o.schema, o.name);
  if (!s.is("(")) s.unexpected();
  const auto tokens = s.rest();
  conditional_comments_are_closed(s, tokens);
  bool options = false;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const Token& t = tokens[i];
    const auto is = [&](std::string_view word) { return token_is(o.statement, t, word); };
    const bool directory = i + 1 < tokens.size() && token_is(o.statement, tokens[i + 1], "DIRECTORY");
    if (is("SELECT") || (options && (is("TABLE") || is("LIKE") || is("UNION") || is("IGNORE") || is("REPLACE") || is("AS"))) ||
        (options && t.depth == 0 && is("VALUES")))
      s.refuse("its statement fills the table from elsewhere");
    if ((is("DATA") || is("INDEX")) && directory) s.refuse("its statement names a directory of the server");
    options = options || (t.depth == 0 && is(")"));
  }
}

/// One "ADD …" of an ALTER TABLE: no second action behind a comma.
void one_addition(const SchemaObject& o, const std::string& text, std::initializer_list<std::string_view> kinds) {
  SchemaObject part = o;
  part.statement = text;
  DefinitionHead s(part, Names::exact, {});
  s.need({"ADD"});
  if (std::none_of(kinds.begin(), kinds.end(), [&](auto kind) { return s.is(kind); })) s.unexpected();
  const auto tokens = s.rest();
  conditional_comments_are_closed(s, tokens);
  for (const Token& t : tokens)
    if (t.depth == 0 && token_is(part.statement, t, ",")) s.refuse("its statement does more than to add it");
}

void index_statement(const SchemaObject& o, DefinitionHead& s) {
  const auto attributes = codec::JsonValue::parse(o.attributes);
  std::vector<std::string> adds;
  for (const auto& add : attributes.get_array("adds")) adds.push_back(add.as_string());
  if (adds.empty() || adds.size() != attributes.get_array("keys").size()) s.refuse("its attributes are not those of its statement");
  for (const auto& add : adds) one_addition(o, add, {"KEY", "INDEX", "UNIQUE", "FULLTEXT", "SPATIAL", "PRIMARY", "CONSTRAINT"});
  if (o.statement != "ALTER TABLE " + quote_name(o.schema) + "." + quote_name(o.parent) + "\n  " + base::join(adds, ",\n  ")) s.unexpected();
}

void foreign_key_statement(const SchemaObject& o, DefinitionHead& s) {
  const std::string head = "ALTER TABLE " + quote_name(o.schema) + "." + quote_name(o.parent) + " ";
  if (!o.statement.starts_with(head)) s.unexpected();
  one_addition(o, o.statement.substr(head.size()), {"CONSTRAINT", "FOREIGN"});
}

void view_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE"});
  if (s.take("ALGORITHM")) {
    s.need({"="});
    s.name();
  }
  s.definer();
  if (s.take_all({"SQL", "SECURITY"})) s.name();
  s.need({"VIEW"});
  s.own_name(o.schema, o.name);
  s.rest_without({});
}

/// Without its parameters a function would be a library of the server's host.
void routine_statement(const SchemaObject& o, DefinitionHead& s) {
  const auto attributes = codec::JsonValue::parse(o.attributes);
  const std::string type = attributes.get_string("type"), name = attributes.get_string("name");
  constexpr std::array<std::string_view, 4> kRoutineTypes{"PROCEDURE", "FUNCTION", "PACKAGE", "PACKAGE BODY"};
  if (std::find(kRoutineTypes.begin(), kRoutineTypes.end(), type) == kRoutineTypes.end()) s.refuse("its attributes have the type " + base::quote_for_message(type));
  if (o.name != name && o.name != name + " (" + base::lower(type) + ")") s.refuse("its attributes name " + base::quote_for_message(name));
  s.need({"CREATE"});
  s.definer();
  if (type == "FUNCTION") s.take("AGGREGATE");
  for (const auto word : base::split(type, ' ')) s.need({word});
  if (type == "PACKAGE" && s.is("BODY")) s.unexpected();
  s.own_name(o.schema, name, Names::folded);
  if (!type.starts_with("PACKAGE") && !s.is("(")) s.unexpected();
}

void trigger_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE"});
  s.definer();
  s.need({"TRIGGER"});
  s.take_all({"IF", "NOT", "EXISTS"});
  s.own_name(o.schema, o.name, Names::folded);
  if (!s.take("BEFORE") && !s.take("AFTER")) s.unexpected();
  do {
    if (!s.take("INSERT") && !s.take("UPDATE") && !s.take("DELETE")) s.unexpected();
  } while (s.take("OR"));
  s.need({"ON"});
  s.own_name(o.schema, o.parent);
  s.need({"FOR", "EACH", "ROW"});
}

/// An event that did not arrive disabled would run before anybody has promoted the server.
void event_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE"});
  s.definer();
  s.need({"EVENT"});
  s.own_name(o.schema, o.name, Names::folded);
  s.need({"ON", "SCHEDULE"});
  while (!s.is("PRESERVE")) {
    const Token t = s.any();
    const auto text = s.text(t);
    if (t.kind == TokenKind::name || text == "(" || text == ";" || token_is(o.statement, t, "DO")) s.unexpected();
  }
  s.need({"PRESERVE"});
  if (!s.take("DISABLE")) s.refuse("its statement does not make it disabled");
  if (s.take("COMMENT")) s.any();
  s.need({"DO"});
}

std::string user_of(std::string_view account) { return std::string(account.substr(0, account.rfind('@'))); }

void account_statement(const SchemaObject& o, DefinitionHead& s) {
  s.need({"CREATE"});
  const bool role = s.take("ROLE");
  if (!role) s.need({"USER"});
  s.need({"IF", "NOT", "EXISTS"});
  if (s.account() != o.name) s.refuse("its statement is about another account");
  if (account_of_server(user_of(o.name))) s.refuse("it belongs to the server, and no copy has it");
  if (role) s.need_end();
  else s.rest_without({",", "ROLE"});
}

/// Each account's own statements give it something, and nobody else.
void grant_statement(const SchemaObject& o, DefinitionHead& s) {
  if (account_of_server(user_of(o.definer))) s.refuse("it is for an account of the server, and no copy has it");
  const auto about_its_account = [&] {
    if (s.account() != o.definer) s.refuse("its statement is about another account than " + base::quote_for_message(o.definer));
  };
  if (s.take_all({"ALTER", "USER"})) {
    about_its_account();
    s.need({"DEFAULT", "ROLE"});
    return s.rest_without({"IDENTIFIED"});
  }
  const bool defaults = s.take_all({"SET", "DEFAULT", "ROLE"});
  const std::string_view before = defaults ? "FOR" : s.take("REVOKE") ? "FROM" : "TO";
  if (!defaults && before == "TO") s.need({"GRANT"});
  for (Token t = s.any(); !(t.depth == 0 && token_is(o.statement, t, before)); t = s.any())
    if (token_is(o.statement, t, ";") || (t.kind == TokenKind::symbol && t.size > 1)) s.unexpected();
  about_its_account();
  s.rest_without({",", "IDENTIFIED"});
}

void by_kind(const SchemaObject& o, DefinitionHead& s) {
  switch (o.kind) {
    case ObjectKind::account: return account_statement(o, s);
    case ObjectKind::database: return database_statement(o, s);
    case ObjectKind::sequence: return sequence_statement(o, s);
    case ObjectKind::table: return table_statement(o, s);
    case ObjectKind::index: return index_statement(o, s);
    case ObjectKind::foreign_key: return foreign_key_statement(o, s);
    case ObjectKind::routine: return routine_statement(o, s);
    case ObjectKind::view: return view_statement(o, s);
    case ObjectKind::trigger: return trigger_statement(o, s);
    case ObjectKind::event: return event_statement(o, s);
    case ObjectKind::grant: return grant_statement(o, s);
    case ObjectKind::sequence_value: return sequence_value_statement(o, s);
    default: refuse_definition(o, "a stream of this product has no such object");
  }
}

}  // namespace

bool account_of_server(std::string_view user) noexcept {
  static constexpr std::array<std::string_view, 7> kOwn{"root", "mysql.sys", "mysql.session", "mysql.infoschema", "mariadb.sys", "mysql", "event_scheduler"};
  return std::find(kOwn.begin(), kOwn.end(), user) != kOwn.end();
}

void check_definition(const SchemaObject& o, Names names) {
  check_settings(o);
  DefinitionHead statement(o, names, quoting_of(o));
  try {
    by_kind(o, statement);
  } catch (const base::Error& e) {
    if (!e.facts().hint.empty()) throw;
    refuse_definition(o, e.message());  // quotes that do not end, attributes that cannot be read
  }
}

}  // namespace flytt::engine::mysql_family
