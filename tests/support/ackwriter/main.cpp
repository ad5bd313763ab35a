// Writers that log every write a server acknowledged, and the check of that log against the server that won.
// SPDX-License-Identifier: MIT
#include <csignal>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>
#include <thread>
#include <vector>

#include "ack_check.hpp"
#include "ack_log.hpp"
#include "ack_session.hpp"
#include "ack_writer.hpp"

using namespace ackwriter;

namespace {

constexpr const char* kHelp =
    "Usage: ackwriter run   --servers FILE --user NAME --database NAME --log FILE [--table NAME] [--ssl-ca FILE]\n"
    "                       [--threads N] [--rate N] [--for SECONDS] [--stop-file FILE]\n"
    "       ackwriter check --server ADDRESS --user NAME --database NAME --log FILE [--table NAME] [--ssl-ca FILE]\n"
    "       ackwriter self-check\n"
    "\n"
    "run: inserts, updates and deletes rows of a table with the columns id, seq and value, from N threads (4) that each\n"
    "own the keys k = i mod N, and logs each write when it is sent and when it is answered, until SIGTERM. The first line\n"
    "of --servers is the address to use, [mysql://]host:port, a socket's path or postgres://host:port; it is read again\n"
    "after each error, so whoever replaces the file (mv) sends the writers to another server. The password is taken from\n"
    "MYSQL_PWD or PGPASSWORD.\n"
    "check: compares the log with the rows of the server that won. Prints what was acknowledged by whom, how long writes\n"
    "paused between two servers, and 'lost writes: N'. Exit 1 when a write is lost, when a refused one is there, or when\n"
    "two servers acknowledged writes at the same time.\n"
    "self-check: whether the check finds every kind of loss, on logs made up for it.\n";

struct Options {
  Job job;
  std::string log, server, stop_file;
  double seconds = 0;
};

[[noreturn]] void usage(const std::string& why) {
  std::fprintf(stderr, "ackwriter: %s\n%s", why.c_str(), kHelp);
  std::exit(64);
}

Options parse_options(int argc, char** argv) {
  Options o;
  o.job.table = "ack";
  for (int i = 2; i < argc; i += 2) {
    const std::string name = argv[i];
    if (i + 1 >= argc) usage(name + " needs a value");
    const std::string value = argv[i + 1];
    if (name == "--servers") o.job.servers_file = value;
    else if (name == "--server") o.server = value;
    else if (name == "--user") o.job.account.user = value;
    else if (name == "--database") o.job.account.database = value;
    else if (name == "--ssl-ca") o.job.account.ssl_ca = value;
    else if (name == "--table") o.job.table = value;
    else if (name == "--threads") o.job.threads = static_cast<unsigned>(std::clamp(std::stoi(value), 1, 64));
    else if (name == "--rate") o.job.rate = std::stod(value);
    else if (name == "--log") o.log = value;
    else if (name == "--for") o.seconds = std::stod(value);
    else if (name == "--stop-file") o.stop_file = value;
    else usage("unknown option " + name);
  }
  if (o.log.empty() || o.job.account.user.empty() || o.job.account.database.empty())
    usage("--log, --user and --database are needed");
  return o;
}

std::uint64_t number(const std::optional<std::string>& text) { return std::stoull(text.value_or("0")); }

/// Until SIGTERM, SIGINT, the stop file or the end of the time.
void wait_for_end(const Options& o, const sigset_t& signals) {
  const std::uint64_t start = monotonic_ns();
  const timespec tick{0, 50'000'000};
  while (sigtimedwait(&signals, nullptr, &tick) < 0) {
    if (!o.stop_file.empty() && ::access(o.stop_file.c_str(), F_OK) == 0) return;
    if (o.seconds > 0 && static_cast<double>(monotonic_ns() - start) > o.seconds * 1e9) return;
  }
}

int run(Options& o) {
  if (o.job.servers_file.empty()) usage("--servers is needed");
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);  // inherited by the threads: only wait_for_end takes them

  connect(current_address(o.job.servers_file), o.job.account)->query("SELECT COALESCE(MAX(id), 0) + 1 FROM " + o.job.table, [&](const auto& row) { o.job.first_key = number(row[0]); });
  AckLog log(o.log);
  std::atomic<bool> stop = false;
  std::vector<std::thread> threads;
  for (unsigned i = 0; i < o.job.threads; ++i)
    threads.emplace_back([&, i] { Writer(o.job, i, log, stop)(); });
  wait_for_end(o, signals);
  stop = true;
  for (std::thread& t : threads) t.join();
  return 0;
}

void print(const Verdict& v) {
  std::printf("writes: %llu acknowledged, %llu refused, %llu undecided\n", static_cast<unsigned long long>(v.acked),
              static_cast<unsigned long long>(v.refused), static_cast<unsigned long long>(v.unknown));
  for (const ServerShare& s : v.servers)
    std::printf("acknowledged by %s: %llu\n", s.server.c_str(), static_cast<unsigned long long>(s.acked));
  std::printf("longest wait for one server: %.3f s\n", static_cast<double>(v.longest_gap_ns) / 1e9);
  if (v.servers.size() > 1) std::printf("write pause: %.3f s\n", static_cast<double>(v.pause_ns()) / 1e9);
  for (const std::string& text : v.examples) std::printf("  %s\n", text.c_str());
  if (v.unasked > 0) std::printf("rows that nobody was promised: %llu\n", static_cast<unsigned long long>(v.unasked));
  if (v.overlap > 0) std::printf("writes taken by both servers at once: %llu\n", static_cast<unsigned long long>(v.overlap));
  std::printf("lost writes: %llu\n", static_cast<unsigned long long>(v.lost));
}

int check(const Options& o) {
  if (o.server.empty()) usage("--server is needed");
  if (!self_check()) return 70;
  const std::vector<Entry> log = read_log(o.log);
  if (std::none_of(log.begin(), log.end(), [](const Entry& e) { return e.outcome == Outcome::acked; }))
    throw std::runtime_error("nothing was acknowledged: there is nothing to check");
  const auto lowest = std::min_element(log.begin(), log.end(), [](const Entry& a, const Entry& b) { return a.key < b.key; });
  State state;
  connect(o.server, o.job.account)->query("SELECT id, seq, value FROM " + o.job.table + " WHERE id >= " + std::to_string(lowest->key),
                [&](const auto& row) { state[number(row[0])] = {number(row[1]), row[2].value_or("")}; });
  const Verdict v = judge(log, state);
  print(v);
  return v.good() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string verb = argc > 1 ? argv[1] : "";
  if (verb == "--help" || verb == "-h") return std::fputs(kHelp, stdout), 0;
  try {
    if (verb == "self-check") return self_check() ? 0 : 1;
    if (verb != "run" && verb != "check") usage("unknown verb '" + verb + "'");
    Options options = parse_options(argc, argv);
    return verb == "run" ? run(options) : check(options);
  } catch (const std::exception& e) {
    std::fprintf(stderr, "ackwriter: %s\n", e.what());
    return 69;
  }
}
