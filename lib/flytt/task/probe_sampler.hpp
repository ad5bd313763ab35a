// One sample of all that is watched: the disks, and what goes on around them.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/os/cgroup_io.hpp>
#include <flytt/plan/disk_verdict.hpp>
#include <flytt/task/probe_history.hpp>
#include <flytt/task/probe_places.hpp>

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace flytt::task {

/// Places that lie on the same disks, watched as one.
struct WatchedPlace {
  std::string role;     ///< "data", "data,redo,undo"
  std::string path;     ///< of the first
  std::string unknown;
  std::string disk;     ///< names of the uppermost devices
  std::vector<os::Layer> layers;
  std::vector<os::DeviceNumber> tops;    ///< what is judged; of a partition its disk, whose queue it shares
  std::vector<os::DeviceNumber> leaves;
  std::vector<plan::DiskJudge> judges;   ///< one for each of tops

  plan::DiskRates rates;                 ///< of the busiest of tops in the last sample
  plan::DiskVerdict verdict;
  double leaf_await_ms = 0;
  plan::PlaceEnd end;
  ProbeHistory history;
};

/// Whom to look at besides the disks.
struct WatchedProcesses {
  std::vector<unsigned> pids;  ///< the restore and the server
};

class ProbeSampler {
 public:
  ProbeSampler(os::KernelFiles& files, const ProbePlaces& places, const plan::DiskLimits& limits, WatchedProcesses processes);

  /// Reads everything; from the second call on `places()` hold what was in between. `now` in seconds.
  /// False for the first.
  bool sample(double now);

  std::vector<WatchedPlace>& places() noexcept { return places_; }
  plan::Surroundings around;      ///< of the last sample; sessions are filled in by who asks the server
  double pressure_some = -1, pressure_full = -1;  ///< share of the time; below 0: the kernel keeps none
  double seconds = 0;             ///< length of the last sample
  double nominal = 1;             ///< what it should be
  std::vector<std::string> limit_groups() const;  ///< control groups that limit one of the disks

 private:
  void judge(WatchedPlace& place);
  plan::DiskRates rates_of(os::DeviceNumber device);
  void read_around();

  struct Reading {
    std::optional<os::DiskCounters> counters;
    std::uint64_t sequence = 0;
    bool counted = true;
  };
  struct Limited {
    os::IoLimit limit;
    os::IoUse use;
    double share = 0;
  };

  os::KernelFiles& files_;
  WatchedProcesses processes_;
  std::vector<WatchedPlace> places_;
  std::vector<os::DeviceNumber> devices_;
  std::map<os::DeviceNumber, Reading> before_, now_;
  std::vector<Limited> limited_;
  std::optional<double> last_;
  std::optional<os::Pressure> pressure_;
  std::optional<os::CpuTime> cpu_;
  os::NetworkBytes network_;
  std::map<unsigned, os::ProcessTime> process_times_;
};

}  // namespace flytt::task
