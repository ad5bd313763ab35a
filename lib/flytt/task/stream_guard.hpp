// What a stream names and defines, held to the rules of the engine it comes from; for a load as for --list, --check and --print.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include <flytt/engine/stream_rules.hpp>

namespace flytt::task {

class StreamGuard {
 public:
  /// HELLO; it outlives this object. Throws: Exit::data naming what does not belong there.
  void hello(const value::Manifest& manifest);
  /// The next SCHEMA object. Throws: Exit::data, also for an object that comes twice.
  void object(const value::SchemaObject& object);
  /// All objects together, before a load runs any of them.
  void complete(const std::vector<value::SchemaObject>& objects, engine::Code code, const base::Context& context) const;

  /// Only after hello().
  const engine::StreamRules& rules() const noexcept { return *rules_; }

 private:
  base::Error here(const base::Error& error) const;

  std::unique_ptr<engine::StreamRules> rules_;
  const value::Manifest* manifest_ = nullptr;
  std::set<std::string> seen_;
};

/// The same objects in the order in which a load creates them.
std::vector<value::SchemaObject> in_creation_order(std::vector<value::SchemaObject> objects);

/// "2 routines, 1 view": for messages.
std::string counts_text(const std::map<std::string, std::size_t>& counts);

}  // namespace flytt::task
