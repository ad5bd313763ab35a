// Environment and configuration files. Our own reader: an unknown key has to be an error and its line has to be named.
// SPDX-License-Identifier: MIT
#include <flytt/cli/settings.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>
#include <flytt/os/dir.hpp>
#include <flytt/os/environment.hpp>
#include <flytt/os/way.hpp>

#include <algorithm>
#include <cstdlib>
#include <span>

#include <sys/stat.h>

namespace flytt::cli {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& what, std::string hint = {}) {
  throw base::Error(base::Exit::config, where + ": " + what, {.hint = std::move(hint)});
}

std::string section_name(std::string_view line, const std::string& where) {
  if (line.back() != ']') refuse(where, "the section has no ']'");
  const std::string name(base::trim(line.substr(1, line.size() - 2)));
  const auto& tools = tool_names();
  if (std::find(tools.begin(), tools.end(), name) == tools.end()) {
    const auto near = base::nearest(name, std::span<const std::string>(tools));
    refuse(where, "no tool has the name of section " + base::quote_for_message(name),
           near ? "Did you mean [" + *near + "]?" : "A section is named for a tool: " + base::join(tools, ", ") + ".");
  }
  return name;
}

void refuse_readable_password(const std::string& path, const std::vector<ConfigLine>& lines) {
  struct stat status {};
  if (::stat(path.c_str(), &status) != 0 || (status.st_mode & 077) == 0) return;
  for (const ConfigLine& line : lines) {
    if (os::url_has_password(line.value)) {
      refuse(line.where, "holds a password, and others than its owner may read the file", "chmod 600 " + path);
    }
  }
}

}  // namespace

std::vector<ConfigLine> parse_config(std::string_view text, const std::string& path) {
  std::vector<ConfigLine> out;
  std::string section;
  std::size_t number = 0;
  for (const std::string_view raw : base::split(text, '\n')) {
    const std::string where = base::concat(path, ":", ++number);
    const std::string_view line = base::trim(raw);
    if (line.empty() || line.front() == '#' || line.front() == ';') continue;
    if (line.front() == '[') {
      section = section_name(line, where);
      continue;
    }
    const auto equals = line.find('=');
    const std::string key(base::trim(line.substr(0, equals)));
    if (equals == std::string_view::npos || key.empty()) refuse(where, "wanted a line of the form key = value");
    out.push_back({section, key, std::string(base::trim(line.substr(equals + 1))), where});
  }
  return out;
}

std::vector<ConfigLine> read_config(const std::string& path) {
  std::string text;
  try {
    text = os::read_trusted(path, std::size_t{1} << 20);
  } catch (const base::Error& e) {
    throw base::Error(base::Exit::config, e.message(), e.facts()).within("while reading the configuration");
  }
  auto lines = parse_config(text, path);
  refuse_readable_password(path, lines);
  return lines;
}

Settings Settings::of_process() {
  Settings out;
  out.environment = [](const std::string& name) -> std::optional<std::string> {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
  };
  const auto variable = [&](const char* name) { return out.environment(name).value_or(std::string()); };
  // A relative XDG_CONFIG_HOME is to be ignored, says the specification.
  if (const auto xdg = variable("XDG_CONFIG_HOME"); xdg.starts_with('/')) {
    out.default_files.push_back(xdg + "/flytt/config");
  } else if (const auto home = variable("HOME"); home.starts_with('/')) {
    out.default_files.push_back(home + "/.config/flytt/config");
  }
  out.default_files.emplace_back("/etc/flytt/config");
  std::erase_if(out.default_files, [](const std::string& path) { return !os::exists(path); });
  return out;
}

Settings Settings::none() {
  return {[](const std::string&) { return std::nullopt; }, {}};
}

std::string environment_name(std::string_view tool, std::string_view key) {
  std::string out = "FLYTT_";
  if (!tool.empty()) out.append(tool).push_back('_');
  out.append(key);
  for (char& c : out) {
    if (c == '-') c = '_';
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

const std::vector<std::string>& tool_names() {
  static const std::vector<std::string> kNames{"dump-stream", "load-stream", "replica-ctl",
                                               "lag-wait",    "verify-rows", "io-probe"};
  return kNames;
}

const std::vector<std::string>& common_keys() {
  static const std::vector<std::string> kKeys{"source", "target", "jobs", "timeout", "progress",
                                              "color",  "json",   "quiet", "verbose"};
  return kKeys;
}

}  // namespace flytt::cli
