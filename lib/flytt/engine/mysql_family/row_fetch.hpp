// Binds a prepared SELECT's columns and turns each fetched row into its image.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.  The C client's structs stay in row_fetch.cpp.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/snapshot.hpp>

namespace flytt::engine::mysql_family {

/// The expression that a column is read by: exact under the binary protocol.
std::string select_expression(const value::Column& column);

/// One running SELECT, read row by row without being stored.
class RowFetch {
 public:
  /// `columns` describes the select list in order.
  RowFetch(Connection& connection, std::vector<value::Column> columns);
  ~RowFetch();
  RowFetch(const RowFetch&) = delete;
  RowFetch& operator=(const RowFetch&) = delete;

  /// Prepares and runs `sql`. An earlier result is drained.
  void run(const std::string& sql);
  /// Fetches the next row and appends its image to `image`, unless it is large: then its pieces go to `out` directly
  /// (after what `image` holds) and `image` is left empty. Returns false at the end.
  bool next(std::string& image, std::uint64_t& pending_rows, PayloadSink& out, std::uint64_t& written);
  /// Images of the given columns of the last row, in the given order, as a key image.
  std::string key_of_last(const std::vector<std::uint32_t>& columns) const;
  bool running() const noexcept { return running_; }
  /// Reads and drops what is left of the result.
  void drain() noexcept;

 private:
  struct Impl;
  Connection& connection_;
  std::vector<value::Column> columns_;
  std::unique_ptr<Impl> impl_;
  bool running_ = false;
};

}  // namespace flytt::engine::mysql_family
