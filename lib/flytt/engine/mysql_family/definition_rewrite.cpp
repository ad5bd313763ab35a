// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/definition_rewrite.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/connection.hpp>
#include <flytt/engine/mysql_family/definition_tokens.hpp>

namespace flytt::engine::mysql_family {
namespace {

using Tokens = std::vector<Token>;

bool is(std::string_view sql, const Tokens& t, std::size_t i, std::string_view word) { return i < t.size() && token_is(sql, t[i], word); }

bool is_number(std::string_view sql, const Tokens& t, std::size_t i) { return i < t.size() && base::parse_u64(token_text(sql, t[i])).has_value(); }

std::size_t end_of(const Token& t) noexcept { return t.at + t.size; }

/// `sql` with bytes [from, to) replaced.
std::string replaced(std::string_view sql, std::size_t from, std::size_t to, std::string_view by) {
  return base::concat(sql.substr(0, from), by, sql.substr(to));
}

/// `user`@`host` from "user@host"; a name without a host is a role's.
std::string quoted_account(std::string_view account) {
  const auto at = account.rfind('@');
  if (at == std::string_view::npos) return quote_name(account);
  return quote_name(account.substr(0, at)) + "@" + quote_name(account.substr(at + 1));
}

/// Index behind the account that starts at token `i`: a name, then perhaps "@" and another.
std::size_t behind_account(std::string_view sql, const Tokens& t, std::size_t i) {
  const std::size_t behind = is(sql, t, i + 1, "@") ? i + 3 : i + 1;
  if (behind > t.size()) throw base::Error(base::Exit::data, "definition cannot be read: an account ends in the middle");
  return behind;
}

}  // namespace

std::string disabled_event(std::string_view sql) {
  const Tokens t = tokenize_until(sql, {"DO"});
  for (std::size_t i = 0; i + 1 < t.size(); ++i) {
    if (!is(sql, t, i, "PRESERVE")) continue;
    std::size_t last = i + 1;
    if (is(sql, t, last, "ENABLE")) return replaced(sql, t[last].at, end_of(t[last]), "DISABLE");
    if (!is(sql, t, last, "DISABLE")) break;
    while (is(sql, t, last + 1, "ON") && (is(sql, t, last + 2, "SLAVE") || is(sql, t, last + 2, "REPLICA"))) last += 2;
    return replaced(sql, t[i + 1].at, end_of(t[last]), "DISABLE");
  }
  throw base::Error(base::Exit::data, "definition cannot be read: an event without a status");
}

std::string preserved_event(std::string_view sql) {
  const Tokens t = tokenize_until(sql, {"DO"});
  for (std::size_t i = 0; i + 1 < t.size(); ++i)
    if (is(sql, t, i, "NOT") && is(sql, t, i + 1, "PRESERVE")) return replaced(sql, t[i].at, end_of(t[i + 1]), "PRESERVE");
  return std::string(sql);
}

std::string comparable_table(std::string_view sql) {
  const Tokens t = tokenize(sql);
  std::string out;
  std::size_t from = 0;
  bool behind_body = false, invisible = false;
  const auto leave_out = [&](std::size_t begin, std::size_t end) {
    out.append(sql.substr(from, begin - from));
    from = end;
  };
  for (std::size_t i = 1; i < t.size(); ++i) {
    const bool closes = t[i].depth == 0 && is(sql, t, i, ")");
    behind_body = behind_body || closes;
    if (invisible && (closes || (t[i].depth == 1 && is(sql, t, i, ",")))) {
      leave_out(end_of(t[i - 1]), end_of(t[i - 1]));
      out += " INVISIBLE";
      invisible = false;
    }
    if (!behind_body && t[i].depth == 1 && t[i].kind == TokenKind::word && is(sql, t, i, "INVISIBLE")) {
      leave_out(end_of(t[i - 1]), end_of(t[i]));
      invisible = true;
    } else if (behind_body && t[i].depth == 0 && is(sql, t, i, "AUTO_INCREMENT") && is(sql, t, i + 1, "=") && is_number(sql, t, i + 2)) {
      leave_out(end_of(t[i - 1]), end_of(t[i + 2]));
      i += 2;
    } else if (t[i].kind == TokenKind::string && t[i - 1].kind == TokenKind::word && token_text(sql, t[i - 1]).starts_with("_")) leave_out(t[i - 1].at, t[i].at);
  }
  return out.append(sql.substr(from));
}

std::string with_definer(std::string_view sql, std::string_view definer) {
  const Tokens t = tokenize_until(sql, {"SQL", "VIEW", "PROCEDURE", "FUNCTION", "PACKAGE", "TRIGGER", "EVENT"});
  for (std::size_t i = 0; i + 2 < t.size(); ++i) {
    if (!is(sql, t, i, "DEFINER") || !is(sql, t, i + 1, "=")) continue;
    const std::size_t last = behind_account(sql, t, i + 2) - 1;
    if (!definer.empty()) return replaced(sql, t[i + 2].at, end_of(t[last]), quoted_account(definer));
    return replaced(sql, t[i].at, last + 1 < t.size() ? t[last + 1].at : end_of(t[last]), "");
  }
  return std::string(sql);
}

AccountParts split_default_role(std::string_view sql) {
  const Tokens t = tokenize(sql);
  for (std::size_t i = 0; i + 2 < t.size(); ++i) {
    if (!is(sql, t, i, "DEFAULT") || !is(sql, t, i + 1, "ROLE")) continue;
    std::size_t behind = behind_account(sql, t, i + 2);
    while (is(sql, t, behind, ",")) behind = behind_account(sql, t, behind + 1);
    const std::size_t from = t[i + 2].at, to = end_of(t[behind - 1]);
    return {replaced(sql, t[i].at, behind < t.size() ? t[behind].at : to, ""), std::string(sql.substr(from, to - from))};
  }
  return {std::string(sql), {}};
}

std::string without_password(std::string_view sql) {
  const Tokens t = tokenize(sql);
  for (std::size_t i = 1; i + 3 < t.size(); ++i)
    if (is(sql, t, i, "IDENTIFIED") && is(sql, t, i + 1, "BY") && is(sql, t, i + 2, "PASSWORD"))
      return replaced(sql, end_of(t[i - 1]), end_of(t[i + 3]), "");
  for (std::size_t i = 1; i + 2 < t.size(); ++i) {
    if (!is(sql, t, i, "IDENTIFIED") || !(is(sql, t, i + 1, "VIA") || is(sql, t, i + 1, "WITH"))) continue;
    std::size_t behind = i + 2;  // plugin [USING|AS '…'] [OR plugin …]; what follows is WITH, REQUIRE or the end
    while (behind < t.size() && !is(sql, t, behind, "WITH") && !is(sql, t, behind, "REQUIRE")) ++behind;
    return replaced(sql, end_of(t[i - 1]), behind < t.size() ? t[behind - 1].at + t[behind - 1].size : sql.size(), "");
  }
  return std::string(sql);
}

}  // namespace flytt::engine::mysql_family
