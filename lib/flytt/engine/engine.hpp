// The whole engine contract: small interfaces, one folder of implementations a product. How to add one: engine/ADDING.md.
// Layer: engine (3).  A caller never asks which engine it has; what differs stands behind a verb, and no verb takes a statement.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <flytt/engine/catalog.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/engine/replication.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/engine/snapshot.hpp>
#include <flytt/engine/storage.hpp>
#include <flytt/engine/stream_rules.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/engine/tuning.hpp>

namespace flytt::engine {

/// Opens the server behind an endpoint. `ctx` must outlive it.
/// Throws Error{Exit::usage} for an unknown scheme, naming those that are known; nothing is connected yet.
std::unique_ptr<Server> open(const Endpoint& endpoint, const base::Context& ctx);

/// URL schemes that open() knows.
std::vector<std::string_view> schemes();

}  // namespace flytt::engine
