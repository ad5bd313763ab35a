// main() of a harness without libFuzzer: its seeds, each of them cut and with one byte changed at a time, then the files of the
// directories that are named. So what once failed is tried again by every compiler and sanitizer.
// SPDX-License-Identifier: MIT
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "fuzz/bytes/support/harness.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

/// Places in one seed at which it is cut and changed: spread evenly, all of a short one.
constexpr std::size_t kPlaces = 64;

unsigned long tried = 0;

void attempt(std::string_view input) {
  ++tried;
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

void with_changes(std::string_view seed) {
  attempt(seed);
  const std::size_t step = seed.size() / kPlaces + 1;
  for (std::size_t at = 0; at < seed.size(); at += step) {
    attempt(seed.substr(0, at));
    std::string changed(seed);
    changed[at] = static_cast<char>(changed[at] ^ (1 << (at % 8)));
    attempt(changed);
  }
}

void files_of(const std::string& directory) {
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    std::ifstream in(entry.path(), std::ios::binary);
    flytt::fuzz::require(in.good(), "cannot read " + entry.path().string());
    std::printf("%s\n", entry.path().filename().c_str());
    std::fflush(stdout);  // the name of the one that ends the program is the last
    attempt(std::string(std::istreambuf_iterator<char>(in), {}));
  }
}

}  // namespace

int main(int count, char** words) {
  flytt::fuzz::seeds(with_changes);
  for (int i = 1; i < count; ++i)
    if (std::filesystem::is_directory(words[i])) files_of(words[i]);
  std::printf("%lu inputs\n", tried);
  return tried == 0 ? 1 : 0;
}
