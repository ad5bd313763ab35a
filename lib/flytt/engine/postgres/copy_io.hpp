// COPY over one session: rows out, rows in, and the few bytes that frame its binary form.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// Source: https://www.postgresql.org/docs/current/sql-copy.html, "Binary Format"; https://www.postgresql.org/docs/current/libpq-copy.html
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <flytt/engine/postgres/connection.hpp>

namespace flytt::engine::postgres {

enum class CopyForm { binary, text };

/// Reads what a COPY … TO STDOUT sends, row by row.
class CopyOut {
 public:
  explicit CopyOut(Connection& c);
  ~CopyOut();
  CopyOut(const CopyOut&) = delete;
  CopyOut& operator=(const CopyOut&) = delete;

  /// Starts the statement, which must be a COPY to stdout in this form.
  void start(std::string_view sql, CopyForm form);
  /// The next row, without header or trailer; false at the end, when the server's own count has been found equal to ours.
  /// Shape: `row` is valid until the next call. Text rows end with a line feed.
  bool next(std::string_view& row);
  std::uint64_t rows() const noexcept { return rows_; }

 private:
  void finish();
  std::string_view without_frame(std::string_view message);

  Connection& c_;
  Inbound in_;
  CopyForm form_ = CopyForm::binary;
  char* buffer_ = nullptr;  ///< libpq's, one row
  std::uint64_t rows_ = 0;
  bool active_ = false;
  bool first_ = true;
};

/// Feeds a COPY … FROM STDIN.
class CopyIn {
 public:
  explicit CopyIn(Connection& c) : c_(c) {}

  void start(std::string_view sql, CopyForm form);
  /// Whole rows or pieces of them.
  void write(std::string_view bytes);
  /// Has the server said anything since the start? Of data that it likes it says nothing, of the rest at once: finish() then tells.
  bool answered() const noexcept;
  /// Ends the data. Returns the number of rows that the server says it took.
  std::uint64_t finish();
  /// Ends it as failed; the transaction is lost. Throws when the session is, too.
  void abort();
  bool active() const noexcept { return active_; }

 private:
  Connection& c_;
  std::string sql_;
  CopyForm form_ = CopyForm::binary;
  bool active_ = false;
};

}  // namespace flytt::engine::postgres
