// LOAD DATA LOCAL from memory: the fastest way into a server without parameter arrays. The statement is never strict, whatever
// sql_mode says, so a warning, a skipped row or a wrong count fails the chunk.
// Source: MySQL manual, LOAD DATA.
// SPDX-License-Identifier: MIT
#include <charconv>
#include <type_traits>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/row_loader.hpp>
#include <flytt/value/image_load.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Type;

constexpr std::size_t kFlushBytes = 4U << 20;

void append_escaped(std::string& out, std::string_view bytes) {
  for (const char c : bytes) {
    switch (c) {
      case '\\': out += "\\\\"; break;
      case '\t': out += "\\t"; break;
      case '\n': out += "\\n"; break;
      case '\0': out += "\\0"; break;
      default: out += c;
    }
  }
}

template <class T>
void append_number(std::string& out, std::string_view image) {
  const T v = value::load<T>(image);
  char buffer[64];
  // Shortest text that reads back as the same value. FLOAT as the double that the server makes of it first: the shortest text
  // of the largest float is, as a double, out of its range.
  if constexpr (std::is_same_v<T, float>) out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, static_cast<double>(v)).ptr);
  else out.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, v).ptr);
}

void append_value(std::string& out, const value::Column& column, const value::Cell& cell) {
  const auto image = cell.image();
  switch (column.type) {
    case Type::int8: return append_number<std::int8_t>(out, image);
    case Type::int16: return append_number<std::int16_t>(out, image);
    case Type::int32: return append_number<std::int32_t>(out, image);
    case Type::int64: return append_number<std::int64_t>(out, image);
    case Type::uint8: return append_number<std::uint8_t>(out, image);
    case Type::uint16: return append_number<std::uint16_t>(out, image);
    case Type::year: {
      // "0" would be the year 2000; "0000" is the zero year.
      std::string digits;
      append_number<std::uint16_t>(digits, image);
      out.append(digits.size() < 4 ? 4 - digits.size() : 0, '0');
      out += digits;
      return;
    }
    case Type::uint32: return append_number<std::uint32_t>(out, image);
    case Type::uint64:
    case Type::bits: return append_number<std::uint64_t>(out, image);
    case Type::float32: return append_number<float>(out, image);
    case Type::float64: return append_number<double>(out, image);
    case Type::date:
    case Type::datetime:
    case Type::timestamp:
    case Type::time: {
      out += value::show(column, cell);
      return;
    }
    default: append_escaped(out, image);
  }
}

class LoadData final : public RowLoader {
 public:
  LoadData(Connection& c, const value::Table& table, Computed computed);
  void add(const std::vector<value::Cell>& cells) override;
  void flush() override;

 private:
  Connection& connection_;
  const value::Table& table_;
  const Computed computed_;
  std::vector<value::Column> columns_;
  std::string sql_;
  std::string text_;
  std::uint64_t rows_ = 0;
};

LoadData::LoadData(Connection& c, const value::Table& table, Computed computed)
    : connection_(c), table_(table), computed_(computed), columns_(table.columns) {
  std::string targets, sets;
  const auto through_variable = [&](std::size_t i, const std::string& expression) {
    targets += "@v" + std::to_string(i);
    sets += (sets.empty() ? " SET " : ", ") + quote_name(columns_[i].name) + "=" + expression;
  };
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    if (i != 0) targets += ", ";
    const std::string variable = "@v" + std::to_string(i);
    if (columns_[i].type == Type::bits) through_variable(i, "CAST(" + variable + " AS UNSIGNED)");
    else if (columns_[i].type == Type::json) through_variable(i, "CONVERT(" + variable + " USING utf8mb4)");
    else targets += quote_name(columns_[i].name);
  }
  sql_ = base::concat("LOAD DATA LOCAL INFILE '", LocalData::kName, "' INTO TABLE ") + qualified(table) +
         " CHARACTER SET binary FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n' (" + targets + ")" + sets;
}

void LoadData::add(const std::vector<value::Cell>& cells) {
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i != 0) text_ += '\t';
    if (cells[i].null()) text_ += "\\N";
    else append_value(text_, columns_[i], cells[i]);
  }
  text_ += '\n';
  ++rows_;
  if (text_.size() >= kFlushBytes || (computed_ == Computed::columns && rows_ == kRowsWithRemarks)) flush();
}

void LoadData::flush() {
  if (rows_ == 0) return;
  {
    const LocalData::Lending lent(connection_.local_data(), text_);
    connection_.execute(sql_);
  }
  prove_loaded(connection_, table_, computed_, connection_.affected_rows(), rows_, connection_.warnings());
  text_.clear();
  rows_ = 0;
}

}  // namespace

std::unique_ptr<RowLoader> make_load_data(Connection& c, const value::Table& table, Computed computed) {
  return std::make_unique<LoadData>(c, table, computed);
}

}  // namespace flytt::engine::mysql_family
