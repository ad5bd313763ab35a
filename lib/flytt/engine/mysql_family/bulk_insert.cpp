// Arrays of parameters (COM_STMT_BULK_EXECUTE, MariaDB 10.2+): one packet carries about a thousand rows.
// In the client's column-wise form, numbers are one contiguous array and everything else, times too, an array of pointers.
// Source: MariaDB Connector/C, "Bulk Inserts (Column-wise Binding)".
// SPDX-License-Identifier: MIT
#include <mysql.h>

#include <cstring>
#include <new>

#include <flytt/engine/mysql_family/bind_value.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>

namespace flytt::engine::mysql_family {
#ifdef MARIADB_PACKAGE_VERSION
namespace {

constexpr std::size_t kRows = 2000;
constexpr std::size_t kBytes = 1U << 20;  ///< far below any server's max_allowed_packet

struct ArrayColumn {
  value::Type type{};
  ParameterForm form{};
  std::size_t width = 0;
  std::vector<char> numbers;
  std::vector<MYSQL_TIME> times;
  std::vector<const void*> pointers;
  std::vector<unsigned long> lengths;
  std::vector<char> indicators;
};

class BulkInsert final : public RowLoader {
 public:
  BulkInsert(Connection& c, const value::Table& table, Computed computed);
  void add(const std::vector<value::Cell>& cells) override;
  void flush() override;

 private:
  struct Close {
    void operator()(MYSQL_STMT* s) const noexcept { mysql_stmt_close(s); }
  };
  [[noreturn]] void fail() const;
  void bind();

  Connection& connection_;
  const value::Table& table_;
  const Computed computed_;
  std::string sql_;
  std::unique_ptr<MYSQL_STMT, Close> statement_;
  std::vector<ArrayColumn> columns_;
  std::vector<MYSQL_BIND> binds_;
  unsigned rows_ = 0;
  std::size_t bytes_ = 0;
};

BulkInsert::BulkInsert(Connection& c, const value::Table& table, Computed computed) : connection_(c), table_(table), computed_(computed) {
  std::string names, marks;
  for (const auto& column : table.columns) {
    names += (names.empty() ? "" : ",") + quote_name(column.name);
    marks += marks.empty() ? "?" : ",?";
    auto& a = columns_.emplace_back();
    a.type = column.type;
    a.form = parameter_form(column.type);
    a.width = value::fixed_width(column.type);
    a.indicators.resize(kRows);
    if (a.form == ParameterForm::number) a.numbers.resize(kRows * a.width);
    else a.pointers.resize(kRows);
    if (a.form == ParameterForm::temporal) a.times.resize(kRows);
    a.lengths.resize(kRows);
  }
  sql_ = "INSERT INTO " + qualified(table) + " (" + names + ") VALUES (" + marks + ")";
  statement_.reset(mysql_stmt_init(c.raw()));
  if (!statement_) throw std::bad_alloc();
  if (mysql_stmt_prepare(statement_.get(), sql_.data(), sql_.size()) != 0) fail();
  bind();
}

void BulkInsert::bind() {
  binds_.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& a = columns_[i];
    auto& b = binds_[i];
    std::memset(&b, 0, sizeof b);
    b.buffer_type = static_cast<enum_field_types>(parameter_type(a.type));
    b.is_unsigned = parameter_unsigned(a.type);
    b.buffer = a.form == ParameterForm::number ? static_cast<void*>(a.numbers.data()) : static_cast<void*>(a.pointers.data());
    b.length = a.lengths.data();
    b.u.indicator = a.indicators.data();
  }
}

void BulkInsert::fail() const {
  connection_.fail(mysql_stmt_errno(statement_.get()), mysql_stmt_sqlstate(statement_.get()), mysql_stmt_error(statement_.get()), sql_);
}

void BulkInsert::add(const std::vector<value::Cell>& cells) {
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    auto& a = columns_[i];
    const auto image = cells[i].image();
    if (cells[i].null()) {
      a.indicators[rows_] = STMT_INDICATOR_NULL;
      a.lengths[rows_] = 0;
      if (a.form != ParameterForm::number) a.pointers[rows_] = nullptr;
      continue;
    }
    a.indicators[rows_] = STMT_INDICATOR_NONE;
    a.lengths[rows_] = image.size();
    switch (a.form) {
      case ParameterForm::number: std::memcpy(a.numbers.data() + rows_ * a.width, image.data(), a.width); break;
      case ParameterForm::bytes: a.pointers[rows_] = image.data(); break;
      case ParameterForm::temporal:
        fill_time(a.type, image, a.times[rows_]);
        a.pointers[rows_] = &a.times[rows_];
        break;
    }
    bytes_ += image.size();
  }
  if (++rows_ == kRows || (computed_ == Computed::columns && rows_ == kRowsWithRemarks) || bytes_ >= kBytes) flush();
}

void BulkInsert::flush() {
  if (rows_ == 0) return;
  const unsigned rows = rows_;
  rows_ = 0;
  bytes_ = 0;
  if (mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &rows) != 0) fail();
  if (mysql_stmt_bind_param(statement_.get(), binds_.data()) != 0) fail();
  if (mysql_stmt_execute(statement_.get()) != 0) fail();
  prove_loaded(connection_, table_, computed_, mysql_stmt_affected_rows(statement_.get()), rows, mysql_warning_count(connection_.raw()));
}

}  // namespace

std::unique_ptr<RowLoader> make_bulk_insert(Connection& c, const value::Table& table, Computed computed) {
  return std::make_unique<BulkInsert>(c, table, computed);
}
#else
// Oracle's client has no parameter arrays: the next best way for any server.
std::unique_ptr<RowLoader> make_bulk_insert(Connection& c, const value::Table& table, Computed computed) { return make_load_data(c, table, computed); }
#endif

}  // namespace flytt::engine::mysql_family
