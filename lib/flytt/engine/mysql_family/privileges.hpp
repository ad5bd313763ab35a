// What an account may do, read from SHOW GRANTS, and what a dump or a load needs: all that is missing, at once.
// Layer: engine/mysql_family (3).  Thread rule: Grants is a value; the others use one Connection.
// Source: https://mariadb.com/kb/en/grant/, https://dev.mysql.com/doc/refman/9.7/en/privileges-provided.html
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/family_server.hpp>

namespace flytt::engine::mysql_family {

/// The sum of an account's grants and those of its active roles.
class Grants {
 public:
  /// Adds one line of SHOW GRANTS. Lines that grant roles or proxies add nothing.
  void add(std::string_view line);
  /// Says that a privilege brings others with it: SUPER, before it was split.
  void imply(std::string_view privilege, const std::vector<std::string_view>& others);

  bool global(std::string_view privilege) const;
  /// Held for the whole database. Of an account's patterns that match a name the server looks at the most specific one only.
  bool database(std::string_view privilege, std::string_view database) const;
  /// The pattern that the account's grants on this database stand under, as it is to be written in GRANT; empty when there is none.
  /// A grant under a more specific one would hide the others.
  std::string pattern_for(std::string_view database) const;
  /// Held for one table.
  bool table(std::string_view privilege, std::string_view database, std::string_view table) const;

 private:
  struct Grant {
    std::set<std::string> privileges;  ///< upper case; "ALL PRIVILEGES" stands for all
    std::string database;              ///< pattern; empty: everywhere
    std::string table;                 ///< empty: all of the database
    std::string grantee;               ///< the account, or one of its roles
    bool revoked = false;              ///< MySQL's partial revokes
  };
  /// The grant that decides for a grantee and a database; nullptr when none matches.
  const Grant* deciding(std::string_view grantee, std::string_view database) const;
  static bool holds(const Grant& grant, std::string_view privilege);

  std::vector<Grant> grants_;
};

/// "%" any, "_" one, "\" before a character meant as itself: patterns of database names in grants.
bool grant_pattern_matches(std::string_view pattern, std::string_view name) noexcept;

/// The grants of the session's account, its active roles included.
Grants current_grants(Connection& c, FamilyServer& server);

/// What a dump of `scope` needs and the account lacks, each with the statement that gives it.
std::vector<Finding> missing_dump_privileges(Connection& c, FamilyServer& server, const value::Scope& scope);

struct LoadNeeds {
  std::vector<std::string> databases;
  bool routines = false; ///< routines are created, and read back
  bool users = false;
  bool schema = true;    ///< objects are created, not only rows
  bool definers = true;  ///< objects keep definers other than the account itself
};
std::vector<Finding> missing_load_privileges(Connection& c, FamilyServer& server, const LoadNeeds& needs);

}  // namespace flytt::engine::mysql_family
