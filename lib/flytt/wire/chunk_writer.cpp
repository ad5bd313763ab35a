// Rows to frames, frames to the pipe.
// SPDX-License-Identifier: MIT
#include <flytt/wire/chunk_writer.hpp>

#include <algorithm>
#include <utility>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::wire {
namespace {

constexpr std::uint64_t kSlack = std::uint64_t{2} << 20;

}  // namespace

ChunkWriter::ChunkWriter(StreamWriter& stream, std::uint64_t chunk_size)
    : stream_(stream), limit_(static_cast<std::size_t>(chunk_size + kSlack)), compressor_(stream.level()) {
  raw_.reserve(kMaxRaw);
  encoded_.reserve(limit_);  // address space only: pages are taken as they are filled
}

ChunkWriter::~ChunkWriter() { abandon(); }

void ChunkWriter::begin(std::uint32_t object) {
  abandon();
  object_ = object;
}

void ChunkWriter::abandon() noexcept {
  if (pipe_.owns_lock()) pipe_.unlock();
  number_ = 0;
  raw_.clear();
  raw_rows_ = 0;
  inside_row_ = false;
  row_bytes_ = 0;
  encoded_.clear();
  offsets_.clear();
  digest_.reset();
  end_ = {};
}

void ChunkWriter::write(std::string_view bytes, std::uint64_t rows) {
  const bool whole = rows > 0 && !inside_row_;
  if (!raw_.empty() && !inside_row_ && (!whole || raw_.size() + bytes.size() > kMaxRaw)) flush(false);
  if (whole && raw_.empty() && bytes.size() <= kMaxRaw && bytes.size() >= kMaxRaw / 2) {
    raw_rows_ = rows;
    emit(bytes, false);  // as it is, without copying it
    return;
  }
  while (!bytes.empty()) {
    if (raw_.size() == kMaxRaw) flush(true);  // only now: more is sure to follow
    const auto part = bytes.substr(0, kMaxRaw - raw_.size());
    raw_.append(part);
    bytes.remove_prefix(part.size());
  }
  raw_rows_ += rows;
  inside_row_ = rows == 0;
}

void ChunkWriter::flush(bool more) {
  emit(raw_, more);
  raw_.clear();
}

void ChunkWriter::emit(std::string_view raw, bool more) {
  if (end_.bytes + raw.size() > kMaxChunk)
    throw base::Error(base::Exit::refused, "a chunk grew beyond 4 GiB", {.hint = "Use a smaller --chunk-size."});
  row_bytes_ += raw.size();
  if (row_bytes_ > kMaxRow)
    throw base::Error(base::Exit::refused, base::concat("a row is larger than ", kMaxRow, " bytes"),
                      {.hint = "Leave it out with --where, and copy it by other means."});
  if (!more) row_bytes_ = 0;
  digest_.update(raw);
  const auto at = encoded_.size();
  offsets_.push_back(at);
  encoded_.resize(at + kHeaderSize);
  compressor_.compress_frame(raw, encoded_);
  FrameHeader header{.kind = Kind::data, .flags = more ? kFlagMore : std::uint16_t{0}, .object = object_};
  header.raw_len = raw.size();
  header.enc_len = encoded_.size() - at - kHeaderSize;
  header.payload_hash = codec::hash64(std::string_view(encoded_).substr(at + kHeaderSize));
  const auto bytes = encode_header(header);
  std::copy(bytes.begin(), bytes.end(), encoded_.begin() + static_cast<std::ptrdiff_t>(at));
  end_.bytes += raw.size();
  end_.rows += raw_rows_;
  end_.frame_rows.push_back(static_cast<std::uint32_t>(raw_rows_));
  raw_rows_ = 0;
  if (pipe_.owns_lock() || encoded_.size() + kMaxEncoded > limit_) put();
}

void ChunkWriter::take_pipe() {
  if (pipe_.owns_lock()) return;
  pipe_ = std::unique_lock(stream_.mutex_);
  number_ = stream_.begin_chunk(pipe_);
}

/// Writes what is kept, and goes on holding the pipe; gives it back when that fails.
void ChunkWriter::put() try {
  take_pipe();
  if (offsets_.empty()) return;
  stream_.put_frames(pipe_, number_, encoded_, offsets_);
  encoded_.clear();
  offsets_.clear();
} catch (...) {
  abandon();
  throw;
}

WrittenChunk ChunkWriter::finish(KeyBounds bounds) {
  if (inside_row_) throw base::Error(base::Exit::bug, "a chunk was ended inside a row");
  if (!raw_.empty()) flush(false);
  WrittenChunk written{0, end_.rows, end_.bytes};
  if (end_.frame_rows.empty()) return written;
  end_.digest = digest_.digest();
  end_.bounds = std::move(bounds);
  put();
  try {
    stream_.end_chunk(pipe_, number_, object_, end_);
  } catch (...) {
    abandon();
    throw;
  }
  written.number = number_;
  abandon();
  return written;
}

}  // namespace flytt::wire
