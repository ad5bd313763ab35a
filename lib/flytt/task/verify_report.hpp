// What verify-rows says, and the exit status that it adds up to.
// Layer: task (5).  Thread rule: one thread at a time; WorkList sees to it.  Format: man/verify-rows.1, OUTPUT.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <string>

#include <flytt/task/verify_delta.hpp>
#include <flytt/task/verify_schema.hpp>

namespace flytt::task::compare {

class Report {
 public:
  Report(Output& out, const VerifyOptions& options, const Matched& matched);

  void schema(const SchemaDifference& difference);
  /// Something that was not compared, by name.
  void unproven(std::string_view what, std::string_view why);
  void one_sided(const value::TableName& name, Side only_on);
  void table(const TablePair& pair, TableResult&& result);
  /// The last lines. Returns what it all comes to.
  base::Exit finish();

 private:
  void line(std::string_view verdict, const value::TableName& name, std::string_view rest);
  void example(const TablePair& pair, const Example& e);
  bool counted_apart(const TableResult& result) const noexcept;
  std::string_view verdict(const TablePair& pair, const TableResult& result) const;

  Output& out_;
  const VerifyOptions& options_;
  std::size_t width_ = 0;  ///< of the longest table name
  std::uint64_t tables_ = 0;
  std::uint64_t equal_ = 0;
  std::uint64_t different_ = 0;  ///< tables
  std::uint64_t partial_ = 0;    ///< tables undecided or compared in part
  std::uint64_t other_different_ = 0;  ///< other objects
  std::uint64_t other_partial_ = 0;
};

}  // namespace flytt::task::compare
