// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/foreign_keys.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/definition_script.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;

constexpr std::string_view kExists = "42710";

/// Takes a name off the front, quoted or plain, and gives it without quotes.
std::string take_name(std::string_view& text) {
  std::string out;
  if (!text.starts_with('"')) {
    const auto end = std::min(text.find_first_of(" ;"), text.size());
    out = text.substr(0, end);
    text.remove_prefix(end);
    return out;
  }
  std::size_t i = 1;
  for (; i < text.size() && (text[i] != '"' || text.substr(i + 1, 1) == "\""); ++i) {
    if (text[i] == '"') ++i;
    out += text[i];
  }
  text.remove_prefix(std::min(i + 1, text.size()));
  return out;
}

bool among(const std::vector<std::string>& names, const std::string& name) { return std::find(names.begin(), names.end(), name) != names.end(); }

}  // namespace

std::vector<ScriptKey> foreign_keys_of(std::string_view script) {
  constexpr std::string_view kAlter = "ALTER TABLE ", kOnly = "ONLY ", kAdd = "\n    ADD CONSTRAINT ", kKey = " FOREIGN KEY ";
  std::vector<ScriptKey> out;
  for (const auto& s : statements_of(script)) {
    const auto add = s.text.find(kAdd);
    if (!s.text.starts_with(kAlter) || add == std::string_view::npos) continue;
    std::string_view table = s.text.substr(kAlter.size(), add - kAlter.size()), rest = s.text.substr(add + kAdd.size());
    if (table.starts_with(kOnly)) table.remove_prefix(kOnly.size());
    std::string name = take_name(rest);
    if (!rest.starts_with(kKey)) continue;
    out.push_back({std::string(table), std::move(name), s.text, !s.text.ends_with(" NOT VALID")});
  }
  return out;
}

std::vector<std::string> add_not_valid(Connection& c, std::string_view script, const std::vector<std::string>& names) {
  std::vector<std::string> out;
  for (const auto& key : foreign_keys_of(script)) {
    if (!among(names, key.name)) continue;
    try {
      c.execute(concat(key.statement, " NOT VALID"));
    } catch (const Error& e) {
      if (e.facts().sqlstate == kExists) continue;  // of another table, whose rows are good
      if (e.facts().sqlstate.empty() || !c.alive()) throw;
      out.push_back(concat("foreign key ", key.name, " of ", key.table, " is missing: rows lack their parent, and it cannot be made without them: ", e.message()));
    }
  }
  constexpr std::string_view kComment = "COMMENT ON CONSTRAINT ";
  for (const auto& s : statements_of(script)) {
    if (!s.text.starts_with(kComment)) continue;
    std::string_view rest = s.text.substr(kComment.size());
    if (among(names, take_name(rest)) && out.empty()) c.execute(std::string(s.text));
  }
  return out;
}

std::vector<std::string> keys_not_valid(Connection& c, std::string_view script) {
  const Result r = c.query("SELECT conrelid::pg_catalog.regclass::text AS relation, conname FROM pg_catalog.pg_constraint WHERE contype = 'f' AND NOT convalidated ORDER BY 1, 2");
  if (r.empty()) return {};
  const auto keys = foreign_keys_of(script);
  std::vector<std::string> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string table = r.text("relation", i), name = r.text("conname", i);
    if (std::any_of(keys.begin(), keys.end(), [&](const auto& key) { return key.valid && key.table == table && key.name == name; }))
      out.push_back(concat("foreign key ", name, " of ", table, ": rows lack their parent, so it is NOT VALID; when they are mended: ALTER TABLE ", table, " VALIDATE CONSTRAINT ",
                           quote_name(name)));
  }
  return out;
}

}  // namespace flytt::engine::postgres
