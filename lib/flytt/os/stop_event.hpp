// A stop token as a descriptor, for poll().
// Layer: os (1).  Thread rule: made and ended by one thread; the stop may come from any.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/fd.hpp>

#include <stop_token>

namespace flytt::os {

/// fd() becomes readable when stop is requested, and stays so.
class StopEvent {
public:
  explicit StopEvent(std::stop_token stop);

  int fd() const noexcept { return event_.get(); }

private:
  struct Signal {
    int fd;
    void operator()() const noexcept;
  };

  UniqueFd event_;
  std::stop_callback<Signal> callback_;  // after event_: it goes first
};

}  // namespace flytt::os
