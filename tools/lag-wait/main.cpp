// lag-wait: how far the target is behind, and waiting until it is not. Manual: man/lag-wait.1.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>
#include <flytt/task/lag.hpp>

namespace {

using namespace flytt;

class LagWait final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "lag-wait",
            .summary = "Waits until the target has applied what the source has written, and says how far it is behind. Positions "
                       "decide, never a server's own seconds.",
            .usage = {"[options] SOURCE TARGET"},
            .examples = {"lag-wait --zero --timeout 10m mysql://old/shop mysql://new/shop",
                         "lag-wait --max-lag 2s --for 1m mysql://old/shop mysql://new/shop",
                         "lag-wait --check --max-lag 30s mysql://old/shop mysql://new/shop",
                         "lag-wait --watch --interval 5s mysql://old/shop mysql://new/shop"},
            .exits = {1, 11, 15}};
  }

  void declare(cli::Options& options) override {
    options.server("SOURCE", "source", options_.source, "the server that is followed");
    options.server("TARGET", "target", options_.target, "the server that follows");
    options.group("What to wait for (one of them)");
    options.flag("--zero", zero_, "what is the source's position now has been applied (the default)").command_line_only();
    options.duration("--max-lag", max_lag_, "DUR", "the lag is at most this");
    options.text("--position", options_.position, "POS", "this GTID set, FILE:OFFSET or LSN has been applied").command_line_only();
    options.flag("--watch", watch_, "do not wait: print the lag again and again").command_line_only();
    options.group("How to wait");
    options.duration("--for", options_.sustained_for, "DUR", "with --max-lag: it must hold for this long");
    options.flag("--check", options_.check, "answer for now and do not wait; no is exit 1").command_line_only();
    options.duration("--interval", options_.interval, "DUR", "with --watch: time between lines");
    options.duration("--sample", options_.sample, "DUR", "how often positions are read");
    options.duration("--no-progress", options_.no_progress, "DUR", "give up with 11 when the target stands still for so long");
    options.text("--channel", options_.channel, "NAME", "the replication channel");
  }

  void check(const cli::Options& options) override {
    using task::LagMode;
    const int wanted = int{zero_} + int{watch_} + int{max_lag_.has_value() && options.given("max-lag")} + int{!options_.position.empty()};
    if (wanted > 1) {
      throw base::Error(base::Exit::usage, "--zero, --max-lag, --position and --watch exclude each other");
    }
    options_.mode = watch_ ? LagMode::watch : max_lag_ ? LagMode::max_lag : !options_.position.empty() ? LagMode::position : LagMode::zero;
    options_.max_lag = max_lag_.value_or(std::chrono::nanoseconds(0));
    if (options.given("for") && !max_lag_) throw base::Error(base::Exit::usage, "--for goes with --max-lag");
    if (options_.check && watch_) throw base::Error(base::Exit::usage, "--check and --watch exclude each other");
  }

  bool keeps_time(std::optional<std::chrono::nanoseconds> limit) override {
    options_.timeout = limit;
    return true;
  }

  base::Exit work(task::Output& out, base::Context& context) override { return task::lag(options_, out, context); }

private:
  task::LagOptions options_;
  std::optional<std::chrono::nanoseconds> max_lag_;
  bool zero_ = false;
  bool watch_ = false;
};

}  // namespace

int main(int argc, char** argv) {
  LagWait tool;
  return cli::run(tool, argc, argv);
}
