// SPDX-License-Identifier: MIT
#include <flytt/engine/client_files.hpp>

#include <cstdlib>

#include <flytt/base/error.hpp>
#include <flytt/os/dir.hpp>
#include <flytt/os/way.hpp>

namespace flytt::engine {

void refuse_files_of_others(const std::vector<std::string>& paths, const std::string& what) {
  for (const auto& path : paths) {
    try {
      if (!path.empty() && os::exists(path)) os::open_trusted(path);
    } catch (const base::Error& e) {
      if (e.code() == base::Exit::privilege) continue;  // the library may not read it either
      if (e.code() != base::Exit::refused) throw e.within("while looking at " + what);
      throw base::Error(base::Exit::config, e.message(), e.facts()).within("while looking at " + what);
    }
  }
}

std::string below_variable(const char* variable, const std::string& name) {
  const char* value = std::getenv(variable);
  return value == nullptr || *value == '\0' ? std::string() : std::string(value) + "/" + name;
}

}  // namespace flytt::engine
