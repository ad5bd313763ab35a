// What a server holds: tables with columns and keys, and the definitions of every other object.
// Layer: engine (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <flytt/engine/server.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/value/names.hpp>

namespace flytt::engine {

/// Everything in a scope, as one consistent description.
struct Contents {
  std::vector<value::Database> databases;
  std::vector<value::Table> tables;          ///< largest first
  std::vector<value::SchemaObject> objects;  ///< in creation order
  std::vector<std::string> warnings;         ///< carried, but not exactly: by name
  std::vector<Finding> refusals;             ///< cannot be carried bit for bit: by name
  std::vector<std::string> schemas{};        ///< that tables and objects are in, where a database has schemas
  std::optional<value::Scope> scope{};       ///< the scope as the catalog made it exact: with a partitioned table its partitions, by name
  std::vector<value::Definition> definitions{};  ///< of the same objects, in any order; not where only rows are meant
  std::vector<value::LeftOut> left_out{};    ///< what of the scope's databases is not in here, by name
};

/// A sequence and how far it is.
struct NumberState {
  value::TableName name;
  std::int64_t last = 0;
  bool called = false;  ///< `last` was given out
  bool up = true;       ///< it counts upwards
};

class Catalog {
 public:
  virtual ~Catalog() = default;
  /// Tables and objects of the scope; no row is read.
  /// Throws Error{Exit::unavailable} when a database of the scope does not exist, Exit::privilege when one cannot be seen.
  virtual Contents contents(const value::Scope& scope) = 0;
  /// What filters may name. An engine that lists nothing but tables with rows need not say.
  virtual value::Names names(const value::Scope& scope) {
    if (scope.whole_databases()) return {scope.databases, {}};
    value::Scope whole = scope;
    whole.include_tables.clear();
    whole.exclude_tables.clear();
    whole.where.clear();
    value::Names out{scope.databases, {}};
    for (const auto& table : contents(whole).tables) out.listed.push_back({table.name});
    return out;
  }
  /// The scope in which filters name everything that they mean, such as a partitioned table's partitions.
  virtual value::Scope exact(const value::Scope& scope) { return scope; }
  /// Every privilege that `scope` needs for a copy and the account lacks, each as a statement an administrator can run.
  virtual std::vector<Finding> missing_privileges(const value::Scope& scope) = 0;
  /// Every privilege that comparing `scope` needs and the account lacks. What an account may not see looks as if it were not
  /// there, on both sides alike.
  virtual std::vector<Finding> missing_to_compare(const value::Scope&) { return {}; }
  /// What keeps a copy of `scope` that is taken now from being followed, and with a slot's name what keeps that slot from being made; it
  /// takes no privilege that the copy does not take. The codes "scope" and "no-slot" are about what was asked for, not about the server.
  /// Throws Error{Exit::usage} for a slot where the product has none, and for databases that no copy of this URL can be of.
  virtual std::vector<Finding> missing_to_follow(const value::Scope&, const std::string& /*slot*/) { return {}; }
  /// An object's definition without what may differ between equal copies, such as the next automatic number of a table or
  /// whether an event is enabled: equal objects have equal texts. Source: the engine's own files say what is left out.
  virtual std::string comparable(const value::SchemaObject& object) { return object.statement; }
  /// As BulkReader::computed_digests(), of the rows that are there now.
  virtual std::vector<std::string> computed_digests(const value::Table&) { return {}; }
  /// How far the sequences are whose values come with a copy of `scope`. Nothing while a channel brings rows here and leaves them
  /// where they were: then they are set when the channel is ended.
  virtual std::optional<std::vector<NumberState>> numbers(const value::Scope&) { return std::vector<NumberState>(); }
  /// Exact number of rows now.
  virtual std::uint64_t count_rows(const value::Table& table, const std::string& condition) = 0;
};

}  // namespace flytt::engine
