// SPDX-License-Identifier: MIT
#include <flytt/codec/zstd.hpp>

#include <flytt/base/bytes.hpp>
#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

#include <new>

#include <zstd.h>
#include <zstd_errors.h>

namespace flytt::codec {

using base::concat;
using base::Error;
using base::Exit;

struct Compressor::Context {
  ZSTD_CCtx* cctx = ZSTD_createCCtx();
  ~Context() { ZSTD_freeCCtx(cctx); }
};

Compressor::Compressor(int level) : context_(std::make_unique<Context>()) {
  if (context_->cctx == nullptr) throw std::bad_alloc();
  if (level < ZSTD_minCLevel() || level > ZSTD_maxCLevel()) {
    throw Error(Exit::usage, concat("zstd has no level ", level, ": they go from ", ZSTD_minCLevel(), " to ", ZSTD_maxCLevel()));
  }
  const auto set = [this](ZSTD_cParameter parameter, int value) {
    const std::size_t code = ZSTD_CCtx_setParameter(context_->cctx, parameter, value);
    if (ZSTD_isError(code)) throw Error(Exit::bug, concat("zstd refuses a setting: ", ZSTD_getErrorName(code)));
  };
  set(ZSTD_c_compressionLevel, level);
  set(ZSTD_c_contentSizeFlag, 1);
  set(ZSTD_c_checksumFlag, 0);
  // The levels from 20 on would take larger windows than our decoder lets pass.
  if (level >= 20) set(ZSTD_c_windowLog, Decompressor::kMaxWindowLog);
}

Compressor::~Compressor() = default;
Compressor::Compressor(Compressor&&) noexcept = default;
Compressor& Compressor::operator=(Compressor&&) noexcept = default;

void Compressor::compress_frame(std::string_view raw, std::string& out) {
  const std::size_t before = out.size();
  out.resize(before + ZSTD_compressBound(raw.size()));
  const std::size_t size =
      ZSTD_compress2(context_->cctx, out.data() + before, out.size() - before, raw.data(), raw.size());
  out.resize(ZSTD_isError(size) ? before : before + size);
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(size)) throw Error(Exit::bug, concat("zstd cannot compress: ", ZSTD_getErrorName(size)));
}

struct Decompressor::Context {
  ZSTD_DCtx* dctx = ZSTD_createDCtx();
  ~Context() { ZSTD_freeDCtx(dctx); }
};

Decompressor::Decompressor() : context_(std::make_unique<Context>()) {
  if (context_->dctx == nullptr) throw std::bad_alloc();
}

Decompressor::~Decompressor() = default;
Decompressor::Decompressor(Decompressor&&) noexcept = default;
Decompressor& Decompressor::operator=(Decompressor&&) noexcept = default;

namespace {

[[noreturn]] void corrupt(std::string_view why) { throw Error(Exit::data, concat("a zstd frame is corrupt: ", why)); }

/// The stable part of zstd's interface does not tell the window: RFC 8878, 3.1.1.1.
void check_window(base::ByteReader header) {
  if (header.get_u32() != ZSTD_MAGICNUMBER) corrupt("it does not begin as a frame of data does");
  const bool single_segment = (header.get_u8() & 0x20) != 0;
  if (single_segment) return;  // the window is the content, and the caller says how large that is
  const unsigned descriptor = header.get_u8();
  const std::uint64_t base = std::uint64_t{1} << (10 + (descriptor >> 3));
  const std::uint64_t window = base + base / 8 * (descriptor & 7);
  if (window > std::uint64_t{1} << Decompressor::kMaxWindowLog) {
    corrupt(concat("it wants a window of ", window, " bytes"));
  }
}

void check_frame(std::string_view encoded, std::size_t raw_len_expected) {
  check_window(base::ByteReader(encoded, "a zstd frame"));
  const auto declared = ZSTD_getFrameContentSize(encoded.data(), encoded.size());
  if (declared == ZSTD_CONTENTSIZE_ERROR) corrupt("its header cannot be read");
  if (declared == ZSTD_CONTENTSIZE_UNKNOWN) corrupt("it does not say the size of its content");
  if (declared != raw_len_expected) {
    corrupt(concat("it declares ", declared, " bytes where ", raw_len_expected, " are expected"));
  }
  const std::size_t length = ZSTD_findFrameCompressedSize(encoded.data(), encoded.size());
  if (ZSTD_isError(length)) corrupt(ZSTD_getErrorName(length));
  if (length != encoded.size()) corrupt(concat("it ends ", encoded.size() - length, " bytes too early"));
}

}  // namespace

void Decompressor::decompress_frame(std::string_view encoded, std::size_t raw_len_expected, std::string& out) {
  check_frame(encoded, raw_len_expected);
  const std::size_t before = out.size();
  out.resize(before + raw_len_expected);
  const std::size_t size =
      ZSTD_decompressDCtx(context_->dctx, out.data() + before, raw_len_expected, encoded.data(), encoded.size());
  if (size == raw_len_expected) return;
  out.resize(before);
  if (ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  if (ZSTD_isError(size)) corrupt(ZSTD_getErrorName(size));
  corrupt(concat("it holds ", size, " bytes where it declares ", raw_len_expected));
}

}  // namespace flytt::codec
