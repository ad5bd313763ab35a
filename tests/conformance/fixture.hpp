// The server of a conformance run (FLYTT_CONFORMANCE_URL, an account that may do everything) and short ways to talk to it.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/clock.hpp>
#include <flytt/base/context.hpp>
#include <flytt/base/log.hpp>
#include <flytt/engine/mysql_family/family_server.hpp>

#include "support/catch.hpp"

namespace flytt::test {

namespace family = engine::mysql_family;

/// A server, connected on first use. `variable` names the environment variable with its URL.
struct Fixture {
  explicit Fixture(const char* variable = "FLYTT_CONFORMANCE_URL")
      : server(engine::parse_url(url_in(variable)), context), c(server.connect()) {}

  static std::string url_in(const char* variable) {
    const char* url = std::getenv(variable);
    if (url == nullptr) FAIL(variable << " is not set: run this suite by its script, tests/conformance/engine.sh");
    return url;
  }

  bool mariadb() { return server.caps().gtid_domains; }
  void run(std::string_view sql) { c->execute(sql); }
  void run(const std::vector<std::string>& statements) {
    for (const auto& sql : statements) {
      INFO(sql);
      c->execute(sql);
    }
  }
  std::string one(std::string_view sql) { return c->scalar(sql).value_or("NULL"); }

  /// A new session: no default database, our own settings.
  void fresh() { c = server.connect(); }

  base::SystemClock clock;
  base::NullLog log;
  base::Context context{clock, log, {}};
  family::FamilyServer server;
  std::unique_ptr<family::Connection> c;
};

/// A scope of whole databases.
inline value::Scope scope_of(std::vector<std::string> databases) {
  value::Scope scope;
  scope.databases = std::move(databases);
  return scope;
}

/// A database that is there for one test case.
class Scratch {
 public:
  Scratch(Fixture& f, std::string name) : f_(f), name_(std::move(name)) {
    drop();
    f_.run("CREATE DATABASE " + family::quote_name(name_) + " DEFAULT CHARACTER SET latin1");
    f_.run("USE " + family::quote_name(name_));
  }
  ~Scratch() {
    try {
      drop();
    } catch (const base::Error&) {
      // The server may be gone; the test has said so.
    }
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  const std::string& name() const noexcept { return name_; }
  void drop() {
    f_.run("SET SESSION foreign_key_checks = 0");
    f_.run("DROP DATABASE IF EXISTS " + family::quote_name(name_));
    f_.run("SET SESSION foreign_key_checks = 1");
  }

 private:
  Fixture& f_;
  std::string name_;
};

}  // namespace flytt::test
