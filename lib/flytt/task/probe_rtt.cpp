// io-probe rtt: connect, the kernel's own minimum, a ping and a statement; and what they mean for a move.
// SPDX-License-Identifier: MIT
#include <flytt/task/probe.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/os/tcp.hpp>
#include <flytt/plan/distance.hpp>
#include <flytt/plan/latency.hpp>
#include <flytt/task/probe_text.hpp>

#include <algorithm>

namespace flytt::task {
namespace {

using base::concat;
using base::Exit;
using plan::Latencies;
using std::chrono::nanoseconds;

constexpr std::uint64_t kMostConnects = 20;  // a server counts each as a client that gave up
constexpr nanoseconds kConnectLimit{10'000'000'000};

class Rtt {
 public:
  Rtt(const ProbeRttOptions& options, Output& out, const base::Context& ctx) : options_(options), out_(out), ctx_(ctx) {}

  Exit run() {
    const bool server = options_.url.scheme != "tcp";
    if (server) ask_server();
    if (!socket_) connect_again(server);
    return conclude();
  }

 private:
  template <class Step>
  Latencies repeat(std::uint64_t times, Step step) {
    Latencies out;
    for (std::uint64_t i = 0; i < times; ++i) {
      ctx_.check_stop();
      out.add(step());
    }
    return out;
  }
  template <class Step>
  nanoseconds timed(Step step) {
    const auto begin = std::chrono::steady_clock::now();
    step();
    return std::chrono::steady_clock::now() - begin;
  }

  void show(const char* what, const Latencies& l, const char* note = "") {
    out_.line(concat(what, "  min ", probe_ms(l.least()), "  p50 ", probe_ms(l.percentile(0.5)), "  p99 ", probe_ms(l.percentile(0.99)), "  (",
                     l.count(), ")", note));
    out_.event("rtt", {{"what", std::string(base::trim(what))}, {"count", l.count()}, {"min_ms", probe_number(l.least())},
                       {"p50_ms", probe_number(l.percentile(0.5))}, {"p99_ms", probe_number(l.percentile(0.99))}, {"max_ms", probe_number(l.most())}});
  }

  void ask_server() {
    const auto server = engine::open(options_.url, ctx_);
    const std::stop_callback cancel(ctx_.stop, [&] { server->cancel_all(); });
    const auto session = server->storage();
    session->ping();  // connects
    socket_ = os::is_unix_socket(session->descriptor());
    const auto ping = repeat(options_.count, [&] { return timed([&] { session->ping(); }); });
    const auto statement = repeat(options_.count, [&] { return timed([&] { session->select_one(); }); });
    kernel_ = os::shortest_round_trip(session->descriptor());
    show("ping     ", ping);
    show("statement", statement);
    median_ = ping.percentile(0.5);
    shortest_ = ping.least();
    statement_ = statement.percentile(0.5);
    // The network's share is the same for both: what a statement takes beyond it is the server, or a proxy that waits for one.
    if (!socket_ && kernel_ && kernel_->count() > 0 && statement.least() > 5 * *kernel_ && statement.least() - *kernel_ > std::chrono::milliseconds(1)) {
      proxy_ = true;
    }
  }

  void connect_again(bool server) {
    const auto address = os::resolve(options_.url.host.empty() ? "localhost" : options_.url.host, port());
    loopback_ = address.loopback;
    const auto times = server ? std::min<std::uint64_t>(3, options_.count) : std::min(kMostConnects, options_.count);
    const auto connect = repeat(times, [&] { return os::time_connect(address, kConnectLimit, ctx_.stop); });
    show("connect  ", connect, server ? "  TCP" : "");
    if (kernel_) {
      out_.line(concat("kernel     min ", probe_ms(*kernel_), "  TCP_INFO of the session"));
      out_.event("rtt", {{"what", "kernel"}, {"min_ms", probe_number(*kernel_)}});
    }
    if (!server) {
      median_ = statement_ = connect.percentile(0.5);
      shortest_ = connect.least();
    } else {
      shortest_ = std::min(connect.least(), kernel_ && kernel_->count() > 0 ? *kernel_ : connect.least());
    }
  }

  std::uint16_t port() const {
    if (options_.url.port != 0) return options_.url.port;
    return engine::default_port(options_.url.scheme);
  }

  Exit conclude() {
    const auto distance = socket_ || loopback_ ? plan::Distance::same_host : plan::distance_of(shortest_);
    const auto rows = static_cast<std::uint64_t>(plan::rows_one_by_one(statement_));
    const auto lanes = plan::ssh_lanes(shortest_, 125e6);
    const auto lane = static_cast<std::uint64_t>(plan::ssh_bytes_per_second(shortest_));
    out_.line(concat("distance   ", plan::words(distance), socket_ ? ": the Unix socket of this host" : ""));
    if (proxy_) out_.line("note       a statement takes much longer than the network: a proxy in between, or a busy server; the distance is to what answers TCP");
    out_.line(concat("row by row at most ", rows, " rows/s: each waits for the one before it"));
    if (distance != plan::Distance::same_host) {
      out_.line(concat("ssh        one connection moves at most ", probe_rate(static_cast<double>(lane)), "; 1 Gbit/s needs ", lanes));
      if (distance > plan::Distance::same_zone) out_.line("advice     run load-stream beside the server that it loads");
    }
    const bool far = options_.max_rtt && median_ > *options_.max_rtt;
    if (options_.max_rtt) {
      const auto text = concat(far ? "FAIL" : "PASS", "       the median round trip of ", probe_ms(median_), far ? " is above " : " is at most ", probe_ms(*options_.max_rtt));
      far ? out_.line_always(text) : out_.line(text);
      out_.result("verdict", far ? "FAIL" : "PASS");
    }
    out_.result("distance", std::string(plan::name(distance)));
    out_.result("min_ms", probe_number(shortest_));
    out_.result("p50_ms", probe_number(median_));
    out_.result("rows_per_second_one_by_one", rows);
    out_.result("ssh_bytes_per_second", lane);
    out_.result("ssh_lanes_for_1gbit", lanes);
    return far ? Exit::no : Exit::done;
  }

  const ProbeRttOptions& options_;
  Output& out_;
  const base::Context& ctx_;
  bool socket_ = false, loopback_ = false, proxy_ = false;
  std::optional<nanoseconds> kernel_;
  nanoseconds median_{0}, shortest_{0}, statement_{0};
};

}  // namespace

Exit probe_rtt(const ProbeRttOptions& options, Output& out, const base::Context& ctx) {
  if (options.count == 0) throw base::Error(Exit::usage, "--count must be above zero");
  return Rtt(options, out, ctx).run();
}

}  // namespace flytt::task
