// replica-ctl switchover, resume or rollback that dies or fails at a step of our choice: FLYTT_FAIL=<step>:{before,after}:{kill9,error}.
// Only tests have this program: the shipped one has no such switch.  Usage: failing-switchover [resume|rollback] SOURCE TARGET
// SPDX-License-Identifier: MIT
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <flytt/base/text.hpp>
#include <flytt/task/replicate.hpp>

using namespace flytt;

namespace {

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : "";
}

engine::Endpoint server(const char* url, const char* role, const char* password) {
  auto e = engine::parse_url(url);
  e.role = role;
  e.password = from_environment(password);
  e.has_password = !e.password.empty();
  return e;
}

void fail_here(plan::Step step, const char* point) {
  const std::string wanted = from_environment("FLYTT_FAIL");
  const auto parts = base::split(wanted, ':');
  if (parts.size() != 3 || parts[0] != plan::name(step) || parts[1] != point) return;
  if (parts[2] == "kill9") std::raise(SIGKILL);
  throw base::Error(base::Exit::unavailable, "injected failure");
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) return 64;
  const std::string_view verb = argc == 4 ? argv[1] : "switchover";
  base::SystemClock clock;
  base::NullLog log;
  task::MemoryOutput out;
  try {
    task::ReplicateOptions options;
    options.verb = verb == "resume" ? task::ReplicaVerb::resume : verb == "rollback" ? task::ReplicaVerb::rollback : task::ReplicaVerb::switchover;
    options.source = server(argv[argc - 2], "source", "FLYTT_SOURCE_PASSWORD");
    options.target = server(argv[argc - 1], "target", "FLYTT_TARGET_PASSWORD");
    options.failpoint = fail_here;
    options.budget = std::chrono::minutes(2);  // a machine that does something else beside may need it
    return static_cast<int>(task::replicate(options, out, base::Context{clock, log, {}}));
  } catch (const base::Error& e) {
    std::cerr << e.text() << '\n';
    return static_cast<int>(e.code());
  }
}
