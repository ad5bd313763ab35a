// The text of --help, from the same table that the command line is read by.
// SPDX-License-Identifier: MIT
#include <flytt/cli/options.hpp>

#include <flytt/base/exit.hpp>

#include <algorithm>

#include <fmt/format.h>

namespace flytt::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kColumn = 26;

/// The words of a text in lines that fit, every line but the first indented.
std::string wrap(std::string_view text, std::size_t column, std::size_t indent) {
  std::string out;
  for (const std::string_view word : base::split(text, ' ')) {
    if (!out.empty() && column + 1 + word.size() > kWidth) {
      out += "\n" + std::string(indent, ' ');
      column = indent;
    } else if (!out.empty()) {
      out += ' ';
      ++column;
    }
    out += word;
    column += word.size();
  }
  return out;
}

/// "  left   right", the right side in its column and wrapped.
std::string entry(const std::string& left, const std::string& right) {
  std::string out = "  " + left;
  if (out.size() + 2 > kColumn) {
    out += "\n" + std::string(kColumn, ' ');
  } else {
    out.resize(kColumn, ' ');
  }
  return out + wrap(right, kColumn, kColumn) + "\n";
}

std::string left_of(const Option& option) {
  std::string out = option.letter.empty() ? "    " : "-" + option.letter + ", ";
  out += "--" + option.name;
  if (!option.meta.empty()) out += " " + option.meta;
  return out;
}

std::string right_of(const Option& option) {
  std::string out = option.help;
  if (!option.default_text.empty()) out += " [" + option.default_text + "]";
  constexpr std::size_t kWorthNaming = 4;  // else it is most of them, and the manual says which
  if (!option.verbs.empty() && option.verbs.size() <= kWorthNaming) out += " (" + base::join(option.verbs, ", ") + ")";
  return out;
}

}  // namespace

std::string Options::help() const {
  std::string out;
  for (const std::string& form : about_.usage) {
    out += fmt::format("{} {} {}\n", out.empty() ? "Usage:" : "      ", about_.name, form);
  }
  out += "\n" + wrap(about_.summary, 0, 0) + "\n";
  if (!verbs_.empty()) {
    out += "\nVerbs:\n";
    for (const Verb& verb : verbs_) out += entry(verb.name, verb.help);
  }
  if (!arguments_.empty()) {
    out += "\nArguments:\n";
    for (const Argument& argument : arguments_) out += entry(argument.meta, argument.help);
  }
  std::string group;
  for (const Option& option : options_) {
    if (option.group != group) {
      group = option.group;
      out += "\n" + group + ":\n";
    }
    out += entry(left_of(option), right_of(option));
  }
  out += "\nExamples:\n";
  for (const std::string& example : about_.examples) out += "  " + example + "\n";
  out += "\nExit status:\n";
  for (const base::ExitInfo& info : base::kExits) {
    const int code = static_cast<int>(info.code);
    const bool specific = code != 0 && code < 64;
    if (specific && std::find(about_.exits.begin(), about_.exits.end(), code) == about_.exits.end()) continue;
    constexpr std::size_t kIndent = 7;
    out += fmt::format("  {:>3}  {}\n", code, wrap(info.meaning, kIndent, kIndent));
  }
  out += "  An unknown code means failure: new ones may come.\n";
  return out + fmt::format("\nFull manual: man {}. Servers, passwords, configuration: man 7 flytt.\n", about_.name);
}

}  // namespace flytt::cli
