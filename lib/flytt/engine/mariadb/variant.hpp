// MariaDB's own words in the family: who a server is, and how a channel is made.
// Layer: engine/mariadb (3).  Thread rule: stateless, shared by all threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mariadb {

/// The one object that speaks MariaDB.
const mysql_family::Variant& variant();

}  // namespace flytt::engine::mariadb
