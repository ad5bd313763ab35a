// SPDX-License-Identifier: MIT
#include <flytt/os/memory.hpp>

#include <cstddef>
#include <cstdint>

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

namespace flytt::os {
namespace {

int release_object(dl_phdr_info* object, std::size_t, void* page_size) {
  const auto page = *static_cast<const std::uintptr_t*>(page_size);
  for (int i = 0; i < object->dlpi_phnum; ++i) {
    const auto& segment = object->dlpi_phdr[i];
    if (segment.p_type != PT_LOAD || (segment.p_flags & PF_W) != 0) continue;
    const std::uintptr_t at = object->dlpi_addr + segment.p_vaddr, begin = at / page * page;
    // A private mapping of a file that nobody has written: what goes is read from the file again.
    ::madvise(reinterpret_cast<void*>(begin), at + segment.p_memsz - begin, MADV_DONTNEED);
  }
  return 0;
}

}  // namespace

void release_unused_code() noexcept {
  auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  ::dl_iterate_phdr(release_object, &page);
}

}  // namespace flytt::os
