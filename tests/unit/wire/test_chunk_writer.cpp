// Chunks: frames cut at row ends, large rows over several, many writers into one pipe.
// SPDX-License-Identifier: MIT
#include <flytt/wire/chunk_writer.hpp>

#include <algorithm>
#include <random>
#include <thread>

#include <flytt/wire/chunk_decoder.hpp>

#include "support/catch.hpp"
#include "unit/wire/helper_streams.hpp"

using namespace flytt;
using base::Exit;
using wire::Kind;

namespace {

std::string noise(std::size_t size, unsigned seed) {
  std::mt19937_64 random(seed);
  std::string out(size, '\0');
  for (auto& c : out) c = static_cast<char>(random());
  return out;
}

struct Pipe {
  wire::MemorySink sink;
  wire::StreamWriter writer{sink, -1};
  Pipe() { writer.hello(test::small_manifest()); }
};

}  // namespace

TEST_CASE("rows stay whole in a frame when they fit") {
  Pipe pipe;
  wire::ChunkWriter chunk(pipe.writer, 8 << 20);
  chunk.begin(0);
  const auto piece = test::order_rows(1, 1000, 300);  // about 300 KiB
  for (int i = 0; i < 20; ++i) chunk.write(piece, 1000);
  const auto written = chunk.finish({});
  pipe.writer.end();
  CHECK(written.number == 1);
  CHECK(written.rows == 20000);
  CHECK(written.bytes == piece.size() * 20);
  for (const auto& frame : test::take_apart(pipe.sink.bytes())) {
    if (frame.header.kind != Kind::data) continue;
    CHECK_FALSE(frame.header.more());
    CHECK(frame.header.raw_len % piece.size() == 0);
  }
  CHECK(test::read_all(pipe.sink.bytes()).row_count == 20000);
}

TEST_CASE("a row larger than a frame goes on in the next, one larger than a chunk too") {
  for (const std::size_t size : {std::size_t{1} << 20, (std::size_t{1} << 20) + 1, std::size_t{3} << 20, std::size_t{9} << 20}) {
    Pipe pipe;
    wire::ChunkWriter chunk(pipe.writer, 1 << 20);
    const auto row = noise(size, 1);
    const auto before = test::order_rows(1, 3), after = test::order_rows(4, 2);
    chunk.begin(0);
    chunk.write(before, 3);
    for (std::size_t at = 0; at < size; at += 700'000) {
      const auto part = std::string_view(row).substr(at, 700'000);
      chunk.write(part, at + part.size() == size ? 1 : 0);
    }
    chunk.write(after, 2);
    CHECK(chunk.finish({}).rows == 6);
    pipe.writer.end();
    CAPTURE(size);
    const auto all = test::read_all(pipe.sink.bytes());
    CHECK(all.row_count == 6);
    CHECK(all.rows[0] == before + row + after);
  }
}

TEST_CASE("the decoder gives whole rows") {
  Pipe pipe;
  wire::ChunkWriter chunk(pipe.writer, 1 << 20);
  chunk.begin(0);
  chunk.write(test::order_rows(1, 3), 3);
  const auto row = noise(5 << 20, 2);
  chunk.write(std::string_view(row).substr(0, 4 << 20), 0);
  chunk.write(std::string_view(row).substr(4 << 20), 1);
  chunk.write(test::order_rows(4, 2), 2);
  chunk.finish({});
  pipe.writer.end();
  wire::MemorySource source(pipe.sink.bytes());
  wire::StreamReader reader(source);
  reader.next();
  auto event = reader.next();
  wire::ChunkDecoder decoder;
  decoder.start(std::get<wire::Chunk>(std::move(event)));
  wire::Block block;
  std::vector<std::uint64_t> rows;
  std::vector<std::size_t> sizes;
  while (decoder.next(block)) {
    rows.push_back(block.rows);
    sizes.push_back(block.bytes.size());
  }
  CHECK(rows == std::vector<std::uint64_t>{3, 1, 2});
  CHECK(sizes[1] == row.size());
}

TEST_CASE("a chunk whose rows are not those that its end speaks of is not taken") {
  Pipe pipe;
  wire::ChunkWriter writer(pipe.writer, 1 << 20);
  writer.begin(0);
  writer.write(test::order_rows(1, 3), 3);
  writer.finish({});
  pipe.writer.end();
  const auto chunk = [&] {
    wire::MemorySource source(pipe.sink.bytes());
    wire::StreamReader reader(source);
    reader.next();
    return std::get<wire::Chunk>(reader.next());
  };
  const auto decode = [](wire::Chunk taken) {
    wire::ChunkDecoder decoder;
    decoder.start(std::move(taken));
    for (wire::Block block; decoder.next(block);) {
    }
  };
  decode(chunk());
  auto other_digest = chunk();
  ++other_digest.end.digest.lo;
  REQUIRE_ERROR(decode(std::move(other_digest)), Exit::data, "its digest");
  auto more_rows = chunk();
  ++more_rows.end.rows;
  REQUIRE_ERROR(decode(std::move(more_rows)), Exit::data, "other rows");
}

TEST_CASE("a chunk without rows is none") {
  Pipe pipe;
  wire::ChunkWriter chunk(pipe.writer, 1 << 20);
  chunk.begin(0);
  CHECK(chunk.finish({}).number == 0);
  CHECK(pipe.writer.end().chunks == 0);
  CHECK(test::read_all(pipe.sink.bytes()).complete);
}

TEST_CASE("a chunk that is given up leaves the pipe free for ERR") {
  Pipe pipe;
  {
    wire::ChunkWriter chunk(pipe.writer, 1 << 16);
    chunk.begin(0);
    chunk.write(noise(10 << 20, 3), 0);  // larger than the buffer: the pipe is held
    CHECK_FALSE(pipe.writer.heartbeat());
  }
  pipe.writer.error({69, "lost", ""});
  const auto all = test::read_all(pipe.sink.bytes());
  CHECK_FALSE(all.complete);
  CHECK(all.failure.exit == 69);
  REQUIRE_ERROR(pipe.writer.end(), Exit::bug, "order");
}

TEST_CASE("chunks of many writers stand whole in the pipe, numbered as they stand") {
  Pipe pipe;
  std::vector<std::thread> threads;
  for (unsigned t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      wire::ChunkWriter chunk(pipe.writer, 1 << 18);
      std::mt19937 random(t);
      for (int i = 0; i < 10; ++i) {
        chunk.begin(t % 2);
        if (i == 5) {
          chunk.write(noise(4 << 20, t), 1);  // too large to be kept
        } else {
          for (unsigned k = 0; k < 1 + random() % 5; ++k) chunk.write(test::order_rows(1, 100, random() % 400), 100);
        }
        chunk.finish({});
        pipe.writer.heartbeat();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  const auto totals = pipe.writer.end();
  CHECK(totals.chunks == 40);
  const auto all = test::read_all(pipe.sink.bytes());
  CHECK(all.complete);
  CHECK(all.row_count == totals.rows);
}

TEST_CASE("a broken pipe stays broken") {
  struct Broken final : wire::ByteSink {
    int left = 3;
    void write(std::string_view) override {
      if (left-- <= 0) throw base::Error(Exit::io, "closed pipe");
    }
    void close() override {}
  } sink;
  wire::StreamWriter writer(sink, 1);
  writer.hello(test::small_manifest());
  writer.schema(test::small_object(0));
  writer.schema(test::small_object(1));
  wire::ChunkWriter chunk(writer, 1 << 20);
  chunk.begin(0);
  chunk.write(test::order_rows(1, 2), 2);
  REQUIRE_ERROR(chunk.finish({}), Exit::io, "closed pipe");
  CHECK(writer.broken());
  REQUIRE_ERROR(writer.end(), Exit::io, "earlier");
  writer.error({69, "x", ""});  // says nothing, throws nothing
  CHECK_FALSE(writer.heartbeat());
}

TEST_CASE("levels of compression") {
  CHECK(wire::parse_compression("zstd") == 1);
  CHECK(wire::parse_compression("zstd:3") == 3);
  CHECK(wire::parse_compression("zstd:-5") == -5);
  for (const char* bad : {"", "zstd:", "zstd:x", "zstd:23", "gzip", "zstd:1 ", "zstd:+1"})
    REQUIRE_ERROR(wire::parse_compression(bad), Exit::usage, "zstd");
}
