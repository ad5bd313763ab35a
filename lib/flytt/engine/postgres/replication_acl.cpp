// Grants compared, not overwritten: what somebody else changed on purpose is not lost.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication_acl.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;

constexpr std::string_view kReadOnlySetting = "default_transaction_read_only";

std::string grantee_sql(const std::string& grantee) { return grantee.empty() ? "PUBLIC" : quote_name(grantee); }

bool holds(const std::vector<DatabaseGrant>& grants, const DatabaseGrant& wanted) { return std::find(grants.begin(), grants.end(), wanted) != grants.end(); }

bool has(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

std::string put_setting(const std::string& object, const std::optional<std::string>& value) {
  return value ? concat("ALTER ", object, " SET ", kReadOnlySetting, " = ", quote_text(*value)) : concat("ALTER ", object, " RESET ", kReadOnlySetting);
}

}  // namespace

std::string fence_json(const Fence& fence) {
  std::string out;
  codec::JsonWriter w(out);
  w.object().member("database", fence.database).member("role", fence.role);
  w.member("read_only", fence.read_only).member("role_read_only", fence.role_read_only).key("grants").array();
  for (const auto& g : fence.grants) w.object().member("to", g.grantee).member("privilege", g.privilege).member("grantable", g.grantable).end();
  w.end().key("let_in").array();
  for (const auto& role : fence.let_in) w.value(role);
  w.end().end();
  return out;
}

Fence parse_fence(const std::string& json) {
  const auto tree = codec::JsonValue::parse(json);
  const auto optional = [&](std::string_view key) { return tree.at(key).is_null() ? std::nullopt : std::optional(tree.at(key).as_string()); };
  Fence out;
  out.database = tree.at("database").as_string();
  out.role = tree.at("role").as_string();
  out.read_only = optional("read_only");
  out.role_read_only = optional("role_read_only");
  for (const auto& g : tree.at("grants").as_array()) out.grants.push_back({g.at("to").as_string(), g.at("privilege").as_string(), g.at("grantable").as_bool()});
  for (const auto& role : tree.at("let_in").as_array()) out.let_in.push_back(role.as_string());
  return out;
}

std::vector<std::string> closing_statements(const Fence& before) {
  const std::string database = "DATABASE " + quote_name(before.database);
  std::vector<std::string> out{concat("ALTER ", database, " SET ", kReadOnlySetting, " = on"),
                               concat("ALTER ROLE ", quote_name(before.role), " IN ", database, " SET ", kReadOnlySetting, " = off")};
  // First those who stay: they may have been let in with everybody.
  for (const auto& role : before.let_in)
    if (!holds(before.grants, {role, "CONNECT", false}) && !holds(before.grants, {role, "CONNECT", true})) out.push_back(concat("GRANT CONNECT ON ", database, " TO ", quote_name(role)));
  for (const auto& g : before.grants)
    if (g.privilege == "CONNECT" && (g.grantee.empty() || !has(before.let_in, g.grantee)))
      out.push_back(concat("REVOKE CONNECT ON ", database, " FROM ", grantee_sql(g.grantee), " CASCADE"));
  return out;
}

std::vector<std::string> opening_statements(const Fence& now, const Fence& before, const std::vector<std::string>& roles) {
  const std::string database = "DATABASE " + quote_name(now.database);
  std::vector<std::string> out;
  for (const auto& g : now.grants)
    if (g.privilege == "CONNECT" && has(before.let_in, g.grantee) && !holds(before.grants, g) && !holds(before.grants, {g.grantee, g.privilege, !g.grantable}))
      out.push_back(concat("REVOKE CONNECT ON ", database, " FROM ", grantee_sql(g.grantee), " CASCADE"));
  for (const auto& g : before.grants) {
    if (holds(now.grants, g) || !(g.grantee.empty() || has(roles, g.grantee))) continue;
    out.push_back(concat("GRANT ", g.privilege, " ON ", database, " TO ", grantee_sql(g.grantee), g.grantable ? " WITH GRANT OPTION" : ""));
  }
  out.push_back(put_setting(database, before.read_only));
  if (before.role == now.role || has(roles, before.role)) out.push_back(put_setting(concat("ROLE ", quote_name(before.role), " IN ", database), before.role_read_only));
  return out;
}

}  // namespace flytt::engine::postgres
