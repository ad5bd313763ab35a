// Which table is compared with which, by which columns, and how its rows are walked and named.
// Layer: task (5).  Thread rule: values; const from any thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <flytt/engine/catalog.hpp>
#include <flytt/task/verify.hpp>

namespace flytt::task::compare {

enum class Side : std::size_t { source = 0, target = 1 };

constexpr Side other(Side side) noexcept { return side == Side::source ? Side::target : Side::source; }
constexpr const char* side_name(Side side) noexcept { return side == Side::source ? "source" : "target"; }

/// How the rows of a pair are brought together.
enum class Walk : std::uint8_t {
  ranges,   ///< by ranges of a key that both servers walk alike
  buckets,  ///< each side in its own order, rows sorted into buckets by a hash
  counts,   ///< there is no column to compare: only the numbers of rows
};

/// A table on both sides. `tables` hold only the columns that are read: the same ones in the same order on both sides, generated ones
/// among them.
struct TablePair {
  value::TableName name;
  std::array<value::Table, 2> tables;
  std::vector<std::uint32_t> compared;  ///< indexes of the columns that count
  std::string condition;                ///< the user's own
  Walk walk = Walk::buckets;
  bool named_by_key = false;            ///< rows are told apart by their key, else by their content
  bool same_order = false;              ///< both servers order the key alike for certain
  bool sought = false;                  ///< both servers find a row by its key
  std::vector<std::string> differences;  ///< columns that are missing or of another kind
  std::vector<std::string> unproven;     ///< parts that could not be compared, by name

  const value::Table& table(Side side) const noexcept { return tables[static_cast<std::size_t>(side)]; }
};

/// What there is to compare.
struct Matched {
  std::vector<TablePair> pairs;            ///< by name
  std::vector<value::TableName> missing;   ///< only on the source
  std::vector<value::TableName> extra;     ///< only on the target
};

/// Finds pairs by name and decides how each is compared.
/// Throws Error{Exit::usage} when an option names a table or column that is not there.
Matched match_tables(const engine::Contents& source, const engine::Contents& target, const VerifyOptions& options);

/// A table's name for people: quoted when it holds blanks or worse.
std::string shown_name(const value::TableName& name);

}  // namespace flytt::task::compare
