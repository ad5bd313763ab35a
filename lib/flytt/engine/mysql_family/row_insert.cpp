// One prepared INSERT a row; a value over a mebibyte is sent in pieces, so that nothing is copied whole.
// SPDX-License-Identifier: MIT
#include <mysql.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <new>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/bind_value.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::size_t kLongValue = 1U << 20;
constexpr std::size_t kSentPiece = 1U << 20;

class RowInsert final : public RowLoader {
 public:
  RowInsert(Connection& c, const value::Table& table, Computed computed);
  void add(const std::vector<value::Cell>& cells) override;
  void flush() override {}

 private:
  struct Close {
    void operator()(MYSQL_STMT* s) const noexcept { mysql_stmt_close(s); }
  };
  struct Slot {
    value::Type type{};
    unsigned long length = 0;
    MYSQL_TIME time{};
    std::string text;
  };
  [[noreturn]] void fail() const;
  bool bind(std::size_t column, const value::Cell& cell);

  Connection& connection_;
  const value::Table& table_;
  const Computed computed_;
  std::string sql_;
  std::unique_ptr<MYSQL_STMT, Close> statement_;
  std::vector<Slot> slots_;
  std::vector<MYSQL_BIND> binds_;
};

RowInsert::RowInsert(Connection& c, const value::Table& table, Computed computed)
    : connection_(c), table_(table), computed_(computed), slots_(table.columns.size()), binds_(table.columns.size()) {
  std::string names, marks;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    const auto& column = table.columns[i];
    slots_[i].type = column.type;
    names += (names.empty() ? "" : ",") + quote_name(column.name);
    // A native JSON column refuses bytes without a character set.
    const bool json = column.type == value::Type::json && column.native == "json";
    marks += std::string(marks.empty() ? "" : ",") + (json ? "CONVERT(? USING utf8mb4)" : "?");
  }
  sql_ = "INSERT INTO " + qualified(table) + " (" + names + ") VALUES (" + marks + ")";
  statement_.reset(mysql_stmt_init(c.raw()));
  if (!statement_) throw std::bad_alloc();
  if (mysql_stmt_prepare(statement_.get(), sql_.data(), sql_.size()) != 0) fail();
}

void RowInsert::fail() const {
  connection_.fail(mysql_stmt_errno(statement_.get()), mysql_stmt_sqlstate(statement_.get()), mysql_stmt_error(statement_.get()), sql_);
}

/// Returns true when the value is to be sent in pieces.
bool RowInsert::bind(std::size_t column, const value::Cell& cell) {
  Slot& s = slots_[column];
  MYSQL_BIND& b = binds_[column];
  std::memset(&b, 0, sizeof b);
  if (cell.null()) {
    b.buffer_type = MYSQL_TYPE_NULL;
    return false;
  }
  b.buffer_type = static_cast<enum_field_types>(parameter_type(s.type));
  b.is_unsigned = parameter_unsigned(s.type);
  s.length = cell.image().size();
  b.length = &s.length;
  b.buffer_length = s.length;
  b.buffer = const_cast<char*>(cell.image().data());
  if (s.type == value::Type::time) {
    // MySQL 9 counts the days of a TIME parameter twice (1690, "TIME value is out of range"): as text it is exact everywhere.
    s.text = value::show({.name = {}, .type = s.type, .fraction = 6}, cell);
    s.length = s.text.size();
    b.buffer_type = MYSQL_TYPE_STRING;
    b.buffer = s.text.data();
    b.buffer_length = s.length;
    return false;
  }
  if (parameter_form(s.type) == ParameterForm::temporal) {
    fill_time(s.type, cell.image(), s.time);
    b.buffer = &s.time;
    b.buffer_length = sizeof s.time;
  }
  if (parameter_form(s.type) != ParameterForm::bytes || s.length < kLongValue) return false;
  b.buffer = nullptr;
  b.buffer_length = 0;
  b.length = nullptr;
#ifdef MARIADB_PACKAGE_VERSION
  b.long_data_used = 1;
#endif
  return true;
}

void RowInsert::add(const std::vector<value::Cell>& cells) {
  std::vector<unsigned> in_pieces;
  for (std::size_t i = 0; i < cells.size(); ++i)
    if (bind(i, cells[i])) in_pieces.push_back(static_cast<unsigned>(i));
  if (mysql_stmt_bind_param(statement_.get(), binds_.data()) != 0) fail();
  for (const unsigned column : in_pieces) {
    const auto image = cells[column].image();
    for (std::size_t at = 0; at < image.size(); at += kSentPiece) {
      const auto piece = image.substr(at, kSentPiece);
      if (mysql_stmt_send_long_data(statement_.get(), column, piece.data(), piece.size()) != 0) fail();
    }
  }
  if (mysql_stmt_execute(statement_.get()) != 0) fail();
  prove_loaded(connection_, table_, computed_, mysql_stmt_affected_rows(statement_.get()), 1, mysql_warning_count(connection_.raw()));
}

}  // namespace

std::unique_ptr<RowLoader> make_row_insert(Connection& c, const value::Table& table, Computed computed) {
  return std::make_unique<RowInsert>(c, table, computed);
}

std::string qualified(const value::Table& table) {
  return quote_name(table.name.schema) + "." + quote_name(table.name.table);
}

/// Source: https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html, https://mariadb.com/kb/en/mariadb-error-codes/
bool about_computed(const value::Table& table, std::uint64_t code, std::string_view message) {
  // Out of range, truncated, no such value (1292, 1366, 1411, 1918), division by zero, too long, a time that overflows, a functional
  // index's value; from 4035 on MariaDB's words about JSON, from 3140 on MySQL's.
  constexpr std::array<std::uint64_t, 11> kOfValues{1264, 1265, 1292, 1365, 1366, 1406, 1411, 1441, 1918, 3751, 3752};
  const bool of_value = std::find(kOfValues.begin(), kOfValues.end(), code) != kOfValues.end() || (code >= 4035 && code <= 4046) || (code >= 3140 && code <= 3158);
  if (!of_value) return false;
  // "... for column 'total' at row 1", "... for column `shop`.`orders`.`total` at row 1"
  constexpr std::string_view kColumn = "column ";
  const auto at = message.rfind(kColumn);
  if (at == std::string_view::npos) return true;
  const auto named = message.substr(at + kColumn.size());
  return std::none_of(table.columns.begin(), table.columns.end(), [&](const value::Column& column) {
    return named.starts_with("'" + column.name + "'") || named.find("`" + column.name + "` at row") != std::string_view::npos;
  });
}

void prove_loaded(Connection& c, const value::Table& table, Computed computed, std::uint64_t affected, std::uint64_t expected, unsigned warnings) {
  if (affected == expected && warnings == 0) return;
  if (affected == expected && computed == Computed::columns) {
    const Result said = c.query("SHOW WARNINGS");
    bool harmless = said.rows.size() == warnings;
    for (std::size_t i = 0; i < said.rows.size() && harmless; ++i)
      harmless = about_computed(table, base::parse_u64(said.text("Code", i)).value_or(0), said.text("Message", i));
    if (harmless) return;
  }
  const std::string said = warnings != 0 ? c.warning_text() : "";
  throw base::Error(base::Exit::unavailable,
                    base::concat("the server took ", affected, " of ", expected, " rows",
                                 said.empty() ? std::string() : " and said: " + said),
                    {.endpoint = c.endpoint(),
                     .hint = "The values do not fit the target's table as they are: compare its definition with the source's."});
}

}  // namespace flytt::engine::mysql_family
