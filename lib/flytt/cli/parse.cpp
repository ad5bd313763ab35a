// Reading the command line with CLI11, and our own precedence above it. CLI11 only cuts words here: its numbers (010 is 8),
// its exit codes (100 and up), its files before environment and its silence about unknown keys are not what we promise.
// SPDX-License-Identifier: MIT
#include <flytt/cli/options.hpp>

#include <algorithm>
#include <span>

#include <CLI/CLI.hpp>

namespace flytt::cli {
namespace {

using base::Error;
using base::Exit;
using base::quote_for_message;

std::string spelled(const Option& option) { return "--" + option.name; }

std::string names_for_cli11(const Option& option) {
  return option.letter.empty() ? spelled(option) : "-" + option.letter + "," + spelled(option);
}

/// Gives values to an option and remembers from where; a refusal gets the name of who asked and the code of that origin.
void give(Option& option, const std::vector<std::string>& values, Origin origin, const std::string& from) {
  try {
    option.take(values);
  } catch (const Error& e) {
    if (e.code() != Exit::usage) throw;
    throw Error(origin == Origin::command_line ? Exit::usage : Exit::config, e.message(), e.facts()).within(from);
  }
  option.value.text = option.takes == Takes::many ? base::join(values, ", ") : values.back();
  if (option.takes == Takes::nothing && values.size() > 1) option.value.text = std::to_string(values.size());
  option.value.origin = origin;
  option.value.origin_text = origin == Origin::command_line ? "command line" : from;
}

void give(Argument& argument, const std::string& text, Origin origin, const std::string& from) {
  try {
    argument.take(text, origin);
  } catch (const Error& e) {
    if (e.code() != Exit::usage) throw;
    throw Error(origin == Origin::command_line ? Exit::usage : Exit::config, e.message(), e.facts()).within(from);
  }
  argument.given = true;
  argument.value = {argument.show(text), origin, origin == Origin::command_line ? "command line" : from};
}

}  // namespace

/// The words of a command line, sorted out.
struct Options::Tokens {
  std::map<std::string, std::vector<std::string>> values;  ///< long name: each value, in order
  std::vector<std::string> arguments;
};

void Options::refuse_unknown_option(const std::string& word) const {
  const std::string name = word.substr(0, word.find('='));
  std::vector<std::string> known;
  for (const Option& option : options_) known.push_back(spelled(option));
  const auto near = base::nearest(name, std::span<const std::string>(known));
  throw Error(Exit::usage, "unknown option " + quote_for_message(name),
              {.hint = near ? "Did you mean " + *near + "?" : usage_hint()});
}

Options::Tokens Options::tokenize(const std::vector<std::string>& args) const {
  CLI::App app;
  app.set_help_flag();
  app.allow_extras();
  std::map<std::string, CLI::Option*> registered;
  for (const Option& option : options_) {
    CLI::Option* it = nullptr;
    if (option.takes == Takes::nothing) {
      it = app.add_flag(names_for_cli11(option))->disable_flag_override();
    } else {
      it = app.add_option(names_for_cli11(option), [](const CLI::results_t&) { return true; });
      it->expected(1)->allow_extra_args(false);  // else '[a,b]' would be cut in pieces
    }
    it->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
    registered[option.name] = it;
  }
  for (const std::string& word : args) {
    if (word == "--") break;
    // CLI11 would take the next word for the value.
    if (word.starts_with("--") && word.find('=') == word.size() - 1) {
      throw Error(Exit::usage, "option " + quote_for_message(word) + " has no value", {.hint = usage_hint()});
    }
  }
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
  } catch (const CLI::ArgumentMismatch& e) {
    const std::string last = args.empty() ? std::string() : args.back();
    const bool cut_off = last.starts_with('-') && last.find('=') == std::string::npos;
    throw Error(Exit::usage, cut_off ? "option " + last + " needs a value" : e.what(), {.hint = usage_hint()});
  } catch (const CLI::ParseError& e) {
    throw Error(Exit::usage, e.what(), {.hint = usage_hint()});
  }

  Tokens tokens;
  for (const auto& [name, it] : registered) {
    if (it->count() > 0) tokens.values[name] = it->results();
  }
  bool arguments_only = false;
  for (const std::string& word : app.remaining()) {
    if (!arguments_only && word == "--") {
      arguments_only = true;
    } else if (!arguments_only && word.size() > 1 && word.front() == '-') {
      if (!tokens.values.contains("help")) refuse_unknown_option(word);
    } else {
      tokens.arguments.push_back(word);
    }
  }
  return tokens;
}

std::vector<std::string> Options::take_verb(std::vector<std::string> words) {
  if (!take_verb_) return words;
  std::vector<std::string> known;
  for (const Verb& verb : verbs_) known.push_back(verb.name);
  const std::string all = "It is one of " + base::join(known, ", ") + ".";
  if (words.empty()) throw Error(Exit::usage, "a verb is missing", {.hint = all});
  try {
    take_verb_(words.front());
  } catch (const Error& e) {
    const std::string& near = e.facts().hint;
    throw Error(Exit::usage, "unknown verb " + quote_for_message(words.front()), {.hint = near.empty() ? all : near});
  }
  verb_ = words.front();
  words.erase(words.begin());
  return words;
}

void Options::take_arguments(const std::vector<std::string>& words) {
  auto word = words.begin();
  for (Argument& argument : arguments_) {
    if (word == words.end()) break;
    if (applies(argument)) give(argument, *word++, Origin::command_line, argument.meta);
  }
  if (word != words.end()) {
    throw Error(Exit::usage, "one argument too many: " + quote_for_message(*word), {.hint = usage_hint()});
  }
}

void Options::take_options(const Tokens& tokens) {
  for (Option& option : options_) {
    const auto found = tokens.values.find(option.name);
    if (found == tokens.values.end()) continue;
    if (!applies(option.verbs)) {
      throw Error(Exit::usage, "option " + spelled(option) + " does not go with " + verb_,
                  {.hint = "It goes with " + base::join(option.verbs, ", ") + "."});
    }
    give(option, found->second, Origin::command_line, "option " + spelled(option));
  }
}

std::vector<ConfigLine> Options::config_lines(const Tokens& tokens, const Settings& settings) {
  std::vector<std::string> files = settings.default_files;
  if (const auto named = tokens.values.find("config"); named != tokens.values.end()) {
    files = {named->second.back()};
  } else if (const auto from = settings.environment(environment_name("", "config")); from && !from->empty()) {
    files = {*from};
  }
  std::vector<ConfigLine> out;
  for (const std::string& file : files) {
    auto lines = read_config(file);
    check_config(lines);
    // The first file is the strongest, and what it says of a key hides what later files say of it.
    std::erase_if(lines, [&out](const ConfigLine& line) {
      return std::any_of(out.begin(), out.end(), [&](const ConfigLine& other) { return other.key == line.key; });
    });
    out.insert(out.end(), lines.begin(), lines.end());
  }
  return out;
}

void Options::check_config(const std::vector<ConfigLine>& lines) const {
  const auto& common = common_keys();
  for (const ConfigLine& line : lines) {
    if (!line.section.empty() && line.section != about_.name) continue;
    if (line.section.empty() && std::find(common.begin(), common.end(), line.key) != common.end()) continue;
    std::vector<std::string> known;
    for (const Option& option : options_) {
      if (option.scope == Scope::everywhere) known.push_back(option.name);
    }
    for (const Argument& argument : arguments_) {
      if (!argument.key.empty()) known.push_back(argument.key);
    }
    const bool mine = std::find(known.begin(), known.end(), line.key) != known.end();
    if (mine && !line.section.empty()) continue;
    if (mine) {
      throw Error(Exit::config, line.where + ": key " + quote_for_message(line.key) + " belongs to one tool",
                  {.hint = "Put it below a line [" + about_.name + "]."});
    }
    const auto near = base::nearest(line.key, std::span<const std::string>(known));
    throw Error(Exit::config, line.where + ": unknown key " + quote_for_message(line.key),
                {.hint = near ? "Did you mean " + *near + "?" : "Before the first section: " + base::join(common, ", ") + "."});
  }
}

void Options::take_environment(const Settings& settings) {
  const auto look = [&](const std::string& key) -> std::optional<std::pair<std::string, std::string>> {
    for (const std::string_view tool : {std::string_view(about_.name), std::string_view()}) {
      const std::string name = environment_name(tool, key);
      // An empty variable is as one that is not there: the shell's way to switch one off for a command.
      if (auto value = settings.environment(name); value && !value->empty()) return std::pair{name, std::move(*value)};
    }
    return std::nullopt;
  };
  for (Option& option : options_) {
    if (option.scope != Scope::everywhere || option.value.origin == Origin::command_line || !applies(option.verbs)) continue;
    if (const auto found = look(option.name)) give(option, {found->second}, Origin::environment, "environment " + found->first);
  }
  for (Argument& argument : arguments_) {
    if (argument.given || argument.key.empty() || !applies(argument)) continue;
    if (const auto found = look(argument.key)) give(argument, found->second, Origin::environment, "environment " + found->first);
  }
}

void Options::take_config(const std::vector<ConfigLine>& lines) {
  // Of this tool's section, else of the part for all.
  const auto find = [&](const std::string& key) {
    std::vector<std::string> values;
    std::string where;
    for (const std::string& section : {about_.name, std::string()}) {
      for (const ConfigLine& line : lines) {
        if (line.section != section || line.key != key) continue;
        values.push_back(line.value);
        where = line.where;
      }
      if (!values.empty()) break;
    }
    return std::pair{values, where};
  };
  for (Option& option : options_) {
    if (option.scope != Scope::everywhere || option.value.origin >= Origin::environment || !applies(option.verbs)) continue;
    if (const auto [values, where] = find(option.name); !values.empty()) give(option, values, Origin::config_file, where);
  }
  for (Argument& argument : arguments_) {
    if (argument.given || argument.key.empty() || !applies(argument)) continue;
    if (const auto [values, where] = find(argument.key); !values.empty()) give(argument, values.back(), Origin::config_file, where);
  }
}

void Options::check_complete() const {
  for (const Argument& argument : arguments_) {
    if (argument.given || argument.needed == Needed::no || !applies(argument)) continue;
    throw Error(Exit::usage, argument.meta + " is missing", {.hint = usage_hint()});
  }
}

void Options::parse(const std::vector<std::string>& args, const Settings& settings) {
  const Tokens tokens = tokenize(args);
  help_wanted_ = tokens.values.contains("help");
  version_wanted_ = tokens.values.contains("version");
  if (help_wanted_ || version_wanted_) return;
  const auto words = take_verb(tokens.arguments);
  take_options(tokens);
  take_arguments(words);
  const auto lines = config_lines(tokens, settings);
  take_environment(settings);
  take_config(lines);
  check_complete();
  check_server_options();
}

}  // namespace flytt::cli
