// MariaDB: domain GTIDs, CHANGE MASTER 'name', channel variables `name`.variable.
// Source: MariaDB documentation, "CHANGE MASTER TO", "Global Transaction ID", "Multi-Source Replication", "Replication Filters".
// SPDX-License-Identifier: MIT
#include <flytt/engine/mariadb/variant.hpp>

#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/mariadb/capabilities.hpp>
#include <flytt/engine/mysql_family/native_password.hpp>

namespace flytt::engine::mariadb {
namespace {

using base::concat;
using mysql_family::Capabilities;
using mysql_family::Connection;
using mysql_family::quote_name;
using mysql_family::quote_text;
using mysql_family::Result;
using mysql_family::ScopeFilter;

struct Gtid {
  std::uint64_t domain = 0, server = 0, sequence = 0;
};

std::vector<Gtid> parse_gtids(std::string_view text) {
  std::vector<Gtid> out;
  for (const auto part : base::split(text, ',')) {
    const auto fields = base::split(base::trim(part), '-');
    if (fields.size() != 3) continue;
    const auto d = base::parse_u64(fields[0]), s = base::parse_u64(fields[1]), n = base::parse_u64(fields[2]);
    if (d && s && n) out.push_back({*d, *s, *n});
  }
  return out;
}

std::string text_of(const Gtid& g) { return concat(g.domain, "-", g.server, "-", g.sequence); }

std::string seconds_text(std::chrono::milliseconds within) {
  const auto ms = within.count() % 1000;
  return concat(within.count() / 1000, ".", ms < 100 ? "0" : "", ms < 10 ? "0" : "", ms);
}

std::string filter_list(const std::vector<std::string>& patterns) { return base::join(patterns, ","); }

/// The two words of a channel's variable, `name`.`variable`.
std::string channel_variable(std::string_view channel, std::string_view variable) {
  return concat(quote_name(channel), ".", variable);
}

class MariadbVariant final : public mysql_family::Variant {
 public:
  std::string_view product() const noexcept override { return "MariaDB"; }
  Capabilities capabilities(std::uint32_t version) const override { return mariadb::capabilities(version); }

  void identify(Connection& c, value::ServerIdentity& identity) const override {
    // server_uid is made of the host's network address and the port: two servers on one host can share it.
    const Result uid = c.query("SHOW GLOBAL VARIABLES LIKE 'server\\_uid'");
    identity.uuid = concat(uid.empty() ? identity.hostname : uid.text("Value"), "/", identity.server_id);
  }

  value::Position log_end(Connection& c) const override {
    value::Position p;
    const Result status = c.query("SHOW MASTER STATUS");
    if (status.empty()) return p;
    p.file = status.text("File");
    p.offset = base::parse_u64(status.text("Position")).value_or(0);
    p.gtid = c.scalar("SELECT @@GLOBAL.gtid_binlog_pos").value_or("");
    return p;
  }

  std::string change_source(const ChannelRequest& r, std::string_view password) const override {
    std::string sql = concat("CHANGE MASTER ", quote_text(r.channel), " TO MASTER_HOST=", quote_text(r.source_host), ", MASTER_PORT=",
                             r.source_port, ", MASTER_USER=", quote_text(r.user), ", MASTER_PASSWORD=", password);
    if (r.position.gtid.empty())
      sql += concat(", MASTER_USE_GTID=no, MASTER_LOG_FILE=", quote_text(r.position.file), ", MASTER_LOG_POS=", r.position.offset);
    else
      sql += ", MASTER_USE_GTID=slave_pos";
    sql += concat(", MASTER_SSL=", r.ssl ? 1 : 0, ", MASTER_SSL_VERIFY_SERVER_CERT=", r.ssl ? 1 : 0);
    if (!r.ssl_ca.empty()) sql += ", MASTER_SSL_CA=" + quote_text(r.ssl_ca);
    return sql + ", MASTER_HEARTBEAT_PERIOD=1, MASTER_CONNECT_RETRY=1";
  }

  std::vector<std::string> set_start_position(Connection& c, const ChannelRequest& r) const override {
    if (r.position.gtid.empty()) return {};
    const auto wanted = parse_gtids(r.position.gtid);
    std::map<std::uint64_t, Gtid> merged;
    for (const auto& g : parse_gtids(c.scalar("SELECT @@GLOBAL.gtid_slave_pos").value_or(""))) merged[g.domain] = g;
    refuse_ahead(c, wanted, merged, r);
    for (const auto& g : wanted) merged[g.domain] = g;
    std::vector<std::string> all;
    for (const auto& [domain, g] : merged) all.push_back(text_of(g));
    return {"SET GLOBAL gtid_slave_pos=" + quote_text(base::join(all, ","))};
  }

  std::vector<std::string> channel_filters(std::string_view channel, const ScopeFilter& f) const override {
    std::vector<std::string> out;
    if (!f.wild_do.empty())
      out.push_back(concat("SET GLOBAL ", channel_variable(channel, "replicate_wild_do_table"), "=", quote_text(filter_list(f.wild_do))));
    if (!f.ignore_table.empty())
      out.push_back(concat("SET GLOBAL ", channel_variable(channel, "replicate_ignore_table"), "=", quote_text(filter_list(f.ignore_table))));
    return out;
  }

  std::vector<std::string> clear_filters(std::string_view channel) const override {
    return {concat("SET GLOBAL ", channel_variable(channel, "replicate_wild_do_table"), "=''"),
            concat("SET GLOBAL ", channel_variable(channel, "replicate_ignore_table"), "=''")};
  }

  std::string filter_configuration(std::string_view channel, const ScopeFilter& f) const override {
    std::string out;
    for (const auto& p : f.wild_do) out += concat(channel, ".replicate_wild_do_table=", mysql_family::option_value(p), "\n");
    for (const auto& p : f.ignore_table) out += concat(channel, ".replicate_ignore_table=", mysql_family::option_value(p), "\n");
    return out;
  }

  std::string start_receiver(std::string_view channel) const override { return concat("START SLAVE ", quote_text(channel), " IO_THREAD"); }
  std::string start_channel(std::string_view channel) const override { return concat("START SLAVE ", quote_text(channel)); }
  std::string stop_channel(std::string_view channel) const override { return concat("STOP SLAVE ", quote_text(channel)); }
  std::vector<std::string> forget_channel(std::string_view channel) const override {
    return {concat("RESET SLAVE ", quote_text(channel), " ALL")};
  }

  ChannelStatus channel_status(Connection& c, std::string_view channel) const override {
    const Result r = c.query("SHOW ALL SLAVES STATUS");
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (r.text("Connection_name", i) == channel) return status_of(r, i);
    return {};
  }

  bool wait_position(Connection& c, std::string_view channel, const value::Position& position,
                     std::chrono::milliseconds within) const override {
    const Result r = c.query("SHOW ALL SLAVES STATUS");
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      if (r.text("Connection_name", i) != channel) continue;
      // A channel that goes by files may never note the GTIDs that came before it.
      if (!position.gtid.empty() && (position.file.empty() || r.text("Using_Gtid", i) != "No"))
        return c.scalar(concat("SELECT MASTER_GTID_WAIT(", quote_text(position.gtid), ", ", seconds_text(within), ")")) == "0";
      return mysql_family::binlog_reached(r.text("Relay_Master_Log_File", i), base::parse_u64(r.text("Exec_Master_Log_Pos", i)).value_or(0), position);
    }
    return false;
  }

  std::string create_account(const std::string& user, const std::string& from, const std::string& password) const override {
    // The binary log keeps this statement as it is: a hash, never the password.
    return concat("CREATE USER ", quote_text(user), "@", quote_text(from), " IDENTIFIED BY PASSWORD ",
                  quote_text(mysql_family::native_password_hash(password)));
  }

  bool has_replica(Connection& c, const value::ServerIdentity& replica) const override {
    try {
      const Result r = c.query("SHOW SLAVE HOSTS");
      for (std::size_t i = 0; i < r.rows.size(); ++i)
        if (r.text("Server_id", i) == std::to_string(replica.server_id)) return true;
      return false;
    } catch (const base::Error& e) {
      if (e.code() != base::Exit::privilege) throw;
      return c.number("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE COMMAND='Binlog Dump'") > 0;
    }
  }

  std::string local_history(Connection& c) const override {
    const auto self = c.number("SELECT @@GLOBAL.server_id");
    std::vector<std::string> own;
    for (const auto& g : parse_gtids(c.scalar("SELECT @@GLOBAL.gtid_binlog_state").value_or("")))
      if (g.server == self) own.push_back(text_of(g));
    return base::join(own, ",");
  }

  std::vector<Finding> stray_history(Connection& target, const value::ServerIdentity& source,
                                     const value::ServerIdentity& self) const override {
    const auto found = source.settings.find("gtid_domain_id");
    const auto domain = base::parse_u64(found == source.settings.end() ? "0" : found->second).value_or(0);
    std::vector<Finding> out;
    for (const auto& g : parse_gtids(target.scalar("SELECT @@GLOBAL.gtid_binlog_state").value_or("")))
      if (g.domain == domain && g.server == self.server_id)
        out.push_back({false, "local-writes", text_of(g), concat("the target has written transactions of its own in the source's GTID domain, up to ", text_of(g)),
                       kResetHint});
    return out;
  }

 private:
  static constexpr const char* kResetHint =
      "When nothing reads the target's binary log, RESET MASTER there forgets them; better load with the binary log off, or give the "
      "target a gtid_domain_id of its own.";

  static ChannelStatus status_of(const Result& r, std::size_t i) {
    ChannelStatus s;
    s.exists = true;
    s.receiving = r.text("Slave_IO_Running", i) == "Yes";
    s.connecting = !s.receiving && r.text("Slave_IO_Running", i) != "No";
    s.applying = r.text("Slave_SQL_Running", i) == "Yes";
    s.source_address = r.text("Master_Host", i) + ":" + r.text("Master_Port", i);
    s.source_server_id = base::parse_u64(r.text("Master_Server_Id", i)).value_or(0);
    s.received = concat(r.text("Gtid_IO_Pos", i), " ", r.text("Master_Log_File", i), ":", r.text("Read_Master_Log_Pos", i));
    s.applied = concat(r.text("Gtid_Slave_Pos", i), " ", r.text("Relay_Master_Log_File", i), ":", r.text("Exec_Master_Log_Pos", i));
    s.drained = r.text("Master_Log_File", i) == r.text("Relay_Master_Log_File", i) &&
                r.text("Read_Master_Log_Pos", i) == r.text("Exec_Master_Log_Pos", i);
    s.error = r.text("Last_SQL_Error", i).empty() ? r.text("Last_IO_Error", i) : r.text("Last_SQL_Error", i);
    if (const auto behind = r.get("Seconds_Behind_Master", i))
      if (const auto n = base::parse_u64(*behind)) s.seconds_behind = static_cast<double>(*n);
    s.filters = mysql_family::filter_text(r.text("Replicate_Wild_Do_Table", i), r.text("Replicate_Ignore_Table", i));
    return s;
  }

  /// A position behind what the target has already would repeat changes, or is refused later by errors 1947 and 1950.
  static void refuse_ahead(Connection& c, const std::vector<Gtid>& wanted, const std::map<std::uint64_t, Gtid>& applied,
                           const ChannelRequest& r) {
    const auto refuse = [&](const Gtid& has, const char* hint) {
      throw base::Error(base::Exit::refused,
                        concat("the target cannot follow from ", r.position.gtid, ": its history already holds ", text_of(has)),
                        {.endpoint = c.endpoint(), .hint = hint});
    };
    const auto state = parse_gtids(c.scalar("SELECT @@GLOBAL.gtid_binlog_state").value_or(""));
    for (const auto& g : wanted) {
      const auto now = applied.find(g.domain);
      if (now != applied.end() && now->second.sequence > g.sequence)
        refuse(now->second, "It followed further before: go on with --position and what it has applied, or load a new copy.");
      for (const auto& has : state)
        if (has.domain == g.domain && has.sequence > g.sequence) refuse(has, kResetHint);
    }
  }
};

}  // namespace

const mysql_family::Variant& variant() {
  static const MariadbVariant only;
  return only;
}

}  // namespace flytt::engine::mariadb
