// A stream's readers, one after the other.
// SPDX-License-Identifier: MIT
#include "fuzz/bytes/support/streams.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <flytt/base/text.hpp>
#include <flytt/task/load.hpp>
#include <flytt/value/canonical.hpp>
#include <flytt/value/row_image.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/chunk_writer.hpp>
#include <flytt/wire/manifest.hpp>
#include <flytt/wire/stream_reader.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

struct ReadChunk {
  std::uint32_t object = 0;
  wire::KeyBounds bounds;
  std::vector<std::pair<std::string, std::uint64_t>> blocks;
};

struct Whole {
  value::Manifest manifest;
  std::vector<value::SchemaObject> objects;
  std::vector<ReadChunk> chunks;
  wire::Totals totals;
  bool complete = false;
};

ReadChunk decode(wire::Chunk chunk) {
  ReadChunk out{chunk.object, chunk.end.bounds, {}};
  wire::ChunkDecoder decoder;
  decoder.start(std::move(chunk));
  for (wire::Block block; decoder.next(block);) out.blocks.emplace_back(block.bytes, block.rows);
  // A worker that must begin again gets the same.
  if (decoder.rewind()) {
    std::size_t n = 0;
    for (wire::Block block; decoder.next(block); ++n) require(n < out.blocks.size() && block.bytes == out.blocks[n].first, "a chunk read twice differs");
    require(n == out.blocks.size(), "a chunk read twice has other blocks");
  }
  return out;
}

Whole read_whole(std::string_view stream) {
  Whole whole;
  wire::MemorySource source(stream);
  wire::StreamReader reader(source);
  for (;;) {
    wire::Event event = reader.next();
    if (auto* manifest = std::get_if<value::Manifest>(&event)) whole.manifest = std::move(*manifest);
    else if (auto* object = std::get_if<value::SchemaObject>(&event)) whole.objects.push_back(std::move(*object));
    else if (auto* chunk = std::get_if<wire::Chunk>(&event)) whole.chunks.push_back(decode(std::move(*chunk)));
    else if (std::get_if<wire::SenderError>(&event)) return whole;
    else if (auto* totals = std::get_if<wire::Totals>(&event)) {
      whole.totals = *totals;
      whole.complete = true;
      return whole;
    }
  }
}

/// Not for a chunk whose blocks complete no row: no sender of ours makes one.
bool writable(const Whole& whole) {
  return std::all_of(whole.chunks.begin(), whole.chunks.end(), [](const ReadChunk& chunk) {
    return std::all_of(chunk.blocks.begin(), chunk.blocks.end(), [](const auto& block) { return block.second > 0; });
  });
}

std::string written(const Whole& whole) {
  wire::MemorySink sink;
  wire::StreamWriter writer(sink, 1);
  writer.hello(whole.manifest);
  for (const auto& object : whole.objects) writer.schema(object);
  wire::ChunkWriter chunk(writer, 1 << 20);
  for (const auto& read : whole.chunks) {
    chunk.begin(read.object);
    for (const auto& [bytes, rows] : read.blocks) chunk.write(bytes, rows);
    chunk.finish(read.bounds);
  }
  writer.end();
  return sink.bytes();
}

void same_again(const Whole& whole) {
  if (!writable(whole)) return;
  const std::string bytes = written(whole);
  const Whole again = read_whole(bytes);
  require(again.complete, "a stream that was written again has no end");
  require_equal(wire::encode(again.manifest), wire::encode(whole.manifest), "HELLO written again differs");
  require(again.objects.size() == whole.objects.size() && again.chunks.size() == whole.chunks.size(), "a stream written again has other parts");
  for (std::size_t i = 0; i < whole.objects.size(); ++i)
    require_equal(wire::encode(again.objects[i]), wire::encode(whole.objects[i]), "SCHEMA written again differs");
  require(again.totals.rows == whole.totals.rows && again.totals.bytes == whole.totals.bytes, "totals written again differ");
  require(again.totals.table_rows == whole.totals.table_rows, "rows of tables written again differ");
}

void inspect(std::string_view stream, const task::LoadOptions& options) {
  base::ManualClock clock;
  base::NullLog log;
  base::Context context{clock, log, {}};
  task::MemoryOutput out;
  wire::MemorySource source(stream);
  try {
    task::inspect(options, source, context, out);
  } catch (const base::Error& error) {
    // The sender's own exit status may be any.
    const auto& within = error.context();
    if (std::find(within.begin(), within.end(), "reported by dump-stream") == within.end()) check(error);
  }
}

}  // namespace

void read_stream(std::string_view stream) {
  const Whole whole = read_whole(stream);
  // Rows of tables without columns take no byte each; how many such a block holds is not bounded by its size.
  for (const auto& table : whole.manifest.tables)
    if (table.columns.empty()) return;
  inspect(stream, {.list = true});
  inspect(stream, {.check = true});
  inspect(stream, {.print = true});
  if (whole.complete) same_again(whole);
}

}  // namespace flytt::fuzz
