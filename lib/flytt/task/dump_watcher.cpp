// The watching thread.
// SPDX-License-Identifier: MIT
#include <flytt/task/dump_watcher.hpp>

#include <chrono>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>

namespace flytt::task {
namespace {

constexpr std::chrono::milliseconds kLook{500};
constexpr std::chrono::seconds kSilence{5};

std::string sentence(const engine::Waiter& waiter) {
  return base::concat(waiter.who, " waits for a lock of this dump: ", base::quote_for_message(waiter.statement, 80));
}

}  // namespace

DumpWatcher::DumpWatcher(engine::Snapshot& snapshot, wire::StreamWriter& writer, engine::OnDdl on_ddl, base::Context& context,
                         std::function<void(base::Error)> give_up)
    : snapshot_(snapshot),
      writer_(writer),
      on_ddl_(on_ddl),
      context_(context),
      give_up_(std::move(give_up)),
      last_frame_(context.clock.now()),
      thread_([this](std::stop_token stop) { watch(std::move(stop)); }) {}

void DumpWatcher::watch(std::stop_token stop) {
  bool can_look = true;
  while (context_.clock.sleep_for(kLook, stop) && !stop.stop_requested()) {
    try {
      if (can_look) look_for_waiters();
    } catch (const std::exception& exception) {
      const base::Error error = base::as_error(exception);
      can_look = false;
      // With "fail" the promise cannot be kept blindly; with "wait" only the names are missing.
      if (on_ddl_ == engine::OnDdl::fail && !given_up_) {
        given_up_ = true;
        give_up_(error.within("while looking for who waits for our locks"));
      } else {
        context_.log.warn("cannot see who waits for our locks any more: " + error.text());
      }
    }
    try {
      keep_alive();
    } catch (const base::Error&) {
      return;  // the pipe is broken: who writes next says so
    } catch (const std::exception& exception) {
      give_up_(base::as_error(exception));
      return;
    }
  }
}

void DumpWatcher::look_for_waiters() {
  for (const auto& waiter : snapshot_.waiters()) {
    if (!named_.insert(waiter.who + waiter.statement).second) continue;
    context_.log.write(base::Level::warn, "waiter", sentence(waiter),
                       {{"who", waiter.who}, {"statement", waiter.statement}, {"seconds", waiter.seconds}});
    if (on_ddl_ != engine::OnDdl::fail || given_up_) continue;
    given_up_ = true;
    give_up_(base::Error(base::Exit::unavailable, sentence(waiter) + ", and --on-ddl=fail gives way",
                         {.hint = "Run the dump again when the statement is through, or with --on-ddl=wait."}));
  }
}

void DumpWatcher::keep_alive() {
  const auto now = context_.clock.now();
  if (const auto frames = writer_.frames(); frames != frames_) {
    frames_ = frames;
    last_frame_ = now;
  } else if (now - last_frame_ >= kSilence && writer_.heartbeat()) {
    frames_ = writer_.frames();
    last_frame_ = now;
  }
}

}  // namespace flytt::task
