// MySQL: uuid GTID sets, CHANGE REPLICATION SOURCE TO … FOR CHANNEL, filters by CHANGE REPLICATION FILTER.
// Speaks the words of 8.0.23 and later; an older server is refused by the findings (see Capabilities::replica_words).
// Source: MySQL Reference Manual, "Replication Statements", "GTID Format and Storage", "Replication Channels".
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql/variant.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql/capabilities.hpp>

namespace flytt::engine::mysql {
namespace {

using base::concat;
using mysql_family::Capabilities;
using mysql_family::Connection;
using mysql_family::quote_text;
using mysql_family::Result;
using mysql_family::ScopeFilter;

std::string without_blanks(std::string text) {
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return c == ' ' || c == '\n' || c == '\r'; }), text.end());
  return text;
}

/// The parts "uuid[:tag]:intervals" of a set that belong to a server.
std::string part_of(std::string_view set, std::string_view uuid) {
  std::vector<std::string_view> own;
  for (const auto part : base::split(set, ','))
    if (!uuid.empty() && base::lower(part.substr(0, uuid.size())) == base::lower(uuid)) own.push_back(part);
  return base::join(own, ",");
}

std::string pattern_list(const std::vector<std::string>& patterns) {
  std::vector<std::string> quoted;
  for (const auto& p : patterns) quoted.push_back(quote_text(p));
  return "(" + base::join(quoted, ",") + ")";
}

std::string table_list(const std::vector<std::string>& tables) {
  std::vector<std::string> quoted;
  for (const auto& t : tables) {
    const auto dot = t.find('.');
    quoted.push_back(mysql_family::quote_name(t.substr(0, dot)) + "." + mysql_family::quote_name(t.substr(dot + 1)));
  }
  return "(" + base::join(quoted, ",") + ")";
}

class MysqlVariant final : public mysql_family::Variant {
 public:
  std::string_view product() const noexcept override { return "MySQL"; }
  Capabilities capabilities(std::uint32_t version) const override { return mysql::capabilities(version); }

  void identify(Connection& c, value::ServerIdentity& identity) const override {
    identity.uuid = c.scalar("SELECT @@GLOBAL.server_uuid").value_or("");
  }

  value::Position log_end(Connection& c) const override {
    value::Position p;
    const Result r = c.query(number_of_version(c) >= 80200 ? "SHOW BINARY LOG STATUS" : "SHOW MASTER STATUS");
    if (r.empty()) return p;
    p.file = r.text("File");
    p.offset = base::parse_u64(r.text("Position")).value_or(0);
    p.gtid = without_blanks(r.text("Executed_Gtid_Set"));
    return p;
  }

  std::string change_source(const ChannelRequest& r, std::string_view password) const override {
    std::string sql = concat("CHANGE REPLICATION SOURCE TO SOURCE_HOST=", quote_text(r.source_host), ", SOURCE_PORT=", r.source_port,
                             ", SOURCE_USER=", quote_text(r.user), ", SOURCE_PASSWORD=", password);
    if (r.position.gtid.empty())
      sql += concat(", SOURCE_AUTO_POSITION=0, SOURCE_LOG_FILE=", quote_text(r.position.file), ", SOURCE_LOG_POS=", r.position.offset);
    else
      sql += ", SOURCE_AUTO_POSITION=1";
    // Without TLS the password travels under the source's RSA key.
    sql += concat(", SOURCE_SSL=", r.ssl ? 1 : 0, r.ssl ? ", SOURCE_SSL_VERIFY_SERVER_CERT=1" : ", GET_SOURCE_PUBLIC_KEY=1");
    if (!r.ssl_ca.empty()) sql += ", SOURCE_SSL_CA=" + quote_text(r.ssl_ca);
    return sql + ", SOURCE_HEARTBEAT_PERIOD=1, SOURCE_CONNECT_RETRY=1, SOURCE_RETRY_COUNT=86400" + for_channel(r.channel);
  }

  std::vector<std::string> set_start_position(Connection& c, const ChannelRequest& r) const override {
    if (r.position.gtid.empty()) return {};
    const std::string wanted = quote_text(r.position.gtid);
    const std::string beyond = without_blanks(c.scalar(concat("SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, ", wanted, ")")).value_or(""));
    for (const auto part : base::split(r.position.gtid, ','))
      if (const auto ahead = part_of(beyond, part.substr(0, part.find(':'))); !ahead.empty())
        throw base::Error(base::Exit::refused,
                          concat("the target cannot follow from ", r.position.gtid, ": its history already holds ", ahead),
                          {.endpoint = c.endpoint(),
                           .hint = "It followed further before: go on with --position and what it has applied, or reset its GTID "
                                   "history (RESET BINARY LOGS AND GTIDS) and load a new copy."});
    const std::string missing = without_blanks(c.scalar(concat("SELECT GTID_SUBTRACT(", wanted, ", @@GLOBAL.gtid_executed)")).value_or(""));
    if (missing.empty()) return {};
    return {concat("SET GLOBAL gtid_purged=", quote_text("+" + missing))};
  }

  std::vector<std::string> channel_filters(std::string_view channel, const ScopeFilter& f) const override {
    if (!f.limited()) return {};
    std::vector<std::string> rules;
    if (!f.wild_do.empty()) rules.push_back("REPLICATE_WILD_DO_TABLE=" + pattern_list(f.wild_do));
    if (!f.ignore_table.empty()) rules.push_back("REPLICATE_IGNORE_TABLE=" + table_list(f.ignore_table));
    return {concat("CHANGE REPLICATION FILTER ", base::join(rules, ", "), for_channel(channel))};
  }

  std::vector<std::string> clear_filters(std::string_view channel) const override {
    return {"CHANGE REPLICATION FILTER REPLICATE_WILD_DO_TABLE=(), REPLICATE_IGNORE_TABLE=()" + for_channel(channel)};
  }

  std::string filter_configuration(std::string_view channel, const ScopeFilter& f) const override {
    std::string out;
    for (const auto& p : f.wild_do) out += concat("replicate_wild_do_table=", mysql_family::option_value(concat(channel, ":", p)), "\n");
    for (const auto& p : f.ignore_table) out += concat("replicate_ignore_table=", mysql_family::option_value(concat(channel, ":", p)), "\n");
    return out;
  }

  std::string start_receiver(std::string_view channel) const override { return "START REPLICA IO_THREAD" + for_channel(channel); }
  std::string start_channel(std::string_view channel) const override { return "START REPLICA" + for_channel(channel); }
  std::string stop_channel(std::string_view channel) const override { return "STOP REPLICA" + for_channel(channel); }
  std::vector<std::string> forget_channel(std::string_view channel) const override { return {"RESET REPLICA ALL" + for_channel(channel)}; }

  ChannelStatus channel_status(Connection& c, std::string_view channel) const override {
    const Result r = status_rows(c);
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (r.text("Channel_Name", i) == channel) return with_worker_error(c, channel, status_of(r, i));
    return {};
  }

  bool wait_position(Connection& c, std::string_view channel, const value::Position& position,
                     std::chrono::milliseconds within) const override {
    if (!position.gtid.empty()) {
      // A timeout of 0 would wait for ever.
      if (within.count() <= 0) return c.scalar(concat("SELECT GTID_SUBSET(", quote_text(position.gtid), ", @@GLOBAL.gtid_executed)")) == "1";
      const std::string seconds = concat(within.count() / 1000, ".", (within.count() % 1000) / 100, (within.count() % 100) / 10, within.count() % 10);
      return c.scalar(concat("SELECT WAIT_FOR_EXECUTED_GTID_SET(", quote_text(position.gtid), ", ", seconds, ")")) == "0";
    }
    const Result r = status_rows(c);
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (r.text("Channel_Name", i) == channel)
        return mysql_family::binlog_reached(r.text("Relay_Source_Log_File", i),
                                            base::parse_u64(r.text("Exec_Source_Log_Pos", i)).value_or(0), position);
    return false;
  }

  std::string create_account(const std::string& user, const std::string& from, const std::string& password) const override {
    // The server writes the hash and not the password to its logs ("Passwords and Logging"), unless it runs with log_raw.
    return concat("CREATE USER ", quote_text(user), "@", quote_text(from), " IDENTIFIED BY ", quote_text(password));
  }

  bool has_replica(Connection& c, const value::ServerIdentity& replica) const override {
    try {
      const Result r = c.query("SHOW REPLICAS");
      for (std::size_t i = 0; i < r.rows.size(); ++i)
        if (r.text("Replica_UUID", i) == replica.uuid) return true;
      return false;
    } catch (const base::Error& e) {
      // It asks for REPLICATION SLAVE; the target's own SOURCE_UUID is proof enough beside a dump thread that PROCESS shows.
      if (e.code() != base::Exit::privilege) throw;
      return c.number("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND LIKE 'Binlog Dump%'") > 0;
    }
  }

  std::string local_history(Connection& c) const override {
    return part_of(without_blanks(c.scalar("SELECT @@GLOBAL.gtid_executed").value_or("")),
                   c.scalar("SELECT @@GLOBAL.server_uuid").value_or(""));
  }

  std::vector<Finding> stray_history(Connection& target, const value::ServerIdentity&, const value::ServerIdentity& self) const override {
    const std::string own = part_of(without_blanks(target.scalar("SELECT @@GLOBAL.gtid_executed").value_or("")), self.uuid);
    if (own.empty()) return {};
    return {{false, "local-writes", own, "the target has transactions of its own: " + own,
             "They do not hinder following; a way back would send them to the source. Load with the binary log off."}};
  }

 private:
  static std::string for_channel(std::string_view channel) { return " FOR CHANNEL " + quote_text(channel); }

  static std::uint32_t number_of_version(Connection& c) {
    const std::string version = c.scalar("SELECT VERSION()").value_or("");
    const auto parts = base::split(version, '.');
    const auto major = parts.empty() ? 0 : base::parse_u64(parts[0]).value_or(0);
    const auto minor = parts.size() < 2 ? 0 : base::parse_u64(parts[1]).value_or(0);
    return static_cast<std::uint32_t>(major * 10000 + minor * 100);
  }

  static Result status_rows(Connection& c) { return c.query("SHOW REPLICA STATUS"); }

  static ChannelStatus status_of(const Result& r, std::size_t i) {
    ChannelStatus s;
    s.exists = true;
    s.receiving = r.text("Replica_IO_Running", i) == "Yes";
    s.connecting = !s.receiving && r.text("Replica_IO_Running", i) != "No";
    s.applying = r.text("Replica_SQL_Running", i) == "Yes";
    s.source_address = r.text("Source_Host", i) + ":" + r.text("Source_Port", i);
    s.source_server_id = base::parse_u64(r.text("Source_Server_Id", i)).value_or(0);
    s.source_uuid = r.text("Source_UUID", i);
    s.received = concat(without_blanks(r.text("Retrieved_Gtid_Set", i)), " ", r.text("Source_Log_File", i), ":", r.text("Read_Source_Log_Pos", i));
    s.applied = concat(without_blanks(r.text("Executed_Gtid_Set", i)), " ", r.text("Relay_Source_Log_File", i), ":", r.text("Exec_Source_Log_Pos", i));
    s.drained = r.text("Source_Log_File", i) == r.text("Relay_Source_Log_File", i) &&
                r.text("Read_Source_Log_Pos", i) == r.text("Exec_Source_Log_Pos", i);
    s.error = r.text("Last_SQL_Error", i).empty() ? r.text("Last_IO_Error", i) : r.text("Last_SQL_Error", i);
    if (const auto behind = r.get("Seconds_Behind_Source", i))
      if (const auto n = base::parse_u64(*behind)) s.seconds_behind = static_cast<double>(*n);
    s.filters = mysql_family::filter_text(r.text("Replicate_Wild_Do_Table", i), r.text("Replicate_Ignore_Table", i));
    return s;
  }

  /// The coordinator only says that a worker failed; the worker says why.
  static ChannelStatus with_worker_error(Connection& c, std::string_view channel, ChannelStatus s) {
    if (s.error.find("performance_schema") == std::string::npos) return s;
    try {
      const auto why = c.scalar(concat("SELECT LAST_ERROR_MESSAGE FROM performance_schema.replication_applier_status_by_worker"
                                       " WHERE CHANNEL_NAME=", quote_text(channel), " AND LAST_ERROR_NUMBER<>0 ORDER BY LAST_ERROR_TIMESTAMP DESC LIMIT 1"));
      if (why) s.error = *why;
    } catch (const base::Error&) {
      // Without the right to read it, the coordinator's sentence has to do.
    }
    return s;
  }
};

}  // namespace

const mysql_family::Variant& variant() {
  static const MysqlVariant only;
  return only;
}

}  // namespace flytt::engine::mysql
