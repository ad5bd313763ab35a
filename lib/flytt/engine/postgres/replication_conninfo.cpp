// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication_conninfo.hpp>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/codec/xxh3.hpp>
#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

using base::concat;

std::string conninfo_part(std::string_view key, std::string_view value) {
  std::string out = concat(key, "='");
  for (const char c : value) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

std::string follower_mark(const value::ServerIdentity& follower) { return "flytt " + codec::hash128(follower.uuid).hex(); }

std::string conninfo(const ChannelRequest& r, const value::ServerIdentity& follower, const std::string& password) {
  std::vector<std::string> parts{conninfo_part("host", r.source_host), conninfo_part("port", std::to_string(r.source_port))};
  const auto database = r.source.settings.find("database");
  if (database != r.source.settings.end()) parts.push_back(conninfo_part("dbname", database->second));
  parts.push_back(conninfo_part("user", r.user));
  if (!r.password_file.empty()) parts.push_back(conninfo_part("passfile", r.password_file));
  else if (!password.empty()) parts.push_back(conninfo_part("password", password));
  parts.push_back(conninfo_part("application_name", follower_mark(follower)));
  // A host that is gone must not hold up whoever drops the subscription, and a dead connection must be noticed.
  for (const auto& [key, value] : {std::pair{"connect_timeout", "5"}, {"keepalives_idle", "10"}, {"keepalives_interval", "5"}, {"keepalives_count", "3"}})
    parts.push_back(conninfo_part(key, value));
  parts.push_back(conninfo_part("sslmode", r.ssl ? "verify-full" : "prefer"));
  if (!r.ssl_ca.empty()) parts.push_back(conninfo_part("sslrootcert", r.ssl_ca));
  return base::join(parts, " ");
}

std::string create_subscription(const ChannelRequest& r, const std::string& text, const std::string& slot, const std::string& publication,
                                const Capabilities& caps) {
  // Every transaction is applied when it has come whole: then the order of commits is the source's. Changes that reached the
  // source from elsewhere follow too (origin is left at "any"): they are part of its data.
  return concat("CREATE SUBSCRIPTION ", quote_name(r.channel), " CONNECTION ", quote_text(text), " PUBLICATION ", quote_name(publication),
                " WITH (copy_data = false, create_slot = false, enabled = false, streaming = off, slot_name = ", quote_text(slot),
                caps.disable_on_error ? ", disable_on_error = true" : "", ")");
}

std::string subscription_note(const ChannelRequest& r) {
  std::string out;
  codec::JsonWriter(out).object().member("flytt", 1).member("address", concat(r.source_host, ":", r.source_port))
      .member("source", r.source.uuid).member("source_id", std::to_string(r.source.server_id)).end();
  return out;
}

SubscriptionNote parse_note(const std::string& text) noexcept {
  try {
    const auto tree = codec::JsonValue::parse(text);
    if (!tree.is_object() || !tree.has("flytt")) return {};
    return {tree.get_string("address", ""), tree.get_string("source", ""), base::parse_u64(tree.get_string("source_id", "")).value_or(0)};
  } catch (...) {
    return {};
  }
}

}  // namespace flytt::engine::postgres
