// The course of a load.
// SPDX-License-Identifier: MIT
#include <flytt/task/load_run.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/plan/share.hpp>
#include <flytt/task/findings.hpp>
#include <flytt/task/jobs.hpp>
#include <flytt/task/load_proof.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {
using base::Error;
using base::Exit;

namespace {

/// The ledger's word for a copy that was loaded without its code.
constexpr std::string_view kLeftOut = "left out code";
/// And for one of which something was named that is not as it should be.
constexpr std::string_view kDiffers = "named differences";

}  // namespace

LoadRun::LoadRun(engine::Server& server, engine::Server& settings, const LoadOptions& options, wire::ByteSource& source,
                 Input input, std::stop_source unblock, base::Context& context, Output& out)
    : server_(server),
      settings_server_(settings),
      options_(options),
      input_(input),
      unblock_(std::move(unblock)),
      context_(context),
      out_(out),
      request_{options.if_exists,     1,
               options.defer_indexes, options.skip_definers,
               options.no_code ? engine::Code::left_out : engine::Code::loaded, options.definer},
      reader_(source),
      settings_(settings, context.log) {}

base::Exit LoadRun::run() {
  started_ = context_.clock.now();
  const std::stop_callback on_stop(context_.stop, [this] {
    server_.cancel_all();
    unblock_.request_stop();
  });
  try {
    return load_copy();
  } catch (...) {
    // What came first counts: a worker's failure, or else ours; not what ends below because of it.
    const auto first = context_.stop.stop_requested() ? nullptr : first_.get();
    const auto why = first ? first : std::current_exception();
    server_.cancel_all();  // a chunk may wait for a lock, an index take hours
    crew_.reset();  // before the ledger it writes to
    schema_.reset();
    try {
      std::rethrow_exception(why);
    } catch (const std::exception& error) {
      throw with_way_out(base::as_error(error));
    }
  }
}

base::Exit LoadRun::load_copy() {
  server_.identity();  // a server that cannot be reached is told before the stream is waited for
  request_.jobs = jobs_ = jobs_for(options_.jobs, context_.log);
  manifest_ = hello();
  guard_.hello(manifest_);
  know_all_encodings();
  auto first = read_schema();
  target_ = server_.target();
  leave_out_code();
  const auto situation = look_at(server_, *target_, manifest_, objects_, options_, request_);
  if (situation.before && situation.before->state == "done" && !options_.dry_run) return finished_before(std::move(first), *situation.before);
  if (options_.dry_run) return show_findings(situation);
  settle(situation.findings, base::concat("cannot load into ", server_.endpoint().display()), Exit::refused, context_.log);
  tell_left_out(situation.others, context_.log, "there already");
  begin(situation);
  schema_ = std::make_unique<LoadSchema>(server_, *target_, request_, jobs_, *ledger_, objects_, situation.present,
                                         [this](std::exception_ptr why) { fail(std::move(why)); }, context_);
  schema_->before_data();
  const auto totals = read_rows(std::move(first));
  prove(totals);
  const auto orphans = schema_->after_data();
  auto unlike = prove_definitions(server_, manifest_, request_, guard_.rules(), situation.present, context_);
  for (auto& text : prove_computed(server_, manifest_, totals, situation.present, context_)) unlike.push_back(std::move(text));
  return conclude(totals, orphans, unlike);
}

/// The next event that matters; a sender that failed is our failure.
wire::Event LoadRun::next() {
  for (;;) {
    context_.check_stop();
    first_.rethrow();
    auto event = [this] {
      try {
        return reader_.next();
      } catch (const Error&) {
        first_.rethrow();  // the reading was broken off because a worker failed
        context_.check_stop();
        throw;
      }
    }();
    if (const auto* why = std::get_if<wire::SenderError>(&event)) {
      sender_failed_ = true;
      throw wire::failure_of(*why);
    }
    if (!std::holds_alternative<wire::Heartbeat>(event)) return event;
  }
}

/// In the thread of a worker: all others end, too, and so does waiting for input.
void LoadRun::fail(std::exception_ptr why) {
  if (!first_.keep(std::move(why))) return;
  unblock_.request_stop();
  server_.cancel_all();
}

value::Manifest LoadRun::hello() {
  auto event = next();
  return std::get<value::Manifest>(std::move(event));  // the reader lets nothing else be first
}

base::Exit LoadRun::show_findings(const LoadSituation& situation) {
  out_.line_always(base::concat("copy ", manifest_.uuid, " of ", manifest_.scope.display(), " from ", manifest_.source.display(),
                         situation.before ? ", " + situation.before->state + " before" : std::string()));
  const auto blocking = show(situation.findings, out_);
  for (const auto& object : situation.to_drop) out_.line_always("would drop: " + object.display());
  for (const auto& some : situation.others) out_.line_always(base::concat("there already: ", count_text(some.names.size(), some.kind), ", ", some.reason));
  if (!left_out_.empty()) out_.line_always("would leave out: " + counts_text(left_out_));
  if (blocking == 0) return Exit::done;
  const bool privileges = std::all_of(situation.findings.begin(), situation.findings.end(), [](const auto& f) {
    return !f.blocks || f.code.starts_with("privilege");
  });
  return privileges ? Exit::privilege : Exit::refused;
}

/// From here on the target is changed.
void LoadRun::begin(const LoadSituation& situation) {
  context_.check_stop();
  target_->ledger().begin(manifest_);
  // What went in until we held it counts, too: another load of the same copy may have ended just now.
  auto before = target_->ledger().find(manifest_.uuid).value_or(engine::LedgerCopy{});
  if (!situation.before && !before.intents.empty())
    throw Error(Exit::temporary, "another load of copy " + manifest_.uuid + " has just begun it", {.hint = "The same command again continues it."});
  all_made_here_ = options_.if_exists != engine::IfExists::append &&
                   std::none_of(before.done.begin(), before.done.end(), [](const auto& phase) { return phase.starts_with("kept "); });
  ledger_ = std::make_unique<LoadLedger>(target_->ledger(), manifest_.uuid, std::move(before));
  settings_.apply(options_.import_mode ? ImportMode::on : ImportMode::off, out_);
  if (situation.before) {
    context_.log.info(base::concat("copy ", manifest_.uuid, " goes on: ", ledger_->chunks_before(), " chunks are in"));
    return;
  }
  for (const auto& phase : situation.present)
    if (options_.if_exists == engine::IfExists::append) ledger_->done("kept " + phase);
  const auto writer = target_->schema_writer(request_);
  for (auto object = situation.to_drop.rbegin(); object != situation.to_drop.rend(); ++object) {
    context_.log.info("dropping " + object->display());
    writer->drop(*object);
  }
}

/// The same stream once more, after all of it went in: it is read to its end, and nothing is changed.
base::Exit LoadRun::finished_before(wire::Event event, const engine::LedgerCopy& before) {
  while (!std::holds_alternative<wire::Totals>(event)) event = next();
  const bool code = !before.done.contains(std::string(kLeftOut)), equal = !before.done.contains(std::string(kDiffers));
  out_.line(base::concat("copy ", manifest_.uuid, " is in already", code ? "" : ", without its code: it was loaded with --no-code",
                         equal ? "" : ", and its load named parts that differ: verify-rows shows them"));
  out_.result("uuid", manifest_.uuid);
  out_.result("position", manifest_.position.display());
  out_.result("already_loaded", true);
  return code && equal ? Exit::done : Exit::partial;
}

/// Before anything is changed: rows that nobody here can read would be found when the tables are there.
void LoadRun::know_all_encodings() const {
  for (const auto& table : manifest_.tables)
    if (!guard_.rules().rows_in(table, {}))
      throw Error(Exit::unavailable, "rows of " + table.name.display() + " come in encoding " + base::quote_for_message(table.encoding) + ", which this version does not know",
                  {.hint = "Use a load-stream that is as new as the dump-stream."});
}

/// What is loaded is checked as a whole; with --no-code nothing else remains.
void LoadRun::leave_out_code() {
  guard_.complete(objects_, request_.code, context_);
  if (request_.code == engine::Code::loaded) return;
  left_out_ = guard_.rules().left_out(objects_, context_);
  std::erase_if(objects_, [&](const auto& object) { return guard_.rules().is_code(object); });
}

/// Reads all objects; gives back what came after them.
wire::Event LoadRun::read_schema() {
  for (;;) {
    auto event = next();
    auto* object = std::get_if<value::SchemaObject>(&event);
    if (object == nullptr) return event;
    guard_.object(*object);
    objects_.push_back(std::move(*object));
  }
}

/// The tables that one session may load in one transaction: large enough that it is worth its while, and, where there are more than two
/// workers, none so large that the others would wait for it. Only tables that this copy has made: nobody else's rows are in them.
std::vector<bool> LoadRun::whole_tables() const {
  constexpr std::uint64_t kSmallest = std::uint64_t{1} << 20;
  std::vector<bool> out(manifest_.tables.size());
  if (!target_->whole_tables() || manifest_.scope.data_only || !all_made_here_) return out;
  std::uint64_t total = 0;
  for (const auto& table : manifest_.tables) total += table.bytes_estimate;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto bytes = manifest_.tables[i].bytes_estimate;
    out[i] = bytes >= kSmallest && plan::whole_for_one(bytes, total, jobs_);
  }
  return out;
}

wire::Totals LoadRun::read_rows(wire::Event event) {
  for (const auto& table : manifest_.tables) progress_.add_total(manifest_.scope.schema_only ? 0 : table.bytes_estimate);
  std::vector<std::uint64_t> bytes(manifest_.tables.size());
  const ProgressScope shown(out_, progress_, [] { return ProgressNote{"loading", {}}; });
  crew_ = std::make_unique<LoadCrew>(*target_, manifest_, *ledger_, jobs_, whole_tables(), progress_,
                                     [this](std::uint32_t table) { schema_->table_loaded(manifest_.tables[table].name); },
                                     [this](std::exception_ptr why) { fail(std::move(why)); }, context_);
  for (; !std::holds_alternative<wire::Totals>(event); event = next()) {
    if (auto* chunk = std::get_if<wire::Chunk>(&event)) {
      bytes.at(chunk->object) += chunk->end.bytes;
      take(std::move(*chunk));
      continue;
    }
    const auto table = std::get<wire::TableEnd>(event).table;
    progress_.correct_total(manifest_.tables[table].bytes_estimate, bytes[table]);
    crew_->end_table(table);
  }
  crew_->finish();
  crew_.reset();
  return std::get<wire::Totals>(std::move(event));
}

void LoadRun::take(wire::Chunk chunk) {
  if (ledger_->has_chunk(chunk.number)) {
    ++chunks_skipped_;
    progress_.add_done(chunk.end.bytes);
    return;
  }
  rows_loaded_ += chunk.end.rows;
  crew_->push(std::move(chunk));
}

/// END's totals against what the ledger says was committed: the one list that is written with the rows themselves.
void LoadRun::prove(const wire::Totals& totals) {
  const auto now = ledger_->now();
  if (now.chunks.size() != totals.chunks)
    throw Error(Exit::data, base::concat("the stream has ", totals.chunks, " chunks, and ", now.chunks.size(), " are in the ledger"));
  context_.log.info(base::concat("all ", totals.chunks, " chunks are in"));
}

base::Exit LoadRun::conclude(const wire::Totals& totals, const std::vector<std::string>& orphans, const std::vector<std::string>& unlike) {
  settings_.restore();
  if (!left_out_.empty()) ledger_->done(std::string(kLeftOut));
  if (!orphans.empty() || !unlike.empty() || !schema_->left_behind().empty()) ledger_->done(std::string(kDiffers));
  ledger_->finish();
  const auto elapsed = context_.clock.now() - started_;
  const auto tell = [this](const char* event, const std::vector<std::string>& texts) {
    for (const auto& text : texts) {
      out_.line_always(text);
      out_.event(event, {{"message", text}});
    }
  };
  tell("orphans", orphans);
  for (const auto& text : orphans) context_.log.warn(text + ", as on the source");
  tell("unlike", unlike);
  if (!unlike.empty()) context_.log.warn(base::concat(count_text(unlike.size(), "part"), " not proven equal to the source's; of definitions, verify-rows shows the lines that differ"));
  tell("left_behind", schema_->left_behind());
  for (const auto& text : schema_->left_behind()) context_.log.warn(text);
  if (!left_out_.empty()) out_.line("left out, as --no-code says: " + counts_text(left_out_));
  for (const auto& [kind, count] : left_out_) out_.event("left_out", {{"kind", kind}, {"count", count}});
  out_.line(base::concat("loaded ", base::format_count(rows_loaded_), " rows of ", manifest_.tables.size(), " tables, ",
                         base::format_bytes(totals.bytes), ", in ", base::format_duration(elapsed), "; position ",
                         manifest_.position.display()));
  out_.result("uuid", manifest_.uuid);
  out_.result("position", manifest_.position.display());
  out_.result("tables", manifest_.tables.size());
  out_.result("chunks", totals.chunks);
  out_.result("chunks_skipped", chunks_skipped_);
  out_.result("rows", totals.rows);
  out_.result("rows_loaded", rows_loaded_);
  out_.result("bytes", totals.bytes);
  out_.result("seconds", std::chrono::duration<double>(elapsed).count());
  return orphans.empty() && unlike.empty() && left_out_.empty() && schema_->left_behind().empty() ? Exit::done : Exit::partial;
}

/// What to do about a copy that is half in.
Error LoadRun::with_way_out(const Error& error) const {
  const Error told = with_half_copy(error);
  if (manifest_.uuid.empty() || sender_failed_) return told;  // a dump that fails removes what it made
  std::string left = guard_.rules().left_on_source(manifest_.source);
  return left.empty() ? told : told.with_more_hint(std::move(left));
}

Error LoadRun::with_half_copy(const Error& error) const {
  if (!ledger_) return error;
  std::string hint;
  if (input_ == Input::file)
    hint = base::concat("The same command with the same stream continues copy ", manifest_.uuid, ".");
  else
    hint = base::concat("The copy is half loaded; remove it with: load-stream --discard ", manifest_.uuid, " ",
                         server_.endpoint().shell_word());
  return error.with_more_hint(std::move(hint));
}

}  // namespace flytt::task
