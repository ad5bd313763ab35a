// Sources: https://dev.mysql.com/doc/refman/9.0/en/innodb-doublewrite-buffer.html (pages, doublewrite, O_DIRECT),
// https://www.postgresql.org/docs/current/runtime-config-wal.html (wal_sync_method fdatasync, 8 KiB pages, buffered).
// SPDX-License-Identifier: MIT
#include <flytt/engine/write_pattern.hpp>

#include <flytt/base/error.hpp>
#include <flytt/base/text.hpp>

namespace flytt::engine {
namespace {

const WritePattern kPatterns[] = {{.name = "mysql", .log_write = 4096, .page = 16384, .pages_a_batch = 128, .double_write = true, .direct = true, .amplification = 3},
                                  {.name = "postgres", .log_write = 8192, .page = 8192, .pages_a_batch = 128, .double_write = false, .direct = false, .amplification = 2.25}};

}  // namespace

WritePattern write_pattern(std::string_view name) {
  for (const auto& pattern : kPatterns) {
    if (pattern.name == name || (name == "mariadb" && pattern.name == "mysql") || (name == "postgresql" && pattern.name == "postgres")) return pattern;
  }
  const auto known = write_pattern_names();
  throw base::Error(base::Exit::usage, "unknown engine " + base::quote_for_message(name), {.hint = "Known are: " + base::join(known, ", ") + "."});
}

std::vector<std::string> write_pattern_names() { return {"mysql", "mariadb", "postgres"}; }

}  // namespace flytt::engine
