// One load that is under way: from HELLO to the copy's last object.
// Layer: task (5).  Thread rule: one thread; it starts workers.
// SPDX-License-Identifier: MIT
#pragma once

#include <exception>
#include <map>
#include <memory>
#include <stop_token>
#include <vector>

#include <flytt/flow/first_failure.hpp>
#include <flytt/flow/progress.hpp>
#include <flytt/task/load.hpp>
#include <flytt/task/load_crew.hpp>
#include <flytt/task/load_ledger.hpp>
#include <flytt/task/load_preflight.hpp>
#include <flytt/task/load_schema.hpp>
#include <flytt/task/load_settings.hpp>
#include <flytt/task/stream_guard.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::task {

class LoadRun {
 public:
  LoadRun(engine::Server& server, engine::Server& settings, const LoadOptions& options, wire::ByteSource& source, Input input,
          std::stop_source unblock, base::Context& context, Output& out);
  base::Exit run();

 private:
  base::Exit load_copy();
  wire::Event next();
  void fail(std::exception_ptr why);
  value::Manifest hello();
  void know_all_encodings() const;
  void leave_out_code();
  base::Exit show_findings(const LoadSituation& situation);
  void begin(const LoadSituation& situation);
  base::Exit finished_before(wire::Event event, const engine::LedgerCopy& before);
  wire::Event read_schema();
  std::vector<bool> whole_tables() const;
  wire::Totals read_rows(wire::Event event);
  void take(wire::Chunk chunk);
  void prove(const wire::Totals& totals);
  base::Exit conclude(const wire::Totals& totals, const std::vector<std::string>& orphans, const std::vector<std::string>& unlike);
  base::Error with_way_out(const base::Error& error) const;
  base::Error with_half_copy(const base::Error& error) const;
  bool sender_failed_ = false;

  engine::Server& server_;
  engine::Server& settings_server_;
  const LoadOptions& options_;
  const Input input_;
  std::stop_source unblock_;
  base::Context& context_;
  Output& out_;
  engine::LoadRequest request_;
  wire::StreamReader reader_;
  LoadSettings settings_;
  value::Manifest manifest_;
  StreamGuard guard_;
  std::map<std::string, std::size_t> left_out_;  // with --no-code: how many of each kind
  unsigned jobs_ = 1;
  std::unique_ptr<engine::Target> target_;
  std::unique_ptr<LoadLedger> ledger_;  // there from the first change on
  bool all_made_here_ = false;  // no table was there before the copy
  std::vector<value::SchemaObject> objects_;
  flow::Progress progress_;
  flow::FirstFailure first_;  // of the workers; the statements of all others are cancelled then
  std::unique_ptr<LoadSchema> schema_;
  std::unique_ptr<LoadCrew> crew_;
  std::uint64_t rows_loaded_ = 0;
  std::uint64_t chunks_skipped_ = 0;
  std::chrono::steady_clock::time_point started_;
};

}  // namespace flytt::task
