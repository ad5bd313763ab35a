// A write is one statement in autocommit, every fourth a transaction of its own; so both ways of acknowledging are seen.
// SPDX-License-Identifier: MIT
#include "ack_writer.hpp"

#include <chrono>
#include <cstdio>
#include <fstream>
#include <stdexcept>
#include <thread>

namespace ackwriter {
namespace {

/// How soon a refused or disconnected writer looks again where to write.
constexpr auto kRetry = std::chrono::milliseconds(5);
constexpr std::size_t kManyRows = 400;

std::string value_of(std::uint64_t random) {
  char text[20];
  std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(random));
  return text;
}

}  // namespace

std::string current_address(const std::string& servers_file) {
  std::ifstream in(servers_file);
  std::string line;
  if (!std::getline(in, line) || line.empty()) throw std::runtime_error("no address in " + servers_file);
  return line;
}

Writer::Writer(const Job& job, unsigned number, AckLog& log, const std::atomic<bool>& stop)
    : job_(job), number_(number), log_(log), stop_(stop), random_(std::random_device{}()),
      next_key_(job.first_key + (number + job.threads - job.first_key % job.threads) % job.threads) {}

void Writer::operator()() {
  auto due = std::chrono::steady_clock::now();
  const auto step = std::chrono::nanoseconds(job_.rate > 0 ? static_cast<std::int64_t>(1e9 / job_.rate) : 0);
  while (!stop_) {
    if (!connected()) {
      std::this_thread::sleep_for(kRetry);
      continue;
    }
    write_once();
    due += step;
    const auto now = std::chrono::steady_clock::now();
    if (due > now) std::this_thread::sleep_until(due);
    else due = now;  // what was missed is not made up for in a burst
  }
}

bool Writer::connected() {
  if (session_) return true;
  try {
    address_ = current_address(job_.servers_file);
    session_ = connect(address_, job_.account);
    return true;
  } catch (const std::exception&) {
    return false;
  }
}

void Writer::write_once() {
  Entry entry = choose();
  const std::uint64_t previous = entry.op == Op::insert ? 0 : live_.front().seq;
  log_.append(entry);
  entry.outcome = perform(entry, previous);
  log_.append(entry);
  settle(entry);
}

Entry Writer::choose() {
  const std::uint64_t dice = random_() % 100;
  const bool full = live_.size() >= kManyRows;
  Entry e;
  e.thread = number_;
  e.seq = ++seq_;
  e.server = address_;
  e.op = live_.empty() || (!full && dice < 45) ? Op::insert : dice < 80 ? Op::update : Op::erase;
  e.key = e.op == Op::insert ? next_key_ : live_.front().key;
  if (e.op != Op::erase) e.value = value_of(random_());
  return e;
}

Outcome Writer::perform(const Entry& e, std::uint64_t previous_seq) {
  const std::string key = std::to_string(e.key), seq = std::to_string(e.seq);
  const std::string where = " WHERE id=" + key + " AND seq=" + std::to_string(previous_seq);
  const std::string statement =
      e.op == Op::insert   ? "INSERT INTO " + job_.table + " (id, seq, value) VALUES (" + key + "," + seq + ",'" + e.value + "')"
      : e.op == Op::update ? "UPDATE " + job_.table + " SET seq=" + seq + ", value='" + e.value + "'" + where
                           : "DELETE FROM " + job_.table + where;
  const bool transaction = e.seq % 4 == 0;
  if (transaction && session_->run("BEGIN") == Answer::lost) return session_.reset(), Outcome::refused;
  const Answer answer = session_->run(statement);
  const bool none = answer == Answer::done && session_->affected() != 1;
  // Before COMMIT was sent, a lost connection takes the transaction with it.
  if (answer == Answer::lost) return session_.reset(), transaction ? Outcome::refused : Outcome::unknown;
  if (!transaction) return answer == Answer::refused ? Outcome::refused : none ? Outcome::missing : Outcome::acked;
  if (answer == Answer::refused) {
    if (session_->run("ROLLBACK") != Answer::done) session_.reset();
    return Outcome::refused;
  }
  const Answer commit = session_->run("COMMIT");
  if (commit == Answer::lost) return session_.reset(), Outcome::unknown;
  if (commit == Answer::refused) return session_.reset(), Outcome::unknown;  // an error of COMMIT itself decides nothing
  return none ? Outcome::missing : Outcome::acked;
}

void Writer::settle(const Entry& e) {
  if (e.op == Op::insert) next_key_ += job_.threads;
  const bool known = e.op != Op::insert;
  if (e.outcome == Outcome::refused) {
    if (moved()) session_.reset();
    else std::this_thread::sleep_for(kRetry);
    return;
  }
  // A key whose last write is undecided or gone is left as it is: the next write would hide what happened.
  if (known) live_.pop_front();
  if (e.outcome == Outcome::acked && e.op != Op::erase) live_.push_back({e.key, e.seq});
}

bool Writer::moved() const {
  try {
    return address_ != current_address(job_.servers_file);
  } catch (const std::exception&) {
    return false;  // being replaced right now
  }
}

}  // namespace ackwriter
