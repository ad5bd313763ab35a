// io-probe: is this disk, and this distance, good enough? Manual: man/io-probe.1.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>
#include <flytt/task/probe.hpp>

namespace {

using namespace flytt;
using Verbs = std::vector<std::string>;

enum class Mode { map, watch, write, rtt };

const Verbs kPlaces{"map", "watch"};

class IoProbe final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "io-probe",
            .summary = "Says whether a disk is fast enough for a database, and a server near enough.",
            .usage = {"map --dir DIR|--db URL [options]", "watch --dir DIR|--db URL [options]", "write --dir DIR --engine NAME [options]", "rtt [options] URL|HOST:PORT"},
            .examples = {"io-probe map --db mysql://localhost/",
                         "io-probe watch --dir /srv/db --for 30m --canary 1s",
                         "io-probe watch --db mysql://localhost/ --pid 4711 --report disk.html",
                         "io-probe write --dir /srv/new --engine mysql --restore-size 200G --window 4h",
                         "io-probe rtt --max-rtt 2ms mysql://new.example/"},
            .exits = {1, 10}};
  }

  void declare(cli::Options& options) override {
    options.verb<Mode>({{{"map", "show the way from a directory to its disks"}, Mode::map},
                        {{"watch", "watch the disks while something else writes"}, Mode::watch},
                        {{"write", "write as a restore does"}, Mode::write},
                        {{"rtt", "measure the distance to a server"}, Mode::rtt}},
                       mode_);
    cli::Argument& url = options.server("URL", "target", rtt_.url, "the server, or any HOST:PORT").only_for({"rtt"});
    url.take = [take = url.take](const std::string& text, cli::Origin origin) {
      take(text.find("://") == std::string::npos ? "tcp://" + text : text, origin);
    };
    options.group("Which disks");
    options.text("--dir", places_.dir, "DIR", "the directory of the data").only_for({"map", "watch", "write"});
    options.pairs("--role", places_.roles, "NAME=DIR", "one more directory, such as redo=DIR; repeatable").only_for(kPlaces);
    options.server_option("--db", "target", places_.db, "URL", "ask this server for its directories; it must run here").only_for(kPlaces);
    options.text("--proc-root", places_.proc_root, "DIR", "read DIR/proc and DIR/sys instead of /proc and /sys").only_for(kPlaces);
    options.duration("--for", for_, "DUR", "how long; default: watch until a signal or the end of --pid, write 60s").only_for({"watch", "write"});
    options.text("--report", report_, "FILE", "write a page with plots: FILE.html").only_for({"watch", "write"});
    options.group("How to watch");
    options.duration("--interval", watch_.interval, "DUR", "time between samples").only_for({"watch"});
    options.count("--pid", watch_.pid, "PID", "watch this process too, and end with it").only_for({"watch"});
    options.duration("--canary", watch_.canary, "DUR", "this often write 4 KiB with fdatasync beside the data").only_for({"watch"});
    options.group("Limits");
    options.custom("--max-util", "PERCENT", "100", "a disk is full from here on",
                   [this](const std::string& text) { limits_.util = percent(text); }).only_for({"watch"});
    options.duration("--max-await", limits_.await, "DUR", "a full disk with a longer await is saturated").only_for({"watch"});
    options.duration("--max-commit", max_commit_, "DUR", "p99 of a write with fdatasync; half of it warns").shown_default(cli::show_duration(limits_.commit)).only_for({"watch", "write"});
    options.custom("--allow-slow", "PERCENT", "0", "of the time that a disk may be too slow",
                   [this](const std::string& text) { limits_.slow_share = percent(text); }).only_for({"watch"});
    options.group("How to write");
    options.text("--engine", write_.engine, "NAME", "whose way of writing: mysql, mariadb or postgres").only_for({"write"});  // --engine
    options.size("--bytes", write_.bytes, "SIZE", "write no more than this in all").shown_default("no limit").only_for({"write"});
    options.size("--restore-size", write_.restore_size, "SIZE", "data to be restored: predict how long it takes").shown_default("").only_for({"write"});
    options.duration("--window", write_.window, "DUR", "a longer prediction is exit 1").only_for({"write"});
    options.custom("--amplification", "PERCENT", "of the engine", "bytes written for 100 bytes restored",
                   [this](const std::string& text) { write_.amplification = cli::read_count<unsigned>(text) / 100.0; }).only_for({"write"});
    options.flag("--no-burst", write_.no_burst, "you know that this disk has no credits or cache that run out").only_for({"write"}).command_line_only();
    options.group("How far");
    options.count("--count", rtt_.count, "N", "round trips of each kind").only_for({"rtt"});
    options.duration("--max-rtt", rtt_.max_rtt, "DUR", "a longer median round trip is exit 1").only_for({"rtt"});
  }

  base::Exit work(task::Output& out, base::Context& context) override {
    limits_.commit_asked = max_commit_.has_value();
    limits_.commit = max_commit_.value_or(limits_.commit);
    switch (mode_) {
      case Mode::rtt: return task::probe_rtt(rtt_, out, context);
      case Mode::watch:
        watch_.places = places_, watch_.limits = limits_, watch_.report = report_, watch_.run_for = for_;
        return task::probe_watch(watch_, out, context);
      case Mode::write:
        write_.dir = places_.dir, write_.limits = limits_, write_.report = report_;
        if (for_) write_.run_for = *for_;
        return task::probe_write(write_, out, context);
      default: return task::probe_map(places_, out, context);
    }
  }

private:
  static double percent(const std::string& text) {
    const auto value = cli::read_count<unsigned>(text);
    if (value > 100) throw base::Error(base::Exit::usage, "a percentage is from 0 to 100, not " + text);
    return value;
  }

  Mode mode_ = Mode::map;
  task::ProbePlacesOptions places_;
  task::ProbeLimits limits_;
  task::ProbeWatchOptions watch_;
  task::ProbeWriteOptions write_;
  task::ProbeRttOptions rtt_;
  std::optional<std::chrono::nanoseconds> for_, max_commit_;
  std::string report_;
};

}  // namespace

int main(int argc, char** argv) {
  IoProbe tool;
  return cli::run(tool, argc, argv);
}
