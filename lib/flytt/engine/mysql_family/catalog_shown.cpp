// What SHOW CREATE TABLE prints, with the characters that the server itself cannot show: those of four bytes are '?' in its own words
// about a column, and what is in the rows or comes by default is another thing.
// SPDX-License-Identifier: MIT
#include <map>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog_reading.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

bool doubtful(std::string_view text) { return text.find('?') != std::string_view::npos; }

/// The whole text: MySQL prints expressions as they are stored where nobody wants them in a character set of its own choice.
std::string raw_text(Reading& r, const std::string& show) {
  r.c.execute("SET character_set_results = NULL");
  std::string out = r.c.query(show).text("Create Table");
  r.c.execute("SET character_set_results = utf8mb4");
  return out;
}

/// The members of an ENUM or SET column, as a variable of the column's type knows them: nothing is read and nothing made.
std::vector<std::string> members(Reading& r, const value::TableName& table, const std::string& column, bool set, std::size_t count) {
  const std::string type = base::concat(quote_name(table.schema), ".", quote_name(table.table), ".", quote_name(column));
  std::vector<std::string> out;
  for (std::size_t i = 0; i < count; ++i) {
    r.c.execute(base::concat("BEGIN NOT ATOMIC DECLARE flytt_member TYPE OF ", type, "; SET flytt_member = ", set ? std::uint64_t{1} << i : i + 1,
                             "; SET @flytt_member = CONVERT(flytt_member USING utf8mb4); END"));
    out.push_back(r.c.scalar("SELECT @flytt_member").value_or(""));
  }
  return out;
}

/// What a column has by default. Nothing when the server does not tell: of a column without NULL it takes a row.
std::optional<std::string> default_of(Reading& r, const value::TableName& table, const std::string& column) {
  const std::string select = base::concat("SELECT CONVERT(DEFAULT(", quote_name(column), ") USING utf8mb4) FROM ");
  const std::string name = base::concat(quote_name(table.schema), ".", quote_name(table.table));
  const auto out = r.c.scalar(base::concat(select, name, " LIMIT 1"));
  return out ? out : r.c.scalar(base::concat(select, "(SELECT 1) AS one LEFT JOIN ", name, " ON FALSE"));
}

/// A column's line with what is stored in the places that are printed with '?'.
std::string mended(Reading& r, const value::TableName& table, const Item& item) {
  const auto tokens = tokenize(item.text);
  const bool set = tokens.size() > 1 && token_is(item.text, tokens[1], "SET");
  const bool listed = set || (tokens.size() > 1 && token_is(item.text, tokens[1], "ENUM"));
  std::map<std::size_t, std::string> instead;  // by token
  std::vector<std::size_t> strings;
  bool lossy = false;
  for (std::size_t i = 2; listed && i < tokens.size() && !(tokens[i].depth == 0 && token_is(item.text, tokens[i], ")")); ++i)
    if (tokens[i].kind == TokenKind::string) strings.push_back(i), lossy = lossy || doubtful(token_text(item.text, tokens[i]));
  if (lossy) {
    const auto known = members(r, table, item.name, set, strings.size());
    for (std::size_t i = 0; i < strings.size(); ++i) instead[strings[i]] = known[i];
  }
  for (std::size_t i = 2; i < tokens.size(); ++i) {
    if (tokens[i].depth != 0 || tokens[i].kind != TokenKind::string || !token_is(item.text, tokens[i - 1], "DEFAULT") || !doubtful(token_text(item.text, tokens[i]))) continue;
    if (auto known = default_of(r, table, item.name)) instead[i] = std::move(*known);
    else
      r.warn(base::concat("column ", item.name, " of ", table.display(), " has a default with ?, which may stand for a character that this server cannot show: ",
                          token_text(item.text, tokens[i]), "; no row tells"));
  }
  std::string out = item.text;
  for (auto at = instead.rbegin(); at != instead.rend(); ++at) out.replace(tokens[at->first].at, tokens[at->first].size, quote_text(at->second));
  return out;
}

}  // namespace

TableDefinition shown_table(Reading& r, const value::TableName& name) {
  const std::string show = "SHOW CREATE TABLE " + quote_name(name.schema) + "." + quote_name(name.table);
  std::string sql = r.c.query(show).text("Create Table");
  if (!doubtful(sql)) return parse_create_table(sql);
  if (!r.server.caps().anchored_types) return parse_create_table(raw_text(r, show));
  TableDefinition out = parse_create_table(sql);
  for (Item& item : out.items)
    if (item.kind == ItemKind::column && doubtful(item.text)) item.text = mended(r, name, item);
  return out;
}

}  // namespace flytt::engine::mysql_family
