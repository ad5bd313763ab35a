// Holds a definition of a stream to what it claims: one statement, of the object's own kind, that makes the object of that name in that
// database. It narrows what a stream can do while it is loaded; what a view, routine, trigger or event does later is code.
// Layer: engine/mysql_family (3).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/value/schema.hpp>

namespace flytt::engine::mysql_family {

/// Whether the source takes `Orders` and `orders` for one name (lower_case_table_names).
enum class Names : bool { exact, folded };

/// Are two names of databases or tables the same?
bool same_name(Names names, std::string_view a, std::string_view b);

/// Accounts that every server has of its own: no copy has them.
bool account_of_server(std::string_view user) noexcept;

/// Throws Error{Exit::data} naming the object and what is wrong with its statement, settings or attributes.
void check_definition(const value::SchemaObject& object, Names names);

}  // namespace flytt::engine::mysql_family
