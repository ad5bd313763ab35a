// Plans and refusals of a dump.
// SPDX-License-Identifier: MIT
#include <flytt/task/dump_plan.hpp>

#include <algorithm>
#include <iterator>
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/base/uuid.hpp>
#include <flytt/plan/share.hpp>
#include <flytt/task/findings.hpp>
#include <flytt/wire/stream_writer.hpp>

namespace flytt::task {
namespace {

using base::Error;
using base::Exit;

constexpr std::uint64_t kLeastChunk = std::uint64_t{64} << 10;
constexpr std::uint64_t kMostChunk = std::uint64_t{1} << 30;

void show_table(const value::Table& table, std::uint64_t chunk_size, Output& out) {
  const auto chunks = table.bytes_estimate / chunk_size + 1;
  const std::string cut = table.by_pages ? "by pages" : table.divisible() ? "by " + table.key.name : "whole";
  out.line_always(base::concat("table ", table.name.display(), ": about ", base::format_count(table.rows_estimate), " rows, ",
                        base::format_bytes(table.bytes_estimate), ", ", chunks, chunks == 1 ? " chunk, " : " chunks, ", cut));
  out.event("table", {{"table", table.name.display()},
                      {"rows_estimate", table.rows_estimate},
                      {"bytes_estimate", table.bytes_estimate},
                      {"chunks_estimate", chunks},
                      {"key", table.key.name}});
}

/// Accounts that objects run as, without those that come along.
std::vector<std::string> definers_of(const std::vector<value::SchemaObject>& objects) {
  std::set<std::string> wanted, carried;
  for (const auto& object : objects) {
    const bool account = object.kind == value::ObjectKind::account || object.kind == value::ObjectKind::grant;
    if (!object.definer.empty()) (account ? carried : wanted).insert(object.definer);
  }
  std::vector<std::string> out;
  std::set_difference(wanted.begin(), wanted.end(), carried.begin(), carried.end(), std::back_inserter(out));
  return out;
}

}  // namespace

value::Scope scope_of(const DumpOptions& options) {
  value::Scope scope = options.scope;
  if (!scope.all_databases && scope.databases.empty() && !options.source.database.empty())
    scope.databases.push_back(options.source.database);
  if (!scope.all_databases && scope.databases.empty())
    throw Error(Exit::usage, "no database is named",
                {.hint = "Name one in the URL or with --database, or say --all-databases."});
  return scope;
}

bool must_be_followed(const DumpOptions& options) { return options.to_follow || !options.slot.empty(); }

std::vector<engine::Finding> following_findings(engine::Catalog& catalog, const DumpOptions& options, const value::Scope& scope) {
  auto findings = catalog.missing_to_follow(scope, options.slot);
  if (scope.schema_only && options.slot.empty()) return {};
  if (must_be_followed(options)) return findings;
  std::erase_if(findings, [](const auto& f) { return !f.blocks || f.code == "scope" || f.code == "no-slot"; });
  for (auto& f : findings) {
    f.blocks = false;
    f.message = "no server can follow from this copy: " + f.message;
  }
  return findings;
}

void check(const DumpOptions& options) {
  if (options.chunk_size < kLeastChunk || options.chunk_size > kMostChunk)
    throw Error(Exit::usage, base::concat("--chunk-size ", base::format_bytes(options.chunk_size), " is not between ",
                                          base::format_bytes(kLeastChunk), " and ", base::format_bytes(kMostChunk)));
  if (options.scope.schema_only && options.scope.data_only)
    throw Error(Exit::usage, "--schema-only and --data-only together leave nothing to copy");
  if (options.scope.all_databases && !options.scope.databases.empty())
    throw Error(Exit::usage, "--all-databases and --database exclude each other");
  wire::parse_compression(options.compress);
}

value::Manifest manifest_of(engine::Server& server, const engine::Snapshot& snapshot, const value::Scope& scope,
                            base::Clock& clock) {
  const auto& contents = snapshot.contents();
  value::Manifest manifest;
  manifest.uuid = base::make_uuid();
  manifest.created = base::iso8601_utc(clock.wall());
  manifest.tool_version = FLYTT_VERSION;
  manifest.source = server.identity();
  for (const auto& [name, fact] : snapshot.facts()) manifest.source.settings[name] = fact;
  manifest.scope = contents.scope.value_or(scope);
  manifest.position = snapshot.position();
  manifest.databases = contents.databases;
  manifest.schemas = contents.schemas;
  manifest.tables = contents.tables;
  if (!scope.data_only) manifest.definers = definers_of(contents.objects);
  manifest.warnings = contents.warnings;
  manifest.definitions = contents.definitions;
  manifest.left_out = contents.left_out;
  return manifest;
}

/// A range of pages costs the server more than the same pages one after another: it reads them through buffers that it would keep for
/// its users, where a table from end to end takes a small ring of them. So parts are for tables that hold the others up.
std::vector<plan::TableWork> work_of(const value::Manifest& manifest, unsigned jobs) {
  std::vector<plan::TableWork> work;
  if (manifest.scope.schema_only) return work;
  std::uint64_t total = 0;
  for (const auto& table : manifest.tables) total += table.bytes_estimate;
  for (std::uint32_t i = 0; i < manifest.tables.size(); ++i) {
    const auto& table = manifest.tables[i];
    const bool whole = table.by_pages && plan::whole_for_one(table.bytes_estimate, total, jobs);
    work.push_back({i, table.bytes_estimate, table.divisible() && !whole});
  }
  return work;
}

base::Exit show_plan(engine::Server& server, const DumpOptions& options, const value::Scope& scope, unsigned jobs,
                     const std::vector<engine::Finding>& missing, Output& out) {
  const auto catalog = server.catalog();
  const auto following = following_findings(*catalog, options, scope);
  const auto contents = catalog->contents(scope);
  std::uint64_t bytes = 0;
  for (const auto& table : contents.tables) bytes += table.bytes_estimate;
  out.line_always(base::concat("source: ", server.identity().display(), " at ", server.endpoint().display()));
  out.line_always(base::concat("scope: ", scope.display(), ", ", contents.tables.size(), " tables, about ", base::format_bytes(bytes),
                        ", ", jobs, jobs == 1 ? " job" : " jobs"));
  out.event("plan", {{"source", server.endpoint().display()},
                     {"server", server.identity().display()},
                     {"scope", scope.display()},
                     {"tables", contents.tables.size()},
                     {"objects", contents.objects.size()},
                     {"bytes_estimate", bytes},
                     {"jobs", jobs},
                     {"chunk_size", options.chunk_size}});
  for (const auto& table : contents.tables) show_table(table, options.chunk_size, out);
  for (const auto& object : contents.objects) {
    if (object.kind == value::ObjectKind::table || (scope.data_only && object.kind != value::ObjectKind::sequence_value)) continue;
    out.line_always(object.display());
    out.event("object", {{"kind", value::object_kind_name(object.kind)}, {"schema", object.schema}, {"name", object.name}});
  }
  for (const auto& warning : contents.warnings) {
    out.line_always("note: " + warning);
    out.event("warning", {{"message", warning}});
  }
  show_left_out(contents.left_out, out);
  const auto privileges = show(missing, out);
  const auto unfollowed = must_be_followed(options) ? show(following, out) : 0;
  if (!must_be_followed(options))
    for (const auto& f : following) out.line(base::concat("note: ", f.message, "; ", f.remedy));
  const auto refusals = show(contents.refusals, out);
  if (privileges > 0) return Exit::privilege;
  if (unfollowed > 0) return std::all_of(following.begin(), following.end(), [](const auto& f) { return !f.blocks || f.code.starts_with("privilege"); }) ? Exit::privilege : Exit::refused;
  return refusals > 0 ? Exit::refused : Exit::done;
}

}  // namespace flytt::task
