// Rewrites of what the server prints, without touching anything inside names, strings and bodies.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace flytt::engine::mysql_family {

/// CREATE EVENT with DISABLE where its status stands.
/// Throws Error{Exit::data} when no status is found.
std::string disabled_event(std::string_view create_event);

/// CREATE EVENT with ON COMPLETION PRESERVE.
std::string preserved_event(std::string_view create_event);

/// CREATE TABLE's text without what differs between equal tables: AUTO_INCREMENT=n, and the character set before a literal, which
/// MySQL rewrites in every CHECK whenever an ALTER touches the table. A column's INVISIBLE is moved to its end: MariaDB prints it
/// before the default, from 11.8 on behind it.
std::string comparable_table(std::string_view create_table);

/// The statement with `definer` ("user@host") in place of its DEFINER clause; with an empty one, the clause is left out.
/// Statements without such a clause come back as they are.
/// Throws Error{Exit::data} for an account that is not whole.
std::string with_definer(std::string_view statement, std::string_view definer);

/// CREATE USER without its DEFAULT ROLE, and what was taken out ("`r`@`%`"), empty when there was none.
struct AccountParts {
  std::string create;
  std::string default_role;
};
AccountParts split_default_role(std::string_view create_user);

/// A GRANT without IDENTIFIED BY PASSWORD '…' (the account's own statement carries it).
std::string without_password(std::string_view grant);

}  // namespace flytt::engine::mysql_family
