// A database's definitions as pg_dump's archive: made inside the snapshot, carried in the stream, restored by section.
// Layer: engine/postgres (3).  Thread rule: functions over one session; Archive belongs to one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/pg_server.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/os/fd.hpp>

namespace flytt::engine::postgres {

/// What the stream carries beside rows, in the order of creation: roles with --users, the archive before the rows, next values
/// of sequences, the archive after the rows, views to refresh.
/// Throws Error{Exit::config} without a pg_dump that is new enough, Exit::unavailable when it fails.
std::vector<value::SchemaObject> archive_objects(Connection& keeper, PgServer& server, const value::Scope& scope,
                                                 const std::vector<Relation>& relations, const std::string& snapshot);

enum class Section { before_rows, after_rows };
enum class Again : bool { no, yes };

/// An archive as a file in memory, since pg_restore wants to seek in it.
class Archive {
 public:
  explicit Archive(std::string_view bytes);

  /// Runs pg_restore on a section. Again::yes first drops what an earlier try, which was ended in the middle, has made.
  /// Throws Error{Exit::unavailable} naming the objects and the server's own messages.
  void restore(PgServer& server, Section section, Again again, const LoadRequest& request, std::stop_token stop) const;

 private:
  os::UniqueFd file_;
};

}  // namespace flytt::engine::postgres
