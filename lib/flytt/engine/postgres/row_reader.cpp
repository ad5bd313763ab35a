// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/row_reader.hpp>

namespace flytt::engine::postgres {

std::unique_ptr<BulkReader> make_row_reader(PgServer& server) {
  throw base::Error(base::Exit::unavailable, "comparing rows of PostgreSQL is not built yet", {.endpoint = server.endpoint().display()});
}

}  // namespace flytt::engine::postgres
