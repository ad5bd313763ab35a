// The command line of a tool: options and arguments are registered with their variables, then read in one go.
// Layer: cli (6).  Thread rule: one thread.  Format: man/flytt.7, CONFIGURATION and VALUES.
// SPDX-License-Identifier: MIT
#pragma once

#include <flytt/cli/option.hpp>
#include <flytt/cli/settings.hpp>
#include <flytt/cli/values.hpp>
#include <flytt/engine/endpoint.hpp>

#include <deque>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace flytt::cli {

/// What the help says about a tool as a whole.
struct About {
  std::string name;                   ///< "dump-stream"
  std::string summary;                ///< one sentence
  std::vector<std::string> usage;     ///< what follows the name; one entry a form
  std::vector<std::string> examples;  ///< whole command lines
  std::vector<int> exits;             ///< the codes this tool can end with, besides those of every tool
};

/// A server URL of the command line and the variable it went to.
struct ServerBinding {
  engine::Endpoint* endpoint;
  std::string meta;
};

/// Registers, parses, and remembers where each value came from. Precedence: command line, environment, file, default.
class Options {
public:
  explicit Options(About about) : about_(std::move(about)) {}
  Options(const Options&) = delete;  // registered functions refer to this object
  Options& operator=(const Options&) = delete;

  /// Options registered from now on stand under this heading of the help.
  void group(std::string title) { group_ = std::move(title); }

  // Each takes the names ("-j,--jobs" or "--jobs"), the variable, whose present value is the default, and the help.

  Option& flag(std::string_view names, bool& variable, std::string help);
  /// A flag that sets the variable to `when_given`.
  template <class T>
  Option& flag(std::string_view names, T& variable, T when_given, std::string help) {
    return add(names, {}, {}, std::move(help), Takes::nothing,
               [&variable, when_given, before = variable](const std::vector<std::string>& values) {
                 variable = parse_switch(values.back()) ? when_given : before;
               });
  }
  /// How often the flag stands there.
  Option& counter(std::string_view names, int& variable, std::string help);
  Option& text(std::string_view names, std::string& variable, std::string meta, std::string help);
  Option& text(std::string_view names, std::optional<std::string>& variable, std::string meta, std::string help);
  /// May be given several times; a file may have the key several times.
  Option& list(std::string_view names, std::vector<std::string>& variable, std::string meta, std::string help);
  /// NAME=VALUE, several times. Throws (when parsed): Exit::usage for a text without '='.
  Option& pairs(std::string_view names, std::vector<std::pair<std::string, std::string>>& variable, std::string meta,
                std::string help);
  Option& pairs(std::string_view names, std::map<std::string, std::string>& variable, std::string meta, std::string help);

  /// A decimal count: any integer, or std::optional of one.
  template <class T>
  Option& count(std::string_view names, T& variable, std::string meta, std::string help) {
    using Value = detail::ValueOf<T>;
    return one(names, std::move(meta), detail::show_with(variable, [](Value v) { return std::to_string(v); }),
               std::move(help), [&variable](const std::string& text) { variable = read_count<Value>(text); });
  }
  /// A size: base::Bytes or an integer of bytes, or std::optional of one.
  template <class T>
  Option& size(std::string_view names, T& variable, std::string meta, std::string help) {
    using Value = detail::ValueOf<T>;
    return one(names, std::move(meta), detail::show_with(variable, [](Value v) { return show_size(size_of(v)); }),
               std::move(help), [&variable](const std::string& text) { variable = read_size<Value>(text); });
  }
  /// A duration of any std::chrono unit, or std::optional of one. The unit is required.
  template <class T>
  Option& duration(std::string_view names, T& variable, std::string meta, std::string help) {
    using Value = detail::ValueOf<T>;
    return one(names, std::move(meta), detail::show_with(variable, [](Value v) { return show_duration(v); }),
               std::move(help), [&variable](const std::string& text) { variable = read_duration<Value>(text); });
  }
  /// One of several words.
  template <class E>
  Option& choice(std::string_view names, E& variable, std::vector<std::pair<std::string, detail::ValueOf<E>>> choices,
                 std::string help) {
    std::string meta;
    for (const auto& [word, value] : choices) meta += (meta.empty() ? "" : "|") + word;
    const auto shown = detail::show_with(variable, [&](const auto& v) { return show_choice(v, choices); });
    return one(names, std::move(meta), shown, std::move(help),
               [&variable, choices](const std::string& text) { variable = read_choice(text, choices); });
  }
  /// Whatever else: `take` gets the text and throws Exit::usage when it is wrong.
  Option& custom(std::string_view names, std::string meta, std::string default_text, std::string help,
                 std::function<void(const std::string&)> take) {
    return one(names, std::move(meta), std::move(default_text), std::move(help), std::move(take));
  }

  /// An option that is a server URL; `role` is "source" or "target" and says which password it gets.
  Option& server_option(std::string_view names, std::string role, std::optional<engine::Endpoint>& variable, std::string meta,
                        std::string help);

  /// A server URL. `key` is "source" or "target": the endpoint's role, FLYTT_SOURCE and the key of a file.
  Argument& server(std::string meta, std::string key, engine::Endpoint& variable, std::string help);
  /// Any other argument. Without a key it can be given on the command line only.
  Argument& argument(std::string meta, std::string key, std::string& variable, std::string help);
  /// The first argument must be one of these; it says which options and arguments there are.
  template <class E>
  void verb(const std::vector<std::pair<Verb, E>>& verbs, E& variable) {
    std::vector<std::pair<std::string, E>> choices;
    for (const auto& [verb, value] : verbs) {
      verbs_.push_back(verb);
      choices.emplace_back(verb.name, value);
    }
    take_verb_ = [&variable, choices](const std::string& word) { variable = read_choice(word, choices); };
  }

  /// Reads the command line (without the program's name), then environment and files.
  /// Throws: Exit::usage for the command line, Exit::config for the environment and files.
  void parse(const std::vector<std::string>& args, const Settings& settings);

  /// True when the option or argument came from anywhere but its default.
  bool given(std::string_view name) const;

  /// The text of --help, with its last line feed.
  std::string help() const;
  /// Each option with its value and origin, in the order of the help.
  std::vector<std::pair<std::string, Sourced>> shown_values() const;

  const About& about() const noexcept { return about_; }
  /// The server URLs that were given.
  std::vector<ServerBinding> servers() const;
  const std::deque<Option>& all() const noexcept { return options_; }

  /// Set by parse() when --help or --version stood there; nothing else was read then.
  bool help_wanted() const noexcept { return help_wanted_; }
  bool version_wanted() const noexcept { return version_wanted_; }

private:
  struct Tokens;
  Option& add(std::string_view names, std::string meta, std::string default_text, std::string help, Takes takes,
              std::function<void(const std::vector<std::string>&)> take);
  Option& one(std::string_view names, std::string meta, std::string default_text, std::string help,
              std::function<void(const std::string&)> take);
  Tokens tokenize(const std::vector<std::string>& args) const;
  [[noreturn]] void refuse_unknown_option(const std::string& word) const;
  std::vector<std::string> take_verb(std::vector<std::string> words);
  void take_arguments(const std::vector<std::string>& words);
  void take_options(const Tokens& tokens);
  std::vector<ConfigLine> config_lines(const Tokens& tokens, const Settings& settings);
  void check_config(const std::vector<ConfigLine>& lines) const;
  void take_environment(const Settings& settings);
  void take_config(const std::vector<ConfigLine>& lines);
  void check_complete() const;
  void check_server_options();
  bool applies(const std::vector<std::string>& verbs) const;
  bool applies(const Argument& argument) const { return applies(argument.verbs) && (!argument.when || argument.when()); }
  std::string usage_hint() const { return "See " + about_.name + " --help."; }

  About about_;
  std::string group_ = "Options";
  std::deque<Option> options_;
  std::deque<Argument> arguments_;
  std::vector<ServerBinding> servers_;
  std::vector<std::pair<Option*, std::optional<engine::Endpoint>*>> server_options_;
  std::vector<Verb> verbs_;
  std::function<void(const std::string&)> take_verb_;
  std::string verb_;  // the one that was given
  bool help_wanted_ = false;
  bool version_wanted_ = false;
};

}  // namespace flytt::cli
