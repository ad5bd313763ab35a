// Accounts: the channel's, everybody's, the definers', and the events that wait for the promotion.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/replication.hpp>

#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>

namespace flytt::engine::mysql_family {

using base::concat;
using base::Error;
using base::Exit;

namespace {

/// "WHERE column IN (…)" for the databases of a scope; every database but the server's own when it means all.
std::string in_scope(const value::Scope& scope, std::string_view column) {
  std::vector<std::string> names;
  for (const auto& d : scope.databases) names.push_back(quote_text(d));
  if (scope.all_databases || names.empty())
    return concat(column, " NOT IN ('mysql','sys','information_schema','performance_schema','flytt')");
  return concat(column, " IN (", base::join(names, ","), ")");
}

}  // namespace

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
      "SELECT DEFINER AS d FROM information_schema.VIEWS WHERE ", in_scope(scope, "TABLE_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.ROUTINES WHERE ", in_scope(scope, "ROUTINE_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.TRIGGERS WHERE ", in_scope(scope, "TRIGGER_SCHEMA"),
      " UNION SELECT DEFINER FROM information_schema.EVENTS WHERE ", in_scope(scope, "EVENT_SCHEMA"), ") AS x WHERE d<>'' ORDER BY 1"));
  std::vector<std::string> out;
  for (const auto& row : r.rows) out.push_back(row[0].value_or(""));
  return out;
}

void FamilyReplication::enable_events(const std::vector<std::pair<std::string, std::string>>& statuses) {
  Connection& c = session();
  std::vector<std::string> unseen;
  for (const auto& [object, status] : statuses) {
    if (codec::JsonValue::parse(status.empty() ? "{}" : status).get_string("status", "") != "ENABLED") continue;
    // A name may hold dots: ask which split of it is an event. ALTER EVENT would make us its definer and give it this
    // session's sql_mode.
    const Result r = c.query(concat("SELECT EVENT_SCHEMA, EVENT_NAME, SQL_MODE, SUBSTRING_INDEX(DEFINER, '@', 1) AS user,"
                                    " SUBSTRING_INDEX(DEFINER, '@', -1) AS host FROM information_schema.EVENTS"
                                    " WHERE CONCAT(EVENT_SCHEMA, '.', EVENT_NAME)=", quote_text(object)));
    if (r.empty()) {
      unseen.push_back(object);
      continue;
    }
    const auto ours = c.scalar("SELECT @@SESSION.sql_mode").value_or("");
    c.execute("SET SESSION sql_mode=" + quote_text(r.text("SQL_MODE")));
    c.execute(concat("ALTER DEFINER=", quote_text(r.text("user")), "@", quote_text(r.text("host")), " EVENT ",
                     quote_name(r.text("EVENT_SCHEMA")), ".", quote_name(r.text("EVENT_NAME")), " ENABLE"));
    c.execute("SET SESSION sql_mode=" + quote_text(ours));
  }
  if (!unseen.empty())
    throw Error(Exit::partial, concat(c.endpoint(), ": events that are not there, or that this account may not see: ", base::join(unseen, ", ")),
                {.endpoint = c.endpoint(), .hint = "It needs the EVENT privilege. Those that were not dropped: ALTER EVENT … ENABLE."});
}

}  // namespace flytt::engine::mysql_family
