// SPDX-License-Identifier: MIT
#include <flytt/os/environment.hpp>

#include <flytt/base/text.hpp>

#include <unistd.h>

namespace flytt::os {

bool url_has_password(std::string_view text) {
  const auto begin = text.find("://");
  if (begin == std::string_view::npos) return false;
  const auto login = text.substr(begin + 3, text.find_first_of("/?", begin + 3) - (begin + 3));
  const auto at = login.rfind('@');
  if (at != std::string_view::npos && login.substr(0, at).find(':') != std::string_view::npos) return true;
  return text.find("?password=", begin) != std::string_view::npos || text.find("&password=", begin) != std::string_view::npos;
}

bool carries_password(std::string_view name, std::string_view value) {
  if (name == "MYSQL_PWD" || name == "PGPASSWORD") return true;
  return name.starts_with("FLYTT_") && (name.ends_with("_PASSWORD") || url_has_password(value));
}

std::vector<std::string> child_environment(const std::map<std::string, std::string>& more) {
  std::vector<std::string> all;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto value = equals == std::string_view::npos ? std::string_view() : text.substr(equals + 1);
    if (!carries_password(name, value) && more.count(std::string(name)) == 0) all.emplace_back(text);
  }
  for (const auto& [name, value] : more) all.push_back(base::concat(name, "=", value));
  return all;
}

}  // namespace flytt::os
