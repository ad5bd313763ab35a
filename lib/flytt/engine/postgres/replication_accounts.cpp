// Roles: the channel's, everybody's, and those that objects belong to.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;

/// The server is sent what it would store of the password, so no log and no list of sessions ever has it.
void PgReplication::create_channel_account(const std::string& user, const std::string& password, const std::string&) {
  Connection& c = session();
  const std::string role = "ROLE " + quote_name(user);
  c.execute_secret(concat("CREATE ", role, " LOGIN REPLICATION PASSWORD ", quote_text(c.encrypt_password(user, password))), concat("CREATE ", role));
  c.execute(concat("GRANT CONNECT ON DATABASE ", quote_name(server_.database()), " TO ", quote_name(user)));
}

void PgReplication::drop_channel_account(const std::string& user, const std::string&) {
  Connection& c = session();
  if (c.query("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = $1", {user}).empty()) return;
  c.execute(concat("REVOKE ALL ON DATABASE ", quote_name(server_.database()), " FROM ", quote_name(user)));
  c.execute("DROP ROLE " + quote_name(user));
}

std::vector<std::string> PgReplication::accounts() {
  const Result r = session().query("SELECT rolname FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' ORDER BY rolname COLLATE \"C\"");
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

std::vector<std::string> PgReplication::definers(const value::Scope&) {
  const Result r = session().query(concat(
      "SELECT DISTINCT pg_catalog.pg_get_userbyid(o.owner)::text COLLATE \"C\" AS owner FROM ("
      "SELECT c.relowner AS owner FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','v','m','S','f') AND ", user_namespace(),
      " UNION SELECT p.proowner FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE ", user_namespace(),
      " UNION SELECT n.nspowner FROM pg_catalog.pg_namespace n WHERE n.nspname <> 'public' AND ", user_namespace(), ") AS o ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

}  // namespace flytt::engine::postgres
