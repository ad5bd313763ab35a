// dump-stream: one consistent copy of a server's databases, written as one stream. Manual: man/dump-stream.1.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>
#include <flytt/task/dump.hpp>

namespace {

using namespace flytt;
using engine::OnDdl;

class DumpStream final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "dump-stream",
            .summary = "Writes one consistent copy of the databases of a live server to stdout, as one compressed stream that ends "
                       "with a frame that says so.",
            .usage = {"[options] URL"},
            .examples = {"ssh old dump-stream mysql://localhost/shop | load-stream mysql://localhost/",
                         "dump-stream -o shop.flytt mysql://backup@db1/shop",
                         "dump-stream -d shop -d crm --jobs 4 --compress zstd:3 mysql://db1/ | ssh new load-stream mysql://localhost/",
                         "dump-stream --dry-run mysql://db1/shop"},
            .exits = {11, 12, 13}};
  }

  void declare(cli::Options& options) override {
    auto& scope = options_.scope;
    options.server("URL", "source", options_.source, "the server to copy from");
    options.group("What to copy");
    options.list("-d,--database", scope.databases, "NAME", "this database; repeatable; default: the URL's");
    options.flag("--all-databases", scope.all_databases, "all databases but the server's own");
    options.list("-t,--table", scope.include_tables, "GLOB", "only tables DATABASE.TABLE that match; repeatable");
    options.list("--exclude-table", scope.exclude_tables, "GLOB", "no tables that match; repeatable");
    options.pairs("--where", scope.where, "TABLE=COND", "only the rows of TABLE for which COND holds; repeatable");
    options.flag("--schema-only", scope.schema_only, "definitions, no rows").command_line_only();
    options.flag("--data-only", scope.data_only, "rows, no definitions").command_line_only();
    options.flag("--users", scope.users, "accounts, roles and grants too");
    options.group("How to copy");
    options.count("-j,--jobs", options_.jobs, "N", "connections that read at once").shown_default("cores, at most 8");
    options.size("--chunk-size", options_.chunk_size, "SIZE", "bytes of rows that travel in one piece");
    options.text("-z,--compress", options_.compress, "zstd[:LEVEL]", "compression; negative levels are faster");
    options.choice<OnDdl>("--on-ddl", options_.on_ddl, {{"wait", OnDdl::wait}, {"fail", OnDdl::fail}},
                          "when somebody waits for our locks: name them and go on, or give up");
    options.flag("--lock-tables", options_.lock_tables, "copy non-transactional tables too, under a lock");
    options.flag("--recount", options_.recount, "count every table in the snapshot as well and compare");
    options.flag("--to-follow", options_.to_follow, "refuse to make a copy from which no server could follow");
    options.text("--slot", options_.slot, "NAME", "create this replication slot and copy at its snapshot");
    options.group("Output");
    options.text("-o,--output", options_.output, "FILE", "write the stream to FILE").command_line_only();
    options.flag("--dry-run", options_.dry_run, "say what would be copied and what stands in the way").command_line_only();
  }

  bool stdout_is_data() const override { return !options_.dry_run; }

  /// The stream's own end says that it was the time.
  bool keeps_time(std::optional<std::chrono::nanoseconds> limit) override {
    options_.time_limit = limit;
    return true;
  }

  base::Exit work(task::Output& out, base::Context& context) override { return task::dump(options_, context, out); }

private:
  task::DumpOptions options_;
};

}  // namespace

int main(int argc, char** argv) {
  DumpStream tool;
  return cli::run(tool, argc, argv);
}
