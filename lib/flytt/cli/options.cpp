// Registration of options and arguments, and what is known of them afterwards. The reading stands in parse.cpp.
// SPDX-License-Identifier: MIT
#include <flytt/cli/options.hpp>

#include <algorithm>

namespace flytt::cli {
namespace {

std::pair<std::string, std::string> cut_pair(const std::string& text) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    throw base::Error(base::Exit::usage, base::quote_for_message(text) + " is not of the form NAME=VALUE");
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

/// A URL without its password, whatever its form.
std::string without_password(const std::string& url) {
  try {
    return url.find("://") == std::string::npos ? url : engine::parse_url(url).display();
  } catch (const base::Error&) {
    return "(not a URL)";
  }
}

[[noreturn]] void refuse_password(const engine::Endpoint& endpoint, const std::string& meta, const std::string& key) {
  throw base::Error(
      base::Exit::usage,
      "a password in a URL on the command line can be read by every user of this host: " + meta + " " + endpoint.display(),
      {.hint = "Put it in " + environment_name("", key + "-password") +
               ", in a file named by ?password-file=, in the client's own option file, or leave it out and be asked. "
               "This one was visible: change it."});
}

}  // namespace

Option& Options::add(std::string_view names, std::string meta, std::string default_text, std::string help, Takes takes,
                     std::function<void(const std::vector<std::string>&)> take) {
  Option option;
  const auto comma = names.find(',');
  if (comma != std::string_view::npos) option.letter = std::string(names.substr(1, comma - 1));
  option.name = std::string(names.substr(comma == std::string_view::npos ? 2 : comma + 3));
  option.meta = std::move(meta);
  option.help = std::move(help);
  option.group = group_;
  option.default_text = std::move(default_text);
  option.takes = takes;
  option.take = std::move(take);
  option.value.text = takes == Takes::nothing && option.default_text.empty() ? "false" : option.default_text;
  return options_.emplace_back(std::move(option));
}

Option& Options::one(std::string_view names, std::string meta, std::string default_text, std::string help,
                     std::function<void(const std::string&)> take) {
  // The last of several counts, as everywhere; also so that an alias can be overridden.
  return add(names, std::move(meta), std::move(default_text), std::move(help), Takes::one,
             [take = std::move(take)](const std::vector<std::string>& values) { take(values.back()); });
}

Option& Options::flag(std::string_view names, bool& variable, std::string help) {
  return add(names, {}, {}, std::move(help), Takes::nothing,
             [&variable](const std::vector<std::string>& values) { variable = parse_switch(values.back()); });
}

Option& Options::counter(std::string_view names, int& variable, std::string help) {
  return add(names, {}, {}, std::move(help), Takes::nothing, [&variable](const std::vector<std::string>& values) {
    variable = static_cast<int>(std::count_if(values.begin(), values.end(), [](const auto& v) { return parse_switch(v); }));
  });
}

Option& Options::text(std::string_view names, std::string& variable, std::string meta, std::string help) {
  return one(names, std::move(meta), variable, std::move(help), [&variable](const std::string& text) { variable = text; });
}

Option& Options::text(std::string_view names, std::optional<std::string>& variable, std::string meta, std::string help) {
  return one(names, std::move(meta), variable.value_or(std::string()), std::move(help),
             [&variable](const std::string& text) { variable = text; });
}

Option& Options::list(std::string_view names, std::vector<std::string>& variable, std::string meta, std::string help) {
  return add(names, std::move(meta), base::join(variable, ", "), std::move(help), Takes::many,
             [&variable](const std::vector<std::string>& values) { variable = values; });
}

Option& Options::pairs(std::string_view names, std::vector<std::pair<std::string, std::string>>& variable,
                       std::string meta, std::string help) {
  return add(names, std::move(meta), {}, std::move(help), Takes::many, [&variable](const std::vector<std::string>& values) {
    variable.clear();
    for (const auto& value : values) variable.push_back(cut_pair(value));
  });
}

Option& Options::pairs(std::string_view names, std::map<std::string, std::string>& variable, std::string meta,
                       std::string help) {
  return add(names, std::move(meta), {}, std::move(help), Takes::many, [&variable](const std::vector<std::string>& values) {
    variable.clear();
    for (const auto& value : values) {
      auto [name, text] = cut_pair(value);
      if (!variable.emplace(name, std::move(text)).second) {
        throw base::Error(base::Exit::usage, base::quote_for_message(name) + " is given twice");
      }
    }
  });
}

Option& Options::server_option(std::string_view names, std::string role, std::optional<engine::Endpoint>& variable, std::string meta,
                               std::string help) {
  Option& option = one(names, std::move(meta), {}, std::move(help), [role, &variable](const std::string& text) {
    variable = engine::parse_url(text);
    variable->role = role;
  });
  server_options_.emplace_back(&option, &variable);
  return option;
}

/// Where a URL came from is known only when all are read.
void Options::check_server_options() {
  for (const auto& [option, endpoint] : server_options_) {
    if (!endpoint->has_value()) continue;
    option->value.text = without_password(option->value.text);
    if ((*endpoint)->has_password && option->value.origin == Origin::command_line) refuse_password(**endpoint, "--" + option->name, (*endpoint)->role);
    servers_.push_back({&**endpoint, "--" + option->name});
  }
}

Argument& Options::server(std::string meta, std::string key, engine::Endpoint& variable, std::string help) {
  Argument argument;
  argument.meta = meta;
  argument.key = key;
  argument.help = std::move(help);
  argument.take = [this, &variable, meta, key](const std::string& text, Origin origin) {
    variable = engine::parse_url(text);
    variable.role = key;
    if (variable.has_password && origin == Origin::command_line) refuse_password(variable, meta, key);
    servers_.push_back({&variable, meta});
  };
  argument.show = without_password;
  return arguments_.emplace_back(std::move(argument));
}

Argument& Options::argument(std::string meta, std::string key, std::string& variable, std::string help) {
  Argument argument;
  argument.meta = std::move(meta);
  argument.key = std::move(key);
  argument.help = std::move(help);
  argument.take = [&variable](const std::string& text, Origin) { variable = text; };
  argument.show = without_password;
  return arguments_.emplace_back(std::move(argument));
}

bool Options::applies(const std::vector<std::string>& verbs) const {
  return verbs.empty() || std::find(verbs.begin(), verbs.end(), verb_) != verbs.end();
}

bool Options::given(std::string_view name) const {
  for (const Option& option : options_) {
    if (option.name == name) return option.value.origin != Origin::built_in;
  }
  bool known = false;
  for (const Argument& argument : arguments_) {  // another verb may have an argument of the same key
    if (argument.key == name && argument.given) return true;
    known = known || argument.key == name;
  }
  if (known) return false;
  throw base::Error(base::Exit::bug, base::concat("no option or argument has the name ", name));
}

std::vector<ServerBinding> Options::servers() const { return servers_; }

std::vector<std::pair<std::string, Sourced>> Options::shown_values() const {
  std::vector<std::pair<std::string, Sourced>> out;
  for (const Argument& argument : arguments_) {
    if (applies(argument) && !argument.key.empty()) out.emplace_back(argument.key, argument.value);
  }
  for (const Option& option : options_) {
    if (option.scope == Scope::everywhere && applies(option.verbs)) out.emplace_back(option.name, option.value);
  }
  return out;
}

}  // namespace flytt::cli
