// What tells a table from another one that took its name: InnoDB's own numbers.
// Layer: engine/mysql_family (3).  Thread rule: one thread per Connection.
// SPDX-License-Identifier: MIT
#pragma once

#include <string>
#include <string_view>

namespace flytt::engine::mysql_family {

/// True when `encoded`, a name as InnoDB stores it (UTF-8 letters as "@00e4" or two characters behind "@"), may be `name`.
/// Letters with a two-character code are not told apart: who combines all matches misses no change.
/// Source: https://dev.mysql.com/doc/refman/9.7/en/identifier-mapping.html
bool may_be_name(std::string_view encoded, std::string_view name) noexcept;

/// "db/table#P#p0" cut into database, table and partition, all encoded. Empty table for what is no table's name.
struct StoredName {
  std::string_view schema;
  std::string_view table;
  std::string_view partition;
};
StoredName cut_stored_name(std::string_view stored) noexcept;

}  // namespace flytt::engine::mysql_family
