// What each release of MySQL can do.
// Layer: engine/mysql (3).  Thread rule: a function without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

#include <flytt/engine/mysql_family/capabilities.hpp>

namespace flytt::engine::mysql {

/// `version`: major * 10000 + minor * 100 + patch.
mysql_family::Capabilities capabilities(std::uint32_t version);

}  // namespace flytt::engine::mysql
