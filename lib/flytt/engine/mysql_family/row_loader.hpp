// The three ways in which rows enter a server of the family. A writer picks by capability and by the size of the row.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.  The C client stays in the .cpp files.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
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

/// COM_STMT_BULK_EXECUTE: arrays of parameters. Fastest on servers with caps.bulk_execute.
std::unique_ptr<RowLoader> make_bulk_insert(Connection& c, const value::Table& table);
/// LOAD DATA LOCAL, fed from memory. Fastest where there are no parameter arrays; needs local_infile.
std::unique_ptr<RowLoader> make_load_data(Connection& c, const value::Table& table);
/// One prepared INSERT a row, long values in pieces: for rows of any size on any server.
std::unique_ptr<RowLoader> make_row_insert(Connection& c, const value::Table& table);

/// "`shop`.`orders`".
std::string qualified(const value::Table& table);
/// Throws unless exactly `expected` rows went in and nothing was said about them.
void prove_loaded(Connection& c, std::uint64_t affected, std::uint64_t expected, unsigned warnings);

}  // namespace flytt::engine::mysql_family
