// Reading pieces, writing chunks.
// SPDX-License-Identifier: MIT
#include <flytt/task/dump_crew.hpp>

#include <flytt/base/text.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/task/dump_plan.hpp>

namespace flytt::task {
namespace {

using base::Error;
using base::Exit;

/// Between an engine that hands out rows and the stream, which are neighbours and do not know each other.
class RowsToChunk final : public engine::PayloadSink {
 public:
  explicit RowsToChunk(wire::ChunkWriter& chunk) : chunk_(chunk) {}
  void write(std::string_view bytes, std::uint64_t rows) override { chunk_.write(bytes, rows); }

 private:
  wire::ChunkWriter& chunk_;
};

}  // namespace

DumpCrew::DumpCrew(engine::Server& server, engine::Snapshot& snapshot, const value::Manifest& manifest,
                   const DumpOptions& options, wire::StreamWriter& writer, flow::Progress& progress, flow::FirstFailure& first)
    : server_(server),
      snapshot_(snapshot),
      manifest_(manifest),
      options_(options),
      writer_(writer),
      progress_(progress),
      first_(first),
      pool_(work_of(manifest, snapshot.jobs()), snapshot.jobs(), 2 * options.chunk_size),
      table_rows_(manifest.tables.size()),
      table_bytes_(manifest.tables.size()) {
  for (const auto& work : work_of(manifest, snapshot.jobs())) progress_.add_total(work.bytes);
}

/// One failure ends all: workers that wait for each other are woken, statements that run are cancelled.
void DumpCrew::in_parallel(base::Context& context, const std::function<void(unsigned, std::stop_token)>& work) {
  const auto give_up = [this] {
    pool_.stop();
    server_.cancel_all();
  };
  const std::stop_callback on_stop(context.stop, give_up);
  flow::WorkerPool workers(
      snapshot_.jobs(), [&](std::size_t index, std::stop_token stop) { work(static_cast<unsigned>(index), stop); },
      context.stop, [&](std::exception_ptr why) {
        first_.keep(std::move(why));
        give_up();
      });
  try {
    workers.join();
  } catch (...) {
    context.check_stop();  // a statement that was cancelled because of the stop is no failure of its own
    throw;
  }
  context.check_stop();
}

void DumpCrew::copy(base::Context& context) {
  in_parallel(context, [this](unsigned worker, std::stop_token stop) { work(worker, stop); });
}

void DumpCrew::work(unsigned worker, std::stop_token stop) {
  engine::BulkReader& reader = snapshot_.reader(worker);
  wire::ChunkWriter chunk(writer_, options_.chunk_size);
  const auto split = [&](const plan::Piece& rest) { return reader.split(manifest_.tables[rest.table], rest.range); };
  while (auto piece = pool_.take(worker, split)) {
    const auto& name = manifest_.tables[piece->table].name;
    try {
      if (!copy_piece(worker, *std::move(piece), reader, chunk, stop)) return;
      if (const auto whole = pool_.finished(worker)) {
        writer_.table_end(*whole);
        progress_.correct_total(manifest_.tables[*whole].bytes_estimate, table_bytes_[*whole]);
      }
    } catch (const Error& error) {
      throw error.within("while dumping " + name.display());
    }
  }
}

/// False: stopped before the piece's end.
bool DumpCrew::copy_piece(unsigned worker, plan::Piece piece, engine::BulkReader& reader, wire::ChunkWriter& chunk,
                          std::stop_token stop) {
  const auto& table = manifest_.tables[piece.table];
  if (piece.divisible)
    if (auto cut = pool_.at_rest(worker, std::nullopt, 0)) piece.range.through = std::move(cut);
  reader.open({&table, manifest_.scope.condition(table.name), piece.range, {}, !piece.divisible});
  std::optional<std::string> after = piece.range.after;
  std::uint64_t bytes = 0;
  while (!stop.stop_requested()) {
    engine::ReadProgress read;
    bytes += copy_chunk(piece, reader, chunk, read, after);
    if (read.done) return true;
    if (!piece.divisible) continue;
    if (read.rows > 0) {
      if (read.last_key.empty()) throw Error(Exit::bug, "a reader does not say where it stands");
      after = read.last_key;
    }
    if (auto cut = pool_.at_rest(worker, after, bytes)) {
      piece.range.through = cut;
      reader.shorten(*cut);
    }
  }
  return false;
}

std::uint64_t DumpCrew::copy_chunk(const plan::Piece& piece, engine::BulkReader& reader, wire::ChunkWriter& chunk,
                                   engine::ReadProgress& read, const std::optional<std::string>& after) {
  RowsToChunk sink(chunk);
  chunk.begin(piece.table);
  try {
    read = reader.read(sink, options_.chunk_size);
  } catch (...) {
    chunk.abandon();  // the pipe must be free for the frame that says why
    throw;
  }
  wire::KeyBounds bounds;
  if (piece.divisible) {
    bounds.after = after;
    bounds.through = read.done ? piece.range.through : std::optional(read.last_key);
  }
  const auto written = chunk.finish(std::move(bounds));
  if (written.rows != read.rows || written.bytes != read.bytes)
    throw Error(Exit::bug, base::concat("the reader says ", read.rows, " rows in ", read.bytes, " bytes, ", written.rows,
                                        " rows in ", written.bytes, " bytes came"));
  table_rows_[piece.table].fetch_add(written.rows, std::memory_order_relaxed);
  table_bytes_[piece.table].fetch_add(written.bytes, std::memory_order_relaxed);
  progress_.add_rows(written.rows);
  progress_.add_bytes(written.bytes);
  progress_.add_done(written.bytes);
  return written.bytes;
}

void DumpCrew::digest_computed(base::Context& context) {
  std::atomic<std::uint32_t> next{0};
  in_parallel(context, [&](unsigned worker, std::stop_token stop) {
    for (auto i = next++; i < manifest_.tables.size() && !stop.stop_requested(); i = next++) {
      const auto& table = manifest_.tables[i];
      if (table.computed.empty()) continue;
      auto digests = snapshot_.reader(worker).computed_digests(table, manifest_.scope.condition(table.name));
      for (std::uint32_t column = 0; column < digests.size(); ++column) writer_.computed({i, column, std::move(digests[column])});
    }
  });
}

void DumpCrew::recount(base::Context& context) {
  std::atomic<std::size_t> next{0};
  in_parallel(context, [&](unsigned worker, std::stop_token stop) {
    for (auto i = next++; i < manifest_.tables.size() && !stop.stop_requested(); i = next++) {
      const auto& table = manifest_.tables[i];
      const auto counted = snapshot_.reader(worker).count_rows(table, manifest_.scope.condition(table.name));
      if (counted != table_rows_[i])
        throw Error(Exit::data, base::concat("table ", table.name.display(), ": ", table_rows_[i].load(),
                                             " rows were read and ", counted, " are counted in the same snapshot"));
    }
  });
}

}  // namespace flytt::task
