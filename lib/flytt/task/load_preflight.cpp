// Findings of a load's preflight.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_preflight.hpp>

#include <algorithm>
#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/catalog.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {
namespace {

using engine::Finding;
using engine::IfExists;
using value::ObjectKind;

constexpr std::string_view kNotEmpty = "target-not-empty";

bool overlap(const value::Manifest& manifest, const value::Scope& other) {
  if (manifest.scope.all_databases || other.all_databases) return true;
  return std::any_of(manifest.scope.databases.begin(), manifest.scope.databases.end(), [&](const auto& name) {
    return std::find(other.databases.begin(), other.databases.end(), name) != other.databases.end();
  });
}

/// Half of another copy is in the way: its rows and ours would be one table.
void find_other_copies(engine::Target& target, const value::Manifest& manifest, const engine::Server& server,
                       std::vector<Finding>& findings) {
  for (const auto& copy : target.ledger().copies()) {
    if (copy.uuid == manifest.uuid || copy.state == "done" || !overlap(manifest, copy.scope)) continue;
    findings.push_back({true, "half-loaded", copy.scope.display(),
                        base::concat("copy ", copy.uuid, " of ", copy.scope.display(), ", begun ", copy.started,
                                     ", is half loaded here"),
                        base::concat("load its stream again, or remove it with: load-stream --discard ", copy.uuid, " ",
                                     server.endpoint().shell_word())});
  }
}

/// Databases and accounts may be there: they are shared with what else the server holds.
bool shared(ObjectKind kind) {
  return kind == ObjectKind::database || kind == ObjectKind::account || kind == ObjectKind::grant ||
         kind == ObjectKind::sequence_value;
}

/// An engine may have said it in its own words.
bool said(const std::vector<Finding>& findings, const std::string& what) {
  return std::any_of(findings.begin(), findings.end(), [&](const Finding& f) {
    return f.code == kNotEmpty && (f.message.find(what) != std::string::npos || f.object == what);
  });
}

/// What tells an object from all others on any server. A procedure and a function may share a name, and which of them is shown with its
/// type behind it depends on what else is there: their attributes say what they are.
std::string identity_of(const value::SchemaObject& object) {
  if (object.kind != ObjectKind::routine || object.attributes.empty()) return phase_of(object);
  return base::concat("routine ", object.schema, " ", object.attributes);
}

bool is_relation(ObjectKind kind) { return kind == ObjectKind::table || kind == ObjectKind::view || kind == ObjectKind::sequence; }

/// Tables, views and sequences share their names: one of another kind is in the way, and is not ours to drop.
void find_in_the_way(const std::vector<value::SchemaObject>& existing, const std::vector<value::SchemaObject>& objects, LoadSituation& situation) {
  std::map<value::TableName, ObjectKind> ours;
  for (const auto& object : objects)
    if (is_relation(object.kind)) ours[{object.schema, object.name}] = object.kind;
  for (const auto& object : existing) {
    const auto own = ours.find({object.schema, object.name});
    if (!is_relation(object.kind) || own == ours.end() || own->second == object.kind) continue;
    situation.findings.push_back({true, std::string(kNotEmpty), object.display(),
                                  base::concat(object.display(), " is there already, and the copy has a ", value::object_kind_name(own->second), " of that name"),
                                  "rename or drop what is there"});
  }
}

/// What the copy does not hold is nobody's business here, but for a copy of whole databases that wants them empty.
void find_existing(std::vector<value::SchemaObject> existing, const value::Manifest& manifest, const std::vector<value::SchemaObject>& objects,
                   const LoadOptions& options, LoadSituation& situation) {
  std::map<std::string, std::string> ours;  // to their steps
  for (const auto& object : objects) ours[identity_of(object)] = phase_of(object);
  find_in_the_way(existing, objects, situation);
  const bool all = options.if_exists == IfExists::fail && manifest.scope.whole_databases();
  std::map<std::string, std::vector<std::string>> others;
  for (auto& object : existing) {
    if (shared(object.kind)) {
      if (object.kind == ObjectKind::database || object.kind == ObjectKind::account) situation.present.insert(phase_of(object));
      continue;
    }
    const auto own = ours.find(identity_of(object));
    if (!all && own == ours.end()) {
      if (manifest.scope.whole_databases()) others[std::string(value::object_kind_name(object.kind))].push_back(object.schema + "." + object.name);
      continue;
    }
    switch (options.if_exists) {
      case IfExists::append: situation.present.insert(own->second); break;
      case IfExists::drop: situation.to_drop.push_back(std::move(object)); break;
      case IfExists::fail:
        if (!said(situation.findings, object.display()))
          situation.findings.push_back({true, std::string(kNotEmpty), object.display(), object.display() + " is there already",
                                        "drop what is there, or say --if-exists drop or append"});
    }
  }
  for (auto& [kind, names] : others) situation.others.push_back({kind, "not in the copy, so left as they are", std::move(names)});
  if (!situation.to_drop.empty() && !options.yes)
    situation.findings.push_back({true, "drop-unconfirmed", {},
                                  base::concat(situation.to_drop.size(), " objects would be dropped, among them ",
                                               situation.to_drop.front().display()),
                                  "say --yes to drop them"});
}

/// A copy of rows alone needs its tables, and with "fail" needs them empty.
void find_tables(engine::Server& server, const value::Manifest& manifest, const std::vector<value::SchemaObject>& existing,
                 const LoadOptions& options, LoadSituation& situation) {
  std::set<value::TableName> there;
  for (const auto& object : existing)
    if (object.kind == ObjectKind::table) there.insert({object.schema, object.name});
  const auto catalog = server.catalog();
  for (const auto& table : manifest.tables) {
    const auto name = table.name.display();
    if (!there.contains(table.name))
      situation.findings.push_back({true, "table-missing", name, "table " + name + " is not there, and the stream holds rows only",
                                    "create it, or dump without --data-only"});
    else if (options.if_exists == IfExists::fail && catalog->count_rows(table, {}) > 0)
      situation.findings.push_back({true, std::string(kNotEmpty), name, "table " + name + " holds rows already",
                                    "empty it, or say --if-exists append"});
  }
}

}  // namespace

LoadSituation look_at(engine::Server& server, engine::Target& target, const value::Manifest& manifest,
                      const std::vector<value::SchemaObject>& objects, const LoadOptions& options, const engine::LoadRequest& request) {
  LoadSituation situation;
  situation.before = target.ledger().find(manifest.uuid);
  if (situation.before && situation.before->state == "done") return situation;
  situation.findings = target.preflight(manifest, request);
  find_other_copies(target, manifest, server, situation.findings);
  auto existing = target.existing(manifest);
  if (situation.before) {
    // What the first try found there it noted as done; all else that is there now is its own work.
    for (const auto& object : existing)
      if (shared(object.kind) && !situation.before->intents.contains(phase_of(object))) situation.present.insert(phase_of(object));
    for (const auto& phase : situation.before->done)
      if (phase.starts_with("kept ")) situation.present.insert(phase.substr(5));
  } else if (manifest.scope.data_only) {
    find_tables(server, manifest, existing, options, situation);
  } else {
    find_existing(std::move(existing), manifest, objects, options, situation);
  }
  return situation;
}

}  // namespace flytt::task
