// The three ways in which rows enter a server of the family. A writer picks by capability and by the size of the row.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.  The C client stays in the .cpp files.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::mysql_family {

/// Takes rows and proves after each statement that all of them went in unchanged.
/// Throws Error with the server's own message; a warning, a skipped row and a wrong count are errors.
class RowLoader {
 public:
  virtual ~RowLoader() = default;
  /// Queues one row. The cells' bytes must stay valid until flush().
  virtual void add(const std::vector<value::Cell>& cells) = 0;
  /// Sends what is queued.
  virtual void flush() = 0;
};

/// Whether the server computes columns of a table, or keys over expressions. What it says of those says nothing of the rows that are
/// loaded, and its source took such rows too: under a mode that is not strict, which a writer then sets.
enum class Computed : bool { nothing, columns };
/// Statements of such a table hold no more rows: the server keeps a limited number of remarks, and all of them are read.
constexpr unsigned kRowsWithRemarks = 1000;

/// In the makers below `table` outlives what is made.
/// COM_STMT_BULK_EXECUTE: arrays of parameters. Fastest on servers with caps.bulk_execute.
std::unique_ptr<RowLoader> make_bulk_insert(Connection& c, const value::Table& table, Computed computed);
/// LOAD DATA LOCAL, fed from memory. Fastest where there are no parameter arrays; needs local_infile.
std::unique_ptr<RowLoader> make_load_data(Connection& c, const value::Table& table, Computed computed);
/// One prepared INSERT a row, long values in pieces: for rows of any size on any server.
std::unique_ptr<RowLoader> make_row_insert(Connection& c, const value::Table& table, Computed computed);

/// The statement that makes a session, once prepared for loading, fit for such a table.
std::string load_mode(Computed computed);

/// "`shop`.`orders`".
std::string qualified(const value::Table& table);
/// True when the server's remark (number and text) can only be about what it computes, and not about a column of `table`, whose columns
/// are those that travel.
bool about_computed(const value::Table& table, std::uint64_t code, std::string_view message);
/// Throws unless exactly `expected` rows went in and nothing was said about them.
void prove_loaded(Connection& c, const value::Table& table, Computed computed, std::uint64_t affected, std::uint64_t expected, unsigned warnings);

}  // namespace flytt::engine::mysql_family
