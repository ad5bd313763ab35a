// What the tests must say differently to each product: statements that make the stage. Promises are the same for all.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <vector>

namespace flytt::test {

struct Product {
  std::string schema;               ///< where the catalog says that the tables of our database are
  std::vector<std::string> empty;   ///< our database as it was made, and no ledger
  std::string analyze;              ///< followed by a table: statistics as they are after a while
  std::string short_wait;           ///< this session waits for a lock for a second
  std::string hold_table;           ///< followed by a table and the tail: nobody else may read it
  std::string hold_table_tail;
  std::string let_go;
  std::string holders;              ///< ids of the sessions by which flytt_dump holds its tables
  std::string end_session;          ///< followed by an id and the tail
  std::string end_session_tail;
  std::string lost_snapshot;        ///< what a proof says first when holders are gone and the table was emptied

  // Deviations.
  bool snapshot_waits_for_writers = false;  ///< a transaction that goes on writing keeps a snapshot from being taken
};

/// By what the server answers when asked for its version.
const Product& product(const std::string& version);

}  // namespace flytt::test
