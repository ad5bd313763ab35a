// The report of io-probe: one HTML file with its pictures in it, that needs no network and no script.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/plan/disk_verdict.hpp>
#include <flytt/task/probe.hpp>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace flytt::task {

struct WatchedPlace;

/// One line of a chart.
struct PageSeries {
  std::string label;
  std::string colour;  ///< class of the style sheet: "a", "b"
  std::vector<float> values;
};

struct PageChart {
  std::string title;
  std::string unit;
  std::vector<PageSeries> series;
  std::optional<double> limit;  ///< drawn as a line
  double top = 0;               ///< of the axis; 0: what the values need
};

/// One place or phase: charts over one axis of time.
struct PageSection {
  std::string heading;
  std::vector<float> seconds;
  std::vector<plan::DiskState> states;  ///< empty, or one a point: the band above the charts
  std::vector<std::pair<std::string, std::string>> table;
  std::vector<PageChart> charts;
};

struct Page {
  std::string title;
  plan::Answer answer = plan::Answer::unknown;
  std::string limiter;
  std::vector<std::string> reasons;
  std::vector<std::string> notes;
  std::vector<PageSection> sections;
  std::string when;
};

/// Shape: a whole document in UTF-8; every text is escaped.
std::string render(const Page& page);

/// Throws: Exit::io, Exit::privilege.
void write_page(const std::string& path, const Page& page);

void write_watch_page(const ProbeWatchOptions& options, const std::vector<WatchedPlace>& places, const plan::WatchAnswer& answer,
                      const std::vector<std::string>& summary, std::chrono::system_clock::time_point when);

}  // namespace flytt::task
