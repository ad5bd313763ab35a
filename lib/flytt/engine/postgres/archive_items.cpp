// What the lines of pg_restore --list say.
// Source: PrintTOCSummary in src/bin/pg_dump/pg_backup_archiver.c, releases 14 to 18
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>

namespace flytt::engine::postgres {
namespace {

/// Kinds of items that are parts of tables. Longer names first: kinds have blanks in them.
constexpr std::array<std::string_view, 17> kOfTables{"SEQUENCE OWNED BY", "TABLE ATTACH", "INDEX ATTACH", "FK CONSTRAINT", "CHECK CONSTRAINT",
                                                     "SHELL TYPE", "TABLE", "SEQUENCE", "DEFAULT", "CONSTRAINT", "INDEX", "TYPE", "DOMAIN", "SCHEMA",
                                                     "STATISTICS", "COLLATION", "COMMENT"};
constexpr std::array<std::string_view, 32> kOthers{
    "MATERIALIZED VIEW DATA", "MATERIALIZED VIEW", "VIEW", "FUNCTION", "PROCEDURE", "AGGREGATE", "EVENT TRIGGER", "TRIGGER", "RULE", "POLICY", "ROW SECURITY",
    "EXTENSION", "OPERATOR CLASS", "OPERATOR FAMILY", "OPERATOR", "CAST", "CONVERSION", "PROCEDURAL LANGUAGE", "TEXT SEARCH CONFIGURATION",
    "TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER", "TEXT SEARCH TEMPLATE", "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "SERVER", "USER MAPPING",
    "PUBLICATION TABLES IN SCHEMA", "PUBLICATION TABLE", "PUBLICATION", "ACCESS METHOD", "TRANSFORM", "ACL"};

/// The comments that are on parts of tables.
constexpr std::array<std::string_view, 9> kCommented{"TABLE ", "COLUMN ", "INDEX ", "CONSTRAINT ", "SEQUENCE ", "SCHEMA ", "TYPE ", "DOMAIN ", "STATISTICS "};

}  // namespace

ArchiveItem archive_item(std::string_view line) {
  // Its number, a semicolon, two numbers of the catalog.
  for (int i = 0; i < 3; ++i) line.remove_prefix(std::min(line.find(' '), line.size() - 1) + 1);
  ArchiveItem out;
  const auto starts = [&](std::string_view kind) { return line.starts_with(kind) && line.substr(kind.size(), 1) == " "; };
  if (starts("DEFAULT ACL")) {
    out.kind = "DEFAULT ACL";
  } else if (const auto at = std::find_if(kOthers.begin(), kOthers.end(), starts); at != kOthers.end()) {
    out.kind = *at;
  } else if (const auto part = std::find_if(kOfTables.begin(), kOfTables.end(), starts); part != kOfTables.end()) {
    out.kind = *part;
  }
  if (out.kind.empty()) {
    out.kind = "other";
    out.what = line;
    return out;
  }
  line.remove_prefix(out.kind.size() + 1);
  const auto end = std::min(line.find(' '), line.size());
  out.schema = line.substr(0, end);
  out.what = line.substr(std::min(end + 1, line.size()));
  return out;
}

bool of_table(const ArchiveItem& item) {
  if (item.kind == "COMMENT")
    return std::any_of(kCommented.begin(), kCommented.end(), [&](auto kind) { return item.what.starts_with(kind); });
  return std::find(kOfTables.begin(), kOfTables.end(), item.kind) != kOfTables.end();
}

}  // namespace flytt::engine::postgres
