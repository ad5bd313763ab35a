// Views, routines, triggers, events and sequences: each as the server prints it, with the settings it was created under.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/mysql_family/character_set.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

std::string qualified(const std::string& schema, const std::string& name) { return quote_name(schema) + "." + quote_name(name); }

std::size_t question_marks(std::string_view text) { return static_cast<std::size_t>(std::count(text.begin(), text.end(), '?')); }

bool is_utf8(std::string_view charset) { return charset.empty() || base::lower(charset).starts_with("utf8"); }

SchemaObject object_of(ObjectKind kind, const std::string& schema, std::string name) {
  SchemaObject out;
  out.kind = kind;
  out.schema = schema;
  out.name = std::move(name);
  return out;
}

std::string asked(Connection& c, const std::string& show, std::string_view column) {
  const Result r = c.query(show);
  const auto text = r.get(column);
  if (!text || text->empty())
    throw base::Error(base::Exit::privilege, "the server does not show the definition: " + show,
                      {.endpoint = c.endpoint(), .hint = "Run with --dry-run: it names the privileges that are missing."});
  return *text;
}

/// What a row of information_schema says of an object's settings.
SchemaObject with_settings(SchemaObject object, const Result& r, std::size_t row) {
  object.definer = r.text("DEFINER", row);
  object.sql_mode = settable_mode(r.text("SQL_MODE", row));
  object.charset = r.text("CHARACTER_SET_CLIENT", row);
  object.collation = r.text("COLLATION_CONNECTION", row);
  return object;
}

void note_database_collation(Reading& r, const Result& rows, std::size_t row, const SchemaObject& object) {
  const std::string then = rows.text("DATABASE_COLLATION", row);
  for (const value::Database& d : r.out.databases)
    if (d.name == object.schema && !then.empty() && d.collation != then)
      r.warn(base::concat(object.display(), " was created when its database's collation was ", then, "; it will be created under ", d.collation));
}

/// MySQL prints the name of a routine or event in UTF-8, and its body as it was written.
void name_in_charset(std::string& statement, const std::string& name, const std::string& charset) {
  const auto own = in_charset(name, charset);
  if (!own || *own == name) return;
  const std::string printed = quote_name(name);
  const auto at = statement.find(printed);
  if (at != std::string::npos && at < statement.find(quote_name(*own))) statement.replace(at, printed.size(), quote_name(*own));
}

}  // namespace

std::string settable_mode(std::string mode) {
  constexpr std::string_view kStored = "INVALID_DATES", kSettable = "ALLOW_INVALID_DATES";
  const auto at = mode.find(kStored);
  if (at != std::string::npos && (at == 0 || mode[at - 1] == ',')) mode.replace(at, kStored.size(), kSettable);
  return mode;
}

std::string shown_statement(Reading& r, const std::string& show, std::string_view column, const std::string& name, SchemaObject& object) {
  const std::string utf8 = asked(r.c, show, column);
  if (plain_ascii(utf8) || is_utf8(object.charset)) return utf8;
  r.c.execute("SET character_set_results = " + object.charset);
  std::string own = asked(r.c, show, column);
  r.c.execute("SET character_set_results = utf8mb4");
  name_in_charset(own, name, object.charset);
  if (question_marks(own) == question_marks(utf8) && utf8_of(own, object.charset)) return own;
  r.warn(base::concat(object.display(), " holds characters that its own character set ", object.charset,
                      " lacks, or that cannot be read here; it will be created under utf8mb4"));
  object.charset.clear();
  return utf8;
}

void read_sequence(Reading& r, const value::TableName& t) {
  SchemaObject sequence = object_of(ObjectKind::sequence, t.schema, t.table);
  const std::string name = qualified(t.schema, t.table);
  sequence.statement = asked(r.c, "SHOW CREATE SEQUENCE " + name, "Create Table");
  r.out.objects.push_back(std::move(sequence));
  if (r.scope.schema_only) return;
  // What the server had handed out to its cache is spent: the next value is the first that was never cached.
  const Result now = r.c.query("SELECT next_not_cached_value, cycle_count FROM " + name);
  SchemaObject next = object_of(ObjectKind::sequence_value, t.schema, t.table);
  next.statement = base::concat("SELECT SETVAL(", name, ", ", now.text("next_not_cached_value"), ", 0, ", now.text("cycle_count"), ")");
  r.out.objects.push_back(std::move(next));
}

void read_sequences(Reading& r, const std::vector<Listed>& listed) {
  for (const Listed& t : listed)
    if (t.type == "SEQUENCE") read_sequence(r, t.name);
}

void read_views(Reading& r, const std::string& database) {
  const Result rows = r.c.query(
      "SELECT TABLE_NAME, DEFINER, '' AS SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION FROM information_schema.VIEWS"
      " WHERE TABLE_SCHEMA = " + quote_text(database) + " ORDER BY TABLE_NAME");
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const value::TableName name{database, rows.text("TABLE_NAME", i)};
    if (!r.scope.covers(name)) continue;
    SchemaObject view = with_settings(object_of(ObjectKind::view, database, name.table), rows, i);
    const std::string show = "SHOW CREATE VIEW " + qualified(database, name.table);
    try {
      r.c.query(show);
    } catch (const base::Error& e) {
      constexpr int kNoDefiner = 1449;  // of a function that the view calls
      if (e.facts().native != kNoDefiner) throw e.within("while reading view " + name.display());
      r.refuse("definer-gone", name.display(), "cannot be read: " + e.message(), "create the account, or make what it owned anew under another");
      continue;
    }
    const Result warnings = r.c.query("SHOW WARNINGS");
    for (std::size_t w = 0; w < warnings.rows.size(); ++w)
      if (warnings.text("Code", w) == "1356")
        r.refuse("view-invalid", name.display(), "cannot be used on the source, so it cannot be created elsewhere: " + warnings.text("Message", w),
                 "mend or drop the view, or exclude it with --exclude-table");
    view.statement = shown_statement(r, show, "Create View", view.name, view);
    r.out.objects.push_back(std::move(view));
  }
}

void read_routines(Reading& r, const std::string& database, const Wanted& wanted) {
  const Result rows = r.c.query(
      "SELECT ROUTINE_NAME, ROUTINE_TYPE, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION"
      " FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = " + quote_text(database) +
      " ORDER BY ROUTINE_TYPE = 'PACKAGE BODY', ROUTINE_TYPE <> 'PROCEDURE', ROUTINE_NAME");
  std::set<std::string> names;
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const std::string name = rows.text("ROUTINE_NAME", i), type = rows.text("ROUTINE_TYPE", i);
    // A procedure and a function may share a name, and a package always shares it with its body.
    std::string shown = names.insert(name).second ? name : name + " (" + base::lower(type) + ")";
    if (!wanted({database, name})) continue;
    if (type == "LIBRARY") {
      r.refuse("library", database + "." + name, "is a library, which cannot be carried", "create it on the target by hand and leave it out here");
      continue;
    }
    SchemaObject routine = with_settings(object_of(ObjectKind::routine, database, std::move(shown)), rows, i);
    const std::string column = type == "PROCEDURE" ? "Create Procedure" : type == "FUNCTION" ? "Create Function" : type == "PACKAGE" ? "Create Package" : "Create Package Body";
    routine.statement = shown_statement(r, "SHOW CREATE " + type + " " + qualified(database, name), column, name, routine);
    codec::JsonWriter(routine.attributes).object().member("type", type).member("name", name).end();
    note_database_collation(r, rows, i, routine);
    // Named the same whatever other routines are there.
    SchemaObject proved = routine;
    proved.name = base::concat(name, " (", base::lower(type), ")");
    r.out.definitions.push_back(value::definition_of(proved, with_definer(routine.statement, {}), routine.definer));
    r.out.objects.push_back(std::move(routine));
  }
}

void read_triggers(Reading& r, const std::string& database) {
  const Result rows = r.c.query(
      "SELECT TRIGGER_NAME, EVENT_OBJECT_TABLE, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION"
      " FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = " + quote_text(database) +
      " ORDER BY EVENT_OBJECT_TABLE, EVENT_MANIPULATION, ACTION_TIMING, ACTION_ORDER");
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    const std::string table = rows.text("EVENT_OBJECT_TABLE", i);
    if (!r.scope.covers({database, table})) continue;
    SchemaObject trigger = with_settings(object_of(ObjectKind::trigger, database, rows.text("TRIGGER_NAME", i)), rows, i);
    trigger.parent = table;
    trigger.statement = shown_statement(r, "SHOW CREATE TRIGGER " + qualified(database, trigger.name), "SQL Original Statement", trigger.name, trigger);
    note_database_collation(r, rows, i, trigger);
    r.out.objects.push_back(std::move(trigger));
  }
}

void read_events(Reading& r, const std::string& database) {
  const Result rows = r.c.query(
      base::concat("SELECT EVENT_NAME, STATUS, TIME_ZONE, DEFINER, SQL_MODE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION, DATABASE_COLLATION, ", kEventIsSpent,
                   " AS spent FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ", quote_text(database), " ORDER BY EVENT_NAME"));
  for (std::size_t i = 0; i < rows.rows.size(); ++i) {
    if (rows.text("spent", i) == "1") {
      r.leave_out("event", "whose time has passed, so that no server makes it anew; a DROP EVENT of it later would stop a channel: drop it before the copy",
                  base::concat(database, ".", rows.text("EVENT_NAME", i)));
      continue;
    }
    SchemaObject event = with_settings(object_of(ObjectKind::event, database, rows.text("EVENT_NAME", i)), rows, i);
    event.time_zone = rows.text("TIME_ZONE", i);
    event.statement = disabled_event(shown_statement(r, "SHOW CREATE EVENT " + qualified(database, event.name), "Create Event", event.name, event));
    codec::JsonWriter(event.attributes).object().member("status", rows.text("STATUS", i)).end();
    note_database_collation(r, rows, i, event);
    r.out.objects.push_back(std::move(event));
  }
}

}  // namespace flytt::engine::mysql_family
