// Preloaded into a tool, it ends the process by SIGKILL just before the statement number FLYTT_KILL_AT of those that change
// something on a server; without that variable it only counts them, into the file FLYTT_KILL_COUNT.
// Only tests have this library: so a tool is killed between every two of its steps, and has no switch for it.
// SPDX-License-Identifier: MIT
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include <dlfcn.h>
#include <mysql.h>

namespace {

std::atomic<long> changes{0};

/// What only looks, or sets up the session, leaves nothing behind that a kill could leave half done.
bool only_looks(std::string_view sql) {
  for (const std::string_view word : {"SELECT SETVAL"})
    if (sql.substr(0, word.size()) == word) return false;
  for (const std::string_view word : {"SELECT", "SHOW", "SET SESSION", "USE", "START TRANSACTION"})
    if (sql.substr(0, word.size()) == word) return true;
  return false;
}

void count_change() {
  static const char* const at = std::getenv("FLYTT_KILL_AT");
  if (++changes == (at != nullptr ? std::atol(at) : 0)) std::raise(SIGKILL);
}

template <class Function>
Function* next(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

struct Report {
  ~Report() {
    const char* const path = std::getenv("FLYTT_KILL_COUNT");
    if (path == nullptr || changes == 0) return;
    if (std::FILE* const file = std::fopen(path, "w")) {
      std::fprintf(file, "%ld\n", changes.load());
      std::fclose(file);
    }
  }
} report;

}  // namespace

extern "C" {

int STDCALL mysql_real_query(MYSQL* mysql, const char* sql, unsigned long length) {
  static const auto real = next<int(MYSQL*, const char*, unsigned long)>("mysql_real_query");
  if (!only_looks({sql, length})) count_change();
  return real(mysql, sql, length);
}

int STDCALL mysql_stmt_execute(MYSQL_STMT* statement) {
  static const auto real = next<int(MYSQL_STMT*)>("mysql_stmt_execute");
  count_change();
  return real(statement);
}
}
