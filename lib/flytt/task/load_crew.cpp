// Chunks into tables.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_crew.hpp>

#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/flow/backoff.hpp>

namespace flytt::task {
namespace {

using base::Error;

/// Encoded bytes that may wait for each worker: about one chunk that does not compress.
constexpr std::uint64_t kQueuedPerJob = std::uint64_t{8} << 20;
/// Deadlocks and lock time-outs pass; what does not pass after so many is told.
constexpr unsigned kTries = 6;

}  // namespace

LoadCrew::LoadCrew(engine::Target& target, const value::Manifest& manifest, LoadLedger& ledger,
                   unsigned jobs, std::vector<bool> whole, flow::Progress& progress, std::function<void(std::uint32_t)> loaded, flow::WorkerPool::OnFailure failed,
                   base::Context& context)
    : manifest_(manifest),
      ledger_(ledger),
      progress_(progress),
      loaded_(std::move(loaded)),
      context_(context),
      rest_(manifest.tables.size()),
      sessions_(jobs),
      queue_(std::move(whole), jobs, kQueuedPerJob * jobs) {
  for (auto& mine : sessions_) {
    mine.apart = target.writer();
    if (target.whole_tables()) mine.whole = target.writer();
  }
  workers_ = std::make_unique<flow::WorkerPool>(
      jobs, [this](std::size_t index, std::stop_token stop) { work(static_cast<unsigned>(index), stop); }, context.stop,
      [this, failed = std::move(failed)](std::exception_ptr why) {
        queue_.fail(why);
        failed(why);
      });
}

LoadCrew::~LoadCrew() {
  workers_->stop();
  queue_.close();
}

void LoadCrew::push(wire::Chunk chunk) {
  settle(chunk.object, [](Rest& rest) { ++rest.chunks; });
  if (!queue_.push(std::move(chunk), context_.stop)) context_.check_stop();
}

void LoadCrew::end_table(std::uint32_t table) {
  queue_.end_table(table);
  settle(table, [](Rest& rest) { rest.ended = true; });
}

void LoadCrew::settle(std::uint32_t table, const std::function<void(Rest&)>& change) {
  {
    const std::lock_guard lock(mutex_);
    auto& rest = rest_.at(table);
    change(rest);
    if (!rest.ended || rest.chunks > 0) return;
  }
  loaded_(table);
}

void LoadCrew::finish() {
  queue_.close();
  workers_->join();
  context_.check_stop();
}

void LoadCrew::work(unsigned index, std::stop_token stop) {
  Sessions& mine = sessions_[index];
  while (auto work = queue_.take(index, stop)) {
    if (work->way == LoadQueue::Way::apart) load(*mine.apart, mine.decoder, *std::move(work->chunk), stop);
    else load_whole(index, mine, *std::move(work), stop);
  }
}

/// Nothing is tried again here: what failed has taken the chunks before it back, too.
void LoadCrew::load_whole(unsigned index, Sessions& sessions, LoadQueue::Work work, std::stop_token stop) try {
  engine::BulkWriter& writer = *sessions.whole;
  if (work.way == LoadQueue::Way::over) {
    writer.commit_table();
    settle(work.table, [](Rest& rest) { rest.chunks = 0; });
    return;
  }
  if (work.way == LoadQueue::Way::first && !writer.begin_table(ledger_.uuid(), work.table, manifest_.tables[work.table])) {
    queue_.apart(index);
    return load(*sessions.apart, sessions.decoder, *std::move(work.chunk), stop);
  }
  const engine::ChunkReceipt receipt{work.chunk->number, work.table, work.chunk->end.rows};
  const auto bytes = work.chunk->end.bytes;
  sessions.decoder.start(*std::move(work.chunk));
  load_once(writer, sessions.decoder, receipt);
  count(receipt, bytes);
} catch (const Error& error) {
  sessions.whole->rollback();
  throw error.within("while loading " + manifest_.tables[work.table].name.display());
} catch (...) {
  sessions.whole->rollback();
  throw;
}

void LoadCrew::load(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, wire::Chunk chunk, std::stop_token stop) {
  const engine::ChunkReceipt receipt{chunk.number, chunk.object, chunk.end.rows};
  const auto bytes = chunk.end.bytes;
  const auto& name = manifest_.tables[chunk.object].name;
  decoder.start(std::move(chunk));
  flow::Backoff backoff;
  for (unsigned attempt = 1;; ++attempt) {
    try {
      load_once(writer, decoder, receipt);
      break;
    } catch (const Error& error) {
      writer.rollback();
      const bool again = error.facts().safe_to_retry && error.facts().connection_usable && attempt < kTries &&
                         !stop.stop_requested() && decoder.rewind();
      if (!again) throw error.within(base::concat("while loading ", name.display(), " chunk ", receipt.chunk));
      context_.log.debug(base::concat("chunk ", receipt.chunk, " of ", name.display(), " is tried again: ", error.text()));
      backoff.wait(context_.clock, stop);
    } catch (...) {
      writer.rollback();
      throw;
    }
  }
  count(receipt, bytes);
  settle(receipt.object, [](Rest& rest) { --rest.chunks; });
}

void LoadCrew::count(const engine::ChunkReceipt& receipt, std::uint64_t bytes) {
  progress_.add_rows(receipt.rows);
  progress_.add_bytes(bytes);
  progress_.add_done(bytes);
}

void LoadCrew::load_once(engine::BulkWriter& writer, wire::ChunkDecoder& decoder, const engine::ChunkReceipt& receipt) {
  writer.begin(manifest_.tables[receipt.object]);
  wire::Block block;
  // The last call proves the chunk's digest: nothing is committed before.
  while (decoder.next(block)) writer.write(block.bytes, block.rows);
  writer.commit(ledger_.uuid(), receipt);
}

}  // namespace flytt::task
