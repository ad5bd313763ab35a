// Frames of a chunk to rows.
// SPDX-License-Identifier: MIT
#include <flytt/wire/chunk_decoder.hpp>

#include <utility>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::wire {

void ChunkDecoder::start(Chunk chunk) {
  chunk_ = std::move(chunk);
  kept_ = true;
  rewind();
  kept_ = chunk_.encoded_bytes <= kKept;
}

bool ChunkDecoder::rewind() {
  if (!kept_ && at_ > 0) return false;
  digest_.reset();
  at_ = 0;
  rows_ = 0;
  bytes_ = 0;
  return true;
}

void ChunkDecoder::corrupt(std::string what) const {
  throw base::Error(base::Exit::data, base::concat("chunk ", chunk_.number, ": ", what));
}

std::size_t ChunkDecoder::group_size() const {
  std::uint64_t size = 0;
  for (auto i = at_; i < chunk_.frames.size(); ++i) {
    size += chunk_.frames[i].raw_len;
    if (!chunk_.frames[i].more) break;
  }
  if (size > kMaxRow) corrupt(base::concat("has a row larger than ", kMaxRow, " bytes"));
  return static_cast<std::size_t>(size);
}

bool ChunkDecoder::next(Block& block) {
  raw_.clear();
  if (raw_.capacity() > 2 * kMaxRaw) raw_ = {};  // a large row is over: its memory goes back
  if (at_ == chunk_.frames.size()) {
    verify();
    return false;
  }
  block.rows = 0;
  if (chunk_.frames[at_].more) raw_.reserve(group_size());  // a large row grows once, not by doubling
  for (bool more = true; more; ++at_) {
    if (at_ == chunk_.frames.size()) corrupt("ends inside a row");
    EncodedFrame& frame = chunk_.frames[at_];
    const auto start = raw_.size();
    try {
      decompressor_.decompress_frame(frame.payload, frame.raw_len, raw_);
    } catch (const base::Error& error) {
      corrupt(error.message());
    }
    if (!kept_) frame.payload = std::string();
    digest_.update(std::string_view(raw_).substr(start));
    block.rows += chunk_.end.frame_rows[at_];
    more = frame.more;
  }
  rows_ += block.rows;
  bytes_ += raw_.size();
  block.bytes = raw_;
  return true;
}

void ChunkDecoder::verify() const {
  if (rows_ != chunk_.end.rows || bytes_ != chunk_.end.bytes) corrupt("holds other rows than its end says");
  if (digest_.digest() != chunk_.end.digest) corrupt("its digest is not that of its rows");
}

}  // namespace flytt::wire
