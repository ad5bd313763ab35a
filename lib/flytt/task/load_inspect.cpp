// What a stream holds, without a server: --list, --check, --print.
// SPDX-License-Identifier: MIT
#include <algorithm>
#include <set>
#include <utility>

#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/task/findings.hpp>
#include <flytt/task/load.hpp>
#include <flytt/task/stream_guard.hpp>
#include <flytt/value/row_image.hpp>
#include <flytt/wire/chunk_decoder.hpp>
#include <flytt/wire/stream_reader.hpp>

namespace flytt::task {
namespace {

using base::Error;
using base::Exit;

constexpr std::string_view kRows = "flytt-row/1";

/// Reads a stream to its end and says what it is asked to say.
class Inspection {
 public:
  Inspection(const LoadOptions& options, wire::ByteSource& source, base::Context& context, Output& out)
      : options_(options), reader_(source), context_(context), out_(out) {}

  Exit run() {
    for (;;) {
      context_.check_stop();
      auto event = reader_.next();
      if (auto* hello = std::get_if<value::Manifest>(&event)) {
        manifest_ = std::move(*hello);
        guard_.hello(manifest_);
        chunks_.assign(manifest_.tables.size(), 0);
        begin();
      } else if (const auto* object = std::get_if<value::SchemaObject>(&event)) {
        guard_.object(*object);
        show(*object);
      } else if (std::get_if<wire::Chunk>(&event) != nullptr || std::get_if<wire::TableEnd>(&event) != nullptr) {
        show_statements();
        if (auto* chunk = std::get_if<wire::Chunk>(&event)) take(std::move(*chunk));
      } else if (const auto* why = std::get_if<wire::SenderError>(&event)) {
        throw wire::failure_of(*why);
      } else if (const auto* totals = std::get_if<wire::Totals>(&event)) {
        show_statements();
        return end(*totals);
      }
    }
  }

 private:
  void begin() {
    if (options_.print && !options_.print_table.empty() &&
        std::none_of(manifest_.tables.begin(), manifest_.tables.end(), [&](const auto& t) { return wanted(t); }))
      throw Error(Exit::usage, "the stream has no table " + base::quote_for_message(options_.print_table));
    if (!options_.print && !guard_.rules().of_engine()) {
      out_.line_always("unknown engine, names and statements not looked at: " + base::quote_for_message(manifest_.source.engine));
      out_.event("unknown_engine", {{"engine", manifest_.source.engine}});
    }
    if (!options_.list) return;
    say("copy: " + manifest_.uuid);
    say("created: " + manifest_.created + " by dump-stream " + manifest_.tool_version);
    say(base::concat("source: ", manifest_.source.display(), " on ", manifest_.source.hostname));
    say("position: " + manifest_.position.display());
    say("scope: " + manifest_.scope.display());
    if (!manifest_.schemas.empty()) say("schemas: " + base::join(manifest_.schemas, ", "));
    for (const auto& warning : manifest_.warnings) say("note: " + warning);
    show_left_out(manifest_.left_out, out_);
    out_.event("hello", {{"uuid", manifest_.uuid},
                         {"created", manifest_.created},
                         {"source", manifest_.source.display()},
                         {"position", manifest_.position.display()},
                         {"scope", manifest_.scope.display()}});
  }

  /// A list was asked for by name; that a stream is good is what -q leaves out.
  void say(std::string_view text) { options_.list ? out_.line_always(text) : out_.line(text); }

  void show(const value::SchemaObject& object) {
    if (!options_.list || (options_.no_code && guard_.rules().is_code(object))) return;
    if (options_.statements) return objects_.push_back(object);
    if (object.kind == value::ObjectKind::table) return;
    say(object.display());
    out_.event("object", {{"kind", value::object_kind_name(object.kind)}, {"schema", object.schema}, {"parent", object.parent}, {"name", object.name}});
  }

  /// In the order of a load, which is not that of the stream.
  void show_statements() {
    if (objects_.empty()) return;
    const auto code = options_.no_code ? engine::Code::left_out : engine::Code::loaded;
    guard_.complete(objects_, code, context_);
    for (const auto& object : in_creation_order(std::exchange(objects_, {}))) {
      say("-- " + object.display() + settings_of(object));
      for (const auto& statement : guard_.rules().statements(object, code, context_)) {
        // Set off, line by line: nothing in it looks like one of our own lines.
        for (const auto line : base::split(statement, '\n')) say(base::concat("    ", line));
        out_.event("statement", {{"kind", value::object_kind_name(object.kind)}, {"schema", object.schema}, {"parent", object.parent}, {"name", object.name},
                                 {"sql_mode", object.sql_mode}, {"charset", object.charset}, {"collation", object.collation},
                                 {"time_zone", object.time_zone}, {"statement", statement}});
      }
    }
  }

  static std::string settings_of(const value::SchemaObject& o) {
    std::string out;
    const auto add = [&](std::string_view name, const std::string& value) {
      if (!value.empty()) out += base::concat(out.empty() ? " (" : ", ", name, " ", value);
    };
    add("sql_mode", o.sql_mode);
    add("character set", o.charset);
    add("collation", o.collation);
    add("time zone", o.time_zone);
    return out.empty() ? out : out + ")";
  }

  void take(wire::Chunk chunk) {
    ++chunks_[chunk.object];
    if (!options_.list) decode(std::move(chunk));
  }

  bool wanted(const value::Table& table) const {
    return options_.print_table.empty() || base::glob_match(options_.print_table, table.name.display());
  }

  void decode(wire::Chunk chunk) {
    const auto number = chunk.number;
    const auto& table = manifest_.tables[chunk.object];
    const bool print = options_.print && wanted(table);
    if (print && table.encoding != kRows)
      throw Error(Exit::unavailable, "rows of " + table.name.display() + " come in encoding " + table.encoding + ", which has no text here");
    try {
      decoder_.start(std::move(chunk));
      wire::Block block;
      while (decoder_.next(block)) {
        context_.check_stop();  // a chunk may be gigabytes
        walk(table, block, print);
      }
    } catch (const Error& error) {
      throw error.within(base::concat("in chunk ", number, " of ", table.name.display()));
    }
  }

  void walk(const value::Table& table, const wire::Block& block, bool print) {
    if (!print) return count(table, block);
    value::RowCursor cursor(table.columns, block.bytes);
    std::uint64_t rows = 0;
    for (; cursor.next(); ++rows) {
      context_.check_stop();
      show(table, cursor.cells());
    }
    if (rows != block.rows) throw Error(Exit::data, base::concat("a block says ", block.rows, " rows and holds ", rows));
  }

  void count(const value::Table& table, const wire::Block& block) {
    const auto rows = guard_.rules().rows_in(table, block.bytes);
    if (!rows && options_.check) unknown_.insert(base::concat(table.name.display(), " (", table.encoding, ")"));
    if (rows && *rows != block.rows) throw Error(Exit::data, base::concat("a block says ", block.rows, " rows and holds ", *rows));
  }

  void show(const value::Table& table, const std::vector<value::Cell>& cells) {
    const std::string name = table.name.display();
    std::string line;
    base::Fields fields{{"table", name}};
    for (std::size_t i = 0; i < cells.size(); ++i) {
      const auto text = value::show(table.columns[i], cells[i]);
      line += (i == 0 ? "" : ", ") + table.columns[i].name + "=" + text;
      fields.emplace_back("column." + table.columns[i].name, text);
    }
    out_.columns({name, line});
    out_.event("row", fields);
  }

  Exit end(const wire::Totals& totals) {
    if (options_.list) {
      for (std::size_t i = 0; i < manifest_.tables.size(); ++i) {
        const auto name = manifest_.tables[i].name.display();
        say(base::concat("table ", name, ": ", base::format_count(totals.table_rows[i]), " rows in ", chunks_[i], " chunks"));
        out_.event("table", {{"table", name}, {"rows", totals.table_rows[i]}, {"chunks", chunks_[i]}});
      }
    }
    const bool all_known = unknown_.empty() && (guard_.rules().of_engine() || !options_.check);
    for (const auto& table : unknown_) {
      out_.line_always(base::concat("unknown encoding, rows not looked at: ", table));
      out_.event("unknown_encoding", {{"table", table}});
    }
    if (!options_.print)
      say(base::concat(!all_known ? "whole, but not all of it is known here: " : options_.check ? "good: " : "complete: ", base::format_count(totals.rows), " rows, ",
                             base::format_bytes(totals.bytes), " in ", base::format_bytes(reader_.position()), ", ", totals.chunks,
                             " chunks, ", totals.schema_objects, " objects"));
    out_.result("uuid", totals.uuid);
    out_.result("rows", totals.rows);
    out_.result("bytes", totals.bytes);
    out_.result("stream_bytes", reader_.position());
    out_.result("chunks", totals.chunks);
    out_.result("schema_objects", totals.schema_objects);
    return all_known ? Exit::done : Exit::partial;
  }

  const LoadOptions& options_;
  wire::StreamReader reader_;
  wire::ChunkDecoder decoder_;
  base::Context& context_;
  Output& out_;
  value::Manifest manifest_;
  StreamGuard guard_;
  std::vector<value::SchemaObject> objects_;  // whose statements are to be shown
  std::set<std::string> unknown_;             // tables in an encoding that has no rows here
  std::vector<std::uint64_t> chunks_;
};

}  // namespace

base::Exit inspect(const LoadOptions& options, wire::ByteSource& source, base::Context& context, Output& out) {
  return Inspection(options, source, context, out).run();
}

}  // namespace flytt::task
