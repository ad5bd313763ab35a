// Two servers in memory and one verification of them, for the tests of verify-rows.
// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>

#include <flytt/base/log.hpp>
#include <flytt/base/text.hpp>
#include <flytt/task/verify.hpp>

#include "fake_verify.hpp"

namespace verify_test {

using namespace flytt;
using base::Exit;
using fake::column;
using fake::i32;
using value::Type;

/// Two equal servers, and one verification of them.
struct Pair {
  fake::Server source{"old"};
  fake::Server target{"new"};
  task::VerifyOptions options;
  task::MemoryOutput out;
  base::MemoryLog log;
  base::ManualClock clock;
  std::stop_source stop;

  Pair() {
    options.jobs = 1;
    options.all_databases = true;
  }

  void add(const fake::Table& t) {
    source.tables.push_back(t);
    target.tables.push_back(t);
  }

  Exit run() {
    const base::Context ctx{clock, log, stop.get_token()};
    return task::verify(source, target, options, out, ctx);
  }

  std::string text() const { return base::join(out.lines(), "\n"); }
  bool says(std::string_view what) const { return text().find(what) != std::string::npos; }
};

/// id, name, price, at, ratio, exact
inline fake::Table orders(std::int32_t rows) {
  fake::Table t = fake::table("orders",
                              {column("id", Type::int32), column("name", Type::text), column("price", Type::decimal),
                               column("at", Type::datetime), column("ratio", Type::float32), column("exact", Type::float64)},
                              {0});
  for (std::int32_t i = 1; i <= rows; ++i) {
    t.rows.push_back({i32(i), "name " + std::to_string(i), std::to_string(i) + ".50", fake::datetime(1, 3), fake::f32(0.1F), fake::f64(0.1)});
  }
  return t;
}

/// A table without a key.
inline fake::Table events(std::int32_t rows) {
  fake::Table t = fake::table("events", {column("n", Type::int32), column("text", Type::text)}, {});
  for (std::int32_t i = 1; i <= rows; ++i) t.rows.push_back({i32(i % 10), "event"});
  return t;
}

}  // namespace verify_test
