// load-stream: puts the copy that a stream carries into a server, exactly once, or says what a stream holds.
// Layer: task (5).  Thread rule: one call at a time; it starts threads of its own.  Formats: man/load-stream.1, man/flytt-stream.5.
// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>

#include <flytt/base/context.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/engine/server.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/task/output.hpp>
#include <flytt/wire/byte_io.hpp>

namespace flytt::task {

/// What the command line says.
struct LoadOptions {
  engine::Endpoint target;      ///< not used by list, check and print
  std::string input = "-";      ///< file, or "-" for stdin
  unsigned jobs = 0;            ///< 0: one a core, at most 8
  engine::IfExists if_exists = engine::IfExists::fail;
  bool yes = false;             ///< --yes: if_exists drop may drop
  bool import_mode = false;
  bool restore_settings = false;
  bool defer_indexes = true;    ///< false with --no-defer-indexes
  bool skip_definers = false;
  std::string definer;
  bool no_code = false;         ///< tables only
  bool dry_run = false;
  std::string discard;          ///< --discard UUID; empty: load
  bool list = false;
  bool statements = false;      ///< with list: what a load would run
  bool check = false;
  bool print = false;
  std::string print_table;      ///< glob "schema.table"; empty: all
};

/// Does what the options say.
/// Throws: Exit::usage; Exit::refused and Exit::privilege with everything that stands in the way, before anything is changed;
/// Exit::data for a stream that is damaged, cut or without END; the sender's own code for a stream that ends with ERR.
/// Returns Exit::partial when a foreign key's rows lack their parents or --no-code left something out, and from --check when rows are in
/// an encoding that is not known; else Exit::done.
base::Exit load(const LoadOptions& options, base::Context& context, Output& out);

/// Can the same stream be had again? A file can; what a pipe brought is gone.
enum class Input : bool { live, file };

/// Loads from a source into a server that is open. `settings` is the same server through connections of their own: settings are
/// put back when every statement of the first has been cancelled. `unblock` is asked to stop when nobody wants the input any more.
base::Exit load_into(engine::Server& server, engine::Server& settings, const LoadOptions& options, wire::ByteSource& source,
                     Input input, std::stop_source unblock, base::Context& context, Output& out);

/// Removes a copy that is half loaded: the objects its ledger names, then its ledger.
base::Exit discard(engine::Server& server, const std::string& uuid, base::Context& context, Output& out);

/// --list, --check and --print.
base::Exit inspect(const LoadOptions& options, wire::ByteSource& source, base::Context& context, Output& out);

}  // namespace flytt::task
