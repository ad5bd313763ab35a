// A consistent view of many tables at one position, and the readers that share it.
// Layer: engine (3).  Thread rule: a Snapshot belongs to one thread; each BulkReader to one worker thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/catalog.hpp>

namespace flytt::engine {

enum class OnDdl : bool { wait, fail };

struct SnapshotRequest {
  value::Scope scope;
  unsigned jobs = 1;
  bool lock_tables = false;       ///< copy non-transactional tables under a lock
  OnDdl on_ddl = OnDdl::wait;
  std::string slot;               ///< name of a replication slot to create; engines without slots refuse it
};

/// A piece of a table: rows with key > `after` and key <= `through`, in key order. An absent bound is open.
/// Keys are images of the key's columns in key order (flytt-row/1 without the null bitmap).
struct KeyRange {
  std::optional<std::string> after;
  std::optional<std::string> through;
};

/// What a reader is to read: a range of a table, or exactly the rows with the given keys.
/// Readers know `table` again by its address: it stays there, unchanged, as long as the reader is used.
struct ReadJob {
  const value::Table* table = nullptr;
  std::string condition;           ///< the user's own filter; empty: all rows
  KeyRange range;
  std::vector<std::string> keys;   ///< when not empty: only the rows with these keys
  bool whole = false;              ///< the range is all of the table and stays so: one statement may read it. Left in the middle, it
                                   ///< may take the snapshot with it: a copy that ends there has failed.
};

/// Takes row images from a reader.
class PayloadSink {
 public:
  virtual ~PayloadSink() = default;
  /// A piece of the payload that completes `rows` rows. A row that is larger than a piece comes in several, all but the
  /// last with `rows` = 0; otherwise a piece holds whole rows.
  virtual void write(std::string_view bytes, std::uint64_t rows) = 0;
};

struct ReadProgress {
  bool done = false;        ///< the range is exhausted
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::string last_key;     ///< image of the last row's key; empty when the table has none or no row was read
};

/// Reads rows as images, one virtual call a batch.
/// Throws Error{Exit::unavailable} when the connection is lost: inside a snapshot that ends the copy.
class BulkReader {
 public:
  virtual ~BulkReader() = default;
  /// Starts a job; an unfinished earlier one is ended first.
  virtual void open(const ReadJob& job) = 0;
  /// Reads rows into `out` until about `target_bytes` were written or the range ends.
  virtual ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) = 0;
  /// The open job ends at `through` instead of where it ended before. Only for jobs with a seekable key; takes effect
  /// at the latest after the current read().
  virtual void shorten(const std::string& through) = 0;
  /// A key that cuts `range` of `table` into two parts of about equal size, or nothing when it cannot be cut.
  virtual std::optional<std::string> split(const value::Table& table, const KeyRange& range) = 0;
  /// For each of Table::computed, one text that equal values in equal rows have, on any server of this product.
  virtual std::vector<std::string> computed_digests(const value::Table&, const std::string& /*condition*/) { return {}; }
  /// Exact number of rows that this reader sees.
  virtual std::uint64_t count_rows(const value::Table& table, const std::string& condition) = 0;
};

/// Somebody whose statement waits for a lock of ours.
struct Waiter {
  std::string who;        ///< "app@10.0.0.5, connection 4711"
  std::string statement;  ///< its first words
  double seconds = 0;
};

class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual const value::Position& position() const noexcept = 0;
  virtual const Contents& contents() const noexcept = 0;
  /// What else the manifest says of the source, beside its settings; often nothing.
  virtual std::map<std::string, std::string> facts() const { return {}; }
  /// The reader of worker 0 … jobs-1, bound to this snapshot.
  virtual BulkReader& reader(unsigned worker) = 0;
  virtual unsigned jobs() const noexcept = 0;
  /// Who waits for our locks now. Thread rule: may be called from one other thread.
  virtual std::vector<Waiter> waiters() = 0;
  /// Proves once more that every table is still the one that the snapshot was taken of, and that no session was lost.
  /// Throws Error{Exit::unavailable} naming the table.
  virtual void prove() = 0;
  /// Releases locks and sessions. Throws; the destructor only cleans up.
  virtual void close() = 0;
};

}  // namespace flytt::engine
