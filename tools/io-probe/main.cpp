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
            .usage = {"map --dir DIR|--db URL [options]", "rtt [options] URL|HOST:PORT"},
            .examples = {"io-probe map --dir /var/lib/mysql", "io-probe map --db mysql://localhost/",
                         "io-probe rtt --max-rtt 2ms mysql://new.example/"},
            .exits = {1, 10}};
  }

  void declare(cli::Options& options) override {
    options.verb<Mode>({{{"map", "show the way from a directory to its disks"}, Mode::map},
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
    options.group("How far");
    options.count("--count", rtt_.count, "N", "round trips of each kind").only_for({"rtt"});
    options.duration("--max-rtt", rtt_.max_rtt, "DUR", "a longer median round trip is exit 1").only_for({"rtt"});
  }

  base::Exit work(task::Output& out, base::Context& context) override {
    switch (mode_) {
      case Mode::rtt: return task::probe_rtt(rtt_, out, context);
      default: return task::probe_map(places_, out, context);
    }
  }

private:
  Mode mode_ = Mode::map;
  task::ProbePlacesOptions places_;
  task::ProbeRttOptions rtt_;
};

}  // namespace

int main(int argc, char** argv) {
  IoProbe tool;
  return cli::run(tool, argc, argv);
}
