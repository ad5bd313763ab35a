// The small payloads: what a chunk's end says, what the stream's end says, and what a failed sender says.
// Layer: wire (3).  Thread rule: values, no state.  Format: man/flytt-stream.5, CHUNK_END, END, ERR.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/error.hpp>
#include <flytt/codec/xxh3.hpp>

namespace flytt::wire {

/// Which keys a chunk holds: those after `after` up to `through`. Absent: open, or the table has no key that orders it.
struct KeyBounds {
  std::optional<std::string> after;
  std::optional<std::string> through;
  bool operator==(const KeyBounds&) const = default;
};

/// What a chunk held, said after it.
struct ChunkEnd {
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;                 ///< raw
  codec::Hash128 digest;                   ///< XXH3-128 of the chunk's raw bytes
  std::vector<std::uint32_t> frame_rows;   ///< rows that end in each of its frames, in order
  KeyBounds bounds;
  bool operator==(const ChunkEnd&) const = default;
};

/// A table whose chunks have all been written.
struct TableEnd {
  std::uint32_t table = 0;   ///< index in HELLO's tables; stands in the frame's header
  std::uint64_t rows = 0;    ///< of all its chunks
  std::uint64_t chunks = 0;
  bool operator==(const TableEnd&) const = default;
};

/// The values of a column that the source computes and stores, as one text: equal values in equal rows have equal texts.
struct ComputedColumn {
  std::uint32_t table = 0;   ///< index in HELLO's tables
  std::uint32_t column = 0;  ///< index in the table's computed columns
  std::string digest;        ///< as the engine makes it
  bool operator==(const ComputedColumn&) const = default;
};

/// What a stream held, said at its end.
struct Totals {
  std::string uuid;
  std::uint64_t chunks = 0;
  std::uint64_t rows = 0;
  std::uint64_t bytes = 0;
  std::uint64_t schema_objects = 0;
  std::vector<std::uint64_t> table_rows;  ///< in HELLO's order
  std::vector<ComputedColumn> computed{};  ///< none in streams of earlier versions
  codec::Hash128 digest;                  ///< XXH3-128 of the seals of all frames before END, in order
  bool operator==(const Totals&) const = default;
};

/// Why the sender gave up.
struct SenderError {
  int exit = 70;  ///< its exit status, 1 to 255
  std::string message;
  std::string hint;  ///< a line each
  bool operator==(const SenderError&) const = default;
};

/// What a sender says of its failure, and back.
SenderError sender_error(int exit, const base::Error& why);
base::Error failure_of(const SenderError& error);

std::string encode(const ChunkEnd& end);
std::string encode(const TableEnd& end);
std::string encode(const Totals& totals);
std::string encode(const SenderError& error);

// Back from the bytes. Throws: Exit::data.
ChunkEnd decode_chunk_end(std::string_view bytes);
TableEnd decode_table_end(std::string_view bytes, std::uint32_t table);
/// `tables`: how many there are in HELLO.
Totals decode_totals(std::string_view bytes, std::size_t tables);
SenderError decode_sender_error(std::string_view bytes);

}  // namespace flytt::wire
