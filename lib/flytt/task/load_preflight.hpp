// What a load finds out before it changes anything: what stands in the way, what is there, what was begun.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include <flytt/engine/target.hpp>
#include <flytt/task/load.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::task {

struct LoadSituation {
  std::optional<engine::LedgerCopy> before;   ///< this copy's ledger, when it was begun earlier
  std::vector<value::SchemaObject> to_drop;   ///< with --if-exists drop, in creation order
  std::set<std::string> present;              ///< steps whose objects stay as they are
  std::vector<value::LeftOut> others;         ///< what is in the copy's databases and stays as it is
  std::vector<engine::Finding> findings;      ///< all of them
};

/// Asks the target everything at once; changes nothing.
/// `objects` is what the stream defines and is to be loaded: nothing else is dropped or replaced.
LoadSituation look_at(engine::Server& server, engine::Target& target, const value::Manifest& manifest,
                      const std::vector<value::SchemaObject>& objects, const LoadOptions& options, const engine::LoadRequest& request);

}  // namespace flytt::task
