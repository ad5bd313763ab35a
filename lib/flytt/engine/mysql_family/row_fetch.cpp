// Row images from bound columns. Fixed-width values are fetched in place; long ones are fetched whole or, when very large,
// in pieces straight into the sink, so that a 512 MiB value is never copied a second time.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/row_fetch.hpp>

#include <mysql.h>

#include <array>
#include <cstring>
#include <new>

#include <flytt/base/units.hpp>
#include <flytt/engine/mysql_family/bind_value.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::mysql_family {
namespace {

using value::Type;

constexpr std::size_t kInlineBytes = 4096;      ///< a longer value costs a second call; every key (3072 bytes) fits
constexpr std::size_t kLargeRow = 1024 * 1024;  ///< from here on a row goes out in pieces
constexpr std::size_t kFetchPiece = 1024 * 1024;

#ifdef MARIADB_PACKAGE_VERSION
using Flag = my_bool;
#else
using Flag = bool;
#endif

/// As a parameter, but whatever has no fixed width is fetched as the bytes that the server sends.
enum_field_types client_type(Type t) {
  return parameter_form(t) == ParameterForm::bytes ? MYSQL_TYPE_BLOB : static_cast<enum_field_types>(parameter_type(t));
}

bool is_temporal(Type t) { return parameter_form(t) == ParameterForm::temporal; }

template <class T>
char* put(char* at, T v) {
  std::memcpy(at, &v, sizeof v);
  return at + sizeof v;
}

/// Appends a temporal value's image.
void append_time(std::string& image, Type type, const MYSQL_TIME& t) {
  char buffer[16];
  char* at = buffer;
  if (type == Type::time) {
    const std::uint64_t hours = t.hour + std::uint64_t{t.day} * 24;
    const auto us = static_cast<std::int64_t>(((hours * 60 + t.minute) * 60 + t.second) * 1'000'000 + t.second_part);
    at = put(at, t.neg ? -us : us);
  } else {
    at = put(at, static_cast<std::uint16_t>(t.year));
    at = put(at, static_cast<std::uint8_t>(t.month));
    at = put(at, static_cast<std::uint8_t>(t.day));
    if (type != Type::date) {
      at = put(at, static_cast<std::uint8_t>(t.hour));
      at = put(at, static_cast<std::uint8_t>(t.minute));
      at = put(at, static_cast<std::uint8_t>(t.second));
      at = put(at, static_cast<std::uint32_t>(t.second_part));
    }
  }
  image.append(buffer, static_cast<std::size_t>(at - buffer));
}

struct Slot {
  Type type = Type::bytes;
  std::size_t width = 0;
  unsigned long length = 0;
  Flag null = 0;
  Flag error = 0;
  std::array<char, 8> number{};
  MYSQL_TIME time{};
  std::string text;
};

struct StatementClose {
  void operator()(MYSQL_STMT* s) const noexcept { mysql_stmt_close(s); }
};

}  // namespace

std::string select_expression(const value::Column& column) {
  // BIT arrives as big-endian bytes of varying length; as a number it has one form.
  if (column.type == Type::bits) return "CAST(" + quote_name(column.name) + " AS UNSIGNED)";
  return quote_name(column.name);
}

struct RowFetch::Impl {
  std::unique_ptr<MYSQL_STMT, StatementClose> statement;
  std::vector<Slot> slots;
  std::vector<MYSQL_BIND> binds;

  [[noreturn]] void fail(const Connection& c, const std::string& sql) const {
    // An error in the middle of a result stands with the connection, not with the statement.
    if (mysql_stmt_errno(statement.get()) == 0) c.fail(sql);
    c.fail(mysql_stmt_errno(statement.get()), mysql_stmt_sqlstate(statement.get()), mysql_stmt_error(statement.get()), sql);
  }

  std::size_t row_bytes() const {
    std::size_t n = value::bitmap_bytes(slots.size());
    for (const auto& s : slots)
      if (!s.null) n += s.width != 0 ? s.width : 4 + s.length;
    return n;
  }

  void append_head(std::string& image) const {
    const std::size_t at = image.size();
    image.append(value::bitmap_bytes(slots.size()), '\0');
    for (std::size_t i = 0; i < slots.size(); ++i)
      if (slots[i].null) image[at + i / 8] = static_cast<char>(image[at + i / 8] | (1 << (i % 8)));
  }

  void append_fixed(std::string& image, const Slot& s) const {
    if (is_temporal(s.type)) append_time(image, s.type, s.time);
    else image.append(s.number.data(), s.width);
  }

  void append_length(std::string& image, const Slot& s) const {
    const auto len = static_cast<std::uint32_t>(s.length);
    image.append(reinterpret_cast<const char*>(&len), 4);
  }

  /// Copies [offset, offset + n) of a value that did not fit its slot.
  void fetch_piece(const Connection& c, unsigned column, std::size_t offset, char* to, std::size_t n) {
    MYSQL_BIND bind{};
    unsigned long length = 0;
    Flag null = 0, error = 0;
    bind.buffer_type = MYSQL_TYPE_BLOB;
    bind.buffer = to;
    bind.buffer_length = n;
    bind.length = &length;
    bind.is_null = &null;
    bind.error = &error;
    if (mysql_stmt_fetch_column(statement.get(), &bind, column, offset) != 0) fail(c, "fetch a long value");
  }

  void append_value(const Connection& c, std::string& image, unsigned column) {
    Slot& s = slots[column];
    append_length(image, s);
    if (s.length <= s.text.size()) {
      image.append(s.text.data(), s.length);
      return;
    }
    const std::size_t at = image.size();
    image.resize(at + s.length);
    fetch_piece(c, column, 0, image.data() + at, s.length);
  }
};

RowFetch::RowFetch(Connection& connection, std::vector<value::Column> columns)
    : connection_(connection), columns_(std::move(columns)), impl_(std::make_unique<Impl>()) {
  impl_->slots.resize(columns_.size());
  impl_->binds.resize(columns_.size());
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    Slot& s = impl_->slots[i];
    MYSQL_BIND& b = impl_->binds[i];
    s.type = columns_[i].type;
    s.width = value::fixed_width(s.type);
    std::memset(&b, 0, sizeof b);
    b.buffer_type = client_type(s.type);
    b.is_unsigned = parameter_unsigned(s.type);
    b.length = &s.length;
    b.is_null = &s.null;
    b.error = &s.error;
    if (s.width == 0) {
      s.text.resize(kInlineBytes);
      b.buffer = s.text.data();
      b.buffer_length = s.text.size();
    } else if (is_temporal(s.type)) {
      b.buffer = &s.time;
      b.buffer_length = sizeof s.time;
    } else {
      b.buffer = s.number.data();
      b.buffer_length = s.number.size();
    }
  }
}

RowFetch::~RowFetch() = default;

void RowFetch::run(const std::string& sql) {
  drain();
  impl_->statement.reset(mysql_stmt_init(connection_.raw()));
  if (!impl_->statement) throw std::bad_alloc();
  const HeadWatch::Scope watched(connection_.head_watch(), socket_of(connection_.raw()));
  const auto check = [&](int failed) {
    if (failed == 0) return;
    if (watched.tripped()) connection_.too_much(base::format_bytes(kMostHeadBytes) + " before its first row", sql);
    impl_->fail(connection_, sql);
  };
  check(mysql_stmt_prepare(impl_->statement.get(), sql.data(), sql.size()));
  if (mysql_stmt_field_count(impl_->statement.get()) != columns_.size())
    throw base::Error(base::Exit::unavailable, "the server answers a SELECT with another number of columns than it has", {.endpoint = connection_.endpoint()});
  check(mysql_stmt_execute(impl_->statement.get()));
  if (mysql_stmt_bind_result(impl_->statement.get(), impl_->binds.data()) != 0) impl_->fail(connection_, sql);
  running_ = true;
}

bool RowFetch::next(std::string& image, std::uint64_t& pending_rows, PayloadSink& out, std::uint64_t& written) {
  const int got = mysql_stmt_fetch(impl_->statement.get());
  if (got == MYSQL_NO_DATA) {
    drain();
    return false;
  }
  if (got != 0 && got != MYSQL_DATA_TRUNCATED) {
    running_ = false;
    impl_->fail(connection_, "fetch rows");
  }
  const std::size_t bytes = impl_->row_bytes();
  if (bytes < kLargeRow) {
    impl_->append_head(image);
    for (unsigned i = 0; i < impl_->slots.size(); ++i) {
      const Slot& s = impl_->slots[i];
      if (s.null) continue;
      if (s.width != 0) impl_->append_fixed(image, s);
      else impl_->append_value(connection_, image, i);
    }
    ++pending_rows;
    return true;
  }
  // A large row: what waits goes first, then the row in pieces.
  if (!image.empty()) out.write(image, pending_rows);
  written += image.size() + bytes;
  pending_rows = 0;
  image.clear();
  impl_->append_head(image);
  for (unsigned i = 0; i < impl_->slots.size(); ++i) {
    const Slot& s = impl_->slots[i];
    if (s.null) continue;
    if (s.width != 0) {
      impl_->append_fixed(image, s);
      continue;
    }
    if (s.length <= s.text.size()) {
      impl_->append_value(connection_, image, i);
      continue;
    }
    impl_->append_length(image, s);
    for (std::size_t at = 0; at < s.length;) {
      if (image.size() >= kFetchPiece) {
        out.write(image, 0);
        image.clear();
      }
      const std::size_t n = std::min<std::size_t>(kFetchPiece - image.size(), s.length - at);
      const std::size_t end = image.size();
      image.resize(end + n);
      impl_->fetch_piece(connection_, i, at, image.data() + end, n);
      at += n;
    }
  }
  out.write(image, 1);
  image.clear();
  return true;
}

std::string RowFetch::key_of_last(const std::vector<std::uint32_t>& columns) const {
  std::string key;
  for (const auto index : columns) {
    const Slot& s = impl_->slots[index];
    if (s.width != 0) impl_->append_fixed(key, s);
    else impl_->append_value(connection_, key, index);
  }
  return key;
}

void RowFetch::drain() noexcept {
  if (impl_->statement) mysql_stmt_free_result(impl_->statement.get());
  impl_->statement.reset();
  running_ = false;
}

}  // namespace flytt::engine::mysql_family
