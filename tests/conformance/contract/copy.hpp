// One copy, taken through the contract into memory: what a loader is handed.
// SPDX-License-Identifier: MIT
#pragma once

#include <map>

#include "fixture.hpp"
#include "rows.hpp"

namespace flytt::test {

struct Copy {
  value::Manifest manifest;
  engine::Contents contents;
  std::map<std::string, Kept> rows;  ///< by table

  std::uint32_t object(const std::string& name) const {
    for (std::uint32_t i = 0; i < manifest.tables.size(); ++i)
      if (manifest.tables[i].name.table == name) return i;
    FAIL("no table " << name);
    return 0;
  }
  const value::Table& table(const std::string& name) const { return manifest.tables[object(name)]; }
};

inline Copy take_copy(Fixture& f, const std::string& uuid, const value::Scope& scope) {
  const auto server = f.server("flytt_dump");
  engine::SnapshotRequest request;
  request.scope = scope;
  const auto snapshot = server->snapshot(request);
  Copy out;
  out.contents = snapshot->contents();
  out.manifest.uuid = uuid;
  out.manifest.created = "2026-01-01T00:00:00Z";
  out.manifest.source = server->identity();
  for (const auto& [name, fact] : snapshot->facts()) out.manifest.source.settings[name] = fact;
  out.manifest.scope = scope;
  out.manifest.position = snapshot->position();
  out.manifest.databases = out.contents.databases;
  out.manifest.tables = out.contents.tables;
  for (const auto& table : out.contents.tables) out.rows[table.name.table] = read(snapshot->reader(0), table);
  snapshot->prove();
  snapshot->close();
  return out;
}

/// Hands a table's rows to a writer; commit is the caller's.
inline void write_rows(engine::BulkWriter& writer, const Copy& copy, const std::string& table) {
  writer.begin(copy.table(table));
  // A row that is larger than a piece would come in several; these tests have none.
  for (const auto& [bytes, rows] : copy.rows.at(table).pieces) writer.write(bytes, rows);
}

}  // namespace flytt::test
