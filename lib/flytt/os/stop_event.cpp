// SPDX-License-Identifier: MIT
#include <flytt/os/stop_event.hpp>

#include <flytt/base/error.hpp>

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace flytt::os {

namespace {

UniqueFd make_event() {
  UniqueFd event(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!event) base::throw_errno("cannot make an event");
  return event;
}

}  // namespace

void StopEvent::Signal::operator()() const noexcept {
  const std::uint64_t one = 1;
  // It can only fail when the counter is full, and then fd is readable anyway.
  [[maybe_unused]] const auto wrote = ::write(fd, &one, sizeof one);
}

StopEvent::StopEvent(std::stop_token stop) : event_(make_event()), callback_(std::move(stop), Signal{event_.get()}) {}

}  // namespace flytt::os
