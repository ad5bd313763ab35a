// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/preflight_positions.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::concat;

/// MariaDB refuses a start position behind the newest local one of the same domain (1947), and its applier stops where a local
/// sequence number is taken (1950). A few local CREATE USERs are enough.
std::vector<Finding> domain_findings(Connection& c, const value::Manifest& m) {
  std::vector<Finding> out;
  const auto theirs = domain_positions(m.position.gtid);
  for (const auto& [domain, local] : domain_positions(c.scalar("SELECT @@GLOBAL.gtid_binlog_pos").value_or(""))) {
    const auto at = theirs.find(domain);
    if (at == theirs.end() || (local.server == at->second.server && local.sequence <= at->second.sequence)) continue;
    const bool ahead = local.sequence >= at->second.sequence;
    out.push_back({false, "gtid-local-writes", concat("domain ", domain),
                   concat("this server has written ", domain, "-", local.server, "-", local.sequence, " itself, ", ahead ? "beyond" : "in the domain of",
                          " the copy's position ", m.position.gtid, ahead ? ": it cannot follow the source from there" : ""),
                   "RESET MASTER on this server while nobody follows it, or give it a gtid_domain_id of its own before anything is written"});
  }
  return out;
}

std::vector<Finding> errant_findings(Connection& c, const value::Manifest& m) {
  const std::string errant = c.scalar("SELECT GTID_SUBTRACT(@@GLOBAL.gtid_executed, " + quote_text(m.position.gtid) + ")").value_or("");
  if (errant.empty()) return {};
  return {{false, "gtid-local-writes", "gtid_executed", concat("this server has transactions that the source does not have: ", errant),
           "RESET BINARY LOGS AND GTIDS on this server while nobody follows it"}};
}

}  // namespace

std::map<std::uint64_t, DomainPosition> domain_positions(std::string_view gtids) {
  std::map<std::uint64_t, DomainPosition> out;
  for (const auto gtid : base::split(gtids, ',')) {
    const auto parts = base::split(base::trim(gtid), '-');
    if (parts.size() != 3) continue;
    const auto domain = base::parse_u64(parts[0]), server = base::parse_u64(parts[1]), sequence = base::parse_u64(parts[2]);
    if (!domain || !server || !sequence) continue;
    DomainPosition& newest = out[*domain];
    if (*sequence >= newest.sequence) newest = {*server, *sequence};
  }
  return out;
}

std::vector<Finding> position_findings(Connection& c, FamilyServer& server, const value::Manifest& m) {
  if (m.position.gtid.empty() || m.source.uuid == server.identity().uuid) return {};
  return server.caps().gtid_domains ? domain_findings(c, m) : errant_findings(c, m);
}

}  // namespace flytt::engine::mysql_family
