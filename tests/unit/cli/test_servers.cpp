// Passwords: which place wins, and files that others may read.
// SPDX-License-Identifier: MIT
#include "support/catch.hpp"

#include <flytt/base/error.hpp>
#include <flytt/cli/servers.hpp>
#include <flytt/os/dir.hpp>

#include <map>

#include <sys/stat.h>
#include <unistd.h>

using namespace flytt;

namespace {

cli::Settings with_environment(std::map<std::string, std::string> variables) {
  cli::Settings out;
  out.environment = [variables = std::move(variables)](const std::string& name) -> std::optional<std::string> {
    const auto it = variables.find(name);
    return it == variables.end() ? std::nullopt : std::optional(it->second);
  };
  return out;
}

engine::Endpoint endpoint(const std::string& url, const std::string& role) {
  auto out = engine::parse_url(url);
  out.role = role;
  return out;
}

}  // namespace

TEST_CASE("FLYTT_*_PASSWORD tells the servers apart and beats the URL and the file", "[cli]") {
  const os::TempDir dir;
  const std::string path = dir.path() + "/password";
  os::replace_file(path, "of-file\nsecond line\n");
  const auto settings = with_environment({{"FLYTT_SOURCE_PASSWORD", "of-source"}, {"FLYTT_TARGET_PASSWORD", "of-target"}});

  auto source = endpoint("mysql://a:of-url@h/?password-file=" + path, "source");
  cli::resolve_password(source, settings);
  CHECK(source.password == "of-source");
  CHECK(source.params.empty());

  auto target = endpoint("mysql://a@h/", "target");
  cli::resolve_password(target, settings);
  CHECK(target.password == "of-target");
}

TEST_CASE("the URL beats the file, the file beats nothing, and nothing stays nothing", "[cli]") {
  const os::TempDir dir;
  const std::string path = dir.path() + "/password";
  os::replace_file(path, "of-file\r\n");
  const auto settings = cli::Settings::none();

  auto with_url = endpoint("mysql://a:of-url@h/?password-file=" + path, "source");
  cli::resolve_password(with_url, settings);
  CHECK(with_url.password == "of-url");

  auto with_file = endpoint("mysql://a@h/?password-file=" + path, "source");
  cli::resolve_password(with_file, settings);
  CHECK(with_file.password == "of-file");
  CHECK(with_file.has_password);

  auto without = endpoint("mysql://a@h/", "source");
  cli::resolve_password(without, with_environment({{"MYSQL_PWD", "of-client"}}));
  CHECK_FALSE(without.has_password);  // the client library finds it, after the option files
}

TEST_CASE("an empty password in the variable is a password", "[cli]") {
  auto source = endpoint("mysql://a@h/", "source");
  cli::resolve_password(source, with_environment({{"FLYTT_SOURCE_PASSWORD", ""}}));
  CHECK(source.has_password);
  CHECK(source.password.empty());
}

TEST_CASE("a password file that others may read, is missing or empty is refused", "[cli]") {
  const os::TempDir dir;
  const std::string path = dir.path() + "/password";
  const auto code = [&] {
    try {
      cli::read_password_file(path);
    } catch (const base::Error& e) {
      return e.code();
    }
    return base::Exit::done;
  };
  CHECK(code() == base::Exit::config);
  os::replace_file(path, "secret\n");
  CHECK(code() == base::Exit::done);
  REQUIRE(::chmod(path.c_str(), 0640) == 0);
  CHECK(code() == base::Exit::config);
  os::replace_file(path, "\n");
  REQUIRE(::chmod(path.c_str(), 0600) == 0);
  CHECK(code() == base::Exit::config);
  os::replace_file(path, "secret\n");
  REQUIRE(::chmod(dir.path().c_str(), 0777) == 0);
  CHECK(code() == base::Exit::config);
  REQUIRE(::chmod(dir.path().c_str(), 0700) == 0);
  REQUIRE(::unlink(path.c_str()) == 0);
  REQUIRE(::mkfifo(path.c_str(), 0600) == 0);
  CHECK(code() == base::Exit::config);
}
