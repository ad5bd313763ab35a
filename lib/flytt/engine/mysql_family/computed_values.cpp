// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/computed_values.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::mysql_family {

std::vector<std::string> computed_digests(Connection& c, const value::Table& table, const std::string& condition) {
  if (table.computed.empty()) return {};
  // MySQL 9.6 has no MD5() without a component. As bytes: texts of several character sets do not go together. Neither of the two may be NULL in a key.
  std::string key, sums;
  for (const auto i : table.key.columns) key += base::concat("CAST(", quote_name(table.columns[i].name), " AS BINARY), ");
  for (const auto& name : table.computed) {
    const std::string column = quote_name(name);
    sums += base::concat(sums.empty() ? "" : ", ", "SUM(CAST(CONV(LEFT(SHA2(CONCAT_WS('/', ", key, "IF(", column, " IS NULL, 'no', CONCAT('yes', CAST(", column,
                         " AS BINARY)))), 224), 15), 16, 10) AS UNSIGNED))");
  }
  const Result r = c.query(base::concat("SELECT ", sums, " FROM ", quote_name(table.name.schema), ".", quote_name(table.name.table),
                                        condition.empty() ? std::string() : base::concat(" WHERE (", condition, ")")));
  std::vector<std::string> out;
  if (!r.rows.empty())
    for (const auto& value : r.rows[0]) out.push_back(value.value_or("0"));
  return out;
}

}  // namespace flytt::engine::mysql_family
