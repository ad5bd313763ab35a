// Accounts, roles and grants, as the server prints them.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <optional>
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/definition_check.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::ObjectKind;
using value::SchemaObject;

struct Account {
  std::string user;
  std::string host;
  bool role = false;  ///< MariaDB: a name without a host
  bool second_password = false;

  std::string display() const { return role ? user : user + "@" + host; }
  std::string quoted() const {
    if (role && user == "PUBLIC") return user;
    return role ? quote_name(user) : quote_name(user) + "@" + quote_name(host);
  }
};

SchemaObject object_of(ObjectKind kind, const Account& a, std::string name, std::string statement) {
  SchemaObject out;
  out.kind = kind;
  out.name = std::move(name);
  out.definer = a.display();
  out.statement = std::move(statement);
  return out;
}

/// Roles first: a user's default role must be there. MySQL's roles are the accounts that are granted to others.
std::vector<Account> accounts(Reading& r) {
  const bool mariadb = r.server.caps().roles_in_user_table;
  const Result rows = r.c.query(
      mariadb ? std::string("SELECT User, Host, is_role = 'Y', 0 FROM mysql.user ORDER BY is_role = 'Y' DESC, User, Host")
              : base::concat("SELECT User, Host, 0, ", r.server.caps().second_password ? "COALESCE(JSON_CONTAINS_PATH(User_attributes, 'one', '$.additional_password'), 0)" : "0",
                             " FROM mysql.user u ORDER BY EXISTS (SELECT 1 FROM mysql.role_edges e WHERE e.FROM_USER = u.User AND e.FROM_HOST = u.Host) DESC, User, Host"));
  const std::string own = r.c.scalar("SELECT CURRENT_USER()").value_or("");
  std::vector<Account> out;
  for (const auto& row : rows.rows) {
    Account a{row[0].value_or(""), row[1].value_or(""), row[2] == "1", row[3] == "1"};
    if (account_of_server(a.user) || a.display() == own) continue;
    if (a.user.empty()) r.warn("the anonymous account ''@'" + a.host + "' is not carried");
    else out.push_back(std::move(a));
  }
  return out;
}

void add_account(Reading& r, const Account& a, std::string& default_role) {
  if (a.role) {
    if (a.user != "PUBLIC") r.out.objects.push_back(object_of(ObjectKind::account, a, a.display(), "CREATE ROLE IF NOT EXISTS " + a.quoted()));
    return;
  }
  const Result shown = r.c.query("SHOW CREATE USER " + a.quoted());
  auto parts = split_default_role(shown.rows.empty() ? std::string() : shown.rows[0][0].value_or(""));
  default_role = parts.default_role;
  constexpr std::string_view kHead = "CREATE USER ";
  if (!parts.create.starts_with(kHead)) return r.warn("account " + a.display() + " cannot be read and is not carried");
  if (a.second_password) r.leave_out("second password", "kept beside the first by RETAIN CURRENT PASSWORD: no statement of the server's holds it", "of " + a.display());
  r.out.objects.push_back(object_of(ObjectKind::account, a, a.display(), "CREATE USER IF NOT EXISTS " + parts.create.substr(kHead.size())));
}

/// A grant that only says that the account exists, or that every new server has.
bool says_nothing(std::string_view grant) {
  return (grant.starts_with("GRANT USAGE ON *.* TO ") && grant.find("GRANT OPTION") == std::string_view::npos) ||
         (grant.ends_with(" TO PUBLIC") && (grant.find(" ON `test`.* ") != std::string_view::npos || grant.find(" ON `test\\_%`.* ") != std::string_view::npos));
}

/// The table, view or routine that a grant is on; nothing for databases, the server, accounts and roles.
std::optional<value::TableName> granted_object(std::string_view grant) {
  const auto tokens = tokenize(grant);
  const auto is_name = [&](std::size_t i) { return i < tokens.size() && (tokens[i].kind == TokenKind::name || tokens[i].kind == TokenKind::word); };
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (tokens[i].depth != 0 || !token_is(grant, tokens[i], "ON")) continue;
    for (++i; is_name(i) && is_name(i + 1); ++i) {  // PROCEDURE, FUNCTION, PACKAGE BODY
    }
    if (!is_name(i) || !is_name(i + 2) || !token_is(grant, tokens[i + 1], ".")) return std::nullopt;
    return value::TableName{token_value(grant, tokens[i]), token_value(grant, tokens[i + 2])};
  }
  return std::nullopt;
}

/// A grant on what the target will not have cannot be made there.
bool can_be_granted(const Reading& r, const value::TableName& name) {
  if (is_system_database(name.schema)) return true;
  const auto same = [&](const std::string& schema, std::string_view object) {
    return base::equal_ignoring_case(schema, name.schema) && base::equal_ignoring_case(object.substr(0, object.rfind(" (")), name.table);
  };
  return std::any_of(r.out.tables.begin(), r.out.tables.end(), [&](const auto& t) { return base::equal_ignoring_case(t.name.schema, name.schema) && base::equal_ignoring_case(t.name.table, name.table); }) ||
         std::any_of(r.out.objects.begin(), r.out.objects.end(), [&](const auto& o) { return same(o.schema, o.name) || (o.schema == name.schema && base::equal_ignoring_case(o.name, name.table)); });
}

void add_grants(Reading& r, const Account& a, const std::string& default_role) {
  unsigned number = 0;
  const auto add = [&](std::string statement) {
    r.out.objects.push_back(object_of(ObjectKind::grant, a, base::concat(a.display(), " #", ++number), std::move(statement)));
  };
  const Result rows = r.c.query("SHOW GRANTS FOR " + a.quoted());
  for (const auto& row : rows.rows) {
    std::string grant = row[0].value_or("");
    if (grant.starts_with("GRANT ")) grant = without_password(grant);
    if (says_nothing(grant)) continue;
    const auto object = granted_object(grant);
    if (object && !can_be_granted(r, *object)) r.leave_out("grant", "on what is not part of the copy", base::concat("to ", a.display(), " on ", object->display()));
    else add(std::move(grant));
  }
  if (!default_role.empty()) add("ALTER USER " + a.quoted() + " DEFAULT ROLE " + default_role);
}

}  // namespace

void read_accounts(Reading& r) {
  if (!r.server.caps().roles_in_user_table) r.c.execute("SET SESSION print_identified_with_as_hex = 1");
  const auto all = accounts(r);
  std::map<std::string, std::string> default_roles;
  for (const Account& a : all) add_account(r, a, default_roles[a.display()]);
  for (const Account& a : all) add_grants(r, a, default_roles[a.display()]);
}

}  // namespace flytt::engine::mysql_family
