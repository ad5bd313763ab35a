// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition.hpp>

#include <algorithm>
#include <array>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/codec/json.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using base::Error;
using base::Exit;

/// The tokens of one item, or of the options, with the text they point into.
struct Piece {
  std::string_view sql;
  const Token* begin;
  const Token* end;

  std::size_t size() const noexcept { return static_cast<std::size_t>(end - begin); }
  bool is(std::size_t i, std::string_view word) const noexcept { return i < size() && token_is(sql, begin[i], word); }
  bool is_name(std::size_t i) const noexcept { return i < size() && begin[i].kind == TokenKind::name; }
  std::string value(std::size_t i) const { return i < size() ? token_value(sql, begin[i]) : std::string(); }
  std::string_view text() const noexcept {
    return begin == end ? std::string_view() : sql.substr(begin->at, (end - 1)->at + (end - 1)->size - begin->at);
  }
  /// First token at the item's own depth that is `word`; size() when none is.
  std::size_t find(std::string_view word) const noexcept {
    for (std::size_t i = 0; i < size(); ++i)
      if (begin[i].depth == begin->depth && token_is(sql, begin[i], word)) return i;
    return size();
  }
  bool has(std::string_view word) const noexcept { return find(word) != size(); }
};

bool valid_utf8(std::string_view text) noexcept {
  for (std::size_t i = 0; i < text.size();) {
    const auto n = base::utf8_length_at(text, i);
    if (n == 0) return false;
    i += n;
  }
  return true;
}

/// The item's text. A default that is no UTF-8 (MariaDB prints BINARY defaults raw) is written as bytes: a literal of our session's
/// character set could not hold it.
std::string item_text(const Piece& p) {
  std::string out(p.text());
  const std::size_t base = p.begin->at;
  for (const Token* t = p.end; t != p.begin;) {
    --t;
    if (t->kind == TokenKind::string && !valid_utf8(token_text(p.sql, *t)))
      out.replace(t->at - base, t->size, quote_bytes(token_value(p.sql, *t)));
  }
  return out;
}

/// Names of the key parts between the parentheses that open at token `open`.
std::vector<std::string> key_columns(const Piece& p, std::size_t open, bool* whole) {
  if (!p.is(open, "(")) throw Error(Exit::data, "definition cannot be read: a key without columns");
  std::vector<std::string> out;
  const unsigned inner = p.begin[open].depth + 1;
  bool first_of_part = true;
  for (std::size_t i = open + 1; i < p.size() && p.begin[i].depth >= inner; ++i) {
    const Token& t = p.begin[i];
    if (t.depth > inner) continue;
    if (first_of_part) out.push_back(t.kind == TokenKind::name ? token_value(p.sql, t) : std::string());
    if (whole != nullptr && token_is(p.sql, t, "(")) *whole = false;  // a prefix length, or an expression
    first_of_part = token_is(p.sql, t, ",");
  }
  return out;
}

Item column_item(const Piece& p) {
  Item item{.kind = ItemKind::column, .name = p.value(0)};
  item.auto_increment = p.has("AUTO_INCREMENT");
  const std::size_t no = p.find("NOT");
  item.not_null = p.is(no + 1, "NULL");
  return item;
}

Item key_item(const Piece& p, ItemKind kind) {
  Item item{.kind = kind};
  const std::size_t open = p.find("(");
  for (std::size_t i = 0; i < open; ++i)
    if (p.is_name(i)) item.name = p.value(i);
  if (kind == ItemKind::primary) item.name = "PRIMARY";
  item.columns = key_columns(p, open, &item.whole_columns);
  // MariaDB's unique keys over long columns live in a hidden column, and those without overlaps hang on a period.
  item.inline_only = (kind == ItemKind::unique && p.is(p.find("USING") + 1, "HASH")) || p.text().find("WITHOUT OVERLAPS") != std::string_view::npos;
  return item;
}

Item foreign_key_item(const Piece& p) {
  Item item{.kind = ItemKind::foreign_key};
  const std::size_t at = p.find("FOREIGN"), open = p.find("("), references = p.find("REFERENCES");
  if (references == p.size() || open > references) throw Error(Exit::data, "definition cannot be read: a foreign key without REFERENCES");
  if (at > 0 && p.is_name(at - 1)) item.name = p.value(at - 1);
  item.columns = key_columns(p, open, nullptr);
  std::size_t next = references + 1;
  item.parent_table = p.value(next++);
  if (p.is(next, ".")) {
    item.parent_schema = item.parent_table;
    item.parent_table = p.value(next + 1);
    next += 2;
  }
  item.parent_columns = key_columns(p, next, nullptr);
  return item;
}

Item read_item(const Piece& p) {
  Item item;
  if (p.is_name(0)) item = column_item(p);
  else if (p.is(0, "PRIMARY")) item = key_item(p, ItemKind::primary);
  else if (p.is(0, "UNIQUE")) item = key_item(p, ItemKind::unique);
  else if (p.is(0, "KEY") || p.is(0, "INDEX")) item = key_item(p, ItemKind::key);
  else if (p.is(0, "FULLTEXT")) item = key_item(p, ItemKind::fulltext);
  else if (p.is(0, "SPATIAL")) item = key_item(p, ItemKind::spatial);
  else if (p.has("FOREIGN")) item = foreign_key_item(p);
  else if (p.has("CHECK")) item = {.kind = ItemKind::check, .name = p.is_name(1) ? p.value(1) : std::string()};
  item.text = item_text(p);
  return item;
}

/// How many tokens from `i` on name a place of the old host: DATA DIRECTORY = '…', INDEX DIRECTORY '…', TABLESPACE `…`.
std::size_t place_option(const Piece& p, std::size_t i) {
  std::size_t n = 0;
  if ((p.is(i, "DATA") || p.is(i, "INDEX")) && p.is(i + 1, "DIRECTORY")) n = 2;
  else if (p.is(i, "TABLESPACE")) n = 1;
  if (n == 0) return 0;
  if (p.is(i + n, "=")) ++n;
  const bool valued = i + n < p.size() && (p.is_name(i + n) || p.begin[i + n].kind == TokenKind::string);
  return valued ? n + 1 : 0;
}

void read_options(const Piece& p, TableDefinition& out) {
  if (p.size() == 0) return;
  std::size_t from = p.begin->at;
  for (std::size_t i = 0; i < p.size();) {
    if ((p.is(i, "ENCRYPTION") || p.begin[i].kind == TokenKind::name) && base::lower(p.value(i)).starts_with("encrypt")) {
      const std::string how = base::lower(p.value(p.is(i + 1, "=") ? i + 2 : i + 1));
      out.encrypted = out.encrypted || how == "y" || how == "yes" || how == "1";
    }
    const std::size_t n = place_option(p, i);
    if (n == 0) {
      ++i;
      continue;
    }
    const Token &first = p.begin[i], &last = p.begin[i + n - 1];
    out.options.append(p.sql.substr(from, first.at - from));
    out.dropped.emplace_back(p.sql.substr(first.at, last.at + last.size - first.at));
    from = last.at + last.size;
    i += n;
  }
  out.options.append(p.sql.substr(from));
}

}  // namespace

TableDefinition parse_create_table(std::string_view sql) {
  const std::vector<Token> tokens = tokenize(sql);
  const Token* const end = tokens.data() + tokens.size();
  const Token* t = tokens.data();
  while (t != end && !token_is(sql, *t, "(")) ++t;
  if (tokens.empty() || t == end || !token_is(sql, tokens[0], "CREATE"))
    throw Error(Exit::data, "definition cannot be read: not a CREATE TABLE");
  TableDefinition out;
  const Token* item = ++t;
  for (; t != end; ++t) {
    const bool closes = t->depth == 0 && token_is(sql, *t, ")");
    if (!closes && !(t->depth == 1 && token_is(sql, *t, ","))) continue;
    if (item != t) out.items.push_back(read_item({sql, item, t}));
    item = t + 1;
    if (closes) break;
  }
  read_options({sql, item, end}, out);
  return out;
}

}  // namespace flytt::engine::mysql_family
