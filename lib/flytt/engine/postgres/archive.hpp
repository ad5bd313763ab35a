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
#include <flytt/engine/postgres/programs.hpp>
#include <flytt/engine/target.hpp>
#include <flytt/os/fd.hpp>
#include <flytt/os/process.hpp>

namespace flytt::engine::postgres {

/// What the stream carries beside rows, in the order of creation: roles with --users, the archive before the rows, next values
/// of sequences, the archive after the rows, views to refresh.
/// Throws Error{Exit::config} without a pg_dump that is new enough, Exit::unavailable when it fails.
std::vector<value::SchemaObject> archive_objects(Connection& keeper, PgServer& server, const value::Scope& scope,
                                                 const std::vector<Relation>& relations, const std::string& snapshot);

enum class Section { before_rows, after_rows };
enum class Again : bool { no, yes };

/// What pg_restore could not make, and the rest is none the worse for.
struct Unmade {
  std::vector<std::string> violated;  ///< names of foreign keys whose rows lack their parents
  std::vector<std::string> missing;   ///< of those whose parents are no tables here: a sentence each
  std::vector<Complaint> indexes;     ///< that call what is only found where sessions of the database look for it
};

/// An archive as a file in memory, since pg_restore wants to seek in it.
class Archive {
 public:
  /// As pg_dump wrote it, or as packed() did. Throws Error{Exit::data} for what would take more memory than an archive may.
  explicit Archive(std::string_view bytes);
  /// Small enough for one object of a stream.
  static std::string packed(std::string_view bytes);

  /// Runs pg_restore on a section. Again::yes first drops what an earlier try, which was ended in the middle, has made.
  /// Schemas that were there before stay as they are.
  /// Throws Error{Exit::unavailable} naming the objects and the server's own messages.
  Unmade restore(PgServer& server, Section section, Again again, const LoadRequest& request, std::stop_token stop,
                 const std::vector<std::string>& schemas_there = {}) const;

  /// What of the archive can be restored: an item a line, as pg_restore lists them.
  std::vector<std::string> items(std::stop_token stop) const;
  /// The statements that pg_restore would run for a section, when the server is told none of the options that a load may have.
  /// Throws Error{Exit::data} when it cannot read the archive, Exit::config when there is no pg_restore.
  std::string script(Section section, Again again, Code code, std::stop_token stop) const;

 private:
  os::Finished read(std::vector<std::string> args, std::stop_token stop) const;
  std::vector<std::string> listed(std::stop_token stop) const;
  /// Is something of the archive not to be restored?
  bool needs_list(Code code, std::stop_token stop) const;

  os::UniqueFd file_;
};

/// An item as pg_restore lists it: "215; 1259 16385 TABLE public orders postgres".
struct ArchiveItem {
  std::string kind;    ///< "TABLE", "FK CONSTRAINT", "other"
  std::string schema;  ///< "-" when it is in none
  std::string what;    ///< behind the schema: its name and owner
};
ArchiveItem archive_item(std::string_view line);
/// The lines without publications of ours: they feed the channel of one copy, and are no part of it. `script` has their comments.
std::vector<std::string> without_own_publications(std::vector<std::string> items, std::string_view script);
/// Is it part of a table? The rest is code, or rights.
bool of_table(const ArchiveItem& item);

}  // namespace flytt::engine::postgres
