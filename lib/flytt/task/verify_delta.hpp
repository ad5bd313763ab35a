// Rows that differ: found by bringing two chunks together, counted, and told to people.
// Layer: task (5).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/task/verify_reader.hpp>

namespace flytt::task::compare {

/// How often a name occurs on one side, and the sum of its rows' hashes. Equal states are equal rows.
struct RowState {
  std::uint64_t count = 0;
  codec::Hash128 sum;

  bool operator==(const RowState&) const = default;
  void add(const codec::Hash128& hash) noexcept {
    ++count;
    sum += hash;
  }
};

/// One name under which the sides differ.
struct Delta {
  std::string name;
  RowState source;
  RowState target;
  unsigned still = 0;  ///< rounds in which neither side moved: see DeltaResolver
};

using OnDelta = std::function<void(Delta&&)>;

/// Brings the rows of a chunk together by name. The source's are given whole; the target's may come in several parts, each
/// name in one part only.
class ChunkMatcher {
 public:
  explicit ChunkMatcher(const RowDigests& source);
  /// Names that the source lacks go to `on_delta` at once.
  void add_target(const RowDigests& target, const OnDelta& on_delta);
  /// All others that differ.
  void finish(const OnDelta& on_delta);

 private:
  struct Entry {
    std::string_view name;
    RowState source;
    RowState target;
    std::size_t first;  ///< where it was read: deltas are handed on in that order
  };
  static void hand_on(std::vector<Entry> entries, const OnDelta& on_delta);
  std::vector<Entry> entries_;  // ascending by name
};

/// A differing row as it is told: what kind, which row, and what is different in it.
struct Example {
  std::uint64_t order = 0;  ///< where in the table: for the order in which examples are shown
  std::string kind;         ///< "missing", "extra" or "different"
  std::string row;          ///< "id=5"
  struct Value {
    std::string column, source, target;
    bool generated = false;
  };
  std::vector<Value> values;
  std::string remark;

  /// Both sides hold the row, and what differs in it was computed by the servers.
  bool only_generated() const noexcept;
};

/// What became of one table, or of a part of it.
struct TableResult {
  std::uint64_t source_rows = 0;
  std::uint64_t target_rows = 0;
  std::uint64_t missing = 0;    ///< on the source only
  std::uint64_t extra = 0;      ///< on the target only
  std::uint64_t different = 0;  ///< same key, other values
  std::uint64_t undecided = 0;  ///< kept changing while they were read again
  std::vector<Example> examples;
  std::vector<std::string> remarks;

  std::uint64_t differing() const noexcept { return missing + extra + different; }
  void count(const Delta& delta) noexcept;
  void merge(TableResult&& part);
};

}  // namespace flytt::task::compare
