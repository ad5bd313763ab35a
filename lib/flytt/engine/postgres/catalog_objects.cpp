// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/catalog_objects.hpp>

namespace flytt::engine::postgres {

std::vector<value::SchemaObject> read_objects(Connection&, PgServer&, const value::Scope&) { return {}; }

}  // namespace flytt::engine::postgres
