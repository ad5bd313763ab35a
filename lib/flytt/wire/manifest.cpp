// Manifests to JSON and back.
// SPDX-License-Identifier: MIT
#include <flytt/wire/manifest.hpp>

#include <limits>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/json_text.hpp>
#include <flytt/wire/refuse.hpp>

namespace flytt::wire {
namespace {

using codec::JsonValue;
using codec::JsonWriter;

/// A table of ten columns takes a hundred values and a kilobyte. More levels and members than there are: later versions may add some.
constexpr codec::JsonLimits kHelloLimits{.bytes = kMaxHello, .values = std::size_t{1} << 25, .text = std::size_t{16} << 20, .levels = 32};
constexpr codec::JsonLimits kSchemaLimits{.bytes = kMaxObject, .values = 4096, .text = kMaxObject, .levels = 32};

constexpr std::size_t kMostColumns = 10'000;  // servers have 4,096 and 1,600
constexpr std::size_t kMostSettings = 10'000;
constexpr std::size_t kMostDefinitionsATable = 4;  // on average: tables have indexes, keys and triggers

/// For lists whose elements take more memory than text.
JsonValue::Elements list_of(const JsonValue& in, std::string_view name, std::size_t most) {
  auto elements = in.get_array(name);
  if (elements.size() > most) refuse(base::concat(in.at(name).path(), " has ", elements.size(), " elements, more than ", most));
  return elements;
}

template <class Unsigned>
Unsigned narrow(const JsonValue& in, std::string_view name, Unsigned otherwise) {
  const auto wide = in.get_u64(name, otherwise);
  if (wide > std::numeric_limits<Unsigned>::max()) refuse(base::concat(in.path(), ".", name, " is out of range: ", wide));
  return static_cast<Unsigned>(wide);
}

void put(JsonWriter& out, const value::Scope& scope) {
  out.key("scope").object().member("all_databases", scope.all_databases);
  put_texts(out, "databases", scope.databases);
  put_texts(out, "include_tables", scope.include_tables);
  put_texts(out, "exclude_tables", scope.exclude_tables);
  out.key("where").array();
  for (const auto& [table, condition] : scope.where) {
    out.object();
    put_text(out, "table", table);
    put_text(out, "condition", condition);
    out.end();
  }
  out.end();
  out.member("schema_only", scope.schema_only).member("data_only", scope.data_only).member("users", scope.users).end();
}

value::Scope get_scope(const JsonValue& in) {
  value::Scope scope;
  scope.all_databases = in.get_bool("all_databases", false);
  scope.databases = get_texts(in, "databases");
  scope.include_tables = get_texts(in, "include_tables");
  scope.exclude_tables = get_texts(in, "exclude_tables");
  if (in.has("where"))
    for (const auto& item : list_of(in, "where", kMaxTables)) scope.where.emplace_back(get_text(item, "table"), get_text(item, "condition"));
  scope.schema_only = in.get_bool("schema_only", false);
  scope.data_only = in.get_bool("data_only", false);
  scope.users = in.get_bool("users", false);
  return scope;
}

void put(JsonWriter& out, const value::ServerIdentity& server) {
  out.key("source").object();
  put_text(out, "engine", server.engine);
  put_text(out, "product", server.product);
  put_text(out, "version", server.version);
  out.member("version_number", server.version_number);
  put_text(out, "uuid", server.uuid);
  put_text(out, "hostname", server.hostname);
  out.member("server_id", server.server_id).key("settings").object();
  for (const auto& [name, setting] : server.settings) put_text(out, name, setting);
  out.end().end();
}

value::ServerIdentity get_server(const JsonValue& in) {
  value::ServerIdentity server;
  server.engine = get_text(in, "engine");
  server.product = get_text(in, "product", "");
  server.version = get_text(in, "version", "");
  server.version_number = narrow<std::uint32_t>(in, "version_number", 0);
  server.uuid = get_text(in, "uuid", "");
  server.hostname = get_text(in, "hostname", "");
  server.server_id = in.get_u64("server_id", 0);
  if (const auto settings = in.find("settings"))
    for (const auto& [name, setting] : settings->as_object()) {
      if (server.settings.size() == kMostSettings) refuse(base::concat(settings->path(), " has more than ", kMostSettings, " members"));
      server.settings[name] = setting.as_string();
    }
  return server;
}

void put(JsonWriter& out, const value::Position& position) {
  out.key("position").object();
  out.member("gtid", position.gtid).member("file", position.file).member("offset", position.offset);
  out.member("lsn", position.lsn).end();
}

value::Position get_position(const JsonValue& in) {
  return {in.get_string("gtid", ""), in.get_string("file", ""), in.get_u64("offset", 0), in.get_string("lsn", "")};
}

void put(JsonWriter& out, const value::Column& column) {
  out.object();
  put_text(out, "name", column.name);
  out.member("type", value::type_name(column.type)).member("nullable", column.nullable);
  if (column.generated) out.member("generated", true);
  if (column.invisible) out.member("invisible", true);
  if (!column.charset.empty()) put_text(out, "charset", column.charset);
  put_text(out, "native", column.native);
  if (column.fraction != 0) out.member("fraction", column.fraction);
  if (column.length != 0) out.member("length", column.length);
  out.end();
}

value::Column get_column(const JsonValue& in) {
  value::Column column;
  column.name = get_text(in, "name");
  const auto& type = in.get_string("type");
  const auto known = value::type_from_name(type);
  if (!known)
    refuse("column " + base::quote_for_message(column.name) + " has type " + base::quote_for_message(type) +
               ", which this version does not know",
           "Use a load-stream that is as new as the dump-stream.");
  column.type = *known;
  column.nullable = in.get_bool("nullable", true);
  column.generated = in.get_bool("generated", false);
  column.invisible = in.get_bool("invisible", false);
  column.charset = get_text(in, "charset", "");
  column.native = get_text(in, "native", "");
  column.fraction = narrow<std::uint8_t>(in, "fraction", 0);
  column.length = narrow<std::uint32_t>(in, "length", 0);
  return column;
}

void put(JsonWriter& out, const value::Table& table) {
  out.object();
  put_text(out, "schema", table.name.schema);
  put_text(out, "table", table.name.table);
  out.key("columns").array();
  for (const auto& column : table.columns) put(out, column);
  out.end();
  if (table.has_key()) {
    out.key("key").object();
    put_text(out, "name", table.key.name);
    out.key("columns").array();
    for (const auto index : table.key.columns) out.value(index);
    out.end().end();
  }
  out.member("seekable", table.seekable);
  if (table.by_pages) out.member("by_pages", true);
  out.member("rows_estimate", table.rows_estimate);
  out.member("bytes_estimate", table.bytes_estimate);
  put_text(out, "identity", table.identity);
  out.member("transactional", table.transactional);
  put_text(out, "encoding", table.encoding);
  if (!table.computed.empty()) put_texts(out, "computed", table.computed);
  out.end();
}

value::Key get_key(const JsonValue& in, std::size_t columns) {
  value::Key key;
  key.name = get_text(in, "name", "");
  for (const auto& index : list_of(in, "columns", columns)) {
    const auto at = index.as_u64();
    if (at >= columns) refuse(base::concat(index.path(), " is ", at, ", and the table has ", columns, " columns"));
    key.columns.push_back(static_cast<std::uint32_t>(at));
  }
  return key;
}

value::Table get_table(const JsonValue& in) {
  value::Table table;
  table.name = {get_text(in, "schema"), get_text(in, "table")};
  const auto columns = list_of(in, "columns", kMostColumns);
  table.columns.reserve(columns.size());
  for (const auto& column : columns) table.columns.push_back(get_column(column));
  if (const auto key = in.find("key")) table.key = get_key(*key, table.columns.size());
  table.seekable = in.get_bool("seekable", true);
  table.by_pages = in.get_bool("by_pages", false);
  table.rows_estimate = in.get_u64("rows_estimate", 0);
  table.bytes_estimate = in.get_u64("bytes_estimate", 0);
  table.identity = get_text(in, "identity", "");
  table.transactional = in.get_bool("transactional", true);
  table.encoding = get_text(in, "encoding");
  table.computed = get_texts(in, "computed");
  if (table.computed.size() > kMostColumns) refuse(base::concat(in.path(), " has ", table.computed.size(), " computed columns, more than ", kMostColumns));
  return table;
}

void put(JsonWriter& out, const std::vector<value::Database>& databases) {
  out.key("databases").array();
  for (const auto& database : databases) {
    out.object();
    put_text(out, "name", database.name);
    put_text(out, "charset", database.charset);
    put_text(out, "collation", database.collation);
    if (!database.comment.empty()) put_text(out, "comment", database.comment);
    out.end();
  }
  out.end();
}

void put(JsonWriter& out, const std::vector<value::Definition>& definitions) {
  out.key("definitions").array();
  for (const auto& d : definitions) {
    out.object().member("kind", static_cast<unsigned>(d.kind));
    put_text(out, "schema", d.schema);
    if (!d.parent.empty()) put_text(out, "parent", d.parent);
    put_text(out, "name", d.name);
    out.member("text", d.text).member("rights", d.rights).end();
  }
  out.end();
}

/// One of a kind that this version does not know cannot be compared here, and is passed over.
std::vector<value::Definition> get_definitions(const JsonValue& in) {
  std::vector<value::Definition> out;
  for (const auto& item : list_of(in, "definitions", kMaxTables * kMostDefinitionsATable)) {
    value::Definition d;
    d.kind = static_cast<value::ObjectKind>(narrow<std::uint8_t>(item, "kind", 0));
    d.schema = get_text(item, "schema");
    d.parent = get_text(item, "parent", "");
    d.name = get_text(item, "name");
    d.text = item.get_string("text");
    d.rights = item.get_string("rights", "");
    if (d.kind == value::ObjectKind::other || value::object_kind_name(d.kind) != "object") out.push_back(std::move(d));
  }
  return out;
}

void put(JsonWriter& out, const std::vector<value::LeftOut>& left_out) {
  out.key("left_out").array();
  for (const auto& some : left_out) {
    out.object();
    put_text(out, "kind", some.kind);
    put_text(out, "reason", some.reason);
    put_texts(out, "names", some.names);
    out.end();
  }
  out.end();
}

}  // namespace

std::string encode(const value::Manifest& manifest) {
  std::string text;
  JsonWriter out(text);
  out.object().member("format", "flytt-stream/1").member("uuid", manifest.uuid).member("created", manifest.created);
  put_text(out, "tool_version", manifest.tool_version);
  put(out, manifest.source);
  put(out, manifest.scope);
  put(out, manifest.position);
  put(out, manifest.databases);
  if (!manifest.schemas.empty()) put_texts(out, "schemas", manifest.schemas);
  out.key("tables").array();
  for (const auto& table : manifest.tables) put(out, table);
  out.end();
  if (!manifest.definers.empty()) put_texts(out, "definers", manifest.definers);
  put_texts(out, "needs", manifest.needs);
  put_texts(out, "warnings", manifest.warnings);
  if (!manifest.definitions.empty()) put(out, manifest.definitions);
  if (!manifest.left_out.empty()) put(out, manifest.left_out);
  out.end();
  return text;
}

value::Manifest decode_manifest(std::string_view json) {
  const auto in = JsonValue::parse(json, kHelloLimits);
  if (in.get_string("format") != "flytt-stream/1") refuse("HELLO has format " + base::quote_for_message(in.get_string("format")));
  value::Manifest manifest;
  manifest.uuid = base::parse_uuid(in.get_string("uuid"));
  manifest.created = in.get_string("created");
  manifest.tool_version = get_text(in, "tool_version", "");
  manifest.source = get_server(in.at("source"));
  manifest.scope = get_scope(in.at("scope"));
  manifest.position = get_position(in.at("position"));
  for (const auto& item : list_of(in, "databases", kMaxTables))
    manifest.databases.push_back({get_text(item, "name"), get_text(item, "charset", ""), get_text(item, "collation", ""), get_text(item, "comment", "")});
  manifest.schemas = get_texts(in, "schemas");
  const auto tables = list_of(in, "tables", kMaxTables);
  manifest.tables.reserve(tables.size());
  for (const auto& table : tables) manifest.tables.push_back(get_table(table));
  manifest.definers = get_texts(in, "definers");
  manifest.needs = get_texts(in, "needs");
  // The format has named none so far: whatever stands there is of a later version, and its rows or objects mean something else.
  if (!manifest.needs.empty())
    refuse("the stream needs " + base::quote_for_message(manifest.needs.front()) + ", which this version does not know",
           "Use a load-stream that is as new as the dump-stream.");
  manifest.warnings = get_texts(in, "warnings");
  if (in.has("definitions")) manifest.definitions = get_definitions(in);
  if (in.has("left_out"))
    for (const auto& some : list_of(in, "left_out", kMaxTables))
      manifest.left_out.push_back({get_text(some, "kind"), get_text(some, "reason", ""), get_texts(some, "names")});
  return manifest;
}

std::string encode(const value::SchemaObject& object) {
  std::string text;
  JsonWriter out(text);
  out.object().member("kind", static_cast<unsigned>(object.kind));
  put_text(out, "schema", object.schema);
  put_text(out, "name", object.name);
  put_text(out, "parent", object.parent);
  put_text(out, "statement", object.statement);
  put_text(out, "sql_mode", object.sql_mode);
  put_text(out, "charset", object.charset);
  put_text(out, "collation", object.collation);
  put_text(out, "time_zone", object.time_zone);
  put_text(out, "definer", object.definer);
  put_text(out, "attributes", object.attributes);
  out.end();
  return text;
}

value::SchemaObject decode_schema_object(std::string_view json) {
  const auto in = JsonValue::parse(json, kSchemaLimits);
  value::SchemaObject object;
  object.kind = static_cast<value::ObjectKind>(narrow<std::uint8_t>(in, "kind", 0));
  if (value::object_kind_name(object.kind) == "object")
    refuse(base::concat("SCHEMA has object kind ", static_cast<unsigned>(object.kind), ", which this version does not know"),
           "Use a load-stream that is as new as the dump-stream.");
  object.schema = get_text(in, "schema");
  object.name = get_text(in, "name");
  object.parent = get_text(in, "parent", "");
  object.statement = get_text(in, "statement");
  object.sql_mode = get_text(in, "sql_mode", "");
  object.charset = get_text(in, "charset", "");
  object.collation = get_text(in, "collation", "");
  object.time_zone = get_text(in, "time_zone", "");
  object.definer = get_text(in, "definer", "");
  object.attributes = get_text(in, "attributes", "");
  return object;
}

}  // namespace flytt::wire
