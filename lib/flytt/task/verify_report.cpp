// Lines for people, records for programs.
// SPDX-License-Identifier: MIT
#include <flytt/task/verify_report.hpp>

#include <algorithm>
#include <set>

#include <flytt/base/text.hpp>

namespace flytt::task::compare {
namespace {

constexpr std::size_t kVerdictWidth = 10;
constexpr std::size_t kMostWidth = 40;

/// What the differing rows that were looked at have in common, when only what the servers compute differs in them.
std::string about_generated(const TableResult& result) {
  const auto& seen = result.examples;
  if (seen.empty() || !std::all_of(seen.begin(), seen.end(), [](const Example& e) { return e.only_generated(); })) return {};
  std::set<std::string> columns;
  for (const auto& e : seen)
    for (const auto& v : e.values) columns.insert(base::quote_for_message(v.column));
  return base::concat(seen.size() == result.differing() ? "only generated columns differ: " : "in the rows that were looked at only generated columns differ: ",
                      base::join(std::vector<std::string>(columns.begin(), columns.end()), ", "));
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  if (out.size() < width) out.append(width - out.size(), ' ');
  return out;
}

}  // namespace

Report::Report(Output& out, const VerifyOptions& options, const Matched& matched) : out_(out), options_(options) {
  const auto widen = [this](const value::TableName& name) { width_ = std::max(width_, shown_name(name).size()); };
  for (const auto& pair : matched.pairs) widen(pair.name);
  for (const auto& name : matched.missing) widen(name);
  for (const auto& name : matched.extra) widen(name);
  width_ = std::min(width_, kMostWidth);
}

void Report::line(std::string_view verdict, const value::TableName& name, std::string_view rest) {
  const auto text = base::concat(padded(verdict, kVerdictWidth), "  ", padded(shown_name(name), width_), "  ", rest);
  verdict == "equal" ? out_.line(text) : out_.line_always(text);
}

void Report::schema(const SchemaDifference& difference) {
  ++other_different_;
  out_.line_always(base::concat(padded("schema", kVerdictWidth), "  ", difference.object, ": ", difference.text));
  out_.event("schema", {{"object", difference.object}, {"text", difference.text}});
}

void Report::unproven(std::string_view what, std::string_view why) {
  ++other_partial_;
  out_.line_always(base::concat(padded("unproven", kVerdictWidth), "  ", what, ": ", why));
  out_.event("unproven", {{"object", what}, {"text", why}});
}

void Report::one_sided(const value::TableName& name, Side only_on) {
  ++tables_;
  ++different_;
  const bool missing = only_on == Side::source;
  line(missing ? "missing" : "extra", name, missing ? "the target has no such table" : "the source has no such table");
  out_.event("table", {{"table", name.display()}, {"verdict", missing ? "missing" : "extra"}});
}

std::string_view Report::verdict(const TablePair& pair, const TableResult& result) const {
  if (result.differing() != 0 || !pair.differences.empty()) return "different";
  if (result.undecided != 0 || counted_apart(result)) return "undecided";
  return pair.unproven.empty() ? "equal" : "unproven";
}

/// No row differs, and there are not as many on both sides: what was looked at is not what is there.
bool Report::counted_apart(const TableResult& result) const noexcept {
  return !options_.live && result.differing() == 0 && result.source_rows != result.target_rows;
}

void Report::table(const TablePair& pair, TableResult&& result) {
  const std::string_view said = verdict(pair, result);
  ++tables_;
  ++(said == "equal" ? equal_ : said == "different" ? different_ : partial_);
  std::string counts = base::concat("rows ", result.source_rows, "/", result.target_rows);
  if (!options_.count_only) {
    base::append(counts, base::concat("  missing ", result.missing, "  extra ", result.extra, "  different ", result.different));
  }
  if (result.undecided != 0) base::append(counts, base::concat("  undecided ", result.undecided));
  line(said, pair.name, counts);
  out_.event("table", {{"table", pair.name.display()},
                       {"verdict", said},
                       {"source_rows", result.source_rows},
                       {"target_rows", result.target_rows},
                       {"missing", result.missing},
                       {"extra", result.extra},
                       {"different", result.different},
                       {"undecided", result.undecided},
                       {"values_compared", !options_.count_only}});
  const auto remark = [&](const std::string& text) {
    said == "equal" ? out_.line(base::concat("  ", text)) : out_.line_always(base::concat("  ", text));
    out_.event("remark", {{"table", pair.name.display()}, {"text", text}});
  };
  for (const auto& text : pair.differences) remark(text);
  for (const auto& text : pair.unproven) remark(text);
  if (counted_apart(result)) remark("no row differs, but their numbers do: rows were written meanwhile (then --live is for this), or the servers order the key differently");
  for (const auto& text : result.remarks) remark(text);
  if (const auto text = about_generated(result); !text.empty()) remark(text);
  std::stable_sort(result.examples.begin(), result.examples.end(), [](const Example& a, const Example& b) { return a.order < b.order; });
  if (result.examples.size() > options_.max_diffs) result.examples.resize(options_.max_diffs);
  for (const auto& e : result.examples) example(pair, e);
  if (!options_.count_only && result.differing() > result.examples.size() && !result.examples.empty()) {
    out_.line_always(base::concat("  and ", result.differing() - result.examples.size(), " more"));
  }
}

void Report::example(const TablePair& pair, const Example& e) {
  std::string text = base::concat("  ", padded(e.kind, 9), "  ", e.row);
  for (const auto& v : e.values) text += base::concat("  ", v.generated ? "generated column " : "", v.column, ": ", v.source, " | ", v.target);
  if (!e.remark.empty()) text += base::concat("  (", e.remark, ")");
  out_.line_always(text);
  out_.event("row", {{"table", pair.name.display()}, {"kind", e.kind}, {"row", e.row}, {"remark", e.remark}});
  for (const auto& v : e.values) {
    out_.event("value", {{"table", pair.name.display()},
                         {"row", e.row},
                         {"column", v.column},
                         {"source", v.source},
                         {"target", v.target},
                         {"generated", v.generated}});
  }
}

base::Exit Report::finish() {
  if (options_.count_only) out_.line("counts only, values not compared");
  std::string total = base::concat(tables_, tables_ == 1 ? " table: " : " tables: ", equal_, " equal");
  if (different_ != 0) base::append(total, base::concat(", ", different_, " different"));
  if (partial_ != 0) base::append(total, base::concat(", ", partial_, " undecided or compared in part"));
  if (other_different_ != 0) base::append(total, base::concat("; definitions that differ: ", other_different_));
  if (other_partial_ != 0) base::append(total, base::concat("; not proven: ", other_partial_));
  const bool good = different_ + other_different_ + partial_ + other_partial_ == 0;
  good ? out_.line(total) : out_.line_always(total);
  out_.result("tables", tables_);
  out_.result("equal", equal_);
  out_.result("different", different_);
  out_.result("partial", partial_ + other_partial_);
  out_.result("schema_differences", other_different_);
  out_.result("values_compared", !options_.count_only);
  if (different_ + other_different_ != 0) return base::Exit::no;
  return partial_ + other_partial_ != 0 ? base::Exit::partial : base::Exit::done;
}

}  // namespace flytt::task::compare
