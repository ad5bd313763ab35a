// Hashes side by side.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_proof.hpp>

#include <algorithm>
#include <map>
#include <tuple>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/catalog.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {
namespace {

using value::Definition;
using value::ObjectKind;

using ObjectName = std::tuple<ObjectKind, std::string, std::string, std::string>;

ObjectName name_of(const Definition& d) { return {d.kind, d.schema, d.parent, d.name}; }

value::SchemaObject object_named(ObjectKind kind, const std::string& schema, const std::string& name, const std::string& parent = {}) {
  value::SchemaObject out;
  out.kind = kind;
  out.schema = schema;
  out.parent = parent;
  out.name = name;
  return out;
}

/// Without code, tables are what is left; who may use them is told by code.
bool left_out(const Definition& d, const engine::StreamRules& rules) {
  return rules.is_code(object_named(d.kind, d.schema, d.name, d.parent)) || d.kind > ObjectKind::refresh;
}

bool was_kept(const Definition& d, const std::set<std::string>& kept) {
  auto object = object_named(d.kind, d.schema, d.name, d.parent);
  if (kept.contains(phase_of(object))) return true;
  // Proofs tell a procedure and a function of one name apart, steps only where both are.
  if (object.kind == ObjectKind::routine) object.name.erase(std::min(object.name.rfind(" ("), object.name.size()));
  if (kept.contains(phase_of(object))) return true;
  return !d.parent.empty() && kept.contains(phase_of(object_named(ObjectKind::table, d.schema, d.parent)));
}

void prove_databases(const value::Manifest& manifest, const engine::Contents& here, std::vector<std::string>& out) {
  if (manifest.source.settings.contains("database")) return;  // one a session, made by hand or by the loader: the preflight compares them
  for (const auto& theirs : manifest.databases)
    for (const auto& ours : here.databases) {
      if (ours.name != theirs.name) continue;
      const auto differs = [&](std::string_view what, const std::string& there, const std::string& now) {
        if (there != now) out.push_back(base::concat("database ", ours.name, ": its ", what, " is ", base::quote_for_message(now), ", and ", base::quote_for_message(there), " on the source"));
      };
      differs("default character set", theirs.charset, ours.charset);
      differs("default collation", theirs.collation, ours.collation);
      differs("comment", theirs.comment, ours.comment);
    }
}

}  // namespace

std::vector<std::string> prove_definitions(engine::Server& server, const value::Manifest& manifest, const engine::LoadRequest& request,
                                           const engine::StreamRules& rules, const std::set<std::string>& kept, const base::Context& context) {
  std::vector<std::string> out;
  if (manifest.scope.data_only || manifest.definitions.empty()) return out;
  value::Scope scope = manifest.scope;
  scope.users = false;
  if (scope.all_databases) {  // of the source; whatever else is here is not looked at
    scope.all_databases = false;
    for (const auto& database : manifest.databases) scope.databases.push_back(database.name);
  }
  engine::Contents here;
  try {
    here = server.catalog()->contents(scope);
  } catch (const base::Error& error) {
    context.check_stop();
    return {"what was created could not be read back: " + error.text()};
  }
  std::map<ObjectName, const Definition*> found;
  for (const auto& d : here.definitions) found[name_of(d)] = &d;
  const bool same_rights = request.code == engine::Code::loaded && !request.skip_definers && request.definer.empty();
  for (const auto& d : manifest.definitions) {
    if ((request.code == engine::Code::left_out && left_out(d, rules)) || was_kept(d, kept)) continue;
    if (d.kind == ObjectKind::property && !same_rights) continue;
    const auto at = found.find(name_of(d));
    if (at == found.end()) out.push_back(d.display() + " is not there, and is on the source");
    else if (at->second->text != d.text) out.push_back(d.display() + " is not defined as on the source");
    else if (same_rights && at->second->rights != d.rights) out.push_back(d.display() + " belongs to, runs as or may be used by others than on the source");
  }
  prove_databases(manifest, here, out);
  return out;
}

std::vector<std::string> prove_computed(engine::Server& server, const value::Manifest& manifest, const wire::Totals& totals,
                                        const std::set<std::string>& kept, base::Context& context) {
  std::map<std::uint32_t, std::vector<std::string>> digests;
  std::vector<std::string> out;
  if (totals.computed.empty() || manifest.scope.data_only) return out;
  const auto catalog = server.catalog();
  for (const auto& theirs : totals.computed) {
    const auto& table = manifest.tables.at(theirs.table);
    if (kept.contains(phase_of(object_named(ObjectKind::table, table.name.schema, table.name.table)))) continue;
    context.check_stop();
    if (!digests.contains(theirs.table)) digests[theirs.table] = catalog->computed_digests(table);
    const auto& ours = digests[theirs.table];
    if (theirs.column >= ours.size() || theirs.column >= table.computed.size())
      throw base::Error(base::Exit::data, base::concat("END speaks of a computed column of ", table.name.display(), " that HELLO does not name"));
    if (ours[theirs.column] != theirs.digest)
      out.push_back(base::concat("column ", table.computed[theirs.column], " of ", table.name.display(),
                                 ": this server computes other values from the same rows than the source has stored"));
  }
  return out;
}

}  // namespace flytt::task
