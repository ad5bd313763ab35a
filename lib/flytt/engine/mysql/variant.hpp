// MySQL's own words in the family: who a server is, and how a channel is made.
// Layer: engine/mysql (3).  Thread rule: stateless, shared by all threads.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/engine/mysql_family/variant.hpp>

namespace flytt::engine::mysql {

/// The one object that speaks MySQL.
const mysql_family::Variant& variant();

}  // namespace flytt::engine::mysql
