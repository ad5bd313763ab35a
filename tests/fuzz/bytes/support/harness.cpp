// What all harnesses share, and the entry that libFuzzer and the replay call.
// SPDX-License-Identifier: MIT
#include "fuzz/bytes/support/harness.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace flytt::fuzz {
namespace {

[[noreturn]] void finding(std::string_view what) {
  std::fprintf(stderr, "\nfinding: %.*s\n", static_cast<int>(what.size()), what.data());
  std::fflush(stderr);
  std::abort();
}

}  // namespace

void require(bool truth, std::string_view what) {
  if (!truth) finding(what);
}

void require_equal(std::string_view is, std::string_view wanted, std::string_view what) {
  if (is == wanted) return;
  finding(std::string(what) + "\n  is:     " + std::string(is) + "\n  wanted: " + std::string(wanted));
}

void check(const base::Error& error) {
  if (error.code() == base::Exit::bug) finding("an error that says it is a bug: " + error.text());
  require(!error.message().empty(), "an error without a sentence");
}

std::uint8_t Bytes::byte() noexcept {
  const auto one = take(1);
  return one.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(one[0]);
}

std::uint64_t Bytes::number() noexcept {
  std::uint64_t v = 0;
  for (unsigned shift = 0; shift < 64; shift += 8) v |= std::uint64_t{byte()} << shift;
  return v;
}

std::string_view Bytes::piece() noexcept { return take(byte()); }

std::string_view Bytes::take(std::size_t size) noexcept {
  const auto part = rest_.substr(0, size);
  rest_.remove_prefix(part.size());
  return part;
}

std::string as_piece(std::string_view text) {
  text = text.substr(0, 255);
  return static_cast<char>(text.size()) + std::string(text);
}

std::string vector_file(const std::string& name) {
  std::ifstream in(std::string(FLYTT_TEST_VECTORS) + "/" + name, std::ios::binary);
  require(in.good(), "tests/vectors lacks " + name);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> vector_streams() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(std::string(FLYTT_TEST_VECTORS) + "/stream"))
    if (entry.path().extension() == ".flytt") names.push_back("stream/" + entry.path().filename().string());
  std::sort(names.begin(), names.end());
  std::vector<std::string> out;
  for (const auto& name : names) out.push_back(vector_file(name));
  return out;
}

}  // namespace flytt::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace flytt;
  // An exact copy: a read beyond its end is seen, and an empty input has an address as any other.
  const std::vector<char> input(reinterpret_cast<const char*>(data), reinterpret_cast<const char*>(data) + size);
  try {
    fuzz::one(size == 0 ? std::string_view("") : std::string_view(input.data(), input.size()));
  } catch (const base::Error& error) {
    fuzz::check(error);
  } catch (const std::exception& other) {
    fuzz::require(false, std::string("an exception of another kind: ") + other.what());
  }
  return 0;
}

/// Called by libFuzzer before anything else. With FLYTT_FUZZ_SEEDS the program writes its seeds into that directory and ends.
extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* const directory = std::getenv("FLYTT_FUZZ_SEEDS");
  if (directory == nullptr) return 0;
  unsigned number = 0;
  flytt::fuzz::seeds([&](std::string_view seed) {
    std::ofstream out(std::string(directory) + "/seed-" + std::to_string(++number), std::ios::binary);
    out.write(seed.data(), static_cast<std::streamsize>(seed.size()));
    flytt::fuzz::require(out.flush().good(), "a seed cannot be written");
  });
  std::exit(0);
}
