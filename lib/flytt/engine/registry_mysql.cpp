// Which member of the MySQL family a server is: the family itself does not know its members.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/engine/mariadb/variant.hpp>
#include <flytt/engine/mysql/variant.hpp>

namespace flytt::engine::mysql_family {

const Variant& variant_for(std::string_view version_text, std::string_view version_comment) {
  // Hosted MariaDB may hide its name in one of the two.
  const bool is_mariadb = base::lower(version_text).find("mariadb") != std::string::npos ||
                          base::lower(version_comment).find("mariadb") != std::string::npos;
  return is_mariadb ? mariadb::variant() : mysql::variant();
}

}  // namespace flytt::engine::mysql_family
