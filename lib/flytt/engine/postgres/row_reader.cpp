// Walks a key in steps of about one chunk (WHERE key > last ORDER BY key LIMIT n), each one COPY, so that no statement and no
// snapshot of the server lives long; reads a table whole when it has nothing to walk by. Bounds are compared by the server.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/row_reader.hpp>

#include <algorithm>
#include <cstring>
#include <optional>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/copy_io.hpp>
#include <flytt/engine/postgres/key_condition.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/planned_path.hpp>
#include <flytt/engine/postgres/row_decode.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr std::size_t kRowPiece = 256 * 1024;            ///< rows are handed on in pieces of about this size
constexpr std::size_t kLargeRow = 1024 * 1024;        ///< from here on a row goes out in pieces
constexpr std::size_t kLargeValue = 64 * 1024;        ///< and such a value of it without a copy
constexpr std::uint64_t kMinStep = 16;
constexpr std::uint64_t kMaxStep = 2'000'000;
constexpr std::uint64_t kWorthSplitting = 4U << 20;   ///< estimated bytes below which a range is not cut
constexpr double kUnknownRow = 100;                   ///< bytes of a row before one was seen
constexpr std::uint64_t kSamplePages = 1000;

/// Money has hundredths everywhere. Sessions of short statements gain nothing from compiling them.
constexpr std::string_view kSession = "SET lc_monetary = 'C'; SET jit = off";
/// Whatever the statistics say, a step reads as many entries of the key's index as it gives rows.
constexpr std::string_view kByIndex = "SET enable_seqscan = off; SET enable_sort = off; SET enable_incremental_sort = off";
constexpr std::string_view kAsPlanned = "RESET enable_seqscan; RESET enable_sort; RESET enable_incremental_sort";

/// A table's columns with the types below their domains.
constexpr std::string_view kShapes =
    "WITH RECURSIVE below(attname, oid, modifier) AS (SELECT a.attname, a.atttypid, a.atttypmod FROM pg_catalog.pg_attribute a"
    " WHERE a.attrelid = $1::pg_catalog.regclass AND a.attnum > 0 AND NOT a.attisdropped"
    " UNION ALL SELECT b.attname, t.typbasetype, t.typtypmod FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype = 'd')"
    " SELECT b.attname, b.modifier, t.typname, t.typtype, t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace AND t.oid < 16384 AS builtin,"
    " pg_catalog.format_type(t.oid, -1) AS sql FROM below b JOIN pg_catalog.pg_type t ON t.oid = b.oid WHERE t.typtype <> 'd'";

std::string table_name(const value::Table& table) { return quote_table(table.name.schema, table.name.table); }

double mean_row_bytes(const value::Table& table) {
  if (table.rows_estimate == 0) return kUnknownRow;  // never analyzed
  return std::max(16.0, static_cast<double>(table.bytes_estimate) / static_cast<double>(table.rows_estimate));
}

/// A table as it is read: forms of its columns, its key in SQL.
struct TableReading {
  TableReading(Connection& c, const value::Table& table) {
    const Result r = c.query(kShapes, {table_name(table)});
    for (const auto& column : table.columns) shapes.push_back(shape(r, table, column));
    for (const auto index : table.key.columns) key.push_back(shapes[index]);
  }

  std::vector<Form> forms() const {
    std::vector<Form> out;
    for (const auto& s : shapes) out.push_back(s.form);
    return out;
  }

  std::string selected() const {
    std::string out;
    for (const auto& s : shapes) out += concat(out.empty() ? "" : ", ", s.selected());
    return out;
  }

  std::vector<ColumnShape> shapes;
  std::vector<ColumnShape> key;

 private:
  static ColumnShape shape(const Result& r, const value::Table& table, const value::Column& column) {
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      if (r.text("attname", i) != column.name) continue;
      const int modifier = static_cast<int>(base::parse_i64(r.text("modifier", i)).value_or(-1));
      const Shape found = shape_of(r.text("typname", i), r.text("typtype", i).front(), r.yes("builtin", i), modifier);
      if (found.type == column.type) return {quote_name(column.name), r.text("sql", i), found.form, found.type, modifier};
    }
    throw Error(Exit::unavailable, concat("column ", base::quote_for_message(column.name), " of ", table.name.display(), " is not what it was"),
                {.hint = "The table was altered meanwhile: begin again."});
  }
};

class RowReader final : public BulkReader {
 public:
  explicit RowReader(PgServer& server) : session_(server.connect()), path_(*session_, Within::nothing) {
    session_->execute(kSession);
    // Nobody knows what its bytes mean, and as UTF-8 the server would not give them out.
    if (server.identity().settings.at("server_encoding") == "SQL_ASCII") session_->use_server_encoding();
  }

  void open(const ReadJob& job) override;
  ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) override;
  void shorten(const std::string& through) override;
  std::optional<std::string> split(const value::Table& table, const KeyRange& range) override;
  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override;

 private:
  /// Rows on their way out.
  struct Out {
    PayloadSink& sink;
    std::string image;
    std::uint64_t pending = 0;  ///< rows complete in `image`
    std::uint64_t written = 0;

    std::uint64_t bytes() const noexcept { return written + image.size(); }
    void flush(std::uint64_t rows);
    void pass(std::string_view bytes);
  };

  bool walks() const { return job_.keys.empty() && job_.table->has_key() && job_.table->seekable; }
  void plan(bool by_index);
  void start_step(std::uint64_t target_bytes);
  void take(Out& out, std::string_view row);
  void take_large(Out& out);
  void remember_key();
  void learn(std::uint64_t rows, std::uint64_t bytes);

  std::unique_ptr<Connection> session_;
  PlannedPath path_;
  bool by_index_ = false;
  ReadJob job_;
  std::optional<TableReading> reading_;
  const value::Table* read_table_ = nullptr;  ///< whose `reading_` it is
  std::optional<RowDecoder> decoder_;
  std::optional<CopyOut> copy_;   ///< the running step
  std::string key_;               ///< of the last row
  bool exhausted_ = true;
  std::uint64_t step_rows_ = 0;   ///< its LIMIT
  std::uint64_t step_got_ = 0;
  double row_bytes_ = 100;        ///< running mean, to size steps
};

void RowReader::Out::flush(std::uint64_t rows) {
  if (image.empty()) return;
  sink.write(image, rows);
  written += image.size();
  image.clear();
}

void RowReader::Out::pass(std::string_view bytes) {
  sink.write(bytes, 0);
  written += bytes.size();
}

void RowReader::plan(bool by_index) {
  if (by_index == by_index_) return;
  session_->execute(by_index ? kByIndex : kAsPlanned);
  by_index_ = by_index;
}

void RowReader::open(const ReadJob& job) {
  copy_.reset();
  job_ = job;
  if (job.table->columns.empty()) throw Error(Exit::bug, "table " + job.table->name.display() + " has no columns to read");
  if (read_table_ != job.table) {
    reading_.emplace(*session_, *job.table);
    decoder_.emplace(job.table->columns, reading_->forms());
    row_bytes_ = mean_row_bytes(*job.table);
    read_table_ = job.table;
  }
  exhausted_ = false;
  path_.look_for(*job.table);
}

void RowReader::start_step(std::uint64_t target_bytes) {
  const value::Table& table = *job_.table;
  std::string sql = concat("COPY (SELECT ", reading_->selected(), " FROM ", rows_of(table), " WHERE ");
  plan(!job_.keys.empty() || walks());
  step_rows_ = 0;
  if (!job_.keys.empty()) {
    sql += concat(keys_condition(table, reading_->key, job_.keys), job_.condition.empty() ? "" : " AND (", job_.condition,
                  job_.condition.empty() ? "" : ")");
  } else if (walks()) {
    step_rows_ = std::clamp(static_cast<std::uint64_t>(static_cast<double>(target_bytes) / row_bytes_), kMinStep, kMaxStep);
    sql += concat(range_condition(table, reading_->key, job_.range, job_.condition), " ORDER BY ", key_list(reading_->key), " LIMIT ", step_rows_);
  } else {
    sql += job_.condition.empty() ? "true" : job_.condition;
  }
  step_got_ = 0;
  copy_.emplace(*session_);
  copy_->start(sql + ") TO STDOUT (FORMAT binary)", CopyForm::binary);
}

void RowReader::take(Out& out, std::string_view row) {
  decoder_->parse(row);
  if (row.size() >= kLargeRow) return take_large(out);
  decoder_->append_head(out.image);
  for (std::size_t i = 0; i < decoder_->columns(); ++i) decoder_->append_value(out.image, i);
  ++out.pending;
  if (out.image.size() < kRowPiece) return;
  out.flush(out.pending);
  out.pending = 0;
}

/// A long value goes from the client library's buffer to the sink.
void RowReader::take_large(Out& out) {
  out.flush(out.pending);
  out.pending = 0;
  decoder_->append_head(out.image);
  for (std::size_t i = 0; i < decoder_->columns(); ++i) {
    std::string_view value = decoder_->value(i);
    if (!decoder_->verbatim(i) || value.size() < kLargeValue) {
      decoder_->append_value(out.image, i);
      continue;
    }
    const auto length = static_cast<std::uint32_t>(value.size());
    out.image.append(reinterpret_cast<const char*>(&length), sizeof length);
    out.flush(0);
    for (; !value.empty(); value.remove_prefix(std::min(value.size(), kLargeRow))) out.pass(value.substr(0, kLargeRow));
  }
  // The piece that completes the row may have no bytes left to hold.
  out.sink.write(out.image, 1);
  out.written += out.image.size();
  out.image.clear();
}

/// The row itself is gone with the next one.
void RowReader::remember_key() {
  key_.clear();
  for (const auto index : job_.table->key.columns) decoder_->append_value(key_, index);
}

void RowReader::learn(std::uint64_t rows, std::uint64_t bytes) {
  if (rows > 0) row_bytes_ = std::max(8.0, row_bytes_ * 0.3 + static_cast<double>(bytes) / static_cast<double>(rows) * 0.7);
}

ReadProgress RowReader::read(PayloadSink& sink, std::uint64_t target_bytes) try {
  ReadProgress progress;
  Out out{sink, {}};
  const bool keyed = job_.table->has_key();
  std::string_view row;
  while (!exhausted_ && out.bytes() < target_bytes) {
    if (!copy_) {
      // A short rest is not worth a statement of its own; the next chunk starts there.
      if (progress.rows > 0 && out.bytes() > target_bytes * 3 / 4) break;
      start_step(target_bytes - out.bytes());
    }
    if (!copy_->next(row)) {
      // Fewer rows than asked for: the range is read to its end.
      exhausted_ = !walks() || step_got_ < step_rows_;
      copy_.reset();
      learn(progress.rows, out.bytes());
      continue;
    }
    take(out, row);
    ++progress.rows;
    ++step_got_;
    if (!keyed) continue;
    remember_key();
    if (walks() && step_got_ == step_rows_) job_.range.after = key_;
  }
  out.flush(out.pending);
  if (keyed && progress.rows > 0) {
    progress.last_key = key_;
    if (walks()) job_.range.after = key_;
  }
  progress.bytes = out.written;
  progress.done = exhausted_;
  learn(progress.rows, progress.bytes);
  return progress;
} catch (const Error& e) {
  copy_.reset();
  throw e.within("while reading " + job_.table->name.display());
}

void RowReader::shorten(const std::string& through) {
  // A step that still runs may reach beyond the new end: it is dropped, and the next one starts at the last key seen.
  copy_.reset();
  job_.range.through = through;
}

/// The middle of the keys on pages taken at random: good for every type and order, and as cheap in a large table as in a small one.
std::optional<std::string> RowReader::split(const value::Table& table, const KeyRange& range) {
  if (!table.has_key() || !table.seekable || is_large_objects(table)) return std::nullopt;
  copy_.reset();
  path_.look_for(table);
  const TableReading reading(*session_, table);
  const std::uint64_t pages = session_->number(concat("SELECT COALESCE(pg_catalog.sum(pg_catalog.pg_relation_size(relid)), pg_catalog.pg_relation_size(", quote_text(table_name(table)),
                                                      "::pg_catalog.regclass))::bigint / 8192 FROM pg_catalog.pg_partition_tree(", quote_text(table_name(table)), "::pg_catalog.regclass)"));
  const double percent = std::min(100.0, 100.0 * static_cast<double>(kSamplePages) / static_cast<double>(std::max<std::uint64_t>(pages, 1)));
  const std::string keys = key_list(reading.key);
  std::string selected;
  for (const auto& column : reading.key) selected += column.selected() + ", ";
  CopyOut copy(*session_);
  copy.start(concat("COPY (SELECT ", selected, "\"rows sampled\" FROM (SELECT ", keys, ", pg_catalog.row_number() OVER (ORDER BY ", keys,
                    ") AS \"row's place\", pg_catalog.count(*) OVER () AS \"rows sampled\" FROM ", rows_of(table),
                    " TABLESAMPLE SYSTEM (", percent, ") REPEATABLE (1) WHERE ", range_condition(table, reading.key, range, {}),
                    ") AS sample WHERE \"row's place\" = (\"rows sampled\" + 1) / 2) TO STDOUT (FORMAT binary)"),
             CopyForm::binary);
  std::string_view row;
  if (!copy.next(row)) return std::nullopt;
  std::vector<value::Column> columns;
  std::vector<Form> forms;
  for (std::size_t i = 0; i < reading.key.size(); ++i) {
    columns.push_back(table.columns[table.key.columns[i]]);
    forms.push_back(reading.key[i].form);
  }
  columns.emplace_back().type = value::Type::int64;
  forms.push_back(Form::number);
  RowDecoder decoder(columns, forms);
  decoder.parse(row);
  std::string key, total;
  for (std::size_t i = 0; i < reading.key.size(); ++i) decoder.append_value(key, i);
  decoder.append_value(total, reading.key.size());
  while (copy.next(row)) {
  }
  std::int64_t sampled;
  std::memcpy(&sampled, total.data(), sizeof sampled);
  const double row_bytes = read_table_ == &table ? row_bytes_ : mean_row_bytes(table);
  if (sampled < 2 || static_cast<double>(sampled) * 100 / percent * row_bytes < static_cast<double>(kWorthSplitting)) return std::nullopt;
  if (key == range.through) return std::nullopt;
  return key;
}

std::uint64_t RowReader::count_rows(const value::Table& table, const std::string& condition) {
  copy_.reset();
  path_.look_for(table);
  plan(false);
  return session_->number(concat("SELECT pg_catalog.count(*) FROM ", rows_of(table), condition.empty() ? "" : " WHERE ", condition));
}

}  // namespace

std::unique_ptr<BulkReader> make_row_reader(PgServer& server) { return std::make_unique<RowReader>(server); }

}  // namespace flytt::engine::postgres
