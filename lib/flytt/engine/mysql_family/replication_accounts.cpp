// Accounts: the channel's, everybody's and the definers'.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {

using base::concat;

void FamilyReplication::create_channel_account(const std::string& user, const std::string& password, const std::string& from) {
  quiet_session();
  Connection& c = session();
  c.execute_secret(variant().create_account(user, from, password), concat("CREATE USER ", quote_text(user), "@", quote_text(from)));
  c.execute(concat("GRANT REPLICATION SLAVE ON *.* TO ", quote_text(user), "@", quote_text(from)));
}

void FamilyReplication::drop_channel_account(const std::string& user, const std::string& from) {
  session().execute(concat("DROP USER IF EXISTS ", quote_text(user), "@", quote_text(from)));
}

std::vector<std::string> FamilyReplication::accounts() {
  const Result r = session().query(concat("SELECT CONCAT('''', User, '''@''', Host, '''') FROM mysql.user WHERE User NOT IN"
                                          " ('mysql.sys','mysql.session','mysql.infoschema','mariadb.sys')",
                                          server_.caps().roles_in_user_table ? " AND is_role='N'" : "", " ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

std::vector<std::string> FamilyReplication::definers(const value::Scope& scope) {
  const Result r = session().query(concat(
      "SELECT DISTINCT CONCAT('''', SUBSTRING_INDEX(d, '@', 1), '''@''', SUBSTRING_INDEX(d, '@', -1), '''') FROM ("
      "SELECT DEFINER AS d FROM information_schema.VIEWS WHERE ", database_condition(scope, "TABLE_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ", database_condition(scope, "ROUTINE_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE ", database_condition(scope, "TRIGGER_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.EVENTS WHERE ", database_condition(scope, "EVENT_SCHEMA"), ") AS x WHERE d<>'' ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

}  // namespace flytt::engine::mysql_family
