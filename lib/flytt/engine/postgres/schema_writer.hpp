// Creates and drops what the stream brings beside rows.
// Layer: engine/postgres (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>

namespace flytt::engine::postgres {

/// What a writer has to know of the copy beside its objects.
struct CopyInHand {
  std::string uuid;
  std::vector<std::string> left_behind;        ///< a sentence for each part that could not come along
  std::vector<std::string> schemas_of_choice;  ///< with --table: those of its tables
};

std::unique_ptr<SchemaWriter> make_schema_writer(PgServer& server, const LoadRequest& request, CopyInHand copy);

}  // namespace flytt::engine::postgres
