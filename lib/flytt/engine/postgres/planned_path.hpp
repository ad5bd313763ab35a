// An index may call a function that names another without its schema. The server takes such an index apart for every statement that
// reads its table, and finds that other function only where the database's own sessions look for it.
// Layer: engine/postgres (3).  Thread rule: one thread per object, the session's.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <set>
#include <string>

#include <flytt/engine/postgres/connection.hpp>
#include <flytt/value/schema.hpp>

namespace flytt::engine::postgres {

enum class Within : bool { nothing, transaction };

/// Where a session looks for names: nowhere but in pg_catalog, or, for a table that cannot be read so, where sessions of the database do.
class PlannedPath {
 public:
  PlannedPath(Connection& c, Within within) : c_(c), within_(within) {}

  /// Before statements that read this table. True: they need the database's path, and have it.
  bool look_for(const value::Table& table);

 private:
  bool has_such_index(const std::string& name);
  bool can_be_planned(const value::Table& table);

  Connection& c_;
  const Within within_;
  bool asked_ = false;
  std::set<std::string> candidates_;   ///< tables with an index over expressions, or of a part
  std::map<std::string, bool> needs_;  ///< of those that were tried
  bool there_ = false;
};

}  // namespace flytt::engine::postgres
