// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/privileges.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using Tokens = std::vector<Token>;

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

/// "SELECT, SHOW VIEW, UPDATE (a, b)" between tokens `from` and `to`; what holds for some columns only counts for nothing.
std::set<std::string> privileges_in(std::string_view sql, const Tokens& t, std::size_t from, std::size_t to) {
  std::set<std::string> out;
  std::string word;
  bool some_columns = false;
  const auto flush = [&] {
    if (!word.empty() && !some_columns) out.insert(word);
    word.clear();
    some_columns = false;
  };
  for (std::size_t i = from; i < to; ++i) {
    if (t[i].depth > 0 || token_is(sql, t[i], ")")) continue;
    if (token_is(sql, t[i], "(")) some_columns = true;
    else if (token_is(sql, t[i], ",")) flush();
    else word += (word.empty() ? "" : " ") + upper(token_text(sql, t[i]));
  }
  flush();
  if (out.erase("ALL") != 0) out.insert("ALL PRIVILEGES");
  return out;
}

/// "user@host" or "role" from the tokens behind TO.
std::string grantee_at(std::string_view sql, const Tokens& t, std::size_t i) {
  const bool host = i + 2 < t.size() && token_is(sql, t[i + 1], "@");
  return host ? token_value(sql, t[i]) + "@" + token_value(sql, t[i + 2]) : token_value(sql, t[i]);
}

/// How far a pattern goes before its first wildcard: what the server sorts grants by.
std::size_t specificity(std::string_view pattern) noexcept {
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    if (pattern[i] == '\\') ++i;
    else if (pattern[i] == '%' || pattern[i] == '_') return i;
  }
  return std::string_view::npos;
}

std::size_t find_word(std::string_view sql, const Tokens& t, std::string_view word) {
  for (std::size_t i = 0; i < t.size(); ++i)
    if (t[i].depth == 0 && token_is(sql, t[i], word)) return i;
  return t.size();
}

}  // namespace

bool grant_pattern_matches(std::string_view pattern, std::string_view name) noexcept {
  std::size_t p = 0, n = 0, star = std::string_view::npos, resume = 0;
  while (n < name.size()) {
    const bool escaped = p + 1 < pattern.size() && pattern[p] == '\\';
    if (p < pattern.size() && !escaped && pattern[p] == '%') {
      star = ++p;
      resume = n;
    } else if (p < pattern.size() && (escaped ? pattern[p + 1] == name[n] : pattern[p] == '_' || pattern[p] == name[n])) {
      p += escaped ? 2 : 1;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star;
      n = ++resume;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '%') ++p;
  return p == pattern.size();
}

void Grants::add(std::string_view line) {
  const Tokens t = tokenize(line);
  const std::size_t on = find_word(line, t, "ON");
  if (on + 3 >= t.size() || !(token_is(line, t[0], "GRANT") || token_is(line, t[0], "REVOKE"))) return;
  std::size_t at = on + 1;
  if (token_is(line, t[at], "FUNCTION") || token_is(line, t[at], "PROCEDURE") || token_is(line, t[at], "PACKAGE")) return;
  if (token_is(line, t[at], "TABLE")) ++at;
  Grant grant{.privileges = privileges_in(line, t, 1, on), .database = {}, .table = {}, .grantee = {}, .revoked = token_is(line, t[0], "REVOKE")};
  if (grant.privileges.contains("PROXY") || at + 2 >= t.size() || !token_is(line, t[at + 1], ".")) return;
  if (!token_is(line, t[at], "*")) grant.database = token_value(line, t[at]);
  if (!token_is(line, t[at + 2], "*")) grant.table = token_value(line, t[at + 2]);
  if (at + 4 < t.size()) grant.grantee = grantee_at(line, t, at + 4);
  grants_.push_back(std::move(grant));
}

void Grants::imply(std::string_view privilege, const std::vector<std::string_view>& others) {
  for (Grant& grant : grants_)
    if (grant.database.empty() && holds(grant, privilege)) grant.privileges.insert(others.begin(), others.end());
}

bool Grants::holds(const Grant& grant, std::string_view privilege) {
  return grant.privileges.contains(std::string(privilege)) || grant.privileges.contains("ALL PRIVILEGES");
}

bool Grants::global(std::string_view privilege) const {
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& g) { return !g.revoked && g.database.empty() && holds(g, privilege); });
}

const Grants::Grant* Grants::deciding(std::string_view grantee, std::string_view database) const {
  const Grant* best = nullptr;
  for (const Grant& g : grants_) {
    if (g.revoked || g.database.empty() || !g.table.empty() || g.grantee != grantee || !grant_pattern_matches(g.database, database)) continue;
    if (best == nullptr || specificity(g.database) > specificity(best->database)) best = &g;
  }
  return best;
}

bool Grants::database(std::string_view privilege, std::string_view database) const {
  const bool revoked = std::any_of(grants_.begin(), grants_.end(), [&](const Grant& g) { return g.revoked && g.database == database && holds(g, privilege); });
  if (!revoked && global(privilege)) return true;
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& g) {
    const Grant* best = deciding(g.grantee, database);
    return best != nullptr && holds(*best, privilege);
  });
}

std::string Grants::pattern_for(std::string_view database) const {
  for (const Grant& g : grants_) {
    if (g.grantee.find('@') == std::string::npos) continue;  // a role of MariaDB
    if (const Grant* best = deciding(g.grantee, database)) return best->database;
  }
  return {};
}

bool Grants::table(std::string_view privilege, std::string_view db, std::string_view name) const {
  if (database(privilege, db)) return true;
  return std::any_of(grants_.begin(), grants_.end(), [&](const Grant& g) {
    return !g.revoked && g.database == db && g.table == name && holds(g, privilege);
  });
}

Grants current_grants(Connection& c, FamilyServer& server) {
  const bool mariadb = server.caps().gtid_domains;
  std::string show = "SHOW GRANTS";
  if (!mariadb) {
    const std::string roles = c.scalar("SELECT CURRENT_ROLE()").value_or("NONE");
    show += roles == "NONE" || roles.empty() ? "" : " FOR CURRENT_USER() USING " + roles;
  }
  Grants out;
  const Result lines = c.query(show);
  for (const auto& row : lines.rows) out.add(row[0].value_or(""));
  if (!mariadb)
    out.imply("SUPER", {"SYSTEM_VARIABLES_ADMIN", "SESSION_VARIABLES_ADMIN", "BINLOG_ADMIN", "CONNECTION_ADMIN", "SET_USER_ID"});
  else if (server.identity().version_number < 110000)  // https://mariadb.com/kb/en/grant/#super: what it was split into, until 11.0
    out.imply("SUPER", {"BINLOG ADMIN", "BINLOG MONITOR", "SET USER", "CONNECTION ADMIN"});
  out.imply("SELECT", {"SHOW_ROUTINE", "SHOW CREATE ROUTINE"});
  return out;
}

}  // namespace flytt::engine::mysql_family
