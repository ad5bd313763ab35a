// How much memory a piece of work held at most: every allocation of the program is counted. For one source file of a program.
// SPDX-License-Identifier: MIT
#pragma once

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace flytt::test {

inline std::atomic<std::size_t> g_held{0};
inline std::atomic<std::size_t> g_most{0};

inline void* counted(std::size_t size) {
  void* const memory = std::malloc(size);
  if (memory == nullptr) throw std::bad_alloc();
  const auto held = g_held += ::malloc_usable_size(memory);
  for (auto most = g_most.load(); held > most && !g_most.compare_exchange_weak(most, held);) {
  }
  return memory;
}

inline void uncounted(void* memory) noexcept {
  if (memory != nullptr) g_held -= ::malloc_usable_size(memory);
  std::free(memory);
}

/// Bytes that were held at once while `work` ran, beyond those that were held before.
template <class Work>
std::size_t peak_of(Work work) {
  const std::size_t before = g_held;
  g_most = before;
  work();
  return g_most - before;
}

}  // namespace flytt::test

// A sanitizer's own allocator has to be the only one: under it nothing is counted, and every peak is 0.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
void* operator new(std::size_t size) { return flytt::test::counted(size); }
void* operator new[](std::size_t size) { return flytt::test::counted(size); }
void operator delete(void* memory) noexcept { flytt::test::uncounted(memory); }
void operator delete[](void* memory) noexcept { flytt::test::uncounted(memory); }
void operator delete(void* memory, std::size_t) noexcept { flytt::test::uncounted(memory); }
void operator delete[](void* memory, std::size_t) noexcept { flytt::test::uncounted(memory); }
#endif
