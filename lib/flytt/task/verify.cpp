// The course of a verification: who is compared, definitions, then rows by workers.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify.hpp>

#include <algorithm>
#include <bit>
#include <iterator>
#include <optional>
#include <set>
#include <stop_token>
#include <thread>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/flow/worker_pool.hpp>
#include <flytt/task/filter_names.hpp>
#include <flytt/task/findings.hpp>
#include <flytt/task/verify_buckets.hpp>
#include <flytt/task/verify_numbers.hpp>
#include <flytt/task/verify_ranges.hpp>
#include <flytt/task/verify_report.hpp>
#include <flytt/task/verify_work.hpp>

namespace flytt::task {
namespace {

using namespace compare;  // NOLINT: this file is their conductor

constexpr unsigned kMostJobs = 8;
constexpr unsigned kSegmentsPerJob = 4;  // so that workers end at about the same time

/// The one database that a session with this kind of server can see; empty where it sees all.
std::string only_database(engine::Server& server) { return server.identity().setting("database"); }

/// Where a session sees one database, the URLs name it: they may differ, as two names for the same.
std::vector<std::string> databases_of_urls(const VerifyOptions& options, const std::string& source, const std::string& target) {
  const std::string& one = source.empty() ? target : source;
  if (options.all_databases) {
    throw base::Error(base::Exit::usage, "--all-databases: a session sees only the database that its URL names",
                      {.hint = "Name a database in both URLs, and run once for each."});
  }
  for (const auto& named : options.databases) {
    if (named == one) continue;
    throw base::Error(base::Exit::usage, base::concat("--database ", base::quote_for_message(named), " is not the URL's ", base::quote_for_message(one)),
                      {.hint = "Name the database in the URL: a session sees only that one."});
  }
  return {one};
}

value::Scope scope_of(const VerifyOptions& options, const std::string& source_only, const std::string& target_only) {
  const std::string& source = options.source.database;
  const std::string& target = options.target.database;
  value::Scope scope;
  scope.databases = options.databases;
  scope.all_databases = options.all_databases;
  scope.include_tables = options.tables;
  scope.exclude_tables = options.exclude_tables;
  scope.data_only = !options.schema;
  if (!source_only.empty() || !target_only.empty()) scope.databases = databases_of_urls(options, source_only, target_only);
  if (!scope.databases.empty() || scope.all_databases) return scope;
  if (!source.empty() && !target.empty() && source != target) {
    throw base::Error(base::Exit::usage, base::concat("the source URL names database ", base::quote_for_message(source), ", the target URL ",
                                                      base::quote_for_message(target)),
                      {.hint = "Databases are compared under one name."});
  }
  if (const std::string& named = source.empty() ? target : source; !named.empty()) {
    scope.databases = {named};
  } else {
    scope.all_databases = true;
  }
  return scope;
}

/// With the conditions, which decide nothing about what is compared but name tables.
value::Scope filters_of(const VerifyOptions& options, value::Scope scope) {
  scope.where = options.where;
  return scope;
}

/// By address, or by what servers say of themselves. Two databases of a server that shows one at a time are as good as two
/// servers, and a standby is another than its primary.
bool same_server(engine::Server& source, engine::Server& target) {
  if (only_database(source) != only_database(target) || source.identity().setting("standby") != target.identity().setting("standby")) return false;
  const engine::Endpoint& a = source.endpoint();
  const engine::Endpoint& b = target.endpoint();
  const bool same_params = a.param("socket") == b.param("socket") && a.param("host") == b.param("host") && a.param("port") == b.param("port");
  const std::string& uuid = source.identity().uuid;
  return (a.scheme == b.scheme && a.host == b.host && a.port == b.port && same_params) || (!uuid.empty() && uuid == target.identity().uuid);
}

void refuse_same_server(engine::Server& source, engine::Server& target) {
  if (!same_server(source, target)) return;
  throw base::Error(base::Exit::refused,
                    base::concat("source and target are the same server: ", source.endpoint().display(), " and ", target.endpoint().display()),
                    {.hint = "Give the two servers that are to be compared."});
}

/// All that is missing on either side, at once.
void require_privileges(engine::Server& server, engine::Catalog& catalog, const value::Scope& scope, std::vector<engine::Finding>& missing) {
  for (auto& finding : catalog.missing_to_compare(scope)) {
    finding.object = base::concat(server.endpoint().display(), ", ", finding.object);
    missing.push_back(std::move(finding));
  }
}

/// The scope's contents on the target, where whole databases may be missing: that is a difference and no failure.
engine::Contents target_contents(engine::Catalog& catalog, const value::Scope& scope) {
  if (scope.all_databases) return catalog.contents(scope);
  engine::Contents all;
  for (const auto& database : scope.databases) {
    value::Scope one = scope;
    one.databases = {database};
    try {
      engine::Contents some = catalog.contents(one);
      const auto append = [](auto& to, auto& from) { std::move(from.begin(), from.end(), std::back_inserter(to)); };
      append(all.databases, some.databases);
      append(all.tables, some.tables);
      append(all.objects, some.objects);
      append(all.refusals, some.refusals);
      append(all.left_out, some.left_out);
    } catch (const base::Error& e) {
      if (e.code() != base::Exit::unavailable || !e.facts().connection_usable) throw;
    }
  }
  return all;
}

/// What a catalog cannot hand over in full is not proven equal, whatever the rest says.
void report_refusals(const engine::Contents& source, const engine::Contents& target, Report& report) {
  std::set<std::pair<std::string, std::string>> said;
  for (const auto* contents : {&source, &target}) {
    for (const auto& finding : contents->refusals) {
      // These stand in the way of a copy, and not of a comparison.
      if (finding.code == "not-transactional" || finding.code == "view-invalid" || finding.code == "hash-partitions") continue;
      if (said.emplace(finding.code, finding.object).second) report.unproven(finding.object, finding.message);
    }
  }
}

/// What is not whole on its own server is in no copy, and no difference of one.
void tell_broken(engine::Server& server, const engine::Contents& contents, base::Log& log) {
  for (const auto& some : contents.left_out)
    for (const auto& name : some.names)
      if (some.broken) log.warn(base::concat(server.endpoint().display(), ": ", some.kind, " ", name, " is ", some.reason));
}

/// A source that is written to gives numbers out while we look, so with --live there is nothing to say; nor while a channel leaves
/// them to the switchover.
void compare_numbers(engine::Catalog& source, engine::Catalog& target, const value::Scope& scope, Report& report, const base::Context& ctx) {
  const auto from = source.numbers(scope);
  const auto to = from ? target.numbers(scope) : std::nullopt;
  if (!from || !to) return ctx.log.info("values of sequences are not compared while a channel is there: the switchover sets them");
  for (const auto& difference : numbers_behind(*from, *to)) report.schema(difference);
}

/// One worker: takes segments until there are none.
class Worker {
 public:
  Worker(Run& run, const Matched& matched, WorkList& work, unsigned cuts)
      : run_(run), matched_(matched), work_(work), cuts_(cuts), ranges_(run), buckets_(run), target_(run, Side::target) {}

  void work(std::stop_token stop) {
    while (auto segment = work_.next(stop)) {
      const TablePair& pair = matched_.pairs[segment->pair];
      work_.done(*segment, compare_segment(pair, *segment));
    }
    run_.ctx.check_stop();
  }

 private:
  TableResult compare_segment(const TablePair& pair, Segment& segment) {
    if (run_.options.count_only || pair.walk == Walk::counts) return count(pair);
    if (pair.walk == Walk::buckets) return buckets_.compare(pair);
    while (segment.cuts < cuts_) {
      const auto key = ranges_.source().split(pair, segment.range);
      if (!key) break;
      work_.cut(segment, *key);
    }
    return ranges_.compare(pair, segment.range, segment.order);
  }

  TableResult count(const TablePair& pair) {
    TableResult result;
    result.source_rows = ranges_.source().count(pair);
    result.target_rows = target_.count(pair);
    run_.progress.add_done(result.source_rows + result.target_rows);
    result.missing = result.source_rows - std::min(result.source_rows, result.target_rows);
    result.extra = result.target_rows - std::min(result.source_rows, result.target_rows);
    return result;
  }

  Run& run_;
  const Matched& matched_;
  WorkList& work_;
  unsigned cuts_;
  RangeCompare ranges_;
  BucketCompare buckets_;
  SideReader target_;
};

void compare_rows(Run& run, const Matched& matched, Report& report, Output& out) {
  const unsigned cores = std::max(1U, std::thread::hardware_concurrency());
  const unsigned jobs = run.options.jobs != 0 ? run.options.jobs : std::min(cores, kMostJobs);
  const unsigned cuts = jobs == 1 ? 0 : static_cast<unsigned>(std::bit_width(jobs * kSegmentsPerJob - 1));
  for (const auto& pair : matched.pairs) run.progress.add_total(2 * pair.table(Side::source).rows_estimate);
  const ProgressScope shown(out, run.progress, [] { return ProgressNote{"comparing rows", {}}; });

  WorkList work(matched.pairs.size(), [&](std::size_t pair, TableResult&& result) {
    run.progress.correct_total(2 * matched.pairs[pair].table(Side::source).rows_estimate, result.source_rows + result.target_rows);
    report.table(matched.pairs[pair], std::move(result));
  });
  // A server that is asked to stop, or of which one session failed, ends its long statements too.
  flow::WorkerPool pool(
      jobs, [&](std::size_t, std::stop_token stop) { Worker(run, matched, work, cuts).work(stop); }, run.ctx.stop,
      [&run](std::exception_ptr why) { run.fail(std::move(why)); });
  pool.join();
}

}  // namespace

base::Exit verify(engine::Server& source, engine::Server& target, const VerifyOptions& options, Output& out, const base::Context& ctx) {
  Run run(source, target, options, ctx);
  const std::string source_only = only_database(source), target_only = only_database(target);
  const value::Scope scope = scope_of(options, source_only, target_only);
  refuse_same_server(source, target);
  const std::stop_callback on_stop(ctx.stop, [&run] { run.abort(); });
  try {
    const auto source_catalog = source.catalog(), target_catalog = target.catalog();
    const value::Scope named = filters_of(options, scope);
    const value::Names names = joined(source_catalog->names(named), target_catalog->names(named));
    std::vector<engine::Finding> missing;
    require_privileges(source, *source_catalog, scope, missing);
    require_privileges(target, *target_catalog, scope, missing);
    require_databases(names, named, missing);
    settle(missing, "cannot compare all of it", base::Exit::privilege, ctx.log);
    require_filters(names, named);
    engine::Contents from = source_catalog->contents(scope);
    engine::Contents to = target_contents(*target_catalog, scope);
    from.scope = source_catalog->exact(named);
    to.scope = target_catalog->exact(named);
    if (!source_only.empty() && !target_only.empty())
      for (auto& database : to.databases) database.name = source_only;
    const Matched matched = match_tables(from, to, options);
    Report report(out, options, matched);
    const bool same_product = source.identity().product == target.identity().product;
    tell_broken(source, from, ctx.log);
    tell_broken(target, to, ctx.log);
    if (options.schema) {
      const Texts texts = same_product ? Texts::compare : Texts::ignore;
      for (const auto& difference : compare_schemas(*source_catalog, from, *target_catalog, to, matched, texts)) report.schema(difference);
      if (!same_product) {
        report.unproven("definitions", base::concat(source.identity().product, " and ", target.identity().product,
                                                    " write them differently: compared by name only"));
      }
    }
    if (!options.live && !options.count_only) compare_numbers(*source_catalog, *target_catalog, scope, report, ctx);
    report_refusals(from, to, report);
    for (const auto& name : matched.missing) report.one_sided(name, Side::source);
    for (const auto& name : matched.extra) report.one_sided(name, Side::target);
    compare_rows(run, matched, report, out);
    return report.finish();
  } catch (...) {
    ctx.check_stop();  // what cancelled sessions said while we were stopping is not the cause
    run.first.rethrow();  // nor what they said after another had failed
    throw;
  }
}

base::Exit verify(const VerifyOptions& options, Output& out, const base::Context& ctx) {
  const auto source = engine::open(options.source, ctx), target = engine::open(options.target, ctx);
  return verify(*source, *target, options, out, ctx);
}

}  // namespace flytt::task
