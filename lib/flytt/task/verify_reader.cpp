// Row images to hashes.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_reader.hpp>

#include <algorithm>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>

namespace flytt::task::compare {
namespace {

/// Puts rows together that come in pieces, and hands each on.
class RowSink final : public engine::PayloadSink {
 public:
  RowSink(const value::Table& table, value::CanonicalRow& canonical, const SideReader::OnRow& on_row)
      : table_(table), canonical_(canonical), on_row_(on_row) {}

  void write(std::string_view bytes, std::uint64_t rows) override {
    if (rows == 0) {
      pending_.append(bytes);
    } else if (pending_.empty()) {
      walk(bytes);
    } else {
      pending_.append(bytes);
      walk(pending_);
      pending_ = {};
    }
  }

  void expect_whole() const {
    if (!pending_.empty()) throw base::Error(base::Exit::bug, "a reader ended inside a row of " + table_.name.display());
  }

 private:
  void walk(std::string_view image) {
    value::RowCursor cursor(table_.columns, image);
    while (cursor.next()) on_row_({canonical_.hash(cursor.cells()), cursor.cells(), cursor.row()});
  }

  const value::Table& table_;
  value::CanonicalRow& canonical_;
  const SideReader::OnRow& on_row_;
  std::string pending_;
};

constexpr std::uint64_t kWholeRead = 8U << 20;

}  // namespace

Run::Run(engine::Server& source, engine::Server& target, const VerifyOptions& opts, const base::Context& context)
    : servers{&source, &target},
      options(opts),
      ctx(context),
      seed(codec::hash64(base::make_uuid())),
      rates{flow::TokenBucket(context.clock, opts.max_rows_per_second), flow::TokenBucket(context.clock, opts.max_rows_per_second)} {}

void Run::abort() noexcept {
  for (engine::Server* server : servers) server->cancel_all();
}

void Run::fail(std::exception_ptr why) noexcept {
  first.keep(std::move(why));
  abort();
}

void RowDigests::clear() {
  hashes.clear();
  ends.clear();
  names.clear();
  sum = {};
}

void append_name(std::string& out, const TablePair& pair, Side side, const SeenRow& row) {
  if (!pair.named_by_key) {
    out.append(reinterpret_cast<const char*>(&row.hash.lo), sizeof row.hash.lo);
    out.append(reinterpret_cast<const char*>(&row.hash.hi), sizeof row.hash.hi);
    return;
  }
  const value::Table& table = pair.table(side);
  for (const auto index : table.key.columns) {
    const std::string_view image = row.cells[index].image();
    if (value::fixed_width(table.columns[index].type) == 0) {
      const auto length = static_cast<std::uint32_t>(image.size());
      out.append(reinterpret_cast<const char*>(&length), sizeof length);
    }
    out.append(image);
  }
}

engine::BulkReader& SideReader::reader() {
  if (!reader_) reader_ = run_.server(side_).reader();
  return *reader_;
}

void SideReader::open_job(const TablePair& pair, engine::ReadJob job) {
  if (pair_ != &pair) {
    canonical_.emplace(pair.table(side_).columns, pair.compared, run_.seed);
    pair_ = &pair;
  }
  job.table = &pair.table(side_);
  job.condition = pair.condition;
  reader().open(job);
}

void SideReader::open(const TablePair& pair, const engine::KeyRange& range) {
  engine::ReadJob job;
  job.range = range;
  open_job(pair, std::move(job));
}

void SideReader::open(const TablePair& pair, std::vector<std::string> keys) {
  engine::ReadJob job;
  job.keys = std::move(keys);
  open_job(pair, std::move(job));
}

engine::ReadProgress SideReader::read(std::uint64_t target_bytes, const OnRow& on_row) {
  run_.ctx.check_stop();
  RowSink sink(pair_->table(side_), *canonical_, on_row);
  try {
    const engine::ReadProgress progress = reader().read(sink, target_bytes);
    sink.expect_whole();
    run_.progress.add_bytes(progress.bytes);
    run_.progress.add_rows(progress.rows);
    if (!run_.rates[static_cast<std::size_t>(side_)].take(progress.rows, run_.ctx.stop)) run_.ctx.check_stop();
    return progress;
  } catch (const base::Error& e) {
    const auto& columns = pair_->table(side_).columns;
    const bool computes = std::any_of(columns.begin(), columns.end(), [](const value::Column& c) { return c.generated; });
    const base::Error told = e.within(base::concat("while comparing ", shown_name(pair_->name), " on the ", side_name(side_)));
    throw computes && e.code() == base::Exit::data ? told.with_more_hint("If a generated column cannot be computed, --exclude-column leaves it out.") : told;
  }
}

engine::ReadProgress SideReader::read(std::uint64_t target_bytes, RowDigests& digests) {
  return read(target_bytes, [&](const SeenRow& row) {
    digests.hashes.push_back(row.hash);
    append_name(digests.names, *pair_, side_, row);
    digests.ends.push_back(digests.names.size());
    digests.sum += row.hash;
  });
}

void SideReader::read_all(const OnRow& on_row) {
  while (!read(kWholeRead, on_row).done) {
  }
}

std::optional<std::string> SideReader::split(const TablePair& pair, const engine::KeyRange& range) {
  return reader().split(pair.table(side_), range);
}

std::uint64_t SideReader::count(const TablePair& pair) { return reader().count_rows(pair.table(side_), pair.condition); }

}  // namespace flytt::task::compare
