// Streams kept as files: a good one that every later version must read, and bad ones that none may take.
// `unit_wire '[.make-vectors]'` writes them anew, for when the format gets a new version and never otherwise.
// SPDX-License-Identifier: MIT
#include <fstream>
#include <sstream>

#include <zstd.h>

#include <flytt/base/text.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/payloads.hpp>

#include "support/catch.hpp"
#include "unit/wire/helper_streams.hpp"

using namespace flytt;
using base::Exit;
using test::RawFrame;
using Frames = std::vector<RawFrame>;

namespace {

const std::string kFolder = FLYTT_TEST_VECTORS "/stream/";

std::string slurp(const std::string& name) {
  std::ifstream in(kFolder + name, std::ios::binary);
  REQUIRE(in.good());
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

struct Bad {
  std::string name;
  std::string text;  ///< part of the message
  std::function<std::string()> make;
};

std::string changed(const std::function<void(Frames&)>& change) {
  auto frames = test::take_apart(test::small_stream());
  change(frames);
  return test::put_together(frames);
}

std::string flipped(std::size_t at) {
  auto bytes = test::small_stream();
  bytes[at] = static_cast<char>(bytes[at] ^ 1);
  return bytes;
}

std::size_t start_of(std::size_t frame) {
  const auto frames = test::take_apart(test::small_stream());
  std::size_t at = 0;
  for (std::size_t i = 0; i < frame; ++i) at += wire::kHeaderSize + frames[i].payload.size();
  return at;
}

std::string bomb() {
  const std::string zeros(std::size_t{1} << 26, '\0');
  std::string out(ZSTD_compressBound(zeros.size()), '\0');
  out.resize(ZSTD_compress(out.data(), out.size(), zeros.data(), zeros.size(), 1));
  return out;
}

// Frames of the small stream: 0 HELLO, 1-2 SCHEMA, 3 HEARTBEAT, 4-5 6-7 8-9 chunks, 10 END.
std::vector<Bad> bad_streams() {
  std::vector<Bad> bad;
  const std::vector<std::pair<std::string, std::size_t>> fields{
      {"skippable", 0}, {"length", 4}, {"magic", 8},    {"version", 12}, {"kind", 13},         {"flags", 14}, {"chunk", 16},
      {"object", 20},   {"seq", 24},   {"raw_len", 32}, {"enc_len", 40}, {"payload_hash", 48}, {"seal", 56}};
  for (const auto& [name, offset] : fields)
    bad.push_back({"header-" + name, "in chunk 1 of shop.orders", [at = offset] { return flipped(start_of(5) + at); }});
  bad.push_back({"payload", "payload is damaged", [] { return flipped(start_of(4) + wire::kHeaderSize + 5); }});
  const char* kinds[] = {"hello", "schema", "schema2", "heartbeat", "data", "chunk_end"};
  for (std::size_t i = 0; i < 6; ++i)
    bad.push_back({std::string("cut-after-") + kinds[i], "ends", [i] { return test::small_stream().substr(0, start_of(i + 1)); }});
  bad.push_back({"cut-before-end", "without END after chunk 3", [] { return test::small_stream().substr(0, start_of(10)); }});
  bad.push_back({"cut-in-header", "ends in chunk 1 of shop.orders", [] { return test::small_stream().substr(0, start_of(5) + 20); }});
  bad.push_back({"empty", "empty", [] { return std::string(); }});
  bad.push_back({"no-stream", "no flytt stream", [] { return std::string("-- MariaDB dump 10.19\n") + std::string(100, '-'); }});
  bad.push_back({"lie-raw-len", "chunk 1", [] { return changed([](Frames& f) { ++f[4].header.raw_len; }); }});
  bad.push_back({"lie-huge-raw-len", "more than", [] { return changed([](Frames& f) { f[4].header.raw_len = ~0ULL; }); }});
  bad.push_back({"lie-huge-enc-len", "more than", [] { return changed([](Frames& f) { f[4].header.enc_len = ~0ULL; }); }});
  bad.push_back({"exploding", "chunk 1", [] {
                   return changed([](Frames& f) {
                     f[4].payload = bomb();
                     f[4].header.enc_len = f[4].payload.size();
                     f[4].header.raw_len = wire::kMaxRaw;
                   });
                 }});
  bad.push_back({"unknown-kind", "kind 42", [] { return changed([](Frames& f) { f[3].header.kind = static_cast<wire::Kind>(42); }); }});
  bad.push_back({"doubled-seq", "frame 4 is missing", [] { return changed([](Frames& f) { f[4].header.seq = 3; }); }});
  bad.push_back({"other-rows", "digest", [] {
                   return changed([](Frames& f) {
                     auto other = test::frame_of(wire::Kind::data, test::order_rows(7, 2), 4);
                     other.header.chunk = 1;
                     f[4] = other;
                   });
                 }});
  bad.push_back({"after-end", "follows END", [] { return test::small_stream() + "x"; }});
  return bad;
}

std::string with_error() {
  auto frames = test::take_apart(test::small_stream());
  frames.resize(6);
  frames.push_back(test::frame_of(wire::Kind::error, wire::encode(wire::SenderError{69, "connection lost", "dump again"}), 6));
  return test::put_together(frames);
}

void save(const std::string& name, const std::string& bytes) {
  std::ofstream out(kFolder + name, std::ios::binary);
  out << bytes;
  REQUIRE(out.good());
}

}  // namespace

TEST_CASE("write the vectors anew", "[.make-vectors]") {
  save("good.flytt", test::small_stream());
  save("table-ends.flytt", test::small_stream_with_table_ends());
  save("error.flytt", with_error());
  for (const auto& bad : bad_streams()) save("bad-" + bad.name + ".flytt", bad.make());
}

TEST_CASE("the good stream of version 1 is read") {
  const auto all = test::read_all(slurp("good.flytt"));
  REQUIRE(all.complete);
  CHECK(all.manifest.uuid == "01234567-89ab-4cde-8f01-23456789abcd");
  CHECK(all.manifest.position.display() == "gtid 0-1-100, binlog.000003:4711");
  CHECK(all.objects[1].statement == test::small_object(1).statement);
  CHECK(all.rows[0] == test::order_rows(1, 2) + test::order_rows(3, 1));
  CHECK(all.totals.table_rows == std::vector<std::uint64_t>{3, 1});
}

TEST_CASE("a stream that says where its tables end is read") {
  const auto all = test::read_all(slurp("table-ends.flytt"));
  REQUIRE(all.complete);
  CHECK(all.ends == std::vector<wire::TableEnd>{{1, 1, 1}, {0, 3, 2}});
}

TEST_CASE("the stream of a sender that failed is read") {
  const auto all = test::read_all(slurp("error.flytt"));
  CHECK_FALSE(all.complete);
  CHECK(all.failure == wire::SenderError{69, "connection lost", "dump again"});
}

TEST_CASE("no bad stream is taken") {
  for (const auto& bad : bad_streams()) {
    CAPTURE(bad.name);
    REQUIRE_ERROR(test::read_all(slurp("bad-" + bad.name + ".flytt")), Exit::data, bad.text);
  }
}
