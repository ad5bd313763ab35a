// What a dump decides before it reads a row: scope, refusals, the manifest, the work of each table.
// Layer: task (5).  Thread rule: functions without state.
// SPDX-License-Identifier: MIT
#pragma once

#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/catalog.hpp>
#include <flytt/engine/snapshot.hpp>
#include <flytt/plan/chunk_pool.hpp>
#include <flytt/task/dump.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::task {

/// The scope that is meant: the URL's database when none is named. Throws: Exit::usage when there is none at all.
value::Scope scope_of(const DumpOptions& options);

/// Refuses options that do not go together or are out of bounds. Throws: Exit::usage.
void check(const DumpOptions& options);

/// --to-follow, or a slot, which serves for nothing else.
bool must_be_followed(const DumpOptions& options);

/// Why no server could follow from this copy. Where it need not be followed none of them blocks, and each says so itself.
std::vector<engine::Finding> following_findings(engine::Catalog& catalog, const DumpOptions& options, const value::Scope& scope);

/// HELLO's content.
value::Manifest manifest_of(engine::Server& server, const engine::Snapshot& snapshot, const value::Scope& scope, base::Clock& clock);

/// What so many workers are to read; nothing with --schema-only.
std::vector<plan::TableWork> work_of(const value::Manifest& manifest, unsigned jobs);

/// --dry-run: says what would be copied and what stands in the way.
base::Exit show_plan(engine::Server& server, const DumpOptions& options, const value::Scope& scope, unsigned jobs,
                     const std::vector<engine::Finding>& missing, Output& out);

}  // namespace flytt::task
