// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/programs.hpp>

#include <algorithm>
#include <filesystem>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/process.hpp>

namespace flytt::engine::postgres {
namespace {

using base::Error;
using base::Exit;

/// Where Debian's packages put each release's programs: lib/postgresql/15/bin.
constexpr std::string_view kReleases = "/usr/lib/postgresql";

/// "pg_dump (PostgreSQL) 15.18 (Debian …)", "… 18beta1": the major version; 0 for what does not say one.
std::uint32_t major_of(const std::string& path) {
  os::Command command;
  command.program = path;
  command.args = {"--version"};
  command.err = os::Output::discard;
  command.deadline = std::chrono::seconds(10);
  const auto done = os::run(command);
  const auto at = done.out.find("(PostgreSQL) ");
  if (!done.status.success() || at == std::string::npos) return 0;
  std::uint32_t major = 0;
  for (std::size_t i = at + 13; i < done.out.size() && done.out[i] >= '0' && done.out[i] <= '9'; ++i)
    major = major * 10 + static_cast<std::uint32_t>(done.out[i] - '0');
  return major;
}

std::vector<std::string> candidates(const std::string& name) {
  std::vector<std::string> out;
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(kReleases, ignored)) {
    const auto path = entry.path() / "bin" / name;
    if (std::filesystem::exists(path, ignored)) out.push_back(path.string());
  }
  const auto path = os::find_program(name);
  // Debian's wrapper in PATH only leads to one of those.
  if (path && (out.empty() || std::filesystem::canonical(*path, ignored).filename() != "pg_wrapper")) out.push_back(*path);
  return out;
}

}  // namespace

Program newest_program(const std::string& name, std::uint32_t least, std::uint32_t most) {
  Program best;
  for (const auto& path : candidates(name))
    if (const auto major = major_of(path); major > best.major && major <= most) best = {path, major};
  if (best.major >= least) return best;
  const bool exactly = most != UINT32_MAX;
  const std::string where = base::concat("Install the client programs of PostgreSQL ", least, exactly ? "" : " or newer", ", or put their directory in PATH.");
  if (exactly) throw Error(Exit::config, base::concat(name, " of PostgreSQL ", most, " is not here, and newer ones write what this server keeps for itself"), {.hint = where});
  if (best.major == 0) throw Error(Exit::config, name + " is not here, and PostgreSQL's definitions go through it", {.hint = where});
  throw Error(Exit::config, base::concat(name, " is of PostgreSQL ", best.major, ", and ", least, " or newer is needed"), {.hint = where});
}

std::vector<Complaint> complaints_of(std::string_view text) {
  constexpr std::string_view kFailed = "error: could not execute query: ", kEntry = "from TOC entry ", kCommand = "Command was: ";
  std::vector<Complaint> out;
  std::string entry;
  bool in_statement = false;
  for (const auto line : base::split(text, '\n')) {
    if (const auto at = line.find(kEntry); at != std::string_view::npos) {
      // "from TOC entry 215; 1259 16385 TABLE orders postgres": numbers, kind, name, owner.
      const auto words = base::split(line.substr(at + kEntry.size()), ' ');
      entry.clear();
      for (std::size_t i = 3; i + 1 < words.size(); ++i) entry += (entry.empty() ? "" : " ") + std::string(words[i]);
    } else if (const auto failed = line.find(kFailed); failed != std::string_view::npos) {
      auto message = line.substr(failed + kFailed.size());
      if (message.starts_with("ERROR:")) message.remove_prefix(6);
      out.push_back({std::string(base::trim(message)), {}, entry});
      in_statement = false;
    } else if (line.starts_with(kCommand) && !out.empty()) {
      out.back().command = out.back().statement = base::trim(line.substr(kCommand.size()));
      in_statement = true;
    } else if (in_statement) {
      in_statement = !line.empty() && !line.starts_with("pg_restore: ");
      if (in_statement) out.back().statement += base::concat(" ", base::trim(line));
    }
  }
  return out;
}

}  // namespace flytt::engine::postgres
