// The frame around every tool: what the shell sees of answers, failures, signals, time limits and outputs that cannot be written.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"
#include "support/soon.hpp"

#include <flytt/base/error.hpp>
#include <flytt/cli/run.hpp>
#include <flytt/os/dir.hpp>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <functional>
#include <stdexcept>
#include <string>
#include <vector>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace flytt;
using namespace std::chrono_literals;

namespace {

using Work = std::function<base::Exit(task::Output&, base::Context&)>;

class Fake final : public cli::Tool {
public:
  explicit Fake(Work work, bool data = false) : work_(std::move(work)), data_(data) {}
  cli::About about() const override { return {"lag-wait", "For tests.", {"[options]"}, {"lag-wait"}, {}}; }
  void declare(cli::Options& options) override { options.flag("--dry-run", dry_run_, "a flag"); }
  bool stdout_is_data() const override { return data_; }
  base::Exit work(task::Output& out, base::Context& context) override { return work_(out, context); }

private:
  Work work_;
  bool data_;
  bool dry_run_ = false;
};

struct Ended {
  int status = -1;  ///< exit status, or 128 + signal
  std::string out;
  std::string err;
};

/// Runs the frame in a process of its own, since it may end by a signal.
struct Frame {
  std::vector<std::string> args{};
  std::string out_to{};  ///< instead of a file that is read back
  bool data = false;
  bool pipe_ignored = false;

  Ended run(Work work) const {
    const os::TempDir dir;
    const std::string out = out_to.empty() ? dir.path() + "/out" : out_to;
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(::open(out.c_str(), O_WRONLY | O_CREAT, 0600), 1);
      ::dup2(::open((dir.path() + "/err").c_str(), O_WRONLY | O_CREAT, 0600), 2);
      ::_exit(frame(std::move(work)));
    }
    return wait_for(child, out_to.empty() ? out : std::string(), dir.path() + "/err");
  }

  /// stdout is a pipe that nobody reads.
  Ended run_unread(Work work) const {
    const os::TempDir dir;
    int ends[2];
    REQUIRE(::pipe(ends) == 0);
    ::close(ends[0]);  // before the child is there: it must not write while we still could read
    const pid_t child = ::fork();
    if (child == 0) {
      ::dup2(ends[1], 1);
      ::close(ends[1]);
      ::dup2(::open((dir.path() + "/err").c_str(), O_WRONLY | O_CREAT, 0600), 2);
      ::_exit(frame(std::move(work)));
    }
    ::close(ends[1]);
    return wait_for(child, {}, dir.path() + "/err");
  }

private:
  int frame(Work work) const {
    // What a test framework or a shell may have left.
    for (const int s : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(s, SIG_DFL);
    if (pipe_ignored) ::signal(SIGPIPE, SIG_IGN);
    ::setenv("XDG_CONFIG_HOME", "/nonexistent", 1);
    std::vector<const char*> argv{"lag-wait"};
    for (const auto& arg : args) argv.push_back(arg.c_str());
    Fake tool(std::move(work), data);
    return cli::run(tool, static_cast<int>(argv.size()), argv.data());
  }

  static Ended wait_for(pid_t child, const std::string& out, const std::string& err) {
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    Ended ended;
    ended.status = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
    if (!out.empty()) ended.out = os::read_all(out);
    ended.err = os::read_all(err);
    return ended;
  }
};

base::Exit wait_until_stopped(task::Output&, base::Context& context) {
  context.clock.sleep_for(600s, context.stop);
  context.check_stop();
  return base::Exit::done;
}

}  // namespace

TEST_CASE("an answer is on stdout, its code is the status, and nothing is on stderr", "[cli]") {
  const auto ended = Frame{}.run([](task::Output& out, base::Context&) {
    out.line("rows differ");
    out.event("table", {{"verdict", "different"}});
    return base::Exit::no;
  });
  CHECK(ended.status == 1);
  CHECK(ended.out == "rows differ\n");
  CHECK(ended.err.empty());
}

TEST_CASE("with --json the answer is records, and the last is the result", "[cli]") {
  const auto ended = Frame{.args = {"--json"}}.run([](task::Output& out, base::Context& context) {
    out.line("rows differ");
    out.event("table", {{"verdict", "different"}});
    context.log.warn("careful");
    out.result("rows", 5);
    return base::Exit::no;
  });
  CHECK(ended.status == 1);
  CHECK(ended.out.find("rows differ") == std::string::npos);
  CHECK(ended.out.find(R"("event":"table","verdict":"different"})") != std::string::npos);
  CHECK(ended.out.find(R"("level":"warn","text":"careful"})") != std::string::npos);
  const auto last = ended.out.rfind("{\"v\":1");
  CHECK(ended.out.find(R"("event":"result","exit":1,"status":"no")", last) != std::string::npos);
  CHECK(ended.out.find(R"("rows":5})", last) != std::string::npos);
}

TEST_CASE("where stdout is data the records are alone on stderr", "[cli]") {
  const auto ended = Frame{.args = {"--json"}, .data = true}.run([](task::Output& out, base::Context& context) -> base::Exit {
    out.write("data");
    context.log.warn("careful");
    throw base::Error(base::Exit::unavailable, "gone", {.hint = "Start it."});
  });
  CHECK(ended.status == 69);
  CHECK(ended.out == "data");
  CHECK(ended.err.find("HINT:") == std::string::npos);
  CHECK(ended.err.find(R"("exit":69,"status":"unavailable")") != std::string::npos);
  CHECK(ended.err.find(R"("message":"gone","hint":"Start it.")") != std::string::npos);
}

TEST_CASE("a failure is said once, with its hint", "[cli]") {
  const auto ended = Frame{}.run([](task::Output&, base::Context&) -> base::Exit {
    throw base::Error(base::Exit::data, "cut", {.hint = "Get the whole file."}).within("while loading shop.a");
  });
  CHECK(ended.status == 65);
  CHECK(ended.out.empty());
  CHECK(ended.err == "lag-wait: cut: while loading shop.a\nHINT: Get the whole file.\n");
}

TEST_CASE("what is no error of ours is a bug", "[cli]") {
  const auto ended = Frame{}.run([](task::Output&, base::Context&) -> base::Exit { throw std::runtime_error("oops"); });
  CHECK(ended.status == 70);
  CHECK(ended.err.find("oops") != std::string::npos);
}

TEST_CASE("warnings are shown, quiet hides them, verbose shows more", "[cli]") {
  const Work work = [](task::Output&, base::Context& context) {
    context.log.warn("careful");
    context.log.info("reading");
    return base::Exit::done;
  };
  CHECK(Frame{}.run(work).err == "lag-wait: warning: careful\n");
  CHECK(Frame{.args = {"-q"}}.run(work).err.empty());
  CHECK(Frame{.args = {"-v"}}.run(work).err == "lag-wait: warning: careful\nlag-wait: reading\n");
}

TEST_CASE("a signal stops the work, and the process ends by it", "[cli]") {
  for (const int number : {SIGINT, SIGTERM, SIGHUP}) {
    const auto ended = Frame{}.run([number](task::Output& out, base::Context& context) {
      ::kill(::getpid(), number);
      return wait_until_stopped(out, context);
    });
    CHECK(ended.status == 128 + number);
    CHECK(ended.err.find("stopped by SIG") != std::string::npos);
  }
}

TEST_CASE("a signal hides neither success nor doubt", "[cli]") {
  const auto after_signal = [](base::Exit code) {
    return Frame{}
        .run([code](task::Output&, base::Context& context) {
          ::kill(::getpid(), SIGTERM);
          context.clock.sleep_for(600s, context.stop);
          if (code == base::Exit::in_doubt) throw base::Error(code, "the connection died after COMMIT was sent");
          return code;
        })
        .status;
  };
  CHECK(after_signal(base::Exit::done) == 0);
  CHECK(after_signal(base::Exit::in_doubt) == 14);
  CHECK(after_signal(base::Exit::no) == 128 + SIGTERM);
}

TEST_CASE("the time limit stops the work with its own status", "[cli]") {
  const auto begun = std::chrono::steady_clock::now();
  const auto ended = Frame{.args = {"--timeout", "100ms"}}.run(wait_until_stopped);
  CHECK(ended.status == 11);
  CHECK(ended.err == "lag-wait: the time limit of 100 ms was reached\n");
  CHECK(std::chrono::steady_clock::now() - begun < 300s);
  const Work damaged = [](task::Output&, base::Context& context) -> base::Exit {
    context.clock.sleep_for(600s, context.stop);
    throw base::Error(base::Exit::data, "cut");
  };
  CHECK(Frame{.args = {"--timeout", "100ms"}}.run(damaged).status == 65);
}

TEST_CASE("an answer that cannot be written is no success", "[cli]") {
  const Work answer = [](task::Output& out, base::Context&) {
    out.line("equal");
    return base::Exit::done;
  };
  const auto full = Frame{.out_to = "/dev/full"}.run(answer);
  CHECK(full.status == 74);
  CHECK(full.err.find("No space left") != std::string::npos);
  CHECK(Frame{.args = {"--help"}, .out_to = "/dev/full"}.run(answer).status == 74);
  CHECK(Frame{.args = {"--json"}, .out_to = "/dev/full"}.run(answer).status == 74);
}

TEST_CASE("without a reader it ends by SIGPIPE in silence, or says so when that is ignored", "[cli]") {
  const Work answer = [](task::Output& out, base::Context&) {
    for (int i = 0; i < 1000; ++i) out.line("equal");
    return base::Exit::done;
  };
  const auto delivered = Frame{}.run_unread(answer);
  CHECK(delivered.status == 128 + SIGPIPE);
  CHECK(delivered.err.empty());
  const auto ignored = Frame{.pipe_ignored = true}.run_unread(answer);
  CHECK(ignored.status == 74);
  CHECK_FALSE(ignored.err.empty());
  const auto data = Frame{.data = true}.run_unread(answer);
  CHECK(data.status == 128 + SIGPIPE);
  CHECK_FALSE(data.err.empty());
}

TEST_CASE("progress comes as often as it is asked for", "[cli]") {
  const auto ended = Frame{.args = {"--progress", "20ms"}}.run([](task::Output& out, base::Context&) {
    flow::Progress progress;
    const task::ProgressScope shown(out, progress, [] { return task::ProgressNote{"copying shop.a", "target"}; });
    progress.add_rows(1234);
    // Until something was written to the file that stderr is.
    const auto told = [] {
      struct stat about {};
      return ::fstat(2, &about) == 0 && about.st_size > 0;
    };
    return test::soon(told) ? base::Exit::done : base::Exit::no;
  });
  CHECK(ended.status == 0);
  CHECK(ended.err.find("lag-wait: copying shop.a  0 B  1,234 rows") != std::string::npos);
  CHECK(ended.err.find("limit: target\n") != std::string::npos);
}

TEST_CASE("a finding begins in colour where colours are asked for, and is the same text elsewhere", "[cli]") {
  const auto findings = [](task::Output& out, base::Context&) {
    out.marked(task::Weight::blocks, "blocks", "  source  x\x1b");
    out.marked(task::Weight::warning, "warning", " target  y");
    return base::Exit::done;
  };
  CHECK(Frame{.args = {"--color", "always"}}.run(findings).out == "\x1b[31mblocks\x1b[0m  source  x\\x1b\n\x1b[33mwarning\x1b[0m target  y\n");
  CHECK(Frame{.args = {"--color", "always", "-q"}}.run(findings).out == "\x1b[31mblocks\x1b[0m  source  x\\x1b\n");
  CHECK(Frame{}.run(findings).out == "blocks  source  x\\x1b\nwarning target  y\n");
}
