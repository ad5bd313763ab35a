// What a server answers whose engine cannot say where its files are.
// SPDX-License-Identifier: MIT
#include <flytt/engine/storage.hpp>

#include <flytt/base/error.hpp>
#include <flytt/engine/server.hpp>

namespace flytt::engine {

std::unique_ptr<Storage> Server::storage() {
  throw base::Error(base::Exit::unavailable, "this flytt cannot ask a server of the kind " + endpoint().scheme + " where its files are",
                    {.hint = "Name the directories: io-probe --dir DIR, --role NAME=DIR."});
}

std::uint16_t default_port(std::string_view scheme) {
  if (scheme == "mysql" || scheme == "mariadb") return 3306;
  if (scheme == "postgres" || scheme == "postgresql") return 5432;
  throw base::Error(base::Exit::usage, "the port is missing", {.hint = "Write HOST:PORT."});
}

}  // namespace flytt::engine
