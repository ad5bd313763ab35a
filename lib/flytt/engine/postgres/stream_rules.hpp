// What a stream of this product may hold.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/engine/stream_rules.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<StreamRules> make_stream_rules();

}  // namespace flytt::engine::postgres
