// verify-rows: are two servers' tables the same, row by row? Manual: man/verify-rows.1.
// SPDX-License-Identifier: MIT
#include <flytt/cli/run.hpp>
#include <flytt/task/verify.hpp>

namespace {

using namespace flytt;

class VerifyRows final : public cli::Tool {
public:
  cli::About about() const override {
    return {.name = "verify-rows",
            .summary = "Compares the tables of two servers row by row, by checksums that are made here of the rows' own bytes.",
            .usage = {"[options] SOURCE TARGET"},
            .examples = {"verify-rows mysql://old/shop mysql://new/shop",
                         "verify-rows --live --jobs 2 mysql://old/shop mysql://new/shop",
                         "verify-rows --count-only -d shop -d crm mysql://old/ mysql://new/",
                         "verify-rows -t 'shop.order*' --where 'shop.orders=id > 100000' mysql://old/ mysql://new/"},
            .exits = {1, 10, 13}};
  }

  void declare(cli::Options& options) override {
    options.server("SOURCE", "source", options_.source, "the server that is right");
    options.server("TARGET", "target", options_.target, "the server that is compared with it");
    options.group("What to compare");
    options.list("-d,--database", options_.databases, "NAME", "this database; repeatable; default: the source URL's, else all");
    options.flag("--all-databases", options_.all_databases, "all databases but the server's own");
    options.list("-t,--table", options_.tables, "GLOB", "only tables DATABASE.TABLE that match; repeatable");
    options.list("--exclude-table", options_.exclude_tables, "GLOB", "no tables that match; repeatable");
    options.pairs("--where", options_.where, "TABLE=COND", "only the rows of TABLE for which COND holds, on both sides; repeatable");
    options.list("--exclude-column", options_.exclude_columns, "GLOB", "no columns DATABASE.TABLE.COLUMN or COLUMN that match; repeatable");
    options.flag("--no-schema", options_.schema, false, "do not compare definitions first");
    options.group("How to compare");
    options.flag("--count-only", options_.count_only, "compare numbers of rows and nothing else");
    options.flag("--live", options_.live, "both servers are in use: read differing rows again until they agree");
    options.duration("--live-wait", options_.live_wait, "DUR", "with --live: how long the target may take to catch up, each time");
    options.count("-j,--jobs", options_.jobs, "N", "connections to each side").shown_default("cores, at most 8");
    options.size("--chunk-size", options_.chunk_bytes, "SIZE", "bytes of rows for one digest");
    options.count("--max-rows-per-second", options_.max_rows_per_second, "N", "on each side; 0: no limit");
    options.group("What to print");
    options.count("--max-diffs", options_.max_diffs, "N", "differing rows named for each table; all are counted");
  }

  void check(const cli::Options&) override {
    if (options_.all_databases && !options_.databases.empty()) {
      throw base::Error(base::Exit::usage, "--all-databases and --database exclude each other");
    }
    if (options_.count_only && options_.live) {
      throw base::Error(base::Exit::usage, "--count-only and --live exclude each other: a number of rows cannot be read again row by row");
    }
  }

  base::Exit work(task::Output& out, base::Context& context) override { return task::verify(options_, out, context); }

private:
  task::VerifyOptions options_;
};

}  // namespace

int main(int argc, char** argv) {
  VerifyRows tool;
  return cli::run(tool, argc, argv);
}
