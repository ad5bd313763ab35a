// Settings of the target that are changed for the length of a load, and put back whatever happens.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>

#include <flytt/base/context.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/engine/tuning.hpp>
#include <flytt/task/output.hpp>

namespace flytt::task {

enum class ImportMode : bool { off, on };

class LoadSettings {
 public:
  /// Changes nothing yet.
  LoadSettings(engine::Server& server, base::Log& log);
  /// Puts back what was changed; a failure is a warning with the command that does it.
  ~LoadSettings();
  LoadSettings(const LoadSettings&) = delete;
  LoadSettings& operator=(const LoadSettings&) = delete;

  /// What loading needs on this server, and with ImportMode::on what makes it faster. Noted in the server before it is changed.
  void apply(ImportMode mode, Output& out);
  /// Puts it back. Throws.
  void restore();

 private:
  engine::Server& server_;
  base::Log& log_;
  std::unique_ptr<engine::Tuning> tuning_;
  bool applied_ = false;
};

/// --restore-settings: puts back what an earlier load left changed, and says what that was.
base::Exit restore_settings(engine::Server& server, Output& out);

}  // namespace flytt::task
