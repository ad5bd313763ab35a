// Definitions and grants as a server of the family prints them: cut into tokens, taken apart, put together, rewritten.
// SPDX-License-Identifier: MIT
#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/definition.hpp>
#include <flytt/engine/mysql_family/definition_rewrite.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>
#include <flytt/engine/mysql_family/privileges.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

using namespace engine::mysql_family;

/// Tokens follow each other, and nothing stands between them but blanks and comments.
std::vector<Token> tokens(std::string_view sql) {
  const auto all = tokenize(sql);
  std::size_t end = 0;
  for (const Token& t : all) {
    require(t.at >= end && t.size > 0 && t.at + t.size <= sql.size(), "a token lies outside of the text, or over another");
    const auto between = base::trim(sql.substr(end, t.at - end));
    require(between.empty() || between.starts_with("/*") || between.starts_with("--") || between.starts_with('#') || sql[end] == '\f' || sql[end] == '\v',
            "something was left out that is no comment: " + std::string(between));
    token_value(sql, t);
    end = t.at + t.size;
  }
  const auto head = tokenize_until(sql, {"SQL", "DO", "VIEW"});
  require(head.size() <= all.size() && std::equal(head.begin(), head.end(), all.begin(), [](const Token& a, const Token& b) { return a.at == b.at && a.size == b.size; }),
          "the head's tokens are not the text's");
  return all;
}

/// No item is lost: what must be there before the rows and what comes after them is all of it.
void table(std::string_view sql) {
  const TableDefinition definition = parse_create_table(sql);
  require(kept_keys(definition) <= definition.items.size(), "more keys are kept than there are");
  for (const Indexes how : {Indexes::kept, Indexes::deferred}) {
    const auto objects = split_table({"s", "t"}, definition, how);
    require(!objects.empty() && objects.front().kind == value::ObjectKind::table, "a table's definition does not begin with the table");
    for (const auto& object : objects) {
      if (!accepted([&] { tokenize(object.statement); })) require(false, "a statement that was made cannot be read: " + object.statement);
    }
  }
  const std::string again = split_table({"s", "t"}, definition, Indexes::kept).front().statement;
  const auto back = parse_create_table(again);
  const auto foreign = static_cast<std::size_t>(std::count_if(definition.items.begin(), definition.items.end(), [](const Item& i) { return i.kind == ItemKind::foreign_key; }));
  require(back.items.size() + foreign == definition.items.size(), "a table has other items when it is put together: " + again);
}

/// A rewrite leaves text that can still be read, and finds nothing more to do the second time.
template <class Rewrite>
void settles(std::string_view sql, Rewrite rewrite, std::string_view what) {
  std::string once;
  if (!accepted([&] { once = rewrite(sql); })) return;
  std::string twice;
  require(accepted([&] { twice = rewrite(once); }), std::string(what) + ": its own text cannot be read: " + once);
  require_equal(twice, once, std::string(what) + " does not settle");
}

void grants(std::string_view text) {
  Grants all;
  for (const auto line : base::split(text, '\n')) accepted([&] { all.add(line); });
  all.imply("SUPER", {"BINLOG_ADMIN"});
  require(!all.global("SELECT") || all.database("SELECT", "shop") || text.find("REVOKE") != std::string_view::npos || text.find("revoke") != std::string_view::npos ||
              base::lower(text).find("revoke") != std::string::npos,
          "held everywhere, and not in one database");
  all.pattern_for("shop");
  all.table("SELECT", "shop", "orders");
}

}  // namespace

void one(std::string_view input) {
  grants(input);
  accepted([&] { table(input); });
  accepted([&] { disabled_event(input); });
  accepted([&] { comparable_table(input); });
  accepted([&] { without_password(input); });
  accepted([&] { with_definer(input, "app@10.%"); });
  accepted([&] { with_definer(input, ""); });
  accepted([&] {
    const auto parts = split_default_role(input);
    require(parts.create.size() + parts.default_role.size() <= input.size(), "an account's parts are more than it");
  });
  settles(input, [](std::string_view sql) { return disabled_event(sql); }, "an event without its status");
  tokens(input);
}

void seeds(const Add& add) {
  add("CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT COMMENT 'KEY `k` (`x`),',\n  `a` varchar(9) DEFAULT ',)' INVISIBLE,\n  `b` binary(2) DEFAULT '\xff\\0',\n"
      "  PRIMARY KEY (`id`),\n  UNIQUE KEY `u,)` (`a`(3)) USING HASH,\n  KEY `k` (`a`,`id`),\n  FULLTEXT KEY `f1` (`a`),\n  SPATIAL KEY `g` (`b`),\n"
      "  CONSTRAINT `fk` FOREIGN KEY (`a`, `id`) REFERENCES `o`.`p` (`x`, `y`) ON DELETE CASCADE,\n  CONSTRAINT `c` CHECK (`a` <> _latin1'FOREIGN KEY (')\n"
      ") ENGINE=InnoDB AUTO_INCREMENT=7 ENCRYPTION='Y' DATA DIRECTORY='/x' COMMENT=') x' /*!50100 PARTITION BY HASH (`id`) */");
  add("CREATE DEFINER=`app`@`%` EVENT `e` ON SCHEDULE EVERY 1 DAY ON COMPLETION PRESERVE ENABLE DO DELETE FROM t");
  add("CREATE DEFINER=`app`@`%` EVENT `e` ON SCHEDULE AT '2030-01-01' ON COMPLETION NOT PRESERVE DISABLE ON SLAVE COMMENT 'x' DO BEGIN END");
  add("CREATE ALGORITHM=UNDEFINED DEFINER=`app`@`%` SQL SECURITY DEFINER VIEW `v` AS select 1 -- x\n");
  add("CREATE USER `a`@`%` IDENTIFIED WITH 'x' AS '*1' DEFAULT ROLE `r`@`%`,`s` REQUIRE SSL");
  add("GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*1' WITH GRANT OPTION\nGRANT SELECT (a, b), UPDATE ON `sh\\_p`.* TO `a`@`%`\nREVOKE INSERT ON `x`.* FROM `a`@`%`");
  add("GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED VIA mysql_native_password USING '*1' OR unix_socket WITH GRANT OPTION");
}

}  // namespace flytt::fuzz
