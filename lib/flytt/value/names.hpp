// What filters (--database, --table, --exclude-table, --where) may name on a server, whatever a scope says.
// Layer: value (2).  Thread rule: values, no state.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <flytt/value/schema.hpp>

namespace flytt::value {

/// Something that a database lists among its tables.
struct ListedName {
  TableName name;
  std::string kind = "table";  ///< "table", "view", "sequence": for messages
  bool chosen = true;          ///< --table can choose it
  bool left_out = true;        ///< --exclude-table can leave it out
  bool rows = true;            ///< --where can choose among its rows, or those of its partitions
};

struct Names {
  std::vector<std::string> databases;  ///< all that the account sees, whether in scope or not
  std::vector<ListedName> listed;      ///< in the databases of the scope
};

/// A pattern that matches exactly this text.
std::string literal_glob(std::string_view text);

}  // namespace flytt::value
