// Positions where there is a channel, patience where there is none.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_live.hpp>

#include <algorithm>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>

namespace flytt::task::compare {
namespace {

constexpr const char* kChannel = "flytt";
constexpr std::chrono::milliseconds kSlice{1000};  // the longest single wait in the server, so that a stop is heard

}  // namespace

LagWait::LagWait(Run& run) : run_(run), backoff_(std::chrono::milliseconds(100), std::chrono::seconds(2)) {}

bool LagWait::follow() {
  if (asked_) return target_ != nullptr;
  asked_ = true;
  try {
    auto target = run_.server(Side::target).replication();
    if (!target || !target->channel(kChannel).exists) return false;
    source_ = run_.server(Side::source).replication();
    target_ = std::move(target);
  } catch (const base::Error& e) {
    // An account that may only read rows cannot see the channel: then time is all there is.
    run_.ctx.log.warn(base::concat("the channel cannot be seen, so differing rows are read again after short waits: ", e.text()));
  }
  return target_ != nullptr;
}

CaughtUp LagWait::wait() {
  remark_.clear();
  if (!follow()) {
    if (!backoff_.wait(run_.ctx.clock, run_.ctx.stop)) run_.ctx.check_stop();
    return CaughtUp::unknown;
  }
  const value::Position position = source_->current_position();
  const auto deadline = run_.ctx.clock.now() + run_.options.live_wait;
  while (true) {
    run_.ctx.check_stop();
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline - run_.ctx.clock.now());
    const auto applied = target_->wait_applied(kChannel, position, std::clamp(left, std::chrono::milliseconds(1), kSlice));
    if (applied == engine::Applied::yes) return CaughtUp::yes;
    if (applied == engine::Applied::stopped) {
      const std::string why = target_->channel(kChannel).error;
      remark_ = base::concat("channel ", kChannel, " on the target does not apply", why.empty() ? "" : ": ", why);
      return CaughtUp::stopped;
    }
    if (left <= kSlice) break;
  }
  remark_ = base::concat("the target did not reach the source's position within ",
                         base::format_duration(run_.options.live_wait));
  return CaughtUp::late;
}

}  // namespace flytt::task::compare
