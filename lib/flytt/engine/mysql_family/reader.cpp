// The family's BulkReader: walks a key in steps of about one chunk (WHERE key > last ORDER BY key LIMIT n), or reads a table
// whole when it has nothing to walk by. Bounds are compared by the server; the reader only remembers the last key it saw.
// SPDX-License-Identifier: MIT
#include <flytt/engine/mysql_family/reader.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/mysql_family/computed_values.hpp>
#include <flytt/engine/mysql_family/key_condition.hpp>
#include <flytt/engine/mysql_family/row_fetch.hpp>
#include <flytt/value/row_image.hpp>

namespace flytt::engine::mysql_family {
namespace {

constexpr std::size_t kImagePiece = 256 * 1024;            ///< rows are handed on in pieces of about this size
constexpr std::uint64_t kMinStep = 16;
constexpr std::uint64_t kMaxStep = 2'000'000;
constexpr std::uint64_t kWorthSplitting = 4U << 20;   ///< estimated bytes below which a range is not cut
constexpr int kSplitTries = 24;

std::string select_list(const value::Table& table) {
  std::string out;
  for (const auto& c : table.columns) out += (out.empty() ? "" : ", ") + select_expression(c);
  return out.empty() ? "NULL" : out;
}

/// What the server's statistics say of a row's size.
double mean_row_bytes(const value::Table& table) {
  return std::max(16.0, static_cast<double>(table.bytes_estimate) / static_cast<double>(std::max<std::uint64_t>(table.rows_estimate, 1)));
}

class Reader final : public BulkReader {
 public:
  Reader(FamilyServer& server, Connection& session) : server_(server), session_(&session) { prepare_session(); }
  explicit Reader(FamilyServer& server) : server_(server), own_(server.connect()), session_(own_.get()) { prepare_session(); }

  void open(const ReadJob& job) override;
  ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) override;
  void shorten(const std::string& through) override;
  std::optional<std::string> split(const value::Table& table, const KeyRange& range) override;
  std::vector<std::string> computed_digests(const value::Table& table, const std::string& condition) override {
    if (fetch_) fetch_->drain();
    return mysql_family::computed_digests(*session_, table, condition);
  }
  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override;

 private:
  void prepare_session() { session_->execute("SET SESSION character_set_results=NULL"); }
  bool walks() const { return job_.keys.empty() && job_.table->has_key() && job_.table->seekable; }
  void start_step(std::uint64_t target_bytes);
  void learn(std::uint64_t rows, std::uint64_t bytes);
  std::string from(const value::Table& table) const;
  std::optional<std::string> key_at(const value::Table& table, const std::string& condition, std::string_view direction);
  std::uint64_t estimate_rows(const value::Table& table, const std::string& condition);

  FamilyServer& server_;
  std::unique_ptr<Connection> own_;
  Connection* session_;
  std::unique_ptr<RowFetch> fetch_;
  const value::Table* fetch_table_ = nullptr;
  ReadJob job_;
  bool exhausted_ = true;
  std::uint64_t step_rows_ = 0;   ///< LIMIT of the running step
  std::uint64_t step_got_ = 0;
  double row_bytes_ = 100;        ///< running mean, to size steps
  std::string image_;
};

std::string Reader::from(const value::Table& table) const {
  std::string out = " FROM " + quote_name(table.name.schema) + "." + quote_name(table.name.table);
  if (table.has_key() && table.seekable) out += " FORCE INDEX (" + quote_name(table.key.name) + ")";
  return out;
}

void Reader::open(const ReadJob& job) {
  if (fetch_) fetch_->drain();
  job_ = job;
  if (fetch_table_ != job.table) {
    fetch_ = std::make_unique<RowFetch>(*session_, job.table->columns);
    fetch_table_ = job.table;
    row_bytes_ = mean_row_bytes(*job.table);
  }
  exhausted_ = false;
}

void Reader::start_step(std::uint64_t target_bytes) {
  const value::Table& table = *job_.table;
  std::string sql = "SELECT " + select_list(table);
  if (table.columns.empty()) throw base::Error(base::Exit::bug, "table " + table.name.display() + " has no columns to read");
  if (!job_.keys.empty()) {
    sql += from(table) + " WHERE (" + keys_condition(table, job_.keys) + ")";
    if (!job_.condition.empty()) sql += " AND (" + job_.condition + ")";
    step_rows_ = kMaxStep;
  } else if (walks()) {
    step_rows_ = std::clamp(static_cast<std::uint64_t>(static_cast<double>(target_bytes) / row_bytes_), kMinStep, kMaxStep);
    sql += from(table) + " WHERE " + range_condition(table, job_.range, job_.condition) + " ORDER BY " + key_columns(table) +
           " LIMIT " + std::to_string(step_rows_);
  } else {
    sql += from(table);
    if (!job_.condition.empty()) sql += " WHERE " + job_.condition;
    step_rows_ = 0;
  }
  step_got_ = 0;
  fetch_->run(sql);
}

void Reader::learn(std::uint64_t rows, std::uint64_t bytes) {
  if (rows == 0) return;
  const double mean = static_cast<double>(bytes) / static_cast<double>(rows);
  row_bytes_ = std::max(8.0, row_bytes_ * 0.3 + mean * 0.7);
}

ReadProgress Reader::read(PayloadSink& out, std::uint64_t target_bytes) try {
  ReadProgress progress;
  const bool keyed = job_.table->has_key();
  std::uint64_t pending = 0, written = 0;
  image_.clear();
  while (!exhausted_ && written + image_.size() < target_bytes) {
    if (!fetch_->running()) {
      // A short rest is not worth a statement of its own; the next chunk starts there.
      if (progress.rows > 0 && written + image_.size() > target_bytes * 3 / 4) break;
      start_step(target_bytes - written - image_.size());
    }
    if (!fetch_->next(image_, pending, out, written)) {
      // Fewer rows than asked for: the range is read to its end.
      exhausted_ = !walks() || step_got_ < step_rows_;
      continue;
    }
    ++progress.rows;
    ++step_got_;
    if (image_.size() >= kImagePiece) {
      out.write(image_, pending);
      written += image_.size();
      image_.clear();
      pending = 0;
    }
    // The key is needed where this call or a step may end, and only there.
    if (keyed && (written + image_.size() >= target_bytes || step_got_ == step_rows_)) {
      progress.last_key = fetch_->key_of_last(job_.table->key.columns);
      if (walks()) job_.range.after = progress.last_key;
    }
  }
  if (!image_.empty()) {
    out.write(image_, pending);
    written += image_.size();
  }
  if (keyed && exhausted_ && progress.rows > 0) progress.last_key = fetch_->key_of_last(job_.table->key.columns);
  progress.bytes = written;
  progress.done = exhausted_;
  learn(progress.rows, written);
  return progress;
} catch (const base::Error& e) {
  throw e.within("while reading " + job_.table->name.display());
}

void Reader::shorten(const std::string& through) {
  // A step that still runs may reach beyond the new end: it is dropped, and the next one starts at the last key seen.
  if (fetch_) fetch_->drain();
  job_.range.through = through;
}

std::optional<std::string> Reader::key_at(const value::Table& table, const std::string& condition, std::string_view direction) {
  std::vector<value::Column> columns;
  std::vector<std::uint32_t> all;
  for (const auto index : table.key.columns) {
    all.push_back(static_cast<std::uint32_t>(columns.size()));
    columns.push_back(table.columns[index]);
  }
  std::string list;
  for (const auto& c : columns) list += (list.empty() ? "" : ", ") + select_expression(c);
  RowFetch fetch(*session_, columns);
  fetch.run("SELECT " + list + from(table) + " WHERE " + condition + " ORDER BY " + key_columns(table, direction) + " LIMIT 1");
  struct Ignore final : PayloadSink {
    void write(std::string_view, std::uint64_t) override {}
  } ignore;
  std::string image;
  std::uint64_t rows = 0, written = 0;
  if (!fetch.next(image, rows, ignore, written)) return std::nullopt;
  std::string key = fetch.key_of_last(all);
  fetch.drain();
  return key;
}

std::uint64_t Reader::estimate_rows(const value::Table& table, const std::string& condition) {
  // USE, not FORCE: MySQL does not look into an index that it is forced to take, and says 1.
  const Result r = session_->query("EXPLAIN FORMAT=TRADITIONAL SELECT 1 FROM " + quote_name(table.name.schema) + "." +
                                   quote_name(table.name.table) + " USE INDEX (" + quote_name(table.key.name) + ") WHERE " + condition);
  return base::parse_u64(r.text("rows")).value_or(0);
}

std::optional<std::string> Reader::split(const value::Table& table, const KeyRange& range) {
  if (!table.has_key() || !table.seekable) return std::nullopt;
  if (fetch_ && fetch_->running()) fetch_->drain();
  const std::string inside = range_condition(table, range, {});
  const double row_bytes = fetch_table_ == &table ? row_bytes_ : mean_row_bytes(table);
  if (static_cast<double>(estimate_rows(table, inside)) * row_bytes < static_cast<double>(kWorthSplitting)) return std::nullopt;
  const auto low = key_at(table, inside, ""), high = key_at(table, inside, " DESC");
  if (!low || !high || *low == *high) return std::nullopt;
  const auto low_parts = value::key_parts(table, *low), high_parts = value::key_parts(table, *high);
  std::size_t differs = 0;
  while (low_parts[differs] == high_parts[differs]) ++differs;
  const auto& column = table.columns[table.key.columns[differs]];
  std::string upper(high_parts[differs]);
  for (int i = 0; i < kSplitTries; ++i) {
    const auto middle = midpoint(column, low_parts[differs], upper);
    if (!middle) return std::nullopt;
    std::vector<std::string_view> cut(low_parts.begin(), low_parts.begin() + static_cast<std::ptrdiff_t>(differs));
    cut.push_back(*middle);
    auto key = key_at(table,
                      "(" + inside + ") AND (" + compare_key(table, cut, Bound::greater_or_equal) + ") AND (" +
                          compare_key(table, high_parts, Bound::less) + ")",
                      "");
    if (key) return key;
    upper = *middle;  // nothing up there: halve what is below
  }
  return std::nullopt;
}

std::uint64_t Reader::count_rows(const value::Table& table, const std::string& condition) {
  if (fetch_) fetch_->drain();
  std::string sql = "SELECT COUNT(*) FROM " + quote_name(table.name.schema) + "." + quote_name(table.name.table);
  if (!condition.empty()) sql += " WHERE " + condition;
  return session_->number(sql);
}

}  // namespace

std::unique_ptr<BulkReader> make_reader(FamilyServer& server) { return std::make_unique<Reader>(server); }
std::unique_ptr<BulkReader> make_reader(FamilyServer& server, Connection& session) {
  return std::make_unique<Reader>(server, session);
}

}  // namespace flytt::engine::mysql_family
