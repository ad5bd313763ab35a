// Dumping and loading in memory, for tests of both.
// SPDX-License-Identifier: MIT
#pragma once

#include <limits>
#include <string>

#include <flytt/task/dump.hpp>
#include <flytt/task/load.hpp>

#include "unit/task/fake_engine.hpp"

namespace copying {

using namespace flytt;

/// A clock, a log and an output that remember.
struct World {
  base::SystemClock clock;
  base::MemoryLog log;
  std::stop_source stop;
  base::Context context{clock, log, stop.get_token()};
  task::MemoryOutput out;
};

/// Tables with rows, without, and without a key; indexes, foreign keys, views that need each other, an event.
void fill(fake_engine::Store& store, std::uint32_t rows = 6000);
task::DumpOptions dump_options();

/// The stream. Throws what the dump throws; `bytes` then holds what went out before.
base::Exit dump(fake_engine::Store& store, World& world, std::string& bytes, task::DumpOptions options = dump_options());
std::string dump(fake_engine::Store& store);

base::Exit load(fake_engine::Store& store, World& world, std::string_view bytes, task::LoadOptions options = {},
                task::Input input = task::Input::file);

/// A source and its stream, made once: loading it is what is tested.
struct Source {
  fake_engine::Store store;
  std::string bytes;
  explicit Source(std::uint32_t rows = 6000) {
    fill(store, rows);
    bytes = dump(store);
  }
};

base::Error failing_load(fake_engine::Store& target, std::string_view bytes, task::LoadOptions options = {},
                         task::Input input = task::Input::file);
void load_well(fake_engine::Store& target, std::string_view bytes, const task::LoadOptions& options = {});

/// How many steps a copy takes depends on how its threads meet. So no step is asked for that need not come: `run(n)` does
/// something to the n-th step and says whether that step came; n grows until a run ends without it. Returns the steps that came.
template <class Run>
int each_step(Run run, int stride_after = std::numeric_limits<int>::max()) {
  int n = 1, came = 0;
  for (; run(n); n += 1 + n / stride_after) ++came;
  return came;
}

/// Are the rows and objects of both the same, and is the copy noted as done?
void require_equal(fake_engine::Store& source, fake_engine::Store& target);

}  // namespace copying
