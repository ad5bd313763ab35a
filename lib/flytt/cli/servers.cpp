// Passwords of server URLs.
// SPDX-License-Identifier: MIT
#include <flytt/cli/servers.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/os/terminal.hpp>
#include <flytt/os/way.hpp>

#include <algorithm>
#include <cerrno>

#include <unistd.h>

namespace flytt::cli {
namespace {

constexpr auto kFileParameter = "password-file";

/// SQLSTATE class 28, "invalid authorization specification": the login was wrong, whatever the product.
bool login_refused(const base::Error& e) {
  return e.code() == base::Exit::privilege && e.facts().sqlstate.starts_with("28");
}

}  // namespace

std::string read_password_file(const std::string& path) {
  std::string text;
  try {
    text = os::read_trusted(path, 64 * 1024, os::Readers::owner);
  } catch (const base::Error& e) {
    const auto wrong = base::Error(base::Exit::config, e.message(), e.facts()).within("while reading a password file");
    throw e.facts().native == ENOENT ? wrong.with_hint("Make it with: umask 077; cat > " + path) : wrong;
  }
  text.resize(std::min(text.find_first_of("\r\n"), text.size()));
  if (text.empty()) {
    throw base::Error(base::Exit::config, "password file " + base::quote_for_message(path) + " has an empty first line");
  }
  return text;
}

void resolve_password(engine::Endpoint& endpoint, const Settings& settings) {
  std::string file;
  if (const auto found = endpoint.params.find(kFileParameter); found != endpoint.params.end()) {
    file = found->second;
    endpoint.params.erase(found);  // it is ours: the engine would call it unknown
  }
  const auto variable = settings.environment(environment_name("", endpoint.role + "-password"));
  if (variable) {
    endpoint.password = *variable;
    endpoint.has_password = true;
  } else if (!endpoint.has_password && !file.empty()) {
    endpoint.password = read_password_file(file);
    endpoint.has_password = true;
  }
}

void ask_missing_passwords(const std::vector<ServerBinding>& servers, const base::Context& context) {
  if (!os::is_tty(STDERR_FILENO)) return;
  for (const ServerBinding& server : servers) {
    if (server.endpoint->has_password) continue;
    try {
      engine::open(*server.endpoint, context)->identity();
      continue;
    } catch (const base::Error& e) {
      if (!login_refused(e)) continue;  // the task meets it again and says more about it
    }
    server.endpoint->password =
        os::ask_password(base::concat("Password for the ", server.endpoint->role, " ", server.endpoint->display(), ": "));
    server.endpoint->has_password = true;
  }
}

}  // namespace flytt::cli
