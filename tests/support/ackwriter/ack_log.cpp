// Text form of the writers' log, and the file itself.
// SPDX-License-Identifier: MIT
#include "ack_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace ackwriter {
namespace {

constexpr std::array kOps{"insert", "update", "erase"};
constexpr std::array kOutcomes{"sent", "acked", "refused", "unknown", "missing"};

template <class Enum, std::size_t N>
Enum enum_of(const std::array<const char*, N>& names, const std::string& name, const std::string& line) {
  for (std::size_t i = 0; i < N; ++i)
    if (name == names[i]) return static_cast<Enum>(i);
  throw std::runtime_error("not a line of the log: " + line);
}

}  // namespace

std::uint64_t monotonic_ns() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::nanoseconds>(since).count());
}

std::string format(const Entry& e) {
  std::ostringstream out;
  out << e.at_ns << '\t' << e.thread << '\t' << e.seq << '\t' << kOps[static_cast<std::size_t>(e.op)] << '\t' << e.key << '\t'
      << (e.value.empty() ? "-" : e.value) << '\t' << e.server << '\t' << kOutcomes[static_cast<std::size_t>(e.outcome)] << '\n';
  return out.str();
}

Entry parse(const std::string& line) {
  std::istringstream in(line);
  Entry e;
  std::string op, outcome;
  if (!(in >> e.at_ns >> e.thread >> e.seq >> op >> e.key >> e.value >> e.server >> outcome))
    throw std::runtime_error("not a line of the log: " + line);
  e.op = enum_of<Op>(kOps, op, line);
  e.outcome = enum_of<Outcome>(kOutcomes, outcome, line);
  if (e.value == "-") e.value.clear();
  return e;
}

std::vector<Entry> read_log(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path);
  std::vector<Entry> entries;
  for (std::string line; std::getline(in, line);) {
    if (in.eof()) break;
    entries.push_back(parse(line));
  }
  return entries;
}

AckLog::AckLog(const std::string& path) : fd_(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644)) {
  if (fd_ < 0) throw std::runtime_error("cannot write " + path + ": " + std::strerror(errno));
}

AckLog::~AckLog() { ::close(fd_); }

void AckLog::append(Entry& entry) {
  entry.at_ns = monotonic_ns();
  const std::string line = format(entry);
  if (::write(fd_, line.data(), line.size()) == static_cast<ssize_t>(line.size())) return;
  std::perror("ackwriter: the log cannot be written");
  std::_Exit(74);
}

}  // namespace ackwriter
