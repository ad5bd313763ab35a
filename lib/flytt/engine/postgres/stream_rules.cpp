// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/stream_rules.hpp>

#include <algorithm>
#include <array>
#include <set>

#include <flytt/base/bytes.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/definition_script.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/properties.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::quote_for_message;
using value::ObjectKind;
using value::SchemaObject;

/// Rows of COPY's binary form: the number of fields, then the length and bytes of each.
std::uint64_t binary_rows(const value::Table& table, std::size_t columns, std::string_view block) {
  base::ByteReader in(block, "block of rows");
  const auto big_endian = [&](std::size_t size) {
    std::uint32_t out = 0;
    for (const char c : in.take(size)) out = out << 8 | static_cast<unsigned char>(c);
    return out;
  };
  std::uint64_t rows = 0;
  for (; in.remaining() > 0; ++rows) {
    const auto fields = big_endian(2);
    if (fields != columns)
      throw base::Error(base::Exit::data, concat("a row of ", table.name.display(), " has ", fields, " fields, and its table ", columns, " columns"));
    for (std::size_t i = 0; i < columns; ++i)
      if (const auto size = big_endian(4); size != 0xFFFFFFFF) in.take(size);
  }
  return rows;
}

/// Rows of its text form: a line each, and nothing after the last.
std::uint64_t text_rows(const value::Table& table, std::string_view block) {
  std::uint64_t rows = 0;
  for (const auto line : base::split(block, '\n')) {
    if (line.data() + line.size() == block.data() + block.size()) {
      if (!line.empty()) throw base::Error(base::Exit::data, concat("a row of ", table.name.display(), " has no end"));
      break;
    }
    if (line == "\\.") throw base::Error(base::Exit::data, concat("the rows of ", table.name.display(), " hold COPY's end"));
    ++rows;
  }
  return rows;
}

/// The server keeps all schemas whose names begin with pg_ for itself.
bool reserved(std::string_view schema) { return schema.starts_with("pg_") || schema == "information_schema" || schema == "flytt"; }

/// 'text' for a shell.
std::string shell_quoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

class PgStreamRules final : public StreamRules {
 public:
  bool of_engine() const override { return true; }

  using StreamRules::check;

  void check(const value::Manifest& m) const override {
    StreamRules::check(m);
    if (m.databases.size() != 1) refuse(concat("HELLO names ", m.databases.size(), " databases, and a stream of PostgreSQL is of one"));
    for (const auto& name : m.schemas)
      if (reserved(name)) refuse(concat("HELLO names the schema ", quote_for_message(name), ", which belongs to the server"));
    for (const auto& t : m.tables) {
      const std::string name = quote_for_message(t.name.display());
      if (t.encoding == kLargeObjects) {
        if (!is_large_objects(t)) refuse(concat("HELLO has large objects as the table ", name));
        continue;
      }
      if (reserved(t.name.schema)) refuse(concat("HELLO names the table ", name, ", which belongs to the server"));
      // Streams of earlier versions do not name their schemas.
      if (!m.schemas.empty() && std::find(m.schemas.begin(), m.schemas.end(), t.name.schema) == m.schemas.end())
        refuse(concat("HELLO names the table ", name, ", and not its schema"));
    }
  }

  void check(const value::Manifest& m, const SchemaObject& o) const override {
    switch (o.kind) {
      case ObjectKind::account:
        StreamRules::check(m, o);
        return role(o);
      case ObjectKind::grant:
        if (o.attributes == "large objects") return large_objects(o);
        StreamRules::check(m, o);
        return membership(o);
      case ObjectKind::definitions:
      case ObjectKind::late_definitions:
        if (o.schema != m.databases.front().name) refuse(concat(o.display(), " are not of the database that HELLO names"));
        if (!o.statement.starts_with("PGDMP")) refuse(concat(o.display(), " are no archive of pg_dump"));
        return;
      case ObjectKind::sequence_value: return in_schema(m, o, sequence_value(o));
      case ObjectKind::refresh: return in_schema(m, o, o.statement == "REFRESH MATERIALIZED VIEW " + quote_table(o.schema, o.name));
      case ObjectKind::property: return property(m, o);
      default: refuse("a stream of PostgreSQL has no " + o.display());
    }
  }

  void check(const value::Manifest& m, const std::vector<SchemaObject>& objects, Code code, const base::Context& context) const override {
    const SchemaObject* early = nullptr;
    for (const auto& o : objects) {
      if (o.kind == ObjectKind::definitions) early = &o;
      if (o.kind != ObjectKind::late_definitions) continue;
      if (early == nullptr || early->statement != o.statement) refuse(concat(o.display(), " are not those that come before the rows"));
    }
    if (early == nullptr) {
      if (!m.scope.data_only) refuse("the stream has no definitions");
      return;
    }
    const Archive archive(early->statement);
    items(m, archive.items(context.stop));
    for (const auto section : {Section::before_rows, Section::after_rows}) {
      const std::string script = archive.script(section, Again::no, code, context.stop);
      each_statement(script, [&](const auto& statement) { check_statement(statement, code, Drops::refused); });
    }
  }

  std::optional<std::uint64_t> rows_in(const value::Table& t, std::string_view block) const override {
    if (t.encoding == kCopyBinary) return binary_rows(t, t.columns.size(), block);
    if (t.encoding == kLargeObjects) return binary_rows(t, 2, block);
    if (t.encoding == kCopyText) return text_rows(t, block);
    return StreamRules::rows_in(t, block);
  }

  std::map<std::string, std::size_t> left_out(const std::vector<SchemaObject>& objects, const base::Context& context) const override {
    auto out = StreamRules::left_out(objects, context);
    for (const auto& o : objects) {
      if (o.kind != ObjectKind::definitions) continue;
      for (const auto& line : Archive(o.statement).items(context.stop))
        if (const auto item = archive_item(line); !of_table(item)) ++out[item.kind == "ACL" ? "grant" : base::lower(item.kind)];
    }
    return out;
  }

  std::string left_on_source(const value::ServerIdentity& source) const override {
    const auto at = source.settings.find("slot"), in = source.settings.find("database");
    const bool safe = at != source.settings.end() && !at->second.empty() && at->second.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == std::string::npos;
    if (!safe) return {};
    const std::string database = in == source.settings.end() ? "" : in->second;
    return concat("THE SOURCE KEEPS ITS LOG for this copy, until its disk is full: slot ", at->second, " on ", quote_for_message(source.hostname),
                  ". When the copy is given up, and dump-stream has not failed too, remove it there: psql -d ", shell_quoted(database),
                  " -c \"SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '", at->second, "'; DROP PUBLICATION IF EXISTS ", at->second, "\"");
  }

  std::vector<std::string> statements(const SchemaObject& o, Code code, const base::Context& context) const override {
    if (o.kind == ObjectKind::account) return {without_values(o.statement)};
    if (o.kind != ObjectKind::definitions && o.kind != ObjectKind::late_definitions) return {o.statement};
    const Archive archive(o.statement);
    const std::string script = archive.script(o.kind == ObjectKind::definitions ? Section::before_rows : Section::after_rows, Again::no, code, context.stop);
    std::vector<std::string> out;
    for (const auto& statement : statements_of(script)) out.emplace_back(statement.text);
    return out;
  }

 protected:
  bool in_scope(const value::Manifest& m, const value::Table& t) const override { return m.scope.passes(t.name); }

 private:
  static void in_schema(const value::Manifest& m, const SchemaObject& o, bool good) {
    const bool named = m.schemas.empty() || std::find(m.schemas.begin(), m.schemas.end(), o.schema) != m.schemas.end();
    if (reserved(o.schema) || !named) refuse(concat(o.display(), " is in a schema that HELLO does not name"));
    if (!good) refuse(concat(o.display(), ": its statement is not the one that pg_dump or dump-stream writes for it"));
  }

  static bool sequence_value(const SchemaObject& o) {
    const std::string head = concat("SELECT pg_catalog.setval(", quote_text(quote_table(o.schema, o.name)), "::pg_catalog.regclass, ");
    std::string_view rest = o.statement;
    if (!rest.starts_with(head)) return false;
    rest.remove_prefix(head.size());
    const auto comma = rest.find(", ");
    if (comma == std::string_view::npos || !base::parse_i64(rest.substr(0, comma))) return false;
    return rest.substr(comma) == ", true)" || rest.substr(comma) == ", false)";
  }

  /// One CREATE ROLE, of this name, with attributes and a verifier.
  static void role(const SchemaObject& o) {
    const auto statements = statements_of(o.statement);
    const std::string head = concat("CREATE ROLE ", quote_name(o.name), " WITH");
    if (o.name.starts_with("pg_")) refuse(concat(o.display(), " belongs to the server"));
    if (statements.size() != 1 || !o.statement.starts_with(head)) refuse(concat(o.display(), ": its statement does not create it"));
    for (const auto& token : statements.front().tokens)
      if (token.text == "ROLE" && &token != &statements.front().tokens[1]) refuse(concat(o.display(), ": its statement gives it to other roles"));
    for (const auto& token : statements.front().tokens)
      if (token.text == "IN" || token.text == "ADMIN" || token.text == "USER") refuse(concat(o.display(), ": its statement gives it to other roles"));
  }

  /// GRANT "a" TO "b", for the name "a to b".
  static void membership(const SchemaObject& o) {
    for (std::size_t at = o.name.find(" to "); at != std::string::npos; at = o.name.find(" to ", at + 1)) {
      const std::string grant = concat("GRANT ", quote_name(o.name.substr(0, at)), " TO ", quote_name(o.name.substr(at + 4)));
      if (o.statement == grant || o.statement == grant + " WITH ADMIN OPTION") return;
    }
    refuse(concat(o.display(), ": its statement does not give that role"));
  }

  /// Of this database, or with --users of a role.
  static void property(const value::Manifest& m, const SchemaObject& o) {
    if (o.schema.empty() && !m.scope.users) refuse(concat(o.display(), " is in the stream, and HELLO says that accounts are not"));
    if (!o.schema.empty() && o.schema != m.databases.front().name) refuse(concat(o.display(), " is not of the database that HELLO names"));
    if (!good_property(o)) refuse(concat(o.display(), ": its statement is not the one that dump-stream writes for it"));
  }

  /// Owners, rights and comments of large objects, a statement each.
  static void large_objects(const SchemaObject& o) {
    constexpr std::array<std::string_view, 4> kHeads{"ALTER LARGE OBJECT ", "GRANT SELECT ON LARGE OBJECT ", "GRANT UPDATE ON LARGE OBJECT ", "COMMENT ON LARGE OBJECT "};
    for (const auto& s : statements_of(o.statement)) {
      const auto of_number = [&](std::string_view head) {
        return s.text.starts_with(head) && base::parse_u64(s.text.substr(head.size(), s.text.find(' ', head.size()) - head.size())).has_value();
      };
      if (std::none_of(kHeads.begin(), kHeads.end(), of_number)) refuse(concat(o.display(), ": it has a statement about something else"));
    }
  }

  /// A name as pg_restore lists it: as it is, blanks and all, but for line feeds.
  static std::string listed(std::string name) {
    std::replace_if(name.begin(), name.end(), [](char c) { return c == '\n' || c == '\r'; }, ' ');
    return name;
  }

  /// Each item is in a schema that HELLO names, and each table of HELLO is an item.
  static void items(const value::Manifest& m, const std::vector<std::string>& lines) {
    std::set<std::string> tables;
    for (const auto& line : lines) {
      const auto item = archive_item(line);
      const std::string in = concat(item.schema, " ", item.what);
      if (item.kind == "TABLE") tables.insert(in);
      // Rights on the server's own functions travel, too.
      if (item.kind == "other" || item.schema == "-" || (item.kind == "ACL" && item.schema == "pg_catalog")) continue;
      const bool named = std::any_of(m.schemas.begin(), m.schemas.end(), [&](const auto& name) { return in.starts_with(listed(name) + " "); });
      if (!named && (!m.schemas.empty() || reserved(item.schema)))
        refuse(concat("the definitions hold ", base::lower(item.kind), " ", quote_for_message(in), ", in a schema that HELLO does not name"));
    }
    for (const auto& t : m.tables) {
      const std::string line = listed(concat(t.name.schema, " ", t.name.table, " "));
      const auto at = tables.lower_bound(line);
      if (t.encoding != kLargeObjects && (at == tables.end() || !at->starts_with(line)))
        refuse(concat("HELLO names the table ", quote_for_message(t.name.display()), ", and the stream has no definition of it"));
    }
  }
};

}  // namespace

std::unique_ptr<StreamRules> make_stream_rules() { return std::make_unique<PgStreamRules>(); }

}  // namespace flytt::engine::postgres
