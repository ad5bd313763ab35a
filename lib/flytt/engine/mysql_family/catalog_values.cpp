// Values that no loader can store again bit for bit: found by reading, before the first byte goes out.
// SPDX-License-Identifier: MIT
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/catalog.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Column;
using value::Table;
using value::Type;

class ValueScan {
 public:
  ValueScan(Connection& c, FamilyServer& server, const value::Scope& scope) : c_(c), server_(server), scope_(scope) {}

  std::vector<Finding> run(const std::vector<Table>& tables) {
    for (const Table& table : tables) {
      scan_enums(table);
      scan_twins(table);
      scan_empty_members(table);
      if (server_.caps().native_json) scan_json(table);
    }
    return std::move(findings_);
  }

 private:
  bool any(const Table& table, std::string_view from, const std::string& condition) {
    const std::string where = scope_.condition(table.name);
    return c_.scalar(base::concat("SELECT 1 FROM ", server_.dialect().table(table.name), " AS t", from, " WHERE (", condition, ")",
                                  where.empty() ? "" : base::concat(" AND (", where, ")"), " LIMIT 1"))
        .has_value();
  }

  void refuse(const Table& table, const Column& column, std::string code, std::string message, std::string remedy) {
    findings_.push_back({true, std::move(code), table.name.display() + "." + column.name, std::move(message), std::move(remedy)});
  }

  /// ENUM's number 0 is what a wrong value became under a lax sql_mode. It reads as '' and cannot be written as '' or 0.
  void scan_enums(const Table& table) {
    std::vector<std::string> conditions;
    for (const Column& column : table.columns)
      if (column.type == Type::enumeration) conditions.push_back("t." + quote_name(column.name) + " = 0");
    if (conditions.empty() || !any(table, "", base::join(conditions, " OR "))) return;
    for (const Column& column : table.columns)
      if (column.type == Type::enumeration && any(table, "", "t." + quote_name(column.name) + " = 0"))
        refuse(table, column, "enum-zero", "holds the ENUM error value (index 0), which no server stores again",
               base::concat("UPDATE ", server_.dialect().table(table.name), " SET ", quote_name(column.name), " = … WHERE ", quote_name(column.name), " = 0"));
  }

  /// A lax server makes an ENUM that names a value twice, in letters of another case: rows that have the later one would be stored as the
  /// first. And characters of four bytes are '?' in a server's own words about a column, so that no other ENUM or SET has such a value.
  void scan_twins(const Table& table) {
    for (const Column& column : table.columns) {
      if (column.type != Type::enumeration && column.type != Type::set) continue;
      const bool twice = names_twice(column.native), lossy = column.native.find('?') != std::string::npos && !server_.caps().anchored_types;
      if (!twice && !lossy) continue;
      const std::string name = quote_name(column.name), number = "t." + name + " + 0", by_text = number_by_text(column);
      const std::string kind = column.type == Type::set ? "a SET" : "an ENUM";
      if (!any(table, "", base::concat(number, " > 0 AND ", number, " <> ", by_text))) {
        if (lossy && !any(table, "", base::concat("t.", name, " LIKE '%?%'")))
          findings_.push_back({false, "enum-shown", table.name.display() + "." + column.name,
                               "names a value with ?, which may stand for a character that this server cannot show; no row holds it",
                               "look at the column's definition on the target"});
      } else if (twice) {
        refuse(table, column, "enum-twice", base::concat("holds values of ", kind, " that names them twice, which no server stores again as they are"),
               base::concat("UPDATE ", server_.dialect().table(table.name), " AS t SET ", name, " = ", by_text, " WHERE ", name, " + 0 <> ", by_text));
      } else {
        refuse(table, column, "enum-lossy", base::concat("holds values of ", kind, " that this server shows with ? for some of their characters, so that it cannot be defined elsewhere"),
               "make the column a VARCHAR for the move, or exclude the table with --exclude-table");
      }
    }
  }

  /// The number that a server gives the text of a row's value.
  static std::string number_by_text(const Column& column) {
    const std::string name = "t." + quote_name(column.name);
    const auto open = column.native.find('(');
    if (column.type == Type::enumeration) return base::concat("FIELD(", name, ", ", column.native.substr(open + 1, column.native.rfind(')') - open - 1), ")");
    std::string sum;
    std::uint64_t bit = 1;
    for (const auto& token : tokenize(column.native)) {
      if (token.kind != TokenKind::string) continue;
      sum += base::concat(sum.empty() ? "(" : " + ", "(FIND_IN_SET(", token_text(column.native, token), ", ", name, ") > 0) * ", bit);
      bit <<= 1;
    }
    return sum + ")";
  }

  /// A SET with '' among its members: with it or without, the text of a value is read as the same.
  void scan_empty_members(const Table& table) {
    for (const Column& column : table.columns) {
      const auto bit = column.type == Type::set ? empty_member(column.native) : std::nullopt;
      const std::string name = quote_name(column.name);
      if (bit && any(table, "", base::concat("t.", name, " & ", *bit, " <> 0")))
        refuse(table, column, "set-empty", "holds the empty member of a SET, which its text does not give back",
               base::concat("UPDATE ", server_.dialect().table(table.name), " SET ", name, " = ", name, " & ~", *bit));
    }
  }

  /// The number that stands for it.
  static std::optional<std::uint64_t> empty_member(const std::string& type) {
    std::uint64_t bit = 1;
    for (const auto& token : tokenize(type)) {
      if (token.kind != TokenKind::string) continue;
      if (token_value(type, token).empty()) return bit;
      bit <<= 1;
    }
    return std::nullopt;
  }

  static bool names_twice(const std::string& type) {
    std::set<std::string> seen;
    for (const auto& token : tokenize(type))
      if (token.kind == TokenKind::string && !seen.insert(base::lower(token_value(type, token))).second) return true;
    return false;
  }

  /// JSON made by SQL functions may hold DECIMAL, DATE or binary values inside, which its text does not give back. The path
  /// visits every node once: [0] of what is no array is the node itself.
  void scan_json(const Table& table) {
    for (const Column& column : table.columns) {
      if (column.type != Type::json) continue;
      const std::string nodes = base::concat(", JSON_TABLE(t.", quote_name(column.name), ", '$**[0]' COLUMNS (flytt_node JSON PATH '$')) AS flytt_nodes");
      if (any(table, nodes, "JSON_TYPE(flytt_node) NOT IN ('OBJECT','ARRAY','BOOLEAN','NULL','INTEGER','UNSIGNED INTEGER','DOUBLE','STRING')"))
        refuse(table, column, "json-opaque", "holds JSON with typed values inside (decimal, date or binary), which its text does not give back",
               base::concat("UPDATE ", server_.dialect().table(table.name), " SET ", quote_name(column.name), " = CAST(CONVERT(",
                            quote_name(column.name), " USING utf8mb4) AS JSON) makes them plain JSON, if that is what the application wants"));
    }
  }

  Connection& c_;
  FamilyServer& server_;
  const value::Scope& scope_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> scan_values(Connection& c, FamilyServer& server, const std::vector<Table>& tables, const value::Scope& scope) {
  if (scope.schema_only) return {};
  return ValueScan(c, server, scope).run(tables);
}

}  // namespace flytt::engine::mysql_family
