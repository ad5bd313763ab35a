// A dump from the first check to END.
// SPDX-License-Identifier: MIT
#include <flytt/task/dump.hpp>

#include <atomic>
#include <chrono>
#include <exception>
#include <optional>
#include <stop_token>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/engine/catalog.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/os/output_file.hpp>
#include <flytt/os/terminal.hpp>
#include <flytt/task/dump_crew.hpp>
#include <flytt/task/dump_plan.hpp>
#include <flytt/task/dump_watcher.hpp>
#include <flytt/task/filter_names.hpp>
#include <flytt/task/findings.hpp>
#include <flytt/task/jobs.hpp>
#include <flytt/task/later_stop.hpp>

namespace flytt::task {
namespace {

using base::Error;
using base::Exit;

/// What a reader who stalls may hold up after a stop was requested: time for the frame that says why, then no more.
constexpr std::chrono::seconds kStopGrace{1};

/// One dump that is under way.
class Dump {
 public:
  Dump(engine::Server& server, const DumpOptions& options, const value::Scope& scope, unsigned jobs, wire::StreamWriter& writer,
       base::Context& context, Output& out)
      : server_(server), options_(options), scope_(scope), jobs_(jobs), writer_(writer), context_(context), out_(out) {}

  /// From the snapshot to the frame before END.
  void run() {
    engine::SnapshotRequest request{scope_, jobs_, options_.lock_tables, options_.on_ddl, options_.slot};
    const auto snapshot = take(request);
    const auto& contents = snapshot->contents();
    settle(contents.refusals, "cannot copy " + scope_.display(), Exit::refused, context_.log);
    for (const auto& warning : contents.warnings) context_.log.warn(warning);
    tell_left_out(contents.left_out, context_.log);
    const auto manifest = manifest_of(server_, *snapshot, scope_, context_.clock);
    send_schema(manifest, contents);
    copy(*snapshot, manifest);
    out_.result("uuid", manifest.uuid);
    out_.result("position", manifest.position.display());
  }

 private:
  std::unique_ptr<engine::Snapshot> take(const engine::SnapshotRequest& request) {
    const std::stop_callback on_stop(context_.stop, [this] { server_.cancel_all(); });
    context_.check_stop();
    try {
      return server_.snapshot(request);
    } catch (const Error&) {
      context_.check_stop();
      throw;
    }
  }

  void send_schema(const value::Manifest& manifest, const engine::Contents& contents) {
    writer_.hello(manifest);
    for (const auto& object : contents.objects) {
      if (scope_.data_only && object.kind != value::ObjectKind::sequence_value) continue;
      context_.check_stop();
      writer_.schema(object);
    }
  }

  void copy(engine::Snapshot& snapshot, const value::Manifest& manifest) {
    flow::Progress progress;
    const ProgressScope shown(out_, progress, [] { return ProgressNote{"dumping", {}}; });
    std::stop_source stop;  // the user's, or the watcher's
    const std::stop_callback from_user(context_.stop, [&] { stop.request_stop(); });
    flow::FirstFailure first;
    base::Context inner = context_.with_stop(stop.get_token());
    try {
      const DumpWatcher watcher(snapshot, writer_, options_.on_ddl, inner, [&](Error why) {
        first.keep(std::make_exception_ptr(std::move(why)));
        stop.request_stop();
      });
      DumpCrew crew(server_, snapshot, manifest, options_, writer_, progress, first);
      crew.copy(inner);
      if (!scope_.schema_only) crew.digest_computed(inner);
      if (options_.recount && !scope_.schema_only) crew.recount(inner);
      snapshot.prove();
    } catch (const Error&) {
      context_.check_stop();  // what a stop makes the others say is no cause
      first.rethrow();
      throw;
    }
    first.rethrow();
    snapshot.close();
  }

  engine::Server& server_;
  const DumpOptions& options_;
  const value::Scope& scope_;
  const unsigned jobs_;
  wire::StreamWriter& writer_;
  base::Context& context_;
  Output& out_;
};

/// What a stopped task runs into is not why it ended.
Error as_ended(const Error& error, const DumpOptions& options) {
  const bool of_stop = error.code() == Exit::temporary || error.code() == Exit::unavailable;
  if (!of_stop || !options.time_limit || !options.time_is_over || !options.time_is_over->load()) return error;
  const bool said = error.code() == Exit::temporary && error.context().empty();
  return Error(Exit::timeout, base::concat("the time limit of ", base::format_duration(*options.time_limit), " was reached", said ? "" : ": " + error.text()), error.facts());
}

/// Misspelt databases come before privileges, which nobody can have on them; misspelt tables after, since what an account may not read
/// it may not see.
void require_names_and_privileges(engine::Server& server, const value::Scope& scope, base::Context& context) {
  const auto catalog = server.catalog();
  const auto names = catalog->names(scope);
  const auto missing = catalog->missing_privileges(scope);
  require_databases(names, scope, missing);
  settle(missing, base::concat("cannot copy from ", server.endpoint().display()), Exit::privilege, context.log);
  require_filters(names, scope);
}

/// Whether a server can follow from this copy is known before it is made: refused where that was asked for, else only told.
void require_what_following_needs(engine::Server& server, const DumpOptions& options, const value::Scope& scope, base::Context& context) {
  settle(following_findings(*server.catalog(), options, scope), options.slot.empty() ? std::string("a server could not follow from this copy") : "no slot " + options.slot, Exit::refused, context.log);
}

/// The receiver learns why. That this fails too is no news.
void send_failure(wire::StreamWriter& writer, const Error& why) noexcept {
  try {
    // "Run the same again" is not true of a pipe that broke: what went through it is of a snapshot that is gone.
    const Exit code = why.code() == Exit::temporary ? Exit::unavailable : why.code();
    writer.error(wire::sender_error(static_cast<int>(code), why));
  } catch (...) {
  }
}

void report(const wire::Totals& totals, const wire::StreamWriter& writer, std::chrono::nanoseconds elapsed, base::Context& context,
            Output& out) {
  out.result("chunks", totals.chunks);
  out.result("rows", totals.rows);
  out.result("bytes", totals.bytes);
  out.result("stream_bytes", writer.written());
  out.result("seconds", std::chrono::duration<double>(elapsed).count());
  context.log.info(base::concat(base::format_count(totals.rows), " rows, ", base::format_bytes(totals.bytes), " in ",
                                base::format_bytes(writer.written()), " of stream, ", base::format_duration(elapsed), ", ",
                                base::format_rate(totals.bytes, elapsed)));
}

}  // namespace

base::Exit dump_from(engine::Server& server, const DumpOptions& options, wire::ByteSink& sink, base::Context& context,
                     Output& out) {
  check(options);
  const auto scope = scope_of(options);
  const unsigned jobs = jobs_for(options.jobs, context.log);
  if (options.dry_run) {
    const auto catalog = server.catalog();
    const auto names = catalog->names(scope);
    const auto missing = catalog->missing_privileges(scope);
    require_databases(names, scope, missing);
    if (missing.empty()) require_filters(names, scope);
    return show_plan(server, options, scope, jobs, missing, out);
  }
  const auto started = context.clock.now();
  wire::StreamWriter writer(sink, wire::parse_compression(options.compress));
  try {
    require_names_and_privileges(server, scope, context);
    require_what_following_needs(server, options, scope, context);
    Dump(server, options, scope, jobs, writer, context, out).run();
    const auto totals = writer.end();
    sink.close();
    report(totals, writer, context.clock.now() - started, context, out);
  } catch (const std::exception& error) {
    const Error ended = as_ended(base::as_error(error), options);
    send_failure(writer, ended);
    throw ended;
  }
  return Exit::done;
}

namespace {

base::Exit dump_now(const DumpOptions& options, base::Context& context, Output& out) {
  check(options);
  static_cast<void>(scope_of(options));
  const auto server = engine::open(options.source, context);
  const std::stop_callback on_stop(context.stop, [&] { server->cancel_all(); });  // whatever it is asked at that moment
  if (options.dry_run) {
    wire::MemorySink unused;
    return dump_from(*server, options, unused, context, out);
  }
  if (options.output == "-" && os::is_tty(1))
    throw Error(Exit::usage, "a stream is not written to a terminal", {.hint = "Pipe it into load-stream, or name a file with --output."});
  const LaterStop stop(context.clock, context.stop, kStopGrace);
  os::OutputFile file(options.output, context.stop);
  wire::FdSink sink(file.take(), stop.token());
  const auto exit = dump_from(*server, options, sink, context, out);
  file.keep();
  return exit;
}

}  // namespace

base::Exit dump(const DumpOptions& given, base::Context& outer, Output& out) {
  const TimeLimit limit(outer.clock, outer.stop, given.time_limit);
  DumpOptions options = given;
  options.time_is_over = &limit.over();
  base::Context context = outer.with_stop(limit.token());
  try {
    return dump_now(options, context, out);
  } catch (const Error& error) {
    throw as_ended(error, options);  // before a stream was begun, too
  }
}

}  // namespace flytt::task
