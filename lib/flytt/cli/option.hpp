// One option or argument of a tool: its names, its help, and where its value goes and came from.
// Layer: cli (6).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flytt::cli {

/// Where a value came from, the strongest last.
enum class Origin { built_in, config_file, environment, command_line };

/// May the environment and configuration files set it? Dangerous switches and requests for one run may not.
enum class Scope : bool { everywhere, command_line_only };

/// What an option takes.
enum class Takes { nothing, one, many };

/// A value with its origin, as --show-config prints it.
struct Sourced {
  std::string text;
  Origin origin = Origin::built_in;
  std::string origin_text = "default";
};

/// One option. The setters at the end are for the line that registers it.
struct Option {
  std::string letter;  ///< "j", or empty
  std::string name;    ///< "jobs": --jobs, FLYTT_JOBS and the key jobs
  std::string meta;    ///< "N"; empty for a flag
  std::string help;
  std::string group;
  std::string default_text;  ///< shown in the help and as the value while nothing else says one
  Takes takes = Takes::one;
  Scope scope = Scope::everywhere;
  std::vector<std::string> verbs;  ///< the verbs it belongs to; empty: all
  /// Gives the values to the variable. A flag gets "true" once for each time it stands there. Throws: Exit::usage.
  std::function<void(const std::vector<std::string>&)> take;

  Sourced value;

  /// Neither FLYTT_* nor a file can set it.
  Option& command_line_only() {
    scope = Scope::command_line_only;
    return *this;
  }
  /// What the help says instead of the variable's value, such as "cores, at most 8".
  Option& shown_default(std::string text) {
    default_text = std::move(text);
    value.text = default_text;
    return *this;
  }
  Option& only_for(std::vector<std::string> these) {
    verbs = std::move(these);
    return *this;
  }
};

/// Must it be given, by command line, environment or file?
enum class Needed : bool { no, yes };

/// One argument that is told by its place.
struct Argument {
  std::string meta;  ///< "SOURCE"
  std::string key;   ///< "source": FLYTT_SOURCE and the key source; empty: of the command line only
  std::string help;
  Needed needed = Needed::yes;
  std::vector<std::string> verbs;  ///< the verbs it belongs to; empty: all
  std::function<void(const std::string& text, Origin origin)> take;
  /// How --show-config may show it (a URL without its password).
  std::function<std::string(const std::string&)> show;

  Sourced value;
  bool given = false;

  std::function<bool()> when;  ///< asked when all options are known; empty: always

  Argument& optional() {
    needed = Needed::no;
    return *this;
  }
  /// It belongs to the command line only while this holds; the variables of options may be asked.
  Argument& only_when(std::function<bool()> holds) {
    when = std::move(holds);
    return *this;
  }
  Argument& only_for(std::vector<std::string> these) {
    verbs = std::move(these);
    return *this;
  }
};

/// One verb of a tool that has several.
struct Verb {
  std::string name;
  std::string help;
};

}  // namespace flytt::cli
