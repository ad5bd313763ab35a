// Compares definitions: databases, tables, indexes, views, routines, triggers, events.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/task/verify_pair.hpp>

namespace flytt::task::compare {

inline constexpr std::string_view kOnlyOnTarget = "is only on the target", kMissingOnTarget = "is missing on the target";

struct SchemaDifference {
  std::string object;  ///< "view shop.v"
  std::string text;    ///< what is different, one line
};

/// How far definitions can be told apart.
enum class Texts : bool {
  compare,  ///< word by word
  ignore,   ///< the two products write them differently: only whether an object is there
};

/// Shape: in the order of kind and name. Objects of tables that are on one side only are left out: the tables are named already.
std::vector<SchemaDifference> compare_schemas(engine::Catalog& source_catalog, const engine::Contents& source,
                                              engine::Catalog& target_catalog, const engine::Contents& target,
                                              const Matched& matched, Texts texts);

}  // namespace flytt::task::compare
