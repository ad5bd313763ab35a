// SPDX-License-Identifier: MIT
#include <flytt/engine/ledger_json.hpp>

#include <flytt/codec/json.hpp>

namespace flytt::engine {
namespace {

using codec::JsonValue;
using codec::JsonWriter;

void put_list(JsonWriter& json, std::string_view key, const std::vector<std::string>& list) {
  json.key(key).array();
  for (const auto& text : list) json.value(text);
  json.end();
}

std::vector<std::string> get_list(const JsonValue& in, std::string_view key) {
  std::vector<std::string> out;
  if (const auto list = in.find(key))
    for (const JsonValue& text : list->as_array()) out.push_back(text.as_string());
  return out;
}

void put_scope(JsonWriter& json, const value::Scope& s) {
  json.key("scope").object().member("all_databases", s.all_databases);
  put_list(json, "databases", s.databases);
  put_list(json, "include_tables", s.include_tables);
  put_list(json, "exclude_tables", s.exclude_tables);
  json.key("where").array();
  for (const auto& [table, condition] : s.where) json.array().value(table).value(condition).end();
  json.end();
  json.member("schema_only", s.schema_only).member("data_only", s.data_only).member("users", s.users).end();
}

value::Scope get_scope(const JsonValue& in) {
  value::Scope s;
  s.all_databases = in.get_bool("all_databases", false);
  s.databases = get_list(in, "databases");
  s.include_tables = get_list(in, "include_tables");
  s.exclude_tables = get_list(in, "exclude_tables");
  if (const auto where = in.find("where"))
    for (const JsonValue& pair : where->as_array()) s.where.emplace_back(pair.at(0).as_string(), pair.at(1).as_string());
  s.schema_only = in.get_bool("schema_only", false);
  s.data_only = in.get_bool("data_only", false);
  s.users = in.get_bool("users", false);
  return s;
}

void put_source(JsonWriter& json, const value::ServerIdentity& s) {
  json.key("source").object().member("engine", s.engine).member("product", s.product).member("version", s.version);
  json.member("version_number", s.version_number).member("uuid", s.uuid).member("hostname", s.hostname).member("server_id", s.server_id);
  json.key("settings").object();
  for (const auto& [name, value] : s.settings) json.member(name, value);
  json.end().end();
}

value::ServerIdentity get_source(const JsonValue& in) {
  value::ServerIdentity s;
  s.engine = in.get_string("engine", "");
  s.product = in.get_string("product", "");
  s.version = in.get_string("version", "");
  s.version_number = static_cast<std::uint32_t>(in.get_u64("version_number", 0));
  s.uuid = in.get_string("uuid", "");
  s.hostname = in.get_string("hostname", "");
  s.server_id = in.get_u64("server_id", 0);
  if (const auto settings = in.find("settings"))
    for (const auto& [name, value] : settings->as_object()) s.settings[name] = value.as_string();
  return s;
}

}  // namespace

std::string copy_json(const value::Manifest& m) {
  std::string out;
  JsonWriter json(out);
  json.object();
  json.key("position").object().member("gtid", m.position.gtid).member("file", m.position.file);
  json.member("offset", m.position.offset).member("lsn", m.position.lsn).end();
  put_scope(json, m.scope);
  put_source(json, m.source);
  json.end();
  return out;
}

void read_copy_json(std::string_view text, LedgerCopy& copy) {
  const JsonValue in = JsonValue::parse(text);
  const JsonValue& p = in.at("position");
  copy.position = {p.get_string("gtid", ""), p.get_string("file", ""), p.get_u64("offset", 0), p.get_string("lsn", "")};
  copy.scope = get_scope(in.at("scope"));
  copy.source = get_source(in.at("source"));
}

}  // namespace flytt::engine
