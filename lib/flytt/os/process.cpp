// Boost.Process v2 starts the children, Asio waits for them. Both stay in this file.
// SPDX-License-Identifier: MIT
#include <flytt/os/process.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/environment.hpp>
#include <flytt/os/no_pipe_signal.hpp>
#include <flytt/os/stop_event.hpp>

#define BOOST_PROCESS_USE_STD_FS 1
#define BOOST_ASIO_DISABLE_FENCED_BLOCK 1  // one thread runs each io_context; and tsan does not understand fences
// Boost 1.81's process/v2 forgets to include the first two itself.
#include <boost/optional.hpp>
#include <boost/type_traits.hpp>

#include <boost/asio.hpp>
#include <boost/process/v2.hpp>

#include <algorithm>
#include <array>
#include <csignal>
#include <cstring>

#include <fcntl.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace flytt::os {

namespace asio = boost::asio;
namespace bp = boost::process::v2;
using base::concat;
using base::Error;
using base::Exit;
using base::quote_for_message;
using boost::system::error_code;
using Process = bp::basic_process<asio::io_context::executor_type>;

std::string ExitStatus::text() const {
  return signal != 0 ? concat("ended by signal ", signal) : concat("exit status ", code);
}

std::optional<std::string> find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    return ::access(name.c_str(), X_OK) == 0 ? std::optional(name) : std::nullopt;
  }
  const auto found = bp::environment::find_executable(name).string();
  return found.empty() ? std::nullopt : std::optional(found);
}

namespace {

/// A child starts with no signal blocked and SIGPIPE as usual, whatever SignalStop has set up here, and with three descriptors.
struct CleanStart {
  bool ends_with_us;
  bool holds_password;
  pid_t parent = ::getpid();

  template <class Launcher, class... Args>
  error_code on_exec_setup(Launcher&, Args&&...) {
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    struct sigaction usual {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGPIPE, &usual, nullptr);
    // Boost 1.81 means to close the others but closes only those above its own pipe.
    ::close_range(STDERR_FILENO + 1, ~0u, CLOSE_RANGE_CLOEXEC);
    const rlimit no_core{0, 0};
    if (holds_password) ::setrlimit(RLIMIT_CORE, &no_core);  // execve() makes it dumpable again
    if (ends_with_us) {
      ::prctl(PR_SET_PDEATHSIG, SIGTERM);
      if (::getppid() != parent) ::_exit(127);  // it is too late for the signal
    }
    return {};
  }

  /// Boost would go on to exit(), which runs our destructors and writes out our buffers a second time.
  template <class Launcher, class... Args>
  void on_exec_error(Launcher&, Args&&...) {
    ::_exit(127);
  }
};

std::vector<const char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<const char*> pointers;
  for (const std::string& text : texts) pointers.push_back(text.c_str());
  pointers.push_back(nullptr);
  return pointers;
}

UniqueFd open_null(int flags) {
  UniqueFd fd(::open("/dev/null", flags | O_CLOEXEC));
  if (!fd) base::throw_errno("cannot open '/dev/null'");
  return fd.get() <= STDERR_FILENO ? duplicate(fd.get()) : std::move(fd);
}

[[noreturn]] void throw_not_started(const std::string& program, int why) {
  const std::string what = concat("cannot start ", quote_for_message(program));
  if (why == EMFILE || why == ENFILE || why == EAGAIN || why == ENOMEM) base::throw_errno(what, why);  // not the program's fault
  throw Error(Exit::config, concat(what, ": ", why == 0 ? "there is no such program" : std::strerror(why)),
              {.hint = concat("install ", program, ", or put the directory that holds it in PATH")});
}

bool holds_password(const Command& command) {
  return std::any_of(command.environment.begin(), command.environment.end(), [](const auto& v) { return carries_password(v.first, v.second); });
}

Process launch(asio::io_context& context, const Command& command, int in, int out, int err) {
  const auto path = find_program(command.program);
  if (!path) throw_not_started(command.program, 0);
  const auto environment = child_environment(command.environment);
  const auto environment_pointers = pointers_to(environment);
  bp::posix::default_launcher launcher;
  launcher.env = environment_pointers.data();
  error_code error;
  Process process = launcher(context.get_executor(), error, std::filesystem::path(*path), command.args,
                             CleanStart{command.ends_with_us, holds_password(command)}, bp::process_stdio{in, out, err});
  if (error) {
    // Boost 1.81 leaves the child that could not exec as a zombie.
    if (launcher.pid > 0) ::waitpid(launcher.pid, nullptr, 0);
    throw_not_started(command.program, error.value());
  }
  return process;
}

ExitStatus status_of(const Process& process) {
  const int native = process.native_exit_code();
  if (WIFSIGNALED(native)) return {0, WTERMSIG(native)};
  if (WIFEXITED(native)) return {WEXITSTATUS(native), 0};
  // Somebody else reaped it. Not known is not 0.
  throw Error(Exit::bug, "the exit status of a child program was lost");
}

/// Asio's own failures to get a descriptor.
template <class Action>
auto with_our_errors(const Command& command, Action action) {
  try {
    return action();
  } catch (const boost::system::system_error& e) {
    base::throw_errno(concat("cannot start ", quote_for_message(command.program)), e.code().value());
  }
}

/// One output of the child, read to its end.
class Capture {
public:
  using Take = std::function<void(std::string_view)>;
  using Ended = std::function<void()>;

  Capture(asio::io_context& context, Output kind, int inherited, Take take, Ended ended)
      : pipe_(context), take_(std::move(take)), ended_(std::move(ended)) {
    if (kind == Output::capture) {
      Pipe ends = make_pipe();
      pipe_.assign(ends.read_end.release());
      child_end_ = std::move(ends.write_end);
      child_fd_ = child_end_.get();
    } else if (kind == Output::discard) {
      child_end_ = open_null(O_WRONLY);
      child_fd_ = child_end_.get();
    } else {
      child_fd_ = inherited;
    }
  }

  int child_fd() const noexcept { return child_fd_; }

  /// After the start: the child's end is the child's alone.
  void begin() {
    child_end_.reset();
    if (pipe_.is_open()) read();
  }

  bool open() const noexcept { return pipe_.is_open(); }

  void close() {
    error_code ignored;
    pipe_.close(ignored);
  }

private:
  void read() {
    pipe_.async_read_some(asio::buffer(piece_), [this](const error_code& error, std::size_t got) {
      if (got > 0) take_(std::string_view(piece_.data(), got));
      if (!error && pipe_.is_open()) {
        read();
      } else {
        close();
        ended_();
      }
    });
  }

  asio::readable_pipe pipe_;
  Take take_;
  Ended ended_;
  UniqueFd child_end_;
  int child_fd_ = -1;
  std::array<char, 65536> piece_;
};

/// One run() from start to end.
class Run {
public:
  explicit Run(const Command& command)
      : command_(command),
        out_(context_, command.out, STDOUT_FILENO, [this](std::string_view piece) { take_out(piece); }, [this] { ended(); }),
        err_(context_, command.err, STDERR_FILENO, [this](std::string_view piece) { keep(result_.err, piece); },
             [this] { ended(); }),
        process_(start()) {}

  Finished wait(const std::stop_token& stop) {
    const StopEvent event(stop);
    stop_ready_.assign(duplicate(event.fd()).release());
    stop_ready_.async_wait(asio::posix::stream_descriptor::wait_read, [this](const error_code& error) {
      if (!error) end(Error(Exit::temporary, "stopped on request"));
    });
    if (command_.deadline) after(*command_.deadline, [this] { end(Error(Exit::timeout, "it took too long")); });
    process_.async_wait([this](const error_code&, int) { exited(); });
    out_.begin();
    err_.begin();
    write_input();
    context_.run();
    if (why_ended_) throw why_ended_->within(concat("while running ", quote_for_message(command_.program)));
    result_.status = status_of(process_);
    return std::move(result_);
  }

private:
  Process start() {
    Pipe input;
    UniqueFd null;
    int in = command_.input_fd;
    if (in < 0 && command_.input.empty()) {
      null = open_null(O_RDONLY);
      in = null.get();
    } else if (in < 0) {
      input = make_pipe();
      in = input.read_end.get();
    }
    Process process = launch(context_, command_, in, out_.child_fd(), err_.child_fd());
    if (input.write_end) input_.assign(input.write_end.release());
    return process;
  }

  void write_input() {
    if (!input_.is_open()) return;
    asio::async_write(input_, asio::buffer(command_.input), [this](const error_code&, std::size_t) {
      error_code ignored;  // a child need not read all it is given; its status says whether that was right
      input_.close(ignored);
    });
  }

  void take_out(std::string_view piece) {
    if (command_.on_out) command_.on_out(piece);
    else keep(result_.out, piece);
  }

  void keep(std::string& into, std::string_view piece) {
    if (piece.size() > command_.capture_limit - into.size()) {
      end(Error(Exit::io, concat("it wrote more than ", command_.capture_limit, " bytes")));
      return;
    }
    into.append(piece);
  }

  template <class Action>
  void after(std::chrono::nanoseconds time, Action action) {
    timer_.expires_after(std::min<std::chrono::nanoseconds>(time, std::chrono::hours(24 * 365)));
    timer_.async_wait([action](const error_code& error) {
      if (!error) action();
    });
  }

  /// Asks the child to end, then insists. The first reason stays.
  void end(Error why) {
    if (why_ended_ || exited_) return;
    why_ended_ = std::move(why);
    ::kill(process_.id(), SIGTERM);
    after(command_.grace, [this] {
      if (!exited_) ::kill(process_.id(), SIGKILL);
    });
  }

  void exited() {
    constexpr std::chrono::seconds kDrain{1};
    exited_ = true;
    timer_.cancel();
    error_code ignored;
    stop_ready_.close(ignored);
    input_.close(ignored);
    // What it wrote is in the pipes and read at once. They stay open longer only in the hands of somebody in the background.
    drain_.expires_after(kDrain);
    drain_.async_wait([this](const error_code& error) {
      if (error) return;
      out_.close();
      err_.close();
    });
    ended();
  }

  /// The process or one of its outputs has ended.
  void ended() {
    if (exited_ && !out_.open() && !err_.open()) drain_.cancel();
  }

  const Command& command_;
  const NoPipeSignal no_pipe_signal_;
  asio::io_context context_{1};
  asio::steady_timer timer_{context_};
  asio::steady_timer drain_{context_};
  asio::posix::stream_descriptor stop_ready_{context_};
  asio::writable_pipe input_{context_};
  Finished result_;
  std::optional<Error> why_ended_;
  bool exited_ = false;
  Capture out_;
  Capture err_;
  Process process_;  // last: its end kills and reaps the child
};

}  // namespace

Finished run(const Command& command, std::stop_token stop) {
  return with_our_errors(command, [&] { return Run(command).wait(stop); });
}

struct Child::State {
  asio::io_context context{1};
  UniqueFd to_child;
  UniqueFd from_child;
  std::optional<Process> process;
  bool exited = false;

  void run_until(std::chrono::steady_clock::time_point until) {
    context.restart();
    context.run_one_until(until);
  }
};

Child::Child(const Command& command) : state_(std::make_unique<State>()) {
  Pipe input = make_pipe();
  Pipe output = make_pipe();
  const UniqueFd null = command.err == Output::discard ? open_null(O_WRONLY) : UniqueFd();
  const int err = null ? null.get() : STDERR_FILENO;
  state_->process.emplace(with_our_errors(command, [&] { return launch(state_->context, command, input.read_end.get(), output.write_end.get(), err); }));
  state_->process->async_wait([state = state_.get()](const error_code&, int) { state->exited = true; });
  state_->to_child = std::move(input.write_end);
  state_->from_child = std::move(output.read_end);
}

Child::~Child() { kill(); }

int Child::to_child() const noexcept { return state_->to_child.get(); }

int Child::from_child() const noexcept { return state_->from_child.get(); }

int Child::pid() const noexcept { return state_->process->id(); }

void Child::close_input() { state_->to_child.reset(); }

ExitStatus Child::wait(std::chrono::nanoseconds limit, std::stop_token stop) {
  const auto until = std::chrono::steady_clock::now() + std::min<std::chrono::nanoseconds>(limit, std::chrono::hours(24 * 365));
  const StopEvent event(stop);
  asio::posix::stream_descriptor stop_ready(state_->context, duplicate(event.fd()).release());
  stop_ready.async_wait(asio::posix::stream_descriptor::wait_read, [](const error_code&) {});
  while (!state_->exited) {
    if (stop.stop_requested()) throw Error(Exit::temporary, "stopped on request while waiting for a child program");
    if (std::chrono::steady_clock::now() >= until) throw Error(Exit::timeout, "a child program took too long to end");
    state_->run_until(until);
  }
  return status_of(*state_->process);
}

void Child::kill() noexcept {
  try {
    // Not exited as far as we know is not reaped: the number is still this child's.
    if (!state_->exited) ::kill(pid(), SIGKILL);
    while (!state_->exited) state_->run_until(std::chrono::steady_clock::now() + std::chrono::seconds(1));
  } catch (...) {  // nothing to be had for waiting; the Process object's end reaps it
  }
}

}  // namespace flytt::os
