// What the lines of pg_restore --list say.
// Source: PrintTOCSummary in src/bin/pg_dump/pg_backup_archiver.c, releases 14 to 18
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <array>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/archive.hpp>
#include <flytt/engine/postgres/definition_script.hpp>
#include <flytt/engine/postgres/slot.hpp>

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

std::vector<std::string> without_own_publications(std::vector<std::string> items, std::string_view script) {
  std::vector<std::string> own;
  constexpr std::string_view kBegin = "COMMENT ON PUBLICATION ", kIs = " IS '";
  for (const auto& statement : statements_of(script)) {
    if (!statement.text.starts_with(kBegin)) continue;
    const auto rest = statement.text.substr(kBegin.size());
    const auto end = rest.find(kIs);
    // A slot's name is never quoted.
    if (end != std::string_view::npos && rest.substr(end + kIs.size()).starts_with(kPublicationMark)) own.emplace_back(rest.substr(0, end));
  }
  const auto is_of = [](const ArchiveItem& item, const std::string& name) {
    if (item.kind == "COMMENT") return item.what.starts_with("PUBLICATION " + name + " ");
    return item.kind.starts_with("PUBLICATION") && item.what.starts_with(name + " ");
  };
  for (const auto& name : own) {
    // A name with a blank in it that begins with this one cannot be told from it here: rather one of ours too many.
    const auto publications = std::count_if(items.begin(), items.end(), [&](const auto& line) {
      const auto item = archive_item(line);
      return item.kind == "PUBLICATION" && is_of(item, name);
    });
    if (publications == 1) std::erase_if(items, [&](const auto& line) { return is_of(archive_item(line), name); });
  }
  return items;
}

bool of_table(const ArchiveItem& item) {
  if (item.kind == "COMMENT")
    return std::any_of(kCommented.begin(), kCommented.end(), [&](auto kind) { return item.what.starts_with(kind); });
  return std::find(kOfTables.begin(), kOfTables.end(), item.kind) != kOfTables.end();
}

}  // namespace flytt::engine::postgres
