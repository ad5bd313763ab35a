// What chosen tables cannot do without, though nobody named it. Servers keep no record of what a body calls: its words are read.
// SPDX-License-Identifier: MIT
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/character_set.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

constexpr std::string_view kNotCalled = "not called by what --table names";
constexpr std::string_view kNotTable = "not part of any table that --table names";

bool has_body(ObjectKind kind) { return kind == ObjectKind::routine || kind == ObjectKind::trigger || kind == ObjectKind::view; }

/// Names that may be called in a definition, in lower case: before a parenthesis, after CALL, or, in a table's default, anywhere.
void add_called(const SchemaObject& o, std::set<std::string>& names) {
  if (!has_body(o.kind) && o.kind != ObjectKind::table) return;
  const auto quoting = has_body(o.kind) ? quoting_of(o.kind == ObjectKind::view ? std::string() : o.sql_mode, o.charset) : Quoting{};
  bool call = false;  // the last word was CALL, or belongs to the name behind it
  const std::string_view sql = o.statement;
  const auto tokens = tokenize(sql, quoting);
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const bool name = tokens[i].kind == TokenKind::name || tokens[i].kind == TokenKind::word;
    const bool opens = i + 1 < tokens.size() && token_is(sql, tokens[i + 1], "(");
    if (name && (opens || call || o.kind == ObjectKind::table)) names.insert(base::lower(token_value(sql, tokens[i])));
    call = token_is(sql, tokens[i], "CALL") || (call && i + 1 < tokens.size() && (token_is(sql, tokens[i], ".") || token_is(sql, tokens[i + 1], ".")));
  }
}

std::set<std::string> called(const Contents& contents) {
  std::set<std::string> out;
  for (const auto& o : contents.objects) add_called(o, out);
  return out;
}

/// Reads what is called and not read yet, until nothing more is.
std::set<value::TableName> read_routines_called(Reading& r) {
  std::set<value::TableName> read, round;
  do {
    round.clear();
    const auto names = called(r.out);
    const Wanted wanted = [&](const value::TableName& routine) {
      if (!names.contains(base::lower(routine.table)) || read.contains(routine)) return false;
      round.insert(routine);
      return true;
    };
    for (const auto& d : r.out.databases) read_routines(r, d.name, wanted);
    read.insert(round.begin(), round.end());
  } while (!round.empty());
  return read;
}

void leave_out_all(Reading& r, const std::string& query, std::string_view kind, std::string_view reason, const std::string& database,
                   const std::set<value::TableName>& but) {
  const Result rows = r.c.query(query + quote_text(database) + " ORDER BY 1");
  for (const auto& row : rows.rows)
    if (value::TableName name{database, row[0].value_or("")}; !but.contains(name)) r.leave_out(kind, reason, name.display());
}

/// Whether a view's statement, in which the server has written every table with its database, names one of these.
bool reads_any(const SchemaObject& view, const std::set<std::string>& names) {
  const std::string_view sql = view.statement;
  const auto tokens = tokenize(sql, quoting_of({}, view.charset));
  for (std::size_t i = 2; i < tokens.size(); ++i)
    if (tokens[i - 2].kind == TokenKind::name && token_is(sql, tokens[i - 1], ".") && tokens[i].kind == TokenKind::name) {
      const auto database = utf8_of(token_value(sql, tokens[i - 2]), view.charset), table = utf8_of(token_value(sql, tokens[i]), view.charset);
      if (database && table && names.contains(value::TableName{*database, *table}.display())) return true;
    }
  return false;
}

}  // namespace

void leave_out_views_of_what_is_left_out(Reading& r) {
  std::set<std::string> names;
  for (const auto& some : r.out.left_out)
    if (some.kind == "table" || some.kind == "view") names.insert(some.names.begin(), some.names.end());
  for (bool more = !names.empty(); more;) {
    more = false;
    std::erase_if(r.out.objects, [&](const SchemaObject& o) {
      if (o.kind != ObjectKind::view || !reads_any(o, names)) return false;
      const std::string name = value::TableName{o.schema, o.name}.display();
      r.leave_out("view", "reads what is left out", name);
      names.insert(name);
      return more = true;
    });
  }
}

void read_called(Reading& r) {
  const auto read = read_routines_called(r);
  const auto names = called(r.out);
  for (const auto& sequence : r.other_sequences) {
    if (names.contains(base::lower(sequence.table))) read_sequence(r, sequence);
    else r.leave_out("sequence", kNotNamed, sequence.display());
  }
  for (const auto& d : r.out.databases) {
    leave_out_all(r, "SELECT DISTINCT ROUTINE_NAME FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ", "routine", kNotCalled, d.name, read);
    leave_out_all(r, "SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ", "event", kNotTable, d.name, {});
  }
}

}  // namespace flytt::engine::mysql_family
