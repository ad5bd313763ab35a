// The log of the writers: one line before a write is sent, one line after its answer. What a test or the demo believes.
// Layer: test support, knows nothing of flytt.  Thread rule: AckLog may be used by all threads.
// Format: nanoseconds, thread, seq, op, key, value, server, outcome; tab-separated, monotonic time of one host.
// SPDX-License-Identifier: MIT
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace ackwriter {

enum class Op { insert, update, erase };

/// What became of a write. `missing`: the server answered, but the row of an acknowledged write was not there any more.
enum class Outcome { sent, acked, refused, unknown, missing };

struct Entry {
  std::uint64_t at_ns = 0;
  unsigned thread = 0;
  std::uint64_t seq = 0;  ///< Unique within its thread, rising; the row carries the seq of its last write.
  Op op = Op::insert;
  std::uint64_t key = 0;  ///< Written by one thread only.
  std::string value;      ///< Empty for an erase.
  std::string server;
  Outcome outcome = Outcome::sent;
};

std::string format(const Entry& entry);

/// Throws std::runtime_error that names the line when it is not one of ours.
Entry parse(const std::string& line);

/// The entries of a file in the order of their writing; a last line cut short by kill -9 is left out.
std::vector<Entry> read_log(const std::string& path);

std::uint64_t monotonic_ns();

/// Appends each entry with one write(2), so that it stands in the file before the caller goes on.
class AckLog {
 public:
  explicit AckLog(const std::string& path);
  ~AckLog();
  AckLog(const AckLog&) = delete;
  AckLog& operator=(const AckLog&) = delete;

  /// Stamps the time and appends. A log that cannot be written ends the program: its silence would look like success.
  void append(Entry& entry);

 private:
  int fd_;
};

}  // namespace ackwriter
