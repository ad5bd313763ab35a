// Whole streams: what the writer wrote is read back, and nothing else passes for it.
// SPDX-License-Identifier: MIT
#include <flytt/wire/stream_reader.hpp>

#include <zstd.h>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/chunk_writer.hpp>
#include <flytt/wire/manifest.hpp>

#include "support/catch.hpp"
#include "unit/wire/helper_streams.hpp"

using namespace flytt;
using base::Exit;
using wire::Kind;

namespace {

/// The stream with one frame changed, every hash right again.
std::string with(std::size_t index, const std::function<void(test::RawFrame&)>& change) {
  auto frames = test::take_apart(test::small_stream());
  change(frames.at(index));
  return test::put_together(frames);
}

void replace_payload(test::RawFrame& frame, std::string_view raw) {
  frame.payload.clear();
  codec::Compressor(1).compress_frame(raw, frame.payload);
  frame.header.raw_len = raw.size();
  frame.header.enc_len = frame.payload.size();
}

// Frames of the small stream: 0 HELLO, 1-2 SCHEMA, 3 HEARTBEAT, 4-5 6-7 8-9 chunks, 10 END.
constexpr std::size_t kFirstData = 4, kFirstChunkEnd = 5, kEnd = 10;

}  // namespace

TEST_CASE("a stream is read back as it was written") {
  const auto all = test::read_all(test::small_stream());
  REQUIRE(all.complete);
  CHECK(all.manifest.uuid == test::small_manifest().uuid);
  CHECK(all.manifest.position == test::small_manifest().position);
  CHECK(all.manifest.tables[0].columns == test::small_manifest().tables[0].columns);
  CHECK(all.manifest.tables[1].name == test::small_manifest().tables[1].name);
  REQUIRE(all.objects.size() == 2);
  CHECK(all.objects[1].statement == test::small_object(1).statement);  // not UTF-8
  CHECK(all.heartbeats == 1);
  CHECK(all.rows[0] == test::order_rows(1, 2) + test::order_rows(3, 1));
  CHECK(all.rows[1] == test::order_rows(1, 1));
  CHECK(all.totals.chunks == 3);
  CHECK(all.totals.rows == 4);
  CHECK(all.totals.schema_objects == 2);
  CHECK(all.totals.table_rows == std::vector<std::uint64_t>{3, 1});
}

TEST_CASE("a stream is a file that plain zstd unpacks") {
  const auto stream = test::small_stream();
  std::string raw(1 << 20, '\0');
  const auto n = ZSTD_decompress(raw.data(), raw.size(), stream.data(), stream.size());
  REQUIRE_FALSE(ZSTD_isError(n));
  raw.resize(n);
  CHECK(raw.find("\"format\":\"flytt-stream/1\"") != std::string::npos);
  CHECK(raw.find(test::order_rows(1, 2)) != std::string::npos);
}

TEST_CASE("every changed byte is found") {
  const auto stream = test::small_stream();
  for (std::size_t at = 0; at < stream.size(); ++at) {
    for (const unsigned mask : {0x01U, 0x80U, 0xffU}) {
      auto bad = stream;
      bad[at] = static_cast<char>(static_cast<unsigned char>(bad[at]) ^ mask);
      CAPTURE(at, mask);
      const auto error = test::error_of([&] { test::read_all(bad); });
      REQUIRE(error.code() == Exit::data);
    }
  }
}

TEST_CASE("every truncation is found") {
  const auto stream = test::small_stream();
  for (std::size_t size = 0; size < stream.size(); ++size) {
    CAPTURE(size);
    const auto error = test::error_of([&] { test::read_all(std::string_view(stream).substr(0, size)); });
    REQUIRE(error.code() == Exit::data);
  }
}

TEST_CASE("every frame that is missing, doubled or swapped is found") {
  const auto frames = test::take_apart(test::small_stream());
  for (std::size_t i = 0; i < frames.size(); ++i) {
    CAPTURE(i);
    auto missing = frames, doubled = frames;
    missing.erase(missing.begin() + static_cast<std::ptrdiff_t>(i));
    doubled.insert(doubled.begin() + static_cast<std::ptrdiff_t>(i), frames[i]);
    CHECK(test::error_of([&] { test::read_all(test::put_together(missing)); }).code() == Exit::data);
    CHECK(test::error_of([&] { test::read_all(test::put_together(doubled)); }).code() == Exit::data);
    // Also when a liar numbers the frames anew.
    for (auto* frames_again : {&missing, &doubled}) {
      std::uint64_t seq = 0;
      for (auto& frame : *frames_again) frame.header.seq = seq++;
      CHECK(test::error_of([&] { test::read_all(test::put_together(*frames_again)); }).code() == Exit::data);
    }
    if (i + 1 == frames.size()) continue;
    auto swapped = frames;
    std::swap(swapped[i], swapped[i + 1]);
    CHECK(test::error_of([&] { test::read_all(test::put_together(swapped)); }).code() == Exit::data);
  }
}

TEST_CASE("a cut stream says where") {
  const auto stream = test::small_stream();
  const auto frames = test::take_apart(stream);
  std::size_t at = 0;
  std::vector<std::size_t> starts;
  for (const auto& frame : frames) {
    starts.push_back(at);
    at += wire::kHeaderSize + frame.payload.size();
  }
  const auto cut = [&](std::size_t size) {
    return test::error_of([&] { test::read_all(std::string_view(stream).substr(0, size)); }).text();
  };
  CHECK_THAT(cut(0), test::contains("the stream is empty"));
  CHECK_THAT(cut(40), test::contains("in HELLO"));
  CHECK_THAT(cut(starts[1]), test::contains("stream ends without END before the first chunk"));
  CHECK_THAT(cut(starts[5]), test::contains("stream ends in chunk 1 of shop.orders"));
  CHECK_THAT(cut(starts[6]), test::contains("stream ends without END after chunk 1"));
  CHECK_THAT(cut(starts[7] + 10), test::contains("stream ends in chunk 2 of shop.notes"));
  CHECK_THAT(cut(starts[10]), test::contains("stream ends without END after chunk 3"));
}

TEST_CASE("lies are found although every hash is right") {
  const auto refuse = [](const std::string& stream, const std::string& text) {
    REQUIRE_ERROR(test::read_all(stream), Exit::data, text);
  };
  refuse(with(kFirstData, [](auto& f) { f.header.raw_len += 1; }), "chunk 1");
  refuse(with(kFirstData, [](auto& f) { f.header.raw_len -= 1; }), "chunk 1");
  refuse(with(kFirstData, [](auto& f) { f.header.raw_len = wire::kMaxRaw + 1; }), "more than");
  refuse(with(kFirstData, [](auto& f) { f.header.enc_len = std::uint64_t{1} << 60; }), "more than");
  refuse(with(kFirstData, [](auto& f) { f.header.enc_len = 0; f.payload.clear(); }), "0 encoded bytes");
  refuse(with(kFirstData, [](auto& f) { f.header.chunk = 2; }), "chunk 1 is missing");
  refuse(with(kFirstData, [](auto& f) { f.header.object = 2; }), "HELLO does not name");
  refuse(with(kFirstData, [](auto& f) { f.header.object = 1; }), "another chunk");
  refuse(with(kFirstData, [](auto& f) { f.header.flags = wire::kFlagMore; }), "ends inside a row");
  refuse(with(kFirstData, [](auto& f) { f.header.flags = 0x80; }), "unknown flags");
  refuse(with(kFirstData, [](auto& f) { f.header.version = 2; }), "framing version 2");
  refuse(with(kFirstData, [](auto& f) { f.payload.back() = static_cast<char>(f.payload.back() ^ 1); }), "chunk 1");
  refuse(with(kFirstData, [](auto& f) { replace_payload(f, test::order_rows(5, 2)); }), "digest");
  refuse(with(kFirstData, [](auto& f) { f.payload += f.payload; f.header.enc_len *= 2; }), "chunk 1");
  refuse(with(kFirstChunkEnd, [](auto& f) { replace_payload(f, "short"); }), "CHUNK_END");
  refuse(with(3, [](auto& f) { f.header.kind = static_cast<Kind>(42); }), "kind 42");
  refuse(with(3, [](auto& f) { f.header.chunk = 1; }), "chunk number");
  refuse(with(0, [](auto& f) { replace_payload(f, "{}"); }), "format");
}

TEST_CASE("totals that do not add up are found") {
  const auto lie = [](const std::function<void(wire::Totals&)>& change) {
    return with(kEnd, [&](auto& f) {
      std::string raw;
      codec::Decompressor().decompress_frame(f.payload, f.header.raw_len, raw);
      auto totals = wire::decode_totals(raw, 2);
      change(totals);
      replace_payload(f, wire::encode(totals));
    });
  };
  REQUIRE(test::read_all(lie([](auto&) {})).complete);
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { ++t.chunks; })), Exit::data, "chunks");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { ++t.rows; })), Exit::data, "END says 5 rows, there are 4");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { --t.bytes; })), Exit::data, "bytes");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { ++t.schema_objects; })), Exit::data, "schema objects");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { ++t.table_rows[0], --t.table_rows[1]; })), Exit::data, "rows in shop.orders");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { t.table_rows.pop_back(); })), Exit::data, "tables");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { ++t.digest.lo; })), Exit::data, "digest");
  REQUIRE_ERROR(test::read_all(lie([](auto& t) { t.uuid = "11111111-89ab-4cde-8f01-23456789abcd"; })), Exit::data, "another stream");
}

TEST_CASE("nothing may follow END") {
  REQUIRE_ERROR(test::read_all(test::small_stream() + "x"), Exit::data, "follows END");
  REQUIRE_ERROR(test::read_all(test::small_stream() + test::small_stream()), Exit::data, "follows END");
}

TEST_CASE("an exploding payload takes no memory") {
  // 1 GiB of zeros in some 33 kB, declared as what a frame may hold.
  std::string bomb(ZSTD_compressBound(std::size_t{1} << 26), '\0');
  const std::string zeros(std::size_t{1} << 26, '\0');
  bomb.resize(ZSTD_compress(bomb.data(), bomb.size(), zeros.data(), zeros.size(), 1));
  REQUIRE(bomb.size() < 100000);
  const auto stream = with(kFirstData, [&](auto& f) {
    f.payload = bomb;
    f.header.enc_len = bomb.size();
    f.header.raw_len = wire::kMaxRaw;
  });
  CHECK(test::error_of([&] { test::read_all(stream); }).code() == Exit::data);
}

TEST_CASE("a kind of a later version is passed over when it says so") {
  auto frames = test::take_apart(test::small_stream());
  auto later = test::frame_of(static_cast<Kind>(42), "what is this", 3, wire::kFlagSkippable);
  frames[3] = later;
  // Only END's digest knows that another frame was here.
  REQUIRE_ERROR(test::read_all(test::put_together(frames)), Exit::data, "END's digest");
  frames[3].header.flags = 0;
  REQUIRE_ERROR(test::read_all(test::put_together(frames)), Exit::data, "kind 42");
}

// Frames of the stream with table ends: 0 HELLO, 1-2 SCHEMA, 3 HEARTBEAT, 4-5 6-7 chunks, 8 TABLE_END, 9-10 chunk, 11 TABLE_END, 12 END.
TEST_CASE("TABLE_END says that a table is whole, and how much it is") {
  const auto stream = test::small_stream_with_table_ends();
  const auto all = test::read_all(stream);
  REQUIRE(all.complete);
  CHECK(all.ends == std::vector<wire::TableEnd>{{1, 1, 1}, {0, 3, 2}});
  CHECK(all.totals.rows == 4);
  const auto notes = "TABLE_END of " + all.manifest.tables[1].name.display();
  const auto refuse = [&](const std::function<void(std::vector<test::RawFrame>&)>& change, const std::string& text) {
    auto frames = test::take_apart(stream);
    change(frames);
    for (std::size_t i = 0; i < frames.size(); ++i) frames[i].header.seq = i;
    CAPTURE(text);
    REQUIRE_ERROR(test::read_all(test::put_together(frames)), Exit::data, text);
  };
  const auto says = [](wire::TableEnd end) { return [end](auto& f) { replace_payload(f[8], wire::encode(end)); }; };
  refuse(says({1, 2, 1}), notes + " says 2 rows, there are 1");
  refuse(says({1, 1, 2}), notes + " says 2 chunks, there are 1");
  refuse([](auto& f) { replace_payload(f[8], "short"); }, "TABLE_END");
  refuse([](auto& f) { f[8].header.object = 2; }, "TABLE_END is of table 2, which HELLO does not name");
  refuse([](auto& f) { f[8].header.chunk = 2; }, "TABLE_END outside of a chunk has a chunk number");
  refuse([](auto& f) { std::rotate(f.begin() + 8, f.begin() + 9, f.begin() + 10); }, "stands inside a chunk");
  refuse([](auto& f) { f.insert(f.begin() + 9, f[8]); }, notes + " comes twice");
  refuse([](auto& f) { std::rotate(f.begin() + 9, f.begin() + 11, f.begin() + 12); }, "TABLE_END of shop.orders says 2 chunks, there are 1");
  refuse([](auto& f) { f.insert(f.begin() + 4, f[11]); replace_payload(f[4], wire::encode(wire::TableEnd{0, 0, 0})); },
         "a chunk of shop.orders comes after its TABLE_END");
  refuse([](auto& f) { std::swap(f[2], f[8]); f[8].header.object = 1; replace_payload(f[2], wire::encode(wire::TableEnd{1, 0, 0})); },
         "comes after its TABLE_END");
  refuse([](auto& f) { f.insert(f.begin() + 2, f[8]); replace_payload(f[2], wire::encode(wire::TableEnd{1, 0, 0})); },
         "SCHEMA comes after the first chunk");
}

TEST_CASE("ERR ends a stream at any frame") {
  const auto failure = wire::encode(wire::SenderError{69, "connection lost: while dumping shop.orders", "try again"});
  for (const std::size_t keep : {0, 1, 3, 5, 6, 10}) {
    auto frames = test::take_apart(test::small_stream());
    frames.resize(keep);
    frames.push_back(test::frame_of(Kind::error, failure, keep));
    const auto all = test::read_all(test::put_together(frames));
    CAPTURE(keep);
    CHECK_FALSE(all.complete);
    CHECK(all.failure == wire::SenderError{69, "connection lost: while dumping shop.orders", "try again"});
  }
  auto zero = test::take_apart(test::small_stream());
  zero.resize(1);
  zero.push_back(test::frame_of(Kind::error, R"({"exit":0,"message":"fine"})", 1));
  REQUIRE_ERROR(test::read_all(test::put_together(zero)), Exit::data, "exit status 0");
}

TEST_CASE("a HELLO of many frames is put together") {
  auto manifest = test::small_manifest();
  const auto table = manifest.tables[0];
  for (int i = 0; i < 8000; ++i) {
    manifest.tables.push_back(table);
    manifest.tables.back().name.table = "t" + std::to_string(i);
  }
  wire::MemorySink sink;
  wire::StreamWriter writer(sink, 1);
  writer.hello(manifest);
  writer.end();
  REQUIRE(test::take_apart(sink.bytes()).size() > 2);
  REQUIRE(test::read_all(sink.bytes()).manifest.tables.size() == 8002);
}

TEST_CASE("payloads are bounded by what they may hold, not by what they say") {
  const auto refuse = [](const std::string& stream, const std::string& why) {
    INFO(why);
    REQUIRE_ERROR(test::read_all(stream), Exit::data, why);
  };
  std::string many = "[[]";
  for (int i = 0; i < 5000; ++i) many += ",[]";
  many += "]";
  const auto with_extra = [&](std::size_t index) {
    return with(index, [&](auto& f) {
      std::string raw;
      codec::Decompressor().decompress_frame(f.payload, f.header.raw_len, raw);
      raw.pop_back();
      replace_payload(f, raw + ",\"later\":" + many + "}");
    });
  };
  refuse(with_extra(0), "END's digest");  // HELLO may have as many as it likes
  refuse(with_extra(1), "more than 4096 values");
  refuse(with_extra(kEnd), "more than 1154 values");
  refuse(with(0, [&](auto& f) { f = test::frame_of(Kind::error, R"({"exit":69,"message":"x","a":)" + many + "}", 0); }), "more than 1024 values");
  refuse(with(3, [](auto& f) { f.header.flags = wire::kFlagMore; }), "empty and goes on");
  refuse(with(kFirstData, [](auto& f) {
           f.payload.assign(5000, 'x');
           f.header.raw_len = 10;
           f.header.enc_len = f.payload.size();
         }),
         "5000 encoded bytes, more than 74");
}
