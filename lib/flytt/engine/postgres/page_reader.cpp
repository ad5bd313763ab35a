// A table in parts is one COPY a chunk: as many pages as are expected to hold the bytes asked for. Ranges of row addresses are what the
// server itself can seek by (TID range scans), in any table, with or without a key. A whole table is one COPY, cut into chunks here:
// the server reads large ones through a ring of 256 KiB of its buffers, which it does for no range.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/page_reader.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/computed_values.hpp>
#include <flytt/engine/postgres/copy_io.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/planned_path.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

constexpr std::uint64_t kPageSize = 8192;
constexpr std::uint32_t kLastPage = 0xFFFFFFFEU;
/// How far one read may grow over what the last one's pages held: a table's end may be fuller than its beginning.
constexpr std::uint64_t kGrowth = 4;

std::string bound_of(std::uint32_t page) {
  std::string out(4, '\0');
  for (int i = 0; i < 4; ++i) out[static_cast<std::size_t>(i)] = static_cast<char>((page >> (24 - 8 * i)) & 0xFF);
  return out;
}

std::uint32_t page_of(const std::string& bound) {
  if (bound.size() != 4) throw Error(Exit::bug, "a page bound is not four bytes");
  std::uint32_t page = 0;
  for (const char c : bound) page = (page << 8) | static_cast<unsigned char>(c);
  return page;
}

class PageReader final : public BulkReader {
 public:
  explicit PageReader(Connection& session) : c_(session), path_(session, Within::transaction) {}

  void open(const ReadJob& job) override {
    copy_.reset();
    table_ = job.table;
    whole_ = job.whole;
    condition_ = job.condition;
    next_ = job.range.after ? std::uint64_t{page_of(*job.range.after)} + 1 : 0;
    through_ = job.range.through;
    unplanned_ = path_.look_for(*table_);
    if (whole_) return;
    pages_ = pages(*table_);
    // TOAST counts: a page of pointers to large values is worth as many bytes as they have.
    per_page_ = std::max<std::uint64_t>(1, table_->bytes_estimate / std::max<std::uint64_t>(1, pages_));
  }

  ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) override try {
    return whole_ ? read_on(out, target_bytes) : read_pages(out, target_bytes);
  } catch (...) {
    copy_.reset();
    throw;
  }

  void shorten(const std::string& through) override { through_ = through; }

  std::optional<std::string> split(const value::Table& table, const KeyRange& range) override {
    const std::uint64_t from = range.after ? std::uint64_t{page_of(*range.after)} + 1 : 0;
    const std::uint64_t to = range.through ? page_of(*range.through) : std::max<std::uint64_t>(pages(table), 1) - 1;
    if (to < from + 1) return std::nullopt;
    return bound_of(static_cast<std::uint32_t>(from + (to - from) / 2));
  }

  std::vector<std::string> computed_digests(const value::Table& table, const std::string& condition) override {
    copy_.reset();
    path_.look_for(table);
    return postgres::computed_digests(c_, table, condition);
  }

  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override {
    path_.look_for(table);
    return c_.number(concat("SELECT pg_catalog.count(*) FROM ONLY ", quote_table(table.name.schema, table.name.table),
                            condition.empty() ? "" : " WHERE ", condition));
  }

 private:
  /// From where the last call ended. One row ahead, so that the last chunk is known to be it.
  ReadProgress read_on(PayloadSink& out, std::uint64_t target_bytes) {
    ReadProgress progress;
    if (!copy_) {
      start(std::nullopt);
      progress.done = !copy_->next(row_);
    }
    while (!progress.done && progress.bytes < target_bytes) {
      out.write(row_, 1);
      progress.bytes += row_.size();
      ++progress.rows;
      progress.done = !copy_->next(row_);
    }
    if (progress.done) copy_.reset();
    return progress;
  }

  ReadProgress read_pages(PayloadSink& out, std::uint64_t target_bytes) {
    ReadProgress progress;
    const std::uint64_t count = std::max<std::uint64_t>(1, target_bytes / per_page_);
    const std::uint64_t limit = through_ ? page_of(*through_) : std::max<std::uint64_t>(pages_, 1) - 1;
    const std::uint64_t last = std::min(next_ + count - 1, limit);
    // Beyond the last page that there is may be pages that were added since; the range's end is open then.
    progress.done = last >= limit;
    start(progress.done && !through_ ? std::nullopt : std::optional(last));
    while (copy_->next(row_)) {
      out.write(row_, 1);
      progress.bytes += row_.size();
    }
    progress.rows = copy_->rows();
    copy_.reset();
    if (progress.bytes > 0) {
      const std::uint64_t seen = std::max<std::uint64_t>(1, progress.bytes / (last - next_ + 1));
      per_page_ = std::max(seen, per_page_ / kGrowth);
    }
    next_ = last + 1;
    progress.last_key = bound_of(static_cast<std::uint32_t>(last));
    return progress;
  }

  std::uint64_t pages(const value::Table& table) {
    const std::string name = quote_table(table.name.schema, table.name.table);
    return c_.number(concat("SELECT pg_catalog.pg_relation_size(", quote_text(name), "::pg_catalog.regclass) / ", kPageSize));
  }

  std::string statement(std::optional<std::uint64_t> last) const {
    std::string columns;
    for (const auto& column : table_->columns) columns += concat(columns.empty() ? "" : ", ", quote_name(column.name));
    // Nothing is planned for a table by itself, and so none of its indexes is looked at.
    if (unplanned_ && whole_ && condition_.empty())
      return concat("COPY ", quote_table(table_->name.schema, table_->name.table), columns.empty() ? "" : " (" + columns + ")", " TO STDOUT", binary() ? " (FORMAT binary)" : "");
    std::string where;
    const auto add = [&](const std::string& part) { where += concat(where.empty() ? " WHERE " : " AND ", part); };
    if (next_ > 0) add(concat("ctid >= '(", next_, ",0)'::pg_catalog.tid"));
    if (last && *last < kLastPage) add(concat("ctid < '(", *last + 1, ",0)'::pg_catalog.tid"));
    if (!condition_.empty()) add("(" + condition_ + ")");
    return concat("COPY (SELECT ", columns, " FROM ONLY ", quote_table(table_->name.schema, table_->name.table), where, ") TO STDOUT",
                  binary() ? " (FORMAT binary)" : "");
  }

  bool binary() const { return table_->encoding == kCopyBinary; }

  void start(std::optional<std::uint64_t> last) {
    copy_.emplace(c_);
    copy_->start(statement(last), binary() ? CopyForm::binary : CopyForm::text);
  }

  Connection& c_;
  const value::Table* table_ = nullptr;
  std::string condition_;
  std::uint64_t next_ = 0;
  std::optional<std::string> through_;
  std::uint64_t pages_ = 0;
  std::uint64_t per_page_ = kPageSize;
  bool whole_ = false;
  PlannedPath path_;
  bool unplanned_ = false;
  std::optional<CopyOut> copy_;
  std::string_view row_;  ///< the last one read, valid until the next
};

/// Tables by their pages, large objects by their numbers.
class DumpReader final : public BulkReader {
 public:
  explicit DumpReader(Connection& session) : pages_(session), objects_(make_large_object_reader(session)) {}

  void open(const ReadJob& job) override {
    open_ = &reader_of(*job.table);
    open_->open(job);
  }
  ReadProgress read(PayloadSink& out, std::uint64_t target_bytes) override { return open_->read(out, target_bytes); }
  void shorten(const std::string& through) override { open_->shorten(through); }
  std::optional<std::string> split(const value::Table& table, const KeyRange& range) override { return reader_of(table).split(table, range); }
  std::vector<std::string> computed_digests(const value::Table& table, const std::string& condition) override { return pages_.computed_digests(table, condition); }
  std::uint64_t count_rows(const value::Table& table, const std::string& condition) override { return reader_of(table).count_rows(table, condition); }

 private:
  BulkReader& reader_of(const value::Table& table) { return table.encoding == kLargeObjects ? *objects_ : pages_; }

  PageReader pages_;
  const std::unique_ptr<BulkReader> objects_;
  BulkReader* open_ = &pages_;
};

}  // namespace

std::unique_ptr<BulkReader> make_dump_reader(Connection& session) { return std::make_unique<DumpReader>(session); }

}  // namespace flytt::engine::postgres
