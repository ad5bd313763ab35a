// What a load has made, held against what the stream says of the source: "loaded" is said of what was read back, not of what was sent.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <set>
#include <string>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/engine/stream_rules.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/value/manifest.hpp>
#include <flytt/wire/payloads.hpp>

namespace flytt::task {

/// Reads the target's own definitions and compares them with those of the source, by the rule by which verify-rows compares. Gives back
/// a sentence for everything that is not proven equal: "view shop.v is not defined as on the source". `kept` holds the steps whose
/// objects were there before and stayed as they were. A stream of an earlier version proves nothing, and that is no difference.
std::vector<std::string> prove_definitions(engine::Server& server, const value::Manifest& manifest, const engine::LoadRequest& request,
                                           const engine::StreamRules& rules, const std::set<std::string>& kept, const base::Context& context);

/// The same of columns that the target has computed from the rows: "column total of shop.orders ...". Tables that had rows before are passed
/// over.
std::vector<std::string> prove_computed(engine::Server& server, const value::Manifest& manifest, const wire::Totals& totals,
                                        const std::set<std::string>& kept, base::Context& context);

}  // namespace flytt::task
