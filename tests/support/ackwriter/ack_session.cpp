// Which client an address calls for.
// SPDX-License-Identifier: MIT
#include "ack_session.hpp"

#include <string_view>

namespace ackwriter {

std::unique_ptr<Session> connect(const std::string& address, const Account& account) {
  constexpr std::string_view kPostgres = "postgres://", kMysql = "mysql://";
  if (address.starts_with(kPostgres)) return connect_postgres(address.substr(kPostgres.size()), account);
  return connect_mysql(address.starts_with(kMysql) ? address.substr(kMysql.size()) : address, account);
}

}  // namespace ackwriter
