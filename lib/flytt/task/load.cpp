// Which of its jobs load-stream is to do.
// SPDX-License-Identifier: MIT
#include <flytt/task/load.hpp>

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/base/uuid.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/terminal.hpp>
#include <flytt/task/later_stop.hpp>
#include <flytt/task/load_run.hpp>
#include <flytt/task/load_settings.hpp>
#include <flytt/task/phase.hpp>

namespace flytt::task {
namespace {

using base::Error;
using base::Exit;

void check(const LoadOptions& o) {
  const int jobs = int{o.list} + int{o.check} + int{o.print} + int{o.restore_settings} + int{!o.discard.empty()};
  if (jobs > 1) throw Error(Exit::usage, "--list, --check, --print, --discard and --restore-settings exclude each other");
  if (o.statements && !o.list) throw Error(Exit::usage, "--statements goes with --list");
  if (o.no_code && jobs > 0 && !o.list) throw Error(Exit::usage, "--no-code is for loading, and for --list");
  if (o.skip_definers && !o.definer.empty()) throw Error(Exit::usage, "--skip-definers and --definer exclude each other");
  if (!o.discard.empty() && !base::is_uuid(o.discard))
    throw Error(Exit::usage, base::quote_for_message(o.discard) + " is no copy's uuid",
                {.hint = "load-stream --list shows a stream's; the message of a load that failed names it."});
}

Input input_of(int fd) {
  struct stat status{};
  return ::fstat(fd, &status) == 0 && S_ISREG(status.st_mode) ? Input::file : Input::live;
}

}  // namespace

base::Exit load_into(engine::Server& server, engine::Server& settings, const LoadOptions& options, wire::ByteSource& source,
                     Input input, std::stop_source unblock, base::Context& context, Output& out) {
  return LoadRun(server, settings, options, source, input, std::move(unblock), context, out).run();
}

base::Exit discard(engine::Server& server, const std::string& uuid, base::Context& context, Output& out) {
  const auto target = server.target();
  const auto copy = target->ledger().find(uuid);
  if (!copy) throw Error(Exit::refused, "copy " + uuid + " is not known on " + server.endpoint().display());
  if (copy->state == "done")
    throw Error(Exit::refused, "copy " + uuid + " is complete, and only half-loaded copies are removed",
                {.hint = "Drop its databases yourself if they are to go."});
  value::Manifest manifest;
  manifest.uuid = uuid;
  manifest.source = copy->source;
  manifest.scope = copy->scope;
  manifest.position = copy->position;
  for (const auto& phase : copy->intents) {
    const auto object = object_of(phase);
    if (!object) continue;
    if (object->kind == value::ObjectKind::table) manifest.tables.emplace_back().name = {object->schema, object->name};
    if (object->kind == value::ObjectKind::database) manifest.databases.push_back({object->name, {}, {}});
  }
  for (const auto& name : copy->scope.databases)
    if (std::none_of(manifest.databases.begin(), manifest.databases.end(), [&](const auto& d) { return d.name == name; }))
      manifest.databases.push_back({name, {}, {}});
  target->ledger().begin(manifest);  // nobody loads it meanwhile
  auto existing = target->existing(manifest);
  std::stable_sort(existing.begin(), existing.end(), [](const auto& a, const auto& b) { return a.kind > b.kind; });
  const auto writer = target->schema_writer({});
  for (const auto& object : existing) {
    context.check_stop();
    const auto phase = phase_of(object);
    if (!copy->intents.contains(phase) || object.kind == value::ObjectKind::database) continue;  // was there before
    writer->drop(object);
    out.line("dropped " + object.display());
    out.event("dropped", {{"kind", value::object_kind_name(object.kind)}, {"schema", object.schema}, {"name", object.name}});
  }
  // Databases that the copy made go when nobody put anything else into them: the writer looks.
  for (const auto& phase : copy->intents)
    if (const auto object = object_of(phase); object && object->kind == value::ObjectKind::database) writer->drop(*object);
  target->ledger().forget(uuid);
  out.line("copy " + uuid + " is removed");
  if (const auto left = engine::stream_rules(copy->source.engine)->left_on_source(copy->source); !left.empty()) {
    out.line_always(left);
    out.event("left_on_source", {{"text", left}});
  }
  return Exit::done;
}

base::Exit load(const LoadOptions& options, base::Context& context, Output& out) {
  check(options);
  const bool needs_input = !options.restore_settings && options.discard.empty();
  if (needs_input && options.input == "-" && os::is_tty(0))
    throw Error(Exit::usage, "a stream does not come from a terminal", {.hint = "Pipe dump-stream into it, or name a file with --input."});
  if (!needs_input) {
    const auto server = engine::open(options.target, context);
    const std::stop_callback on_stop(context.stop, [&] { server->cancel_all(); });
    return options.restore_settings ? restore_settings(*server, out) : discard(*server, options.discard, context, out);
  }
  std::stop_source unblock;
  const std::stop_callback on_stop(context.stop, [&] { unblock.request_stop(); });
  auto fd = os::open_for_reading(options.input, unblock.get_token());
  const Input input = input_of(fd.get());
  wire::FdSource source(std::move(fd), unblock.get_token());
  if (options.list || options.check || options.print) return inspect(options, source, context, out);
  const auto server = engine::open(options.target, context);
  // What was set for the load is put back after a stop, too; a server that does not let us is not waited for for ever.
  const auto lasting = context.with_stop({});
  const auto settings = engine::open(options.target, lasting);
  const LaterStop later(context.clock, context.stop, kPutBackGrace);
  const std::stop_callback on_later(later.token(), [&] { settings->cancel_all(); });
  return load_into(*server, *settings, options, source, input, unblock, context, out);
}

}  // namespace flytt::task
