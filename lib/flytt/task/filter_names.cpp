// Names against patterns.
// SPDX-License-Identifier: MIT
#include <flytt/task/filter_names.hpp>

#include <algorithm>
#include <iterator>

#include <flytt/base/text.hpp>

namespace flytt::task {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using value::ListedName;

/// The text of a pattern up to where it stops being one name.
std::string_view plain_start(std::string_view pattern) { return pattern.substr(0, pattern.find_first_of("*?[\\")); }

/// The table's part of what is written as "shop.orders"; all of it when there is no dot.
std::string_view table_part(std::string_view pattern) {
  const auto dot = pattern.find('.');
  return dot == std::string_view::npos ? pattern : pattern.substr(dot + 1);
}

struct Filters {
  std::vector<std::string> sentences, hints;

  void bad(std::string sentence, std::string hint) {
    sentences.push_back(std::move(sentence));
    if (std::find(hints.begin(), hints.end(), hint) == hints.end()) hints.push_back(std::move(hint));
  }
};

void require_one(Filters& out, std::string_view option, const std::string& pattern, const std::vector<ListedName>& listed, bool ListedName::*fits,
                 std::string_view takes) {
  const ListedName* other = nullptr;
  for (const auto& one : listed) {
    if (!base::glob_match(pattern, one.name.display())) continue;
    if (one.*fits) return;
    other = &one;
  }
  const std::string shown = concat(option, " ", quote_for_message(pattern));
  if (other != nullptr) {
    out.bad(concat(shown, " is the ", other->kind, " ", other->name.display(), ", and ", option, " takes ", takes),
            "Name tables: what is none comes with a copy of the whole database, and a sequence with the table that owns it.");
    return;
  }
  const auto meant = meant_by(pattern, listed);
  out.bad(concat(shown, " matches nothing"), meant ? concat("Did you mean ", *meant, "?") : "Write it as DATABASE.TABLE, or SCHEMA.TABLE where a session sees one database; * stands for any text.");
}

}  // namespace

std::optional<std::string> meant_by(std::string_view pattern, const std::vector<ListedName>& listed) {
  const std::string_view start = plain_start(pattern);
  std::vector<std::string> whole, tables, starts;
  for (const auto& one : listed) {
    if (!one.chosen && !one.left_out) continue;
    whole.push_back(one.name.display());
    tables.push_back(one.name.table);
    starts.push_back(whole.back().substr(0, start.size()));
  }
  const auto of = [&](const std::vector<std::string>& words, std::string_view word) -> std::optional<std::string> {
    const auto found = base::nearest(word, words);
    if (!found) return std::nullopt;
    return whole[static_cast<std::size_t>(std::find(words.begin(), words.end(), *found) - words.begin())];
  };
  if (start.size() < pattern.size()) return start.empty() ? std::nullopt : of(starts, start);
  // The right name in another schema, or without one, is nearer than another name in the right schema.
  const auto same = std::find_if(tables.begin(), tables.end(), [&](const auto& name) { return base::equal_ignoring_case(name, table_part(pattern)); });
  if (same != tables.end()) return whole[static_cast<std::size_t>(same - tables.begin())];
  return pattern.find('.') == std::string_view::npos ? of(tables, pattern) : of(whole, pattern);
}

value::Names joined(value::Names one, const value::Names& other) {
  std::copy(other.databases.begin(), other.databases.end(), std::back_inserter(one.databases));
  std::copy(other.listed.begin(), other.listed.end(), std::back_inserter(one.listed));
  return one;
}

void require_databases(const value::Names& names, const value::Scope& scope, const std::vector<engine::Finding>& missing) {
  for (const auto& wanted : scope.databases) {
    if (std::find(names.databases.begin(), names.databases.end(), wanted) != names.databases.end()) continue;
    const auto meant = base::nearest(wanted, names.databases);
    if (!meant) continue;
    Error error(Exit::usage, concat("there is no database ", quote_for_message(wanted), ", or this account may not see it"),
                {.hint = concat("Did you mean ", *meant, "?")});
    std::vector<std::string> remedies;
    for (const auto& finding : missing)
      if (finding.blocks && !finding.remedy.empty()) remedies.push_back(finding.remedy);
    if (!remedies.empty()) error = error.with_more_hint(concat("If it is there, its privileges are missing: ", base::join(remedies, " ")));
    throw error;
  }
}

void require_filters(const value::Names& names, const value::Scope& scope) {
  Filters bad;
  for (const auto& pattern : scope.include_tables) require_one(bad, "--table", pattern, names.listed, &ListedName::chosen, "tables");
  for (const auto& pattern : scope.exclude_tables) require_one(bad, "--exclude-table", pattern, names.listed, &ListedName::left_out, "tables");
  for (const auto& [pattern, condition] : scope.where) require_one(bad, "--where", pattern, names.listed, &ListedName::rows, "tables, whose rows it chooses");
  if (bad.sentences.empty()) return;
  Error error(Exit::usage, base::join(bad.sentences, "; "));
  for (auto& hint : bad.hints) error = error.with_more_hint(std::move(hint));
  throw error;
}

}  // namespace flytt::task
