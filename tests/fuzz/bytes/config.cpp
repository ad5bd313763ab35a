// Configuration files, and the values that they and the command line give.
// SPDX-License-Identifier: MIT
#include <flytt/base/text.hpp>
#include <flytt/base/units.hpp>
#include <flytt/cli/settings.hpp>

#include "fuzz/bytes/support/harness.hpp"

namespace flytt::fuzz {
namespace {

void values(const std::string& text) {
  accepted([&] { base::parse_size(text); });
  accepted([&] { base::parse_duration(text); });
  accepted([&] { base::parse_count(text); });
  if (const auto number = base::parse_i64(text)) require(base::parse_i64(base::concat(*number)) == number, "a number is another one when it is read again");
}

std::string printed(const std::vector<cli::ConfigLine>& lines) {
  std::string out, section;
  for (const auto& line : lines) {
    if (line.section != section) out += "[" + line.section + "]\n";
    section = line.section;
    out += line.key + " = " + line.value + "\n";
  }
  return out;
}

}  // namespace

void one(std::string_view input) {
  const auto lines = cli::parse_config(input, "f");
  const auto again = cli::parse_config(printed(lines), "f");
  require(again.size() == lines.size(), "a configuration has other lines when it is read again");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    require(again[i].section == lines[i].section && again[i].key == lines[i].key && again[i].value == lines[i].value,
            "a line of a configuration is another one when it is read again");
    values(lines[i].value);
  }
}

void seeds(const Add& add) {
  add("# all tools\nsource = mysql://app@db1/shop\njobs=2\n\n[dump-stream]\nchunk-size = 8M\ntimeout = 1.5h\n; end\n[load-stream]\njobs = 010\n");
  add("[verify-rows]\r\nmax-diffs = 18446744073709551615\r\nlag = 500ms");
  add("key = a = b\nempty =\n");
}

}  // namespace flytt::fuzz
