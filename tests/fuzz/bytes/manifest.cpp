// The texts and small records that a stream, a ledger and a fence keep. What was read, written and read again is the same.
// Shape: the first byte says which.
// SPDX-License-Identifier: MIT
#include <array>

#include <flytt/codec/zstd.hpp>
#include <flytt/engine/ledger_json.hpp>
#include <flytt/engine/mysql_family/schema_names.hpp>
#include <flytt/engine/postgres/replication_acl.hpp>
#include <flytt/engine/postgres/replication_conninfo.hpp>
#include <flytt/wire/frame.hpp>
#include <flytt/wire/manifest.hpp>
#include <flytt/wire/payloads.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

template <class Decode>
void twice(std::string_view text, Decode decode, std::string_view what) {
  const std::string once = wire::encode(decode(text));
  require_equal(wire::encode(decode(once)), once, std::string(what) + " is another one when it is read again");
}

void hello(std::string_view text) {
  const auto manifest = wire::decode_manifest(text);
  twice(text, wire::decode_manifest, "HELLO");
  for (const auto& table : manifest.tables) manifest.scope.covers(table.name);
  manifest.scope.display();
  manifest.position.display();
}

void ledger(std::string_view text) {
  const auto read = [](std::string_view from) {
    engine::LedgerCopy copy;
    engine::read_copy_json(from, copy);
    value::Manifest m;
    m.position = copy.position, m.scope = copy.scope, m.source = copy.source;
    return engine::copy_json(m);
  };
  const std::string once = read(text);
  require_equal(read(once), once, "a ledger's copy is another one when it is read again");
}

void fence(std::string_view text) {
  namespace pg = engine::postgres;
  const auto before = pg::parse_fence(std::string(text));
  require(pg::parse_fence(pg::fence_json(before)) == before, "a fence is another one when it is read again");
  pg::closing_statements(before);
  pg::opening_statements({}, before, {"app"});
}

void attributes(std::string_view text) {
  value::SchemaObject object;
  object.schema = "s", object.name = "n", object.parent = "p", object.attributes = std::string(text);
  for (const auto kind : {value::ObjectKind::routine, value::ObjectKind::index, value::ObjectKind::foreign_key}) {
    object.kind = kind;
    accepted([&] { engine::mysql_family::drop_statement(object); });
  }
  engine::mysql_family::foreign_key_facts(object);
}

using Reader = void (*)(std::string_view);
constexpr std::array<Reader, 10> kReaders{
    hello,
    [](std::string_view text) { twice(text, wire::decode_schema_object, "SCHEMA"); },
    [](std::string_view text) { twice(text, wire::decode_chunk_end, "CHUNK_END"); },
    [](std::string_view text) { twice(text, [](std::string_view from) { return wire::decode_totals(from, wire::kMaxTables); }, "END"); },
    [](std::string_view text) { twice(text, wire::decode_sender_error, "ERR"); },
    [](std::string_view text) { twice(text, [](std::string_view from) { return wire::decode_table_end(from, 0); }, "TABLE_END"); },
    ledger,
    fence,
    [](std::string_view text) { engine::postgres::parse_note(std::string(text)); },
    attributes,
};

/// The payloads of a good stream.
void payloads(const std::string& name, const Add& add) {
  const std::string bytes = vector_file(name);
  codec::Decompressor decompressor;
  for (std::string_view stream = bytes; !stream.empty();) {
    const auto header = wire::decode_header(stream.substr(0, wire::kHeaderSize));
    std::string raw;
    if (header.enc_len > 0)
      decompressor.decompress_frame(stream.substr(wire::kHeaderSize, static_cast<std::size_t>(header.enc_len)), static_cast<std::size_t>(header.raw_len), raw);
    stream.remove_prefix(wire::kHeaderSize + static_cast<std::size_t>(header.enc_len));
    switch (header.kind) {
      case wire::Kind::hello: add('\0' + raw); break;
      case wire::Kind::schema: add('\1' + raw); break;
      case wire::Kind::chunk_end: add('\2' + raw); break;
      case wire::Kind::end: add('\3' + raw); break;
      case wire::Kind::error: add('\4' + raw); break;
      case wire::Kind::table_end: add('\5' + raw); break;
      default: break;
    }
  }
}

}  // namespace

void one(std::string_view input) {
  Bytes in(input);
  const Reader reader = kReaders[in.byte() % kReaders.size()];
  reader(in.rest());
}

void seeds(const Add& add) {
  for (const char* name : {"stream/good.flytt", "stream/table-ends.flytt", "stream/error.flytt"}) payloads(name, add);
  add('\6' + engine::copy_json({}));
  engine::postgres::Fence fence{"shop", "admin", {{"", "CONNECT", false}, {"app", "CREATE", true}}, {"repl"}, "on", std::nullopt};
  add('\7' + engine::postgres::fence_json(fence));
  add(std::string("\x08") + R"({"flytt":1,"address":"db1:5432","source":"7","source_id":"12"})");
  add(std::string("\x09") + R"x({"keys":["k"],"adds":["ADD KEY `k` (`a`)"],"type":"PROCEDURE","name":"p"})x");
  add(std::string("\x09") + R"({"child_columns":["a"],"parent_schema":"o","parent_table":"p","parent_columns":["x"],"parent_outside":true})");
}

}  // namespace flytt::fuzz
