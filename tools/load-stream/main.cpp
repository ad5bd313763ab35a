// load-stream: puts the copy that a stream carries into a server, or says what a stream holds. Manual: man/load-stream.1.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>
#include <flytt/task/load.hpp>

namespace {

using namespace flytt;
using engine::IfExists;

class LoadStream final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "load-stream",
            .summary = "Loads a copy made by dump-stream from stdin into a server, every row exactly once. The same stream again "
                       "continues where it was interrupted.",
            .usage = {"[options] URL", "--list [--statements] [-i FILE]", "--check [-i FILE]", "--print [-i FILE] [TABLE]"},
            .examples = {"ssh old dump-stream mysql://localhost/shop | load-stream mysql://localhost/",
                         "load-stream --dry-run -i shop.flytt mysql://localhost/",
                         "load-stream --import-mode --jobs 4 -i shop.flytt mysql://localhost/",
                         "load-stream --check -i shop.flytt",
                         "load-stream --print -i shop.flytt 'shop.order*'"},
            .exits = {10, 11, 12, 13, 14}};
  }

  void declare(cli::Options& options) override {
    auto& o = options_;
    options.server("URL", "target", o.target, "the server to load into").only_when([&o] { return !o.list && !o.check && !o.print; });
    options.argument("TABLE", "", o.print_table, "with --print: only rows of tables that match").only_when([&o] { return o.print; }).optional();
    options.group("Loading");
    options.text("-i,--input", o.input, "FILE", "read the stream from FILE").command_line_only();
    options.count("-j,--jobs", o.jobs, "N", "connections that load at once").shown_default("cores, at most 8");
    options.choice<IfExists>("--if-exists", o.if_exists,
                             {{"fail", IfExists::fail}, {"drop", IfExists::drop}, {"append", IfExists::append}},
                             "what to do with tables that are there; drop needs --yes")
        .command_line_only();
    options.flag("--yes", o.yes, "do what --if-exists drop asks for").command_line_only();
    options.flag("--import-mode", o.import_mode, "relax the server's durability for the length of the load");
    options.flag("--no-defer-indexes", o.defer_indexes, false, "make all indexes before the rows");
    options.flag("--skip-definers", o.skip_definers, "views, routines, triggers, events belong to who loads them");
    options.text("--definer", o.definer, "USER", "they belong to USER");
    options.flag("--no-code", o.no_code, "load tables only: no views, routines, triggers, events, accounts");
    options.group("Instead of loading");
    options.flag("--dry-run", o.dry_run, "name all findings and change nothing").command_line_only();
    options.text("--discard", o.discard, "UUID", "remove a copy that is half loaded").command_line_only();
    options.flag("--restore-settings", o.restore_settings, "put back what an interrupted --import-mode left").command_line_only();
    options.group("Without a server");
    options.flag("--list", o.list, "say what the stream holds").command_line_only();
    options.flag("--statements", o.statements, "with --list: all statements that a load would run").command_line_only();
    options.flag("--check", o.check, "read all of the stream and prove that it is whole").command_line_only();
    options.flag("--print", o.print, "print rows as text").command_line_only();
  }

  bool stdout_is_data() const override { return options_.print; }

  base::Exit work(task::Output& out, base::Context& context) override { return task::load(options_, context, out); }

private:
  task::LoadOptions options_;
};

}  // namespace

int main(int argc, char** argv) {
  LoadStream tool;
  return cli::run(tool, argc, argv);
}
