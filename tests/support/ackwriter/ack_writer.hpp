// One thread of the application: inserts, updates and deletes rows of its own keys and logs what it was told.
// Layer: test support.  Thread rule: one Writer a thread; they share the log and the stop flag.
// SPDX-License-Identifier: MIT
#pragma once
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <random>
#include <string>

#include "ack_log.hpp"
#include "ack_session.hpp"

namespace ackwriter {

struct Job {
  Account account;
  std::string table;         ///< With columns id, seq, value; id is the primary key.
  std::string servers_file;  ///< Its first line is the address to use; read again after an error.
  unsigned threads = 4;
  double rate = 0;           ///< Writes a second and thread; 0: as fast as the server answers.
  std::uint64_t first_key = 1;
};

/// The address to use now. Throws std::runtime_error when the file cannot be read.
std::string current_address(const std::string& servers_file);

class Writer {
 public:
  Writer(const Job& job, unsigned number, AckLog& log, const std::atomic<bool>& stop);

  /// Writes until told to stop. Errors of the server are part of the log; only a broken log ends the program.
  void operator()();

 private:
  struct Live {
    std::uint64_t key, seq;
  };

  bool connected();
  void write_once();
  Entry choose();
  Outcome perform(const Entry& entry, std::uint64_t previous_seq);
  void settle(const Entry& entry);
  bool moved() const;

  const Job& job_;
  const unsigned number_;
  AckLog& log_;
  const std::atomic<bool>& stop_;
  std::unique_ptr<Session> session_;
  std::string address_;
  std::mt19937_64 random_;
  std::deque<Live> live_;  ///< Front: the row that the next update or delete takes.
  std::uint64_t next_key_, seq_ = 0;
};

}  // namespace ackwriter
