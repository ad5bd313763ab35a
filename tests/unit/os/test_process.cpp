// SPDX-License-Identifier: MIT
#include "helper.hpp"
#include "support/catch.hpp"

#include <flytt/base/text.hpp>
#include <flytt/os/environment.hpp>
#include <flytt/os/process.hpp>
#include <flytt/os/signals.hpp>

#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using flytt::base::concat;
using flytt::base::Exit;
using namespace flytt::os;
using namespace std::chrono_literals;

namespace {

Command shell(const std::string& script) {
  Command command;
  command.program = "sh";
  command.args = {"-c", script};
  return command;
}

double seconds_since(std::chrono::steady_clock::time_point begin) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

}  // namespace

TEST_CASE("a child's outputs and status come back, each for itself") {
  const auto done = run(shell("echo out; echo err >&2; exit 3"));
  CHECK(done.out == "out\n");
  CHECK(done.err == "err\n");
  CHECK(done.status.code == 3);
  CHECK(done.status.signal == 0);
  CHECK_FALSE(done.status.success());
  CHECK(done.status.text() == "exit status 3");
  CHECK(run(shell("true")).status.success());
}

TEST_CASE("a child that a signal ended did not succeed") {
  const auto done = run(shell("kill -9 $$"));
  CHECK(done.status.signal == 9);
  CHECK_FALSE(done.status.success());
  CHECK(done.status.text() == "ended by signal 9");
}

TEST_CASE("arguments reach the child as they are") {
  Command command;
  command.program = "printf";
  command.args = {"<%s>", "a b", "$HOME;*", "", "quote'\"", "\n"};
  CHECK(run(command).out == "<a b><$HOME;*><><quote'\"><\n>");
}

TEST_CASE("the environment is ours with additions") {
  const flytt::test::Variable kept("FLYTT_TEST_KEPT", "kept");
  const flytt::test::Variable changed("FLYTT_TEST_CHANGED", "before");
  Command command = shell("echo $FLYTT_TEST_KEPT $FLYTT_TEST_CHANGED $FLYTT_TEST_NEW");
  command.environment = {{"FLYTT_TEST_CHANGED", "after"}, {"FLYTT_TEST_NEW", "new=1"}};
  CHECK(run(command).out == "kept after new=1\n");
  CHECK(std::string(::getenv("FLYTT_TEST_CHANGED")) == "before");
}

TEST_CASE("input is written and then ends, however large; without input there is an end at once") {
  CHECK(run(shell("cat")).out == "");
  Command command = shell("cat");
  command.input = std::string(3000000, 'i') + "end";
  CHECK(run(command).out == command.input);
}

TEST_CASE("a child that does not read its input is no error of ours") {
  Command command = shell("exec <&-; echo closed; exit 4");
  command.input = std::string(3000000, 'i');
  const auto done = run(command);
  CHECK(done.out == "closed\n");
  CHECK(done.status.code == 4);
  command = shell("exit 5");
  command.input = std::string(3000000, 'i');
  CHECK(run(command).status.code == 5);
}

TEST_CASE("large outputs on both sides do not block each other") {
  const auto done = run(shell("head -c 2000000 /dev/zero >&2; head -c 3000000 /dev/zero; head -c 1000000 /dev/zero >&2"));
  CHECK(done.out.size() == 3000000);
  CHECK(done.err.size() == 3000000);
}

TEST_CASE("output can go to a function or nowhere") {
  std::string pieces;
  Command command = shell("head -c 500000 /dev/zero; echo seen >&2");
  command.on_out = [&](std::string_view piece) { pieces += piece; };
  command.err = Output::discard;
  const auto done = run(command);
  CHECK(pieces.size() == 500000);
  CHECK(done.out.empty());
  CHECK(done.err.empty());
  command.on_out = [](std::string_view) { throw flytt::base::Error(Exit::data, "cannot read this dump"); };
  REQUIRE_ERROR(run(command), Exit::data, "cannot read this dump");
  CHECK_FALSE(flytt::test::has_children());
}

TEST_CASE("an output above the limit is an error, not a cut") {
  Command command = shell("head -c 100001 /dev/zero");
  command.capture_limit = 100000;
  REQUIRE_ERROR(run(command), Exit::io, "more than 100000 bytes: while running 'sh'");
  command.capture_limit = 100001;
  CHECK(run(command).out.size() == 100001);
}

TEST_CASE("a child finds no password in its environment but the one that it is given") {
  const flytt::test::Variable source("FLYTT_SOURCE_PASSWORD", "secret-1"), repl("FLYTT_REPL_PASSWORD", "secret-2"), mysql("MYSQL_PWD", "secret-3"),
      postgres("PGPASSWORD", "secret-4"), url("FLYTT_TARGET", "mysql://u:secret-5@h/d"), tool("FLYTT_DUMP_STREAM_SOURCE", "postgres://h/d?sslmode=require&password=secret-6"),
      plain("FLYTT_JOBS", "3"), host("PGHOST", "of-ours"), other("DATABASE_URL", "mysql://app:theirs@h/d");
  rlimit core{};
  REQUIRE(::getrlimit(RLIMIT_CORE, &core) == 0);
  core.rlim_cur = core.rlim_max;
  REQUIRE(::setrlimit(RLIMIT_CORE, &core) == 0);
  Command command = shell("env; ulimit -c");
  const auto bare = run(command).out;
  CHECK(bare.find("secret-") == std::string::npos);
  for (const char* kept : {"FLYTT_JOBS=3\n", "PGHOST=of-ours\n", "DATABASE_URL=mysql://app:theirs@h/d\n"}) CHECK_THAT(bare, flytt::test::contains(kept));
  command.environment = {{"PGPASSWORD", "given"}, {"PGHOST", "of-child"}};
  const auto given = run(command).out;
  CHECK(given.find("secret-") == std::string::npos);
  CHECK_THAT(given, flytt::test::contains("PGPASSWORD=given\n"));
  CHECK_THAT(given, flytt::test::contains("PGHOST=of-child\n"));
  CHECK(given.find("of-ours") == std::string::npos);
  CHECK(given.ends_with("\n0\n"));  // what it is given would be in its core dump
  Child child(shell("env"));
  std::string talked(100'000, '\0');
  talked.resize(read_full(child.from_child(), talked.data(), talked.size()));
  CHECK_THAT(talked, flytt::test::contains("PGHOST=of-ours\n"));
  CHECK(talked.find("secret-") == std::string::npos);
}

TEST_CASE("a password in a URL is seen wherever it stands") {
  for (const char* url : {"mysql://u:p@h/d", "postgres://u:@h", "postgres://h/d?password=x", "postgres://h/d?a=b&password=x"}) CHECK(url_has_password(url));
  for (const char* url : {"mysql://u@h/d", "mysql://h:3306/d@x:y", "u:p@h", "postgres://h/d?passfile=x", "postgres://h/d?a=password=x"}) CHECK_FALSE(url_has_password(url));
}

TEST_CASE("a program that cannot be started is named, and leaves nothing behind") {
  const TempDir dir;
  const std::string path = dir.path() + "/broken";
  replace_file(path, "#!/no/such/interpreter\n");
  ::chmod(path.c_str(), 0755);
  Command command;
  const std::size_t before = flytt::test::open_descriptors();
  for (const std::string& program : {std::string("flytt-no-such-program"), dir.path() + "/none", path, dir.path()}) {
    command.program = program;
    INFO(program);
    REQUIRE_ERROR(run(command), Exit::config, concat("cannot start '", program, "'"));
  }
  CHECK(flytt::test::open_descriptors() == before);
  CHECK_FALSE(flytt::test::has_children());
  CHECK_FALSE(find_program("flytt-no-such-program"));
  CHECK(find_program("sh"));
}

TEST_CASE("a deadline ends the child, a stubborn one too, and it is reaped") {
  const auto begin = std::chrono::steady_clock::now();
  Command command = shell("exec sleep 900");
  command.deadline = 50ms;
  REQUIRE_ERROR(run(command), Exit::timeout, "while running 'sh'");
  command = shell("trap '' TERM; while :; do sleep 0.05; done");
  command.deadline = 200ms;
  command.grace = 100ms;
  REQUIRE_ERROR(run(command), Exit::timeout, "took too long");
  CHECK(seconds_since(begin) < 450);
  CHECK_FALSE(flytt::test::has_children());
  command = shell("echo in time");
  command.deadline = 600s;
  CHECK(run(command).out == "in time\n");
}

TEST_CASE("a stop ends the child") {
  std::stop_source stop;
  std::jthread stopper([&] {
    std::this_thread::sleep_for(50ms);
    stop.request_stop();
  });
  const auto begin = std::chrono::steady_clock::now();
  REQUIRE_ERROR(run(shell("exec sleep 900"), stop.get_token()), Exit::temporary, "stopped on request");
  REQUIRE_ERROR(run(shell("exec sleep 900"), stop.get_token()), Exit::temporary, "stopped on request");
  CHECK(seconds_since(begin) < 450);
  CHECK_FALSE(flytt::test::has_children());
}

TEST_CASE("somebody in the background who holds the output open is not waited for") {
  const auto begin = std::chrono::steady_clock::now();
  const auto done = run(shell("sleep 240 & echo $!; exit 0"));
  CHECK(done.status.success());
  CHECK(seconds_since(begin) < 120);
  CHECK(::kill(std::stoi(done.out), SIGKILL) == 0);  // still there
}

TEST_CASE("a child that ends with us does so when we are killed") {
  for (const bool with_us : {true, false}) {
    INFO(with_us);
    Pipe said = make_pipe();
    const pid_t us = ::fork();
    if (us == 0) {
      ::dup2(said.write_end.get(), STDOUT_FILENO);
      Command command = shell("echo $$; exec sleep 240");
      command.out = Output::inherit;
      command.ends_with_us = with_us;
      try {
        run(command);
      } catch (...) {
      }
      ::_exit(0);
    }
    said.write_end.reset();
    char text[32] = {};
    REQUIRE(::read(said.read_end.get(), text, sizeof text - 1) > 0);
    ::kill(us, SIGKILL);
    ::waitpid(us, nullptr, 0);
    pollfd end{said.read_end.get(), POLLIN, 0};
    CHECK(::poll(&end, 1, with_us ? 120000 : 0) == (with_us ? 1 : 0));  // its output is closed
    if (!with_us) ::kill(std::atoi(text), SIGKILL);
  }
}

TEST_CASE("many runs leave no descriptor and no zombie, and the child inherits only three") {
  run(shell("true"));
  const std::size_t before = flytt::test::open_descriptors();
  const int leaky = ::dup(STDERR_FILENO);  // without close-on-exec, as a C library may open one
  for (int i = 0; i < 30; ++i) CHECK(run(shell("echo x >&2; exit 1")).status.code == 1);
  const auto done = run(shell("ls /proc/self/fd"));
  ::close(leaky);
  CHECK(done.out == "0\n1\n2\n3\n");  // 3 is what ls reads
  CHECK(flytt::test::open_descriptors() == before);
  CHECK_FALSE(flytt::test::has_children());
}

TEST_CASE("a child has the usual signals, whatever we block and ignore") {
  SignalStop signals;
  const auto done = run(shell("grep -E '^Sig(Blk|Ign)' /proc/self/status"));
  CHECK_THAT(done.out, flytt::test::contains("SigBlk:\t0000000000000000"));
  const auto at = done.out.find("SigIgn:\t");
  REQUIRE(at != std::string::npos);
  const auto mask = std::stoull(done.out.substr(at + 8, 16), nullptr, 16);
  CHECK((mask & (1ull << (SIGPIPE - 1))) == 0);
}

TEST_CASE("runs in several threads do not disturb each other") {
  std::atomic<int> good{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 5; ++i) {
          Command command = shell(concat("cat; exit ", t));
          command.input = concat("input ", t, " ", i);
          const auto done = run(command);
          if (done.out == command.input && done.status.code == t) ++good;
        }
      });
    }
  }
  CHECK(good == 20);
  CHECK_FALSE(flytt::test::has_children());
}

TEST_CASE("one can talk to a child") {
  Child child(shell("while read line; do echo \"<$line>\"; done; exit 6"));
  CHECK(child.pid() > 0);
  char into[64];
  for (const char* line : {"one", "two"}) {
    write_full(child.to_child(), concat(line, "\n"));
    const std::size_t got = read_some(child.from_child(), into, sizeof into);
    CHECK(std::string(into, got) == concat("<", line, ">\n"));
  }
  REQUIRE_ERROR(child.wait(20ms), Exit::timeout, "too long");
  child.close_input();
  CHECK(child.wait(60s).code == 6);
  CHECK(child.wait(0s).code == 6);
  CHECK(read_some(child.from_child(), into, sizeof into) == 0);
  child.kill();
}

TEST_CASE("a child that is let go, killed or not waited for is reaped") {
  const std::size_t before = flytt::test::open_descriptors();
  const auto begin = std::chrono::steady_clock::now();
  { Child child(shell("exec sleep 900")); }
  {
    Child child(shell("exec sleep 900"));
    child.kill();
    CHECK(child.wait(60s).signal == SIGKILL);
  }
  {
    Child child(shell("exec sleep 900"));
    std::stop_source stop;
    std::jthread stopper([&] {
      std::this_thread::sleep_for(20ms);
      stop.request_stop();
    });
    REQUIRE_ERROR(child.wait(900s, stop.get_token()), Exit::temporary, "stopped on request");
  }
  { Child child(shell("exit 0")); }
  CHECK(seconds_since(begin) < 450);
  CHECK_FALSE(flytt::test::has_children());
  CHECK(flytt::test::open_descriptors() == before);
  Command none;
  none.program = "flytt-no-such-program";
  REQUIRE_ERROR(Child(none), Exit::config, "cannot start");
}
