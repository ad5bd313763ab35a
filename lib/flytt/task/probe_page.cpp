// SPDX-License-Identifier: MIT
#include <flytt/task/probe_page.hpp>

#include <flytt/base/clock.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/task/probe_sampler.hpp>
#include <flytt/task/probe_text.hpp>

#include <algorithm>
#include <array>
#include <cmath>

namespace flytt::task {
namespace {

using base::concat;

constexpr double kWidth = 960, kLeft = 64, kRight = 12, kHeight = 150, kTop = 8, kBottom = 20;

/// Colours as variables: for light, for dark, and for paper. A state is told by its name too, never by colour alone.
constexpr std::string_view kStyle = R"css(
:root{--bg:#fff;--fg:#1b1f24;--soft:#5b6470;--line:#d8dde3;--a:#0b63b0;--b:#b3541e;--limit:#c02626;
--idle:#dfe4ea;--ok:#7fbf8a;--busy:#e5b93c;--saturated:#d9534f;--stalled:#7a1f1f;--throttled:#9b59b6;--cliff:#c2185b;--resync:#4a90c2;--unknown:#9aa3ad}
@media (prefers-color-scheme:dark){:root{--bg:#14171b;--fg:#e6e9ed;--soft:#9aa4b0;--line:#333a43;--a:#5fb0f5;--b:#f0a36b;--limit:#ff6b6b;--idle:#3a424c;--ok:#4f9a5e}}
@media print{:root{--bg:#fff;--fg:#000;--soft:#444;--line:#bbb;--a:#0b63b0;--b:#b3541e;--limit:#c02626;--idle:#dfe4ea;--ok:#7fbf8a}
section{break-inside:avoid-page}figure{break-inside:avoid}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
body{background:var(--bg);color:var(--fg);font:15px/1.45 system-ui,sans-serif;max-width:62rem;margin:1.5rem auto;padding:0 1rem}
h1{font-size:1.3rem;margin:0}h2{font-size:1.1rem;margin:2rem 0 .4rem;border-top:1px solid var(--line);padding-top:1rem}
.verdict{border:2px solid var(--fg);border-left-width:.8rem;padding:.6rem 1rem;margin:1rem 0}.verdict b{font-size:1.6rem;margin-right:1rem}
.PASS{border-color:var(--ok)}.WARN{border-color:var(--busy)}.FAIL{border-color:var(--saturated)}.UNKNOWN{border-color:var(--unknown)}
ul{margin:.3rem 0;padding-left:1.2rem}p.note,figcaption,.when{color:var(--soft);font-size:.85rem;margin:.15rem 0}
table{border-collapse:collapse;font-size:.9rem}td{padding:.1rem 1rem .1rem 0;vertical-align:top}td:first-child{color:var(--soft)}
figure{margin:.8rem 0}svg{width:100%;height:auto;display:block}svg text{fill:var(--soft);font:11px system-ui,sans-serif}
.grid{stroke:var(--line);stroke-width:1}.a,.b{fill:none;stroke:var(--a);stroke-width:1.6;stroke-linejoin:round}.b{stroke:var(--b);stroke-dasharray:5 3}
.limit{stroke:var(--limit);stroke-width:1.2;stroke-dasharray:7 4}svg text.limit-text{fill:var(--limit)}
.key{display:inline-block;width:.8em;height:.8em;margin:0 .3em 0 1em;vertical-align:-.05em}
)css";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : base::printable(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out.push_back(c);
    }
  }
  return out;
}

std::string number(double v) { return probe_fixed(v, v == 0 || std::abs(v) >= 100 ? 0 : std::abs(v) >= 1 ? 1 : 2); }

/// A round number that is at least the value: the top of an axis.
double top_of_axis(double most) {
  if (!(most > 0)) return 1;
  const double power = std::pow(10, std::floor(std::log10(most)));
  for (const double step : {1.0, 2.0, 2.5, 5.0, 10.0}) {
    if (step * power >= most) return step * power;
  }
  return 10 * power;
}

std::string time_text(double seconds) {
  const auto s = static_cast<std::uint64_t>(seconds);
  const auto two = [](std::uint64_t v) { return concat(v < 10 ? "0" : "", v); };
  return s >= 3600 ? concat(s / 3600, ':', two(s / 60 % 60), ':', two(s % 60)) : concat(s / 60, ':', two(s % 60));
}

struct Axis {
  double from = 0, to = 1;
  explicit Axis(const std::vector<float>& seconds) {
    if (!seconds.empty()) from = seconds.front(), to = std::max<double>(seconds.back(), seconds.front() + 1);
  }
  double x(double s) const { return kLeft + (s - from) / (to - from) * (kWidth - kLeft - kRight); }
};

std::string path_of(const std::vector<float>& seconds, const std::vector<float>& values, const Axis& axis, double top) {
  std::string out;
  bool pen = false;
  for (std::size_t i = 0; i < std::min(seconds.size(), values.size()); ++i) {
    if (!std::isfinite(values[i])) {
      pen = false;
      continue;
    }
    const double y = kTop + (1 - std::min<double>(values[i] / top, 1)) * (kHeight - kTop - kBottom);
    out += concat(pen ? "L" : "M", probe_fixed(axis.x(seconds[i]), 1), ' ', probe_fixed(y, 1));
    if (!pen && values.size() == 1) out += "h1";
    pen = true;
  }
  return out;
}

std::string chart(const PageChart& c, const std::vector<float>& seconds) {
  double most = 0;
  for (const auto& series : c.series)
    for (const float v : series.values)
      if (std::isfinite(v)) most = std::max<double>(most, v);
  // A limit far above all that was seen would press the curve flat.
  const bool limit_shown = c.limit && *c.limit <= 4 * std::max(most, *c.limit / 4);
  const double top = c.top > 0 ? c.top : top_of_axis(limit_shown ? std::max(most, *c.limit * 1.05) : most);
  const Axis axis(seconds);
  std::string out = concat("<figure><figcaption><strong>", escaped(c.title), "</strong> (", escaped(c.unit), ")");
  for (const auto& series : c.series)
    if (c.series.size() > 1) out += concat("<span class=\"key\" style=\"background:var(--", series.colour, ")\"></span>", escaped(series.label));
  out += concat("</figcaption><svg viewBox=\"0 0 ", probe_fixed(kWidth, 0), ' ', probe_fixed(kHeight, 0), "\" role=\"img\" aria-label=\"", escaped(c.title), "\">");
  const double bottom = kHeight - kBottom;
  for (int i = 0; i <= 2; ++i) {
    const double y = kTop + (bottom - kTop) * i / 2;
    out += concat("<line class=\"grid\" x1=\"", probe_fixed(kLeft, 0), "\" x2=\"", probe_fixed(kWidth - kRight, 0), "\" y1=\"", probe_fixed(y, 1), "\" y2=\"", probe_fixed(y, 1), "\"/>",
                  "<text text-anchor=\"end\" x=\"", probe_fixed(kLeft - 6, 0), "\" y=\"", probe_fixed(y + 4, 1), "\">", number(top * (2 - i) / 2), "</text>");
  }
  for (int i = 0; i <= 4; ++i) {
    const double s = axis.from + (axis.to - axis.from) * i / 4;
    out += concat("<text text-anchor=\"", i == 0 ? "start" : i == 4 ? "end" : "middle", "\" x=\"", probe_fixed(axis.x(s), 1), "\" y=\"", probe_fixed(kHeight - 5, 0), "\">", time_text(s), "</text>");
  }
  for (const auto& series : c.series) {
    out += concat("<path class=\"", series.colour, "\" d=\"", path_of(seconds, series.values, axis, top), "\"><title>", escaped(series.label), "</title></path>");
  }
  if (limit_shown) {
    const double y = kTop + (1 - *c.limit / top) * (bottom - kTop);
    out += concat("<line class=\"limit\" x1=\"", probe_fixed(kLeft, 0), "\" x2=\"", probe_fixed(kWidth - kRight, 0), "\" y1=\"", probe_fixed(y, 1), "\" y2=\"", probe_fixed(y, 1),
                  "\"/><text class=\"limit-text\" text-anchor=\"end\" x=\"", probe_fixed(kWidth - kRight - 2, 0), "\" y=\"", probe_fixed(y + (y < 20 ? 11 : -3), 1), "\">limit ", number(*c.limit), "</text>");
  }
  return out + "</svg></figure>\n";
}

std::string band(const PageSection& s) {
  const Axis axis(s.seconds);
  std::string out = "<figure><figcaption><strong>State</strong>";
  std::array<bool, plan::kDiskStates> seen{};
  for (const auto state : s.states) seen[static_cast<std::size_t>(state)] = true;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    const auto label = plan::name(static_cast<plan::DiskState>(i));
    if (seen[i]) out += concat("<span class=\"key\" style=\"background:var(--", base::lower(label), ")\"></span>", label);
  }
  out += concat("</figcaption><svg viewBox=\"0 0 ", probe_fixed(kWidth, 0), " 22\" role=\"img\" aria-label=\"State\">");
  for (std::size_t i = 0; i < s.states.size();) {
    std::size_t end = i;
    while (end < s.states.size() && s.states[end] == s.states[i]) ++end;
    const double from = axis.x(i == 0 ? axis.from : s.seconds[i - 1]);
    const auto label = plan::name(s.states[i]);
    out += concat("<rect x=\"", probe_fixed(from, 1), "\" y=\"2\" height=\"18\" width=\"", probe_fixed(std::max(0.8, axis.x(s.seconds[end - 1]) - from), 1), "\" style=\"fill:var(--", base::lower(label), ")\"><title>",
                  label, ' ', time_text(s.seconds[i]), "</title></rect>");
    i = end;
  }
  return out + "</svg></figure>\n";
}

std::string section(const PageSection& s) {
  std::string out = concat("<section><h2>", escaped(s.heading), "</h2>\n<table>");
  for (const auto& [key, value] : s.table) out += concat("<tr><td>", escaped(key), "</td><td>", escaped(value), "</td></tr>");
  out += "</table>\n";
  if (!s.states.empty()) out += band(s);
  for (const auto& c : s.charts) out += chart(c, s.seconds);
  return out + "</section>\n";
}

}  // namespace

std::string render(const Page& page) {
  const auto answer = plan::name(page.answer);
  std::string out = concat("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><meta name=\"color-scheme\" content=\"light dark\"><title>",
                           escaped(page.title), ": ", answer, "</title><style>", kStyle, "</style></head><body>\n<h1>", escaped(page.title), "</h1><div class=\"when\">", escaped(page.when),
                           "</div>\n<div class=\"verdict ", answer, "\"><b>", answer, "</b>");
  if (!page.limiter.empty()) out += concat("limiter: ", escaped(page.limiter));
  out += "<ul>";
  for (const auto& reason : page.reasons) out += concat("<li>", escaped(reason), "</li>");
  out += "</ul></div>\n";
  for (const auto& note : page.notes) out += concat("<p class=\"note\">", escaped(note), "</p>\n");
  for (const auto& one : page.sections) out += section(one);
  return out + "</body></html>\n";
}

void write_page(const std::string& path, const Page& page) {
  auto fd = os::open_for_writing(path, os::Overwrite::yes);
  os::write_full(fd.get(), render(page));
  os::sync_and_close(fd);
}

void write_watch_page(const ProbeWatchOptions& options, const std::vector<WatchedPlace>& places, const plan::WatchAnswer& answer,
                      const std::vector<std::string>& summary, std::chrono::system_clock::time_point when) {
  Page page{.title = "io-probe watch", .answer = answer.answer, .limiter = std::string(plan::name(answer.limiter)), .reasons = answer.reasons, .notes = {}, .sections = {}, .when = base::iso8601_utc(when)};
  for (const auto& line : summary)
    if (line.starts_with("thresholds") || line.starts_with("a control group")) page.notes.push_back(line);
  const double await = static_cast<double>(options.limits.await.count()) / 1e6, commit = static_cast<double>(options.limits.commit.count()) / 1e6;
  for (const auto& place : places) {
    PageSection s{.heading = concat(place.role, ": ", place.path), .seconds = {}, .states = {}, .table = {}, .charts = {}};
    s.table.emplace_back("disk", place.disk.empty() ? "unknown" : place.disk);
    if (!place.unknown.empty()) s.table.emplace_back("unknown", place.unknown);
    for (std::size_t i = 0; i < plan::kDiskStates; ++i) {
      const auto state = static_cast<plan::DiskState>(i);
      if (place.end.shares.of(state) > 0) s.table.emplace_back(plan::name(state), concat(probe_fixed(place.end.shares.percent(state), 1), " % of the time"));
    }
    PageSeries util{"util", "a", {}}, await_ms{"await", "a", {}}, flush{"flush", "b", {}}, rate{"MB/s", "a", {}}, queue{"queue", "a", {}}, p50{"p50", "a", {}}, p99{"p99", "b", {}};
    for (const auto& p : place.history.points()) {
      s.seconds.push_back(p.seconds), s.states.push_back(p.state);
      util.values.push_back(p.util), await_ms.values.push_back(p.await_ms), flush.values.push_back(p.flush_ms);
      rate.values.push_back(p.megabytes), queue.values.push_back(p.queue), p50.values.push_back(p.commit_p50), p99.values.push_back(p.commit_p99);
    }
    if (place.history.samples_a_point() > 1) s.table.emplace_back("a point is", concat(place.history.samples_a_point(), " samples; of latencies the worst of them"));
    s.charts = {{"Utilisation", "percent, corrected", {util}, options.limits.util, 100}, {"Await and flush", "ms", {await_ms, flush}, await, 0},
                {"Throughput", "MB/s", {rate}, {}, 0}, {"Queue", "requests", {queue}, {}, 0}};
    if (options.canary) s.charts.push_back({"Commit: write and fdatasync of the canary", "ms", {p50, p99}, commit, 0});
    page.sections.push_back(std::move(s));
  }
  write_page(options.report, page);
}

}  // namespace flytt::task
