// What a stream of this family may hold.
// Layer: engine/mysql_family (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/stream_rules.hpp>

namespace flytt::engine::mysql_family {

std::unique_ptr<StreamRules> make_stream_rules();

}  // namespace flytt::engine::mysql_family
