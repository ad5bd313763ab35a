// Reads one side's rows as hashes and names: the only place where verify-rows touches row images.
// Layer: task (5).  Thread rule: Run from any thread; a SideReader belongs to one at a time.
// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/codec/xxh3.hpp>
#include <flytt/flow/first_failure.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/flow/token_bucket.hpp>
#include <flytt/task/verify_pair.hpp>
#include <flytt/value/canonical.hpp>

namespace flytt::task::compare {

/// What all workers of one run share.
struct Run {
  Run(engine::Server& source, engine::Server& target, const VerifyOptions& opts, const base::Context& context);

  std::array<engine::Server*, 2> servers;
  const VerifyOptions& options;
  base::Context ctx;
  std::uint64_t seed;  ///< of every row hash: another one each run, so that no collision comes back
  flow::Progress progress;
  std::array<flow::TokenBucket, 2> rates;

  engine::Server& server(Side side) noexcept { return *servers[static_cast<std::size_t>(side)]; }
  /// Ends what every session is doing. Thread rule: any thread.
  void abort() noexcept;
  /// The same after a failure that makes the rest pointless. The first is remembered, whatever the others then run into. Thread rule: any thread.
  void fail(std::exception_ptr why) noexcept;

  flow::FirstFailure first;
};

/// A row while it is being read.
struct SeenRow {
  codec::Hash128 hash;
  const std::vector<value::Cell>& cells;
  std::string_view image;
};

/// The rows of one chunk: a hash and a name each, and their sum.
/// Shape: the names one after another in `names`; row i ends at ends[i].
struct RowDigests {
  std::vector<codec::Hash128> hashes;
  std::vector<std::uint64_t> ends;
  std::string names;
  codec::Hash128 sum;

  std::size_t rows() const noexcept { return hashes.size(); }
  std::string_view name(std::size_t i) const noexcept {
    const std::uint64_t start = i == 0 ? 0 : ends[i - 1];
    return std::string_view(names).substr(start, ends[i] - start);
  }
  void clear();
};

/// Appends the name by which a row is known in its pair: its key's image, or its hash.
void append_name(std::string& out, const TablePair& pair, Side side, const SeenRow& row);

/// One session with one side.
class SideReader {
 public:
  using OnRow = std::function<void(const SeenRow&)>;

  SideReader(Run& run, Side side) : run_(run), side_(side) {}

  /// Starts a range of a pair's table. The pair must live until the next open.
  void open(const TablePair& pair, const engine::KeyRange& range);
  /// Starts a read of exactly these keys.
  void open(const TablePair& pair, std::vector<std::string> keys);
  /// Reads at least `target_bytes` or to the end.
  engine::ReadProgress read(std::uint64_t target_bytes, const OnRow& on_row);
  /// The same, appended to `digests`.
  engine::ReadProgress read(std::uint64_t target_bytes, RowDigests& digests);
  /// Reads to the end.
  void read_all(const OnRow& on_row);

  /// A key that halves the range, as far as the server can tell.
  std::optional<std::string> split(const TablePair& pair, const engine::KeyRange& range);
  std::uint64_t count(const TablePair& pair);
  Side side() const noexcept { return side_; }

 private:
  void open_job(const TablePair& pair, engine::ReadJob job);
  engine::BulkReader& reader();

  Run& run_;
  Side side_;
  std::unique_ptr<engine::BulkReader> reader_;
  const TablePair* pair_ = nullptr;
  std::optional<value::CanonicalRow> canonical_;
};

}  // namespace flytt::task::compare
