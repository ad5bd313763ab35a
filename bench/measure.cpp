// Runs a command and writes what it took: user and system CPU seconds and peak resident memory, its waited-for children included.
// Usage: bench-measure FILE COMMAND [ARG...]     FILE gets one line: USER SYSTEM PEAK_KIB
// Small on purpose: a process inherits its parent's peak until it calls exec.
// SPDX-License-Identifier: MIT
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

extern char** environ;

namespace {

double seconds(const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; }

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    std::fputs("Usage: bench-measure FILE COMMAND [ARG...]\n", stderr);
    return 64;
  }
  pid_t child = 0;
  if (const int err = ::posix_spawnp(&child, argv[2], nullptr, nullptr, argv + 2, environ); err != 0) {
    std::fprintf(stderr, "bench-measure: %s: %s\n", argv[2], std::strerror(err));
    return 127;
  }
  int status = 0;
  rusage used{};
  while (::wait4(child, &status, 0, &used) < 0) {
    if (errno != EINTR) return 70;
  }
  std::FILE* out = std::fopen(argv[1], "w");
  if (out == nullptr || std::fprintf(out, "%.3f %.3f %ld\n", seconds(used.ru_utime), seconds(used.ru_stime), used.ru_maxrss) < 0 ||
      std::fclose(out) != 0) {
    std::perror("bench-measure");
    return 74;
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
