// Pairs of tables and columns.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_pair.hpp>

#include <algorithm>
#include <map>
#include <set>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/value/canonical.hpp>

namespace flytt::task::compare {
namespace {

using value::Column;
using value::Table;
using value::Type;

std::size_t find_column(const Table& table, const std::string& name) {
  const auto found = std::find_if(table.columns.begin(), table.columns.end(), [&](const Column& c) { return c.name == name; });
  return static_cast<std::size_t>(found - table.columns.begin());
}

bool has_column(const Table& table, const std::string& name) { return find_column(table, name) != table.columns.size(); }

std::string quoted(const std::string& column) { return "column " + base::quote_for_message(column); }

/// A table with the columns that its server computes: what a reader of rows sees.
Table with_generated(const Table& table) {
  Table out = table;
  out.columns.insert(out.columns.end(), table.generated.begin(), table.generated.end());
  return out;
}

/// Both servers put values of these types in one order, whatever collation they have.
bool ordered_alike(Type t) {
  return t != Type::text && t != Type::enumeration && t != Type::set && t != Type::json && t != Type::geometry;
}

/// Remembers which patterns met a column, so that a misspelt one is an error and not a silence.
class ExcludedColumns {
 public:
  explicit ExcludedColumns(const std::vector<std::string>& globs) : globs_(globs) {}

  bool excludes(const value::TableName& table, const std::string& column) {
    bool any = false;
    for (const auto& glob : globs_) {
      const bool whole = glob.find('.') != std::string::npos;
      if (!base::glob_match(glob, whole ? table.display() + "." + column : column)) continue;
      used_.insert(glob);
      any = true;
    }
    return any;
  }

  void require_all_used() const {
    for (const auto& glob : globs_) {
      if (used_.count(glob) != 0) continue;
      throw base::Error(base::Exit::usage, "--exclude-column " + base::quote_for_message(glob) + " matches no column",
                        {.hint = "Write it as COLUMN or DATABASE.TABLE.COLUMN."});
    }
  }

 private:
  const std::vector<std::string>& globs_;
  std::set<std::string> used_;
};

/// Keys that hold the same columns in the same types, so that an image of one is an image of the other.
bool same_key(const Table& a, const Table& b) {
  if (!a.has_key() || a.key.columns.size() != b.key.columns.size()) return false;
  for (std::size_t i = 0; i < a.key.columns.size(); ++i) {
    const Column& x = a.columns[a.key.columns[i]];
    const Column& y = b.columns[b.key.columns[i]];
    if (x.name != y.name || x.type != y.type || x.charset != y.charset) return false;
  }
  return true;
}

bool in_key(const Table& table, const std::string& name) {
  return std::any_of(table.key.columns.begin(), table.key.columns.end(),
                     [&](std::uint32_t index) { return table.columns[index].name == name; });
}

/// Adds a column to what is read, on both sides at the same place.
void add_column(TablePair& pair, const Column& source, const Column& target) {
  pair.tables[0].columns.push_back(source);
  pair.tables[1].columns.push_back(target);
}

/// The key of `from` in the columns that are read.
value::Key key_in(const Table& from, const Table& read) {
  value::Key key{from.key.name, {}};
  for (const auto index : from.key.columns) {
    key.columns.push_back(static_cast<std::uint32_t>(find_column(read, from.columns[index].name)));
  }
  return key;
}

void choose_columns(TablePair& pair, const Table& source, const Table& target, bool keyed, ExcludedColumns& excluded) {
  for (const Column& c : source.columns) {
    const bool skip = excluded.excludes(pair.name, c.name);
    if (!has_column(target, c.name)) {
      if (!skip) pair.differences.push_back(quoted(c.name) + " is missing on the target");
      continue;
    }
    const Column& t = target.columns[find_column(target, c.name)];
    if (!skip && c.generated != t.generated)
      pair.differences.push_back(base::concat(quoted(c.name), " is generated on the ", side_name(c.generated ? Side::source : Side::target), " only"));
    const bool comparable = value::canonically_comparable(c, t);
    if (!skip && !value::same_kind(c, t)) {
      pair.differences.push_back(quoted(c.name) + " is " + c.native + " on the source and " + t.native + " on the target");
    } else if (!skip && !comparable) {
      pair.unproven.push_back(base::concat(quoted(c.name), " is not compared: character sets ", c.charset, " and ", t.charset));
    }
    if (skip || !comparable) {
      if (keyed && in_key(source, c.name)) add_column(pair, c, t);
      continue;
    }
    pair.compared.push_back(static_cast<std::uint32_t>(pair.tables[0].columns.size()));
    add_column(pair, c, t);
  }
  for (const Column& c : target.columns) {
    if (!excluded.excludes(pair.name, c.name) && !has_column(source, c.name)) {
      pair.differences.push_back(quoted(c.name) + " is only on the target");
    }
  }
}

TablePair make_pair(const Table& stored_source, const Table& stored_target, ExcludedColumns& excluded) {
  const Table source = with_generated(stored_source), target = with_generated(stored_target);
  TablePair pair;
  pair.name = source.name;
  pair.tables = {source, target};
  for (Table& t : pair.tables) {
    t.columns.clear();
    t.key = {};
    t.generated.clear();
  }
  pair.named_by_key = same_key(source, target);
  choose_columns(pair, source, target, pair.named_by_key, excluded);
  if (pair.compared.empty()) {
    pair.walk = Walk::counts;
    pair.named_by_key = false;
    // Of a table without any column the number of rows is all that there is.
    if (!source.columns.empty() || !target.columns.empty()) pair.unproven.push_back("no column to compare: rows are only counted");
    return pair;
  }
  if (!pair.named_by_key) return pair;
  pair.tables[0].key = key_in(source, pair.tables[0]);
  pair.tables[1].key = key_in(target, pair.tables[1]);
  pair.sought = source.seekable && target.seekable;
  // Ranges of one order are no ranges of another: rows would be looked at twice, and others never.
  if (pair.sought && source.key_order == target.key_order) pair.walk = Walk::ranges;
  pair.same_order = std::all_of(pair.tables[0].key.columns.begin(), pair.tables[0].key.columns.end(), [&](std::uint32_t index) {
    return ordered_alike(pair.tables[0].columns[index].type);
  });
  return pair;
}

void require_conditions_used(const Matched& matched, const VerifyOptions& options) {
  for (const auto& [glob, condition] : options.where) {
    const bool used = std::any_of(matched.pairs.begin(), matched.pairs.end(),
                                  [&, &pattern = glob, &text = condition](const TablePair& p) {
                                    return base::glob_match(pattern, p.name.display()) || p.condition == text;
                                  });
    if (!used) {
      throw base::Error(base::Exit::usage, "--where " + base::quote_for_message(glob) + " matches no table that is on both sides",
                        {.hint = "Write it as DATABASE.TABLE=CONDITION."});
    }
  }
}

}  // namespace

Matched match_tables(const engine::Contents& source, const engine::Contents& target, const VerifyOptions& options) {
  Matched matched;
  value::Scope conditions;
  conditions.where = options.where;
  for (const auto* contents : {&source, &target}) {  // those that a partitioned table's name stands for
    if (!contents->scope) continue;
    const auto& where = contents->scope->where;
    conditions.where.insert(conditions.where.end(), where.begin(), where.end());
  }
  ExcludedColumns excluded(options.exclude_columns);
  std::map<value::TableName, std::array<const Table*, 2>> by_name;
  for (const Table& t : source.tables) by_name[t.name][0] = &t;
  for (const Table& t : target.tables) by_name[t.name][1] = &t;
  for (const auto& [name, both] : by_name) {
    if (both[1] == nullptr) {
      matched.missing.push_back(name);
    } else if (both[0] == nullptr) {
      matched.extra.push_back(name);
    } else {
      matched.pairs.push_back(make_pair(*both[0], *both[1], excluded));
      matched.pairs.back().condition = conditions.condition(name);
    }
  }
  if (by_name.empty() && !options.tables.empty()) {
    throw base::Error(base::Exit::usage, "no table matches " + base::quote_for_message(base::join(options.tables, ", ")),
                      {.hint = "Write --table as DATABASE.TABLE; * stands for any text."});
  }
  excluded.require_all_used();
  require_conditions_used(matched, options);
  return matched;
}

std::string shown_name(const value::TableName& name) {
  const std::string display = name.display();
  const bool plain = std::all_of(display.begin(), display.end(), [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return u > ' ' && u != 0x7f && c != '\'' && c != '"' && c != '`' && c != '\\';
  });
  return plain ? display : base::quote_for_message(display);
}

}  // namespace flytt::task::compare
