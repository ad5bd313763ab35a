// Reading some rows again by name: by their keys where the server can find them so, else by a look at the whole table.
// Layer: task (5).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include <flytt/task/verify_delta.hpp>

namespace flytt::task::compare {

using States = std::unordered_map<std::string, RowState>;
/// Images of rows by name. Of rows with the same name, one.
using Images = std::unordered_map<std::string, std::string>;

class RowLookup {
 public:
  virtual ~RowLookup() = default;
  /// What stands under these names now; absent names are absent.
  virtual States states(Side side, const TablePair& pair, const std::vector<std::string>& names) = 0;
  virtual Images images(Side side, const TablePair& pair, const std::vector<std::string>& names) = 0;
  /// How many names are worth one call.
  virtual std::size_t batch() const noexcept = 0;
};

/// By key. Opens a session on each side when first used.
std::unique_ptr<RowLookup> lookup_by_key(Run& run);
/// By reading everything: for tables without a key that can be sought.
std::unique_ptr<RowLookup> lookup_by_scan(Run& run);

}  // namespace flytt::task::compare
