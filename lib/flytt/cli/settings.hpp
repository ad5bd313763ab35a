// What a tool is told besides its command line: the environment and configuration files.
// Layer: cli (6).  Thread rule: one thread.  Format: man/flytt.7, CONFIGURATION.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::cli {

/// One "key = value" line.
struct ConfigLine {
  std::string section;  ///< the tool's name, or empty before the first section
  std::string key;
  std::string value;
  std::string where;  ///< "/etc/flytt/config:12"
};

/// Reads the text of a file. Throws: Exit::config naming file and line.
/// Shape: `key = value` lines; `#` or `;` begins a comment line; `[dump-stream]` begins what holds for one tool.
std::vector<ConfigLine> parse_config(std::string_view text, const std::string& path);

/// Reads a file. Throws: Exit::config when it cannot be read, when others than root and this user can change it (it may name
/// programs to run, and servers), or when it holds a password and others may read it.
std::vector<ConfigLine> read_config(const std::string& path);

/// Everything outside of the command line, so that a test can bring its own.
struct Settings {
  std::function<std::optional<std::string>(const std::string&)> environment;
  /// Configuration files that are read when none is named, the strongest first; those that are not there are left out.
  std::vector<std::string> default_files;

  /// The process's environment; $XDG_CONFIG_HOME/flytt/config (~/.config/flytt/config) and /etc/flytt/config.
  static Settings of_process();
  /// Nothing at all: for tests.
  static Settings none();
};

/// "dump-stream", "chunk-size" give "FLYTT_DUMP_STREAM_CHUNK_SIZE"; without a tool "FLYTT_CHUNK_SIZE".
std::string environment_name(std::string_view tool, std::string_view key);

/// Names of all tools: the sections that a configuration file may have.
const std::vector<std::string>& tool_names();

/// Keys that may stand before the first section; a tool without the option passes over them.
const std::vector<std::string>& common_keys();

}  // namespace flytt::cli
