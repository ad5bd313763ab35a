// Settings for a load.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_settings.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::task {
namespace {

std::string sentence(const engine::Setting& s) {
  return base::concat(s.name, ": ", s.old_value, " instead of ", s.new_value);
}

}  // namespace

LoadSettings::LoadSettings(engine::Server& server, base::Log& log) : server_(server), log_(log) {}

LoadSettings::~LoadSettings() {
  if (!applied_) return;
  try {
    restore();
  } catch (const std::exception& error) {
    log_.warn(base::concat("settings of the target were not put back (", error.what(), "); put them back with: load-stream --restore-settings ",
                           server_.endpoint().display()));
  }
}

void LoadSettings::apply(ImportMode mode, Output& out) {
  tuning_ = server_.tuning();
  auto settings = tuning_->load_settings();
  if (mode == ImportMode::on) {
    for (auto& setting : tuning_->import_settings()) settings.push_back(std::move(setting));
    if (const auto fragment = tuning_->restart_fragment(); !fragment.empty()) {
      out.line("# What needs a restart of the target, for its configuration file:");
      for (const auto line : base::split(base::trim(fragment), '\n')) out.line(line);
      out.event("restart_fragment", {{"text", fragment}});
    }
  }
  if (settings.empty()) return;
  applied_ = true;  // from here on: a failure in the middle is put back too
  tuning_->apply(settings);
  for (const auto& s : settings) log_.info(base::concat("set ", s.name, " to ", s.new_value, " for the load, it was ", s.old_value));
}

void LoadSettings::restore() {
  if (!applied_) return;
  for (const auto& s : tuning_->restore()) log_.info("put back " + sentence(s));
  applied_ = false;
}

base::Exit restore_settings(engine::Server& server, Output& out) {
  const auto back = server.tuning()->restore();
  if (back.empty()) out.line("no setting is changed");
  for (const auto& s : back) {
    out.line("put back " + sentence(s));
    out.event("setting", {{"name", s.name}, {"old", s.new_value}, {"new", s.old_value}});
  }
  return base::Exit::done;
}

}  // namespace flytt::task
