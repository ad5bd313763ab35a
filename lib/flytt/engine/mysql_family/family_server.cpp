// Asks a server once who it is, and hands out the parts.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/family_server.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/reader.hpp>
#include <flytt/engine/mysql_family/replication.hpp>
#include <flytt/engine/mysql_family/snapshot.hpp>
#include <flytt/engine/mysql_family/storage.hpp>
#include <flytt/engine/mysql_family/target.hpp>
#include <flytt/engine/mysql_family/tuning.hpp>
#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mysql_family {
namespace {

/// Variables that a copy or a channel depends on, as far as the server has them.
constexpr std::string_view kSettingsQuery =
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('lower_case_table_names','character_set_server','collation_server','sql_mode',"
    "'time_zone','system_time_zone','max_allowed_packet','log_bin','binlog_format','binlog_row_image','gtid_mode',"
    "'gtid_domain_id','log_slave_updates','log_replica_updates','innodb_strict_mode','innodb_page_size','local_infile',"
    "'partial_revokes','slave_max_allowed_packet','replica_max_allowed_packet','explicit_defaults_for_timestamp','read_only','super_read_only','port','datadir','hostname','server_uuid',"
    "'innodb_flush_log_at_trx_commit','sync_binlog','event_scheduler','innodb_default_row_format')";

class FamilyDialect final : public Dialect {
 public:
  std::string name(std::string_view identifier) const override { return quote_name(identifier); }
  std::string text(std::string_view value) const override { return quote_text(value); }
};

/// "10.11.19-MariaDB-0+deb12u1" and "9.7.4" to 101119 and 90704.
std::uint32_t version_number(std::string_view text) {
  std::uint32_t parts[3] = {0, 0, 0};
  std::size_t at = 0;
  for (auto& part : parts) {
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') part = part * 10 + static_cast<std::uint32_t>(text[at++] - '0');
    if (at >= text.size() || text[at] != '.') break;
    ++at;
  }
  return parts[0] * 10000 + parts[1] * 100 + parts[2];
}

}  // namespace

FamilyServer::FamilyServer(Endpoint endpoint, const base::Context& ctx) : connector_(std::move(endpoint), ctx) {}
FamilyServer::~FamilyServer() = default;

void FamilyServer::discover() {
  // Whoever answers is not known yet, and no task watches over us: a stop ends what is asked here. One that came before does
  // not, since what is put back after a stop may begin with this.
  const auto& stop = context().stop;
  const std::stop_callback on_stop(stop.stop_requested() ? std::stop_token() : stop, [this] { cancel_all(); });
  const auto c = connect();
  const Result r = c->query("SELECT VERSION() AS version, @@version_comment AS comment, @@hostname AS host, @@server_id AS id");
  identity_.version = r.text("version");
  identity_.version_number = version_number(identity_.version);
  variant_ = &variant_for(identity_.version, r.text("comment"));
  identity_.engine = "mysql";
  identity_.product = variant_->product();
  identity_.hostname = r.text("host");
  identity_.server_id = base::parse_u64(r.text("id")).value_or(0);
  const Result settings = c->query(kSettingsQuery);
  for (const auto& row : settings.rows) identity_.settings[base::lower(row[0].value_or(""))] = row[1].value_or("");
  caps_ = variant_->capabilities(identity_.version_number);
  variant_->identify(*c, identity_);
}

const value::ServerIdentity& FamilyServer::identity() {
  std::call_once(once_, [this] { discover(); });
  return identity_;
}
const Capabilities& FamilyServer::caps() {
  identity();
  return caps_;
}
const Variant& FamilyServer::variant() {
  identity();
  return *variant_;
}

const Dialect& FamilyServer::dialect() const noexcept {
  static const FamilyDialect dialect;
  return dialect;
}

std::unique_ptr<Catalog> FamilyServer::catalog() { return make_catalog(*this); }
std::unique_ptr<Snapshot> FamilyServer::snapshot(const SnapshotRequest& request) { return take_snapshot(*this, request); }
std::unique_ptr<BulkReader> FamilyServer::reader() { return make_reader(*this); }
std::unique_ptr<Target> FamilyServer::target() { return make_target(*this); }
std::unique_ptr<Replication> FamilyServer::replication() { return make_replication(*this); }
std::unique_ptr<Tuning> FamilyServer::tuning() { return make_tuning(*this); }
std::unique_ptr<Storage> FamilyServer::storage() { return make_storage(*this); }

}  // namespace flytt::engine::mysql_family
