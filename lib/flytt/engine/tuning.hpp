// Settings that make loading faster for its length, journalled before they are changed.
// Layer: engine (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace flytt::engine {

struct Setting {
  std::string name;
  std::string old_value;
  std::string new_value;
};

class Tuning {
 public:
  virtual ~Tuning() = default;
  /// Settings that a running server can change for an import, with their values now.
  virtual std::vector<Setting> import_settings() = 0;
  /// Settings without which this account cannot load rows the fast way, or cannot create some objects; often none.
  virtual std::vector<Setting> load_settings() = 0;
  /// Notes the old values durably in the server, then changes them.
  virtual void apply(const std::vector<Setting>& settings) = 0;
  /// Puts back whatever is noted in the server. Idempotent; returns what was put back.
  virtual std::vector<Setting> restore() = 0;
  /// A configuration fragment for what needs a restart, sized for this host.
  virtual std::string restart_fragment() = 0;
};

}  // namespace flytt::engine
