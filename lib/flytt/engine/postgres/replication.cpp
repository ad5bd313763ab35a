// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<Replication> make_replication(PgServer& server) {
  throw base::Error(base::Exit::unavailable, "following a PostgreSQL server is not built yet", {.endpoint = server.endpoint().display()});
}

}  // namespace flytt::engine::postgres
