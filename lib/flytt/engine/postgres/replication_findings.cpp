// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication_findings.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {

using base::concat;

std::string first_few(const std::vector<std::string>& names, std::size_t limit) {
  const std::vector<std::string> first(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(std::min(limit, names.size())));
  return base::join(first, ", ") + (names.size() > limit ? concat(" and ", names.size() - limit, " more") : "");
}

void Gathering::named(bool blocks, std::string code, std::string_view sql, std::string_view message, std::string remedy, const Parameters& parameters) {
  std::vector<std::string> names;
  for (const auto& row : c_.query(sql, parameters).rows) names.push_back(row[0].value_or(""));
  if (names.empty()) return;
  out_.push_back({blocks, std::move(code), names.front(), concat(message, first_few(names)), std::move(remedy)});
}

std::string Gathering::setting(const std::string& name) {
  return c_.query("SELECT setting FROM pg_catalog.pg_settings WHERE name = $1", {name}).text("setting");
}

std::uint64_t Gathering::number(const std::string& name) { return base::parse_u64(setting(name)).value_or(0); }

void Gathering::may_fence() {
  const Result r = c_.query(
      "SELECT current_user AS me, r.rolsuper, pg_catalog.pg_has_role(d.datdba, 'USAGE') AS owner, pg_catalog.pg_has_role('pg_signal_backend', 'USAGE') AS signal,"
      " pg_catalog.pg_has_role('pg_read_all_stats', 'USAGE') AS stats, pg_catalog.quote_ident(d.datname) AS db, pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)) AS dba"
      " FROM pg_catalog.pg_roles r CROSS JOIN pg_catalog.pg_database d WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()");
  if (r.yes("rolsuper")) return;
  const std::string me = r.text("me");
  if (!r.yes("owner")) block("privilege-owner", me, concat("the role ", me, " does not own database ", r.text("db"), ", and only an owner may close it"), concat("GRANT ", r.text("dba"), " TO ", quote_name(me)));
  if (!r.yes("signal")) block("privilege-signal", me, concat("the role ", me, " may not end other sessions"), concat("GRANT pg_signal_backend TO ", quote_name(me)));
  if (!r.yes("stats")) block("privilege-stats", me, concat("the role ", me, " does not see other sessions"), concat("GRANT pg_monitor TO ", quote_name(me)));
}

void Gathering::no_prepared_transactions() {
  named(true, "prepared-transaction", "SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database() ORDER BY 1",
        "prepared transactions are open, and could be committed through a fence: ", "COMMIT PREPARED or ROLLBACK PREPARED them.");
}

}  // namespace flytt::engine::postgres
