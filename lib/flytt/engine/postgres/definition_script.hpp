// Takes the script that pg_restore would run apart, and holds it to the statements that pg_dump writes: definitions of objects, and
// nothing that makes roles, changes the server, reads or writes rows, or runs code on the spot.
// Layer: engine/postgres (3).  Thread rule: functions without state.
// Source: https://www.postgresql.org/docs/current/sql-syntax-lexical.html
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/stream_rules.hpp>

namespace flytt::engine::postgres {

/// A word in capitals, a quoted name, a string without its value, or a symbol, with the parentheses that are open before it.
struct ScriptToken {
  std::string text;
  unsigned depth = 0;
};

struct ScriptStatement {
  std::string_view text;
  std::vector<ScriptToken> tokens;  ///< the first ones, and all that stand outside of parentheses
};

/// The script's statements. Comments are left out, and the lines \restrict and \unrestrict of newer programs.
/// Throws Error{Exit::data} for what does not end.
std::vector<ScriptStatement> statements_of(std::string_view script);
/// The same one by one, of which the memory is free again: a script may be a hundred MiB.
void each_statement(std::string_view script, const std::function<void(const ScriptStatement&)>& take);

enum class Drops : bool { refused, allowed };

/// Throws Error{Exit::data} naming the first statement that does not belong there.
void check_statement(const ScriptStatement& statement, Code code, Drops drops);

}  // namespace flytt::engine::postgres
