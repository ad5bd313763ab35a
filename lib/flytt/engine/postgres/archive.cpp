// pg_dump's and pg_restore's command lines. Source: https://www.postgresql.org/docs/current/app-pgdump.html and app-pgrestore.html
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/archive.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <iterator>
#include <optional>
#include <thread>

#include <flytt/base/text.hpp>
#include <flytt/codec/zstd.hpp>
#include <flytt/engine/postgres/definition_script.hpp>
#include <flytt/engine/postgres/event_triggers.hpp>
#include <flytt/engine/postgres/index_validity.hpp>
#include <flytt/engine/postgres/large_objects.hpp>
#include <flytt/engine/postgres/programs.hpp>
#include <flytt/engine/postgres/properties.hpp>
#include <flytt/engine/postgres/roles.hpp>
#include <flytt/engine/postgres/sequences.hpp>
#include <flytt/os/process.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;
using value::ObjectKind;
using value::SchemaObject;

/// Of an archive, and of the script that is in it: so much memory a stream may ask for.
constexpr std::size_t kMostArchive = std::size_t{256} << 20;
/// A packed archive begins so, then comes its length in digits, a line feed, and one frame of zstd. pg_dump's have a version there.
constexpr std::string_view kPacked = "PGDMP.zst ";
/// An object's command line has an end: so many tables may be named one by one.
constexpr std::size_t kMostNamed = 10'000;
constexpr std::size_t kShown = 5;

os::Command command_for(PgServer& server, const Program& program) {
  os::Command command;
  command.program = program.path;
  for (auto& [name, value] : server.connector().program_environment()) command.environment[name] = std::move(value);
  command.environment["LC_ALL"] = "C";  // its messages are read
  command.ends_with_us = true;           // another load of the same copy may begin at once
  command.args = {"--no-password"};
  return command;
}

/// pg_dump's pattern for exactly this table.
std::string pattern(const value::TableName& name) { return quote_table(name.schema, name.table); }

std::string first_line(std::string_view text) {
  const auto lines = base::split(base::trim(text), '\n');
  for (const auto line : lines)
    if (line.find("error:") != std::string_view::npos || line.find("ERROR:") != std::string_view::npos) return std::string(base::trim(line));
  return std::string(lines.empty() ? std::string_view() : lines.back());
}

std::string dump_definitions(Connection& keeper, PgServer& server, const value::Scope& scope, const std::vector<Relation>& relations, const std::string& snapshot) {
  // Some servers keep numbers of their own among the options of columns, which only their own pg_dump knows to leave out.
  const auto major = server.identity().version_number / 10000;
  const bool numbered = keeper.scalar("SELECT 1 FROM pg_catalog.pg_attribute WHERE pg_catalog.array_to_string(attoptions, ' ') LIKE '%pg_attver=%' LIMIT 1").has_value();
  const auto program = newest_program("pg_dump", major, numbered ? major : UINT32_MAX);
  auto command = command_for(server, program);
  auto& args = command.args;
  for (const char* arg : {"--format=custom", "--compress=0", "--schema-only", "--no-subscriptions", "--lock-wait-timeout=10000", "--exclude-schema=flytt"})
    args.emplace_back(arg);
  args.push_back("--snapshot=" + snapshot);
  // Names on its command line are read, and in its archive written, as HELLO has them.
  if (server.identity().settings.at("server_encoding") != "SQL_ASCII") args.emplace_back("--encoding=UTF8");
  if (!scope.include_tables.empty()) {
    if (relations.size() > kMostNamed)
      throw Error(Exit::usage, concat("--table selects ", relations.size(), " tables, and at most ", kMostNamed, " can be named to pg_dump"));
    for (const auto& relation : relations) args.push_back("--table=" + pattern(relation.table.name));
    // A partition is attached to what it is a part of.
    for (const auto& parent : partitioned_above(keeper, scope)) args.push_back("--table=" + pattern(parent));
  }
  args.push_back("--dbname=" + server.connector().connection_text());
  command.capture_limit = kMostArchive;
  const auto done = os::run(command, server.context().stop);
  if (!done.status.success())
    throw Error(Exit::unavailable, concat("pg_dump failed (", done.status.text(), "): ", first_line(done.err)),
                {.endpoint = server.endpoint().display()});
  return Archive::packed(done.out);
}

SchemaObject object_of(ObjectKind kind, std::string schema, std::string name, std::string statement) {
  SchemaObject out;
  out.kind = kind;
  out.schema = std::move(schema);
  out.name = std::move(name);
  out.statement = std::move(statement);
  return out;
}

/// Not part of the snapshot, and read after it was taken: at least what any row of it has used.
void add_sequences(Connection& c, const value::Scope& scope, std::vector<SchemaObject>& out) {
  for (const auto& state : sequence_states(c, scope)) {
    const auto& [schema, name] = state.name;
    out.push_back(object_of(ObjectKind::sequence_value, schema, name,
                            concat("SELECT pg_catalog.setval(", quote_text(quote_table(schema, name)), "::pg_catalog.regclass, ", state.last, ", ", state.called, ")")));
  }
}

/// Populated materialized views, those that others read before those that read them. What they call may look for names where this
/// database's sessions do.
void add_refreshes(Connection& c, std::vector<SchemaObject>& out) {
  const Result r = c.query(concat(
      "WITH RECURSIVE edge AS (SELECT DISTINCT rw.ev_class AS reader, d.refobjid AS read FROM pg_catalog.pg_depend d"
      " JOIN pg_catalog.pg_rewrite rw ON rw.oid = d.objid WHERE d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass"
      " AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid <> rw.ev_class),"
      " depth(oid, level) AS (SELECT oid, 0 FROM pg_catalog.pg_class WHERE relkind = 'm'"
      " UNION SELECT e.reader, depth.level + 1 FROM depth JOIN edge e ON e.read = depth.oid WHERE depth.level < 1000)"
      " SELECT n.nspname, c.relname, pg_catalog.max(depth.level) AS level FROM depth JOIN pg_catalog.pg_class c ON c.oid = depth.oid"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND c.relispopulated AND ", user_namespace(),
      " GROUP BY 1, 2 ORDER BY 3, 1, 2"));
  const std::string path = c.scalar("SELECT reset_val FROM pg_catalog.pg_settings WHERE name = 'search_path'").value_or("");
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    out.push_back(object_of(ObjectKind::refresh, r.text("nspname", i), r.text("relname", i),
                            "REFRESH MATERIALIZED VIEW " + quote_table(r.text("nspname", i), r.text("relname", i))));
    out.back().attributes = path;
  }
}

/// Older servers do not know every setting that a newer pg_restore sends in front of its work.
bool only_a_newer_setting(const Complaint& c) {
  return c.message.find("unrecognized configuration parameter") != std::string::npos && c.command.starts_with("SET ");
}

/// --clean drops the parts of a partitioned index before the whole, which the server refuses and pg_restore passes over; the whole
/// goes next, and its parts with it. Were one to stay, making it again would fail.
bool only_a_part(const Complaint& c) {
  return c.command.find("DROP ") != std::string::npos &&
         (c.message.find("cannot drop inherited constraint") != std::string::npos ||
          (c.message.find("cannot drop index") != std::string::npos && c.message.find("requires it") != std::string::npos));
}

/// The name in the server's words about rows that lack their parent; empty when it complains of something else.
std::string violated_key(const Complaint& c) {
  constexpr std::string_view kHead = " violates foreign key constraint \"";
  const auto at = c.message.find(kHead);
  if (at == std::string::npos || c.message.empty() || c.message.back() != '"') return {};
  const auto begin = at + kHead.size();
  return c.message.substr(begin, c.message.size() - begin - 1);
}

std::size_t errors_in(std::string_view err) {
  const auto lines = base::split(err, '\n');
  return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](auto line) { return line.find("pg_restore: error: ") != std::string_view::npos; }));
}

/// As many errors as it says it has passed over; 0 when it says nothing of it.
std::size_t ignored_in(std::string_view err) {
  constexpr std::string_view kIgnored = "errors ignored on restore: ";
  const auto at = err.rfind(kIgnored);
  if (at == std::string_view::npos) return 0;
  const auto digits = err.substr(at + kIgnored.size());
  return base::parse_u64(digits.substr(0, digits.find('\n'))).value_or(0);
}

/// A key whose parent was not chosen, and is not here.
bool lacks_parent(const Complaint& c) {
  return c.statement.starts_with("ALTER TABLE ") && c.statement.find(" FOREIGN KEY (") != std::string::npos && c.message.starts_with("relation \"") && c.message.ends_with("\" does not exist");
}

/// An index that calls a function which names another without its schema.
bool lacks_function(const Complaint& c) {
  return (c.command.starts_with("CREATE INDEX ") || c.command.starts_with("CREATE UNIQUE INDEX ")) && c.message.ends_with(" does not exist");
}

/// The comment on a key that could not be made.
bool only_its_comment(const Complaint& c, const std::vector<Complaint>& all, const std::vector<std::string>& violated) {
  constexpr std::string_view kHead = "constraint \"", kTail = "\" for table ";
  const auto tail = c.message.find(kTail);
  if (!c.command.starts_with("COMMENT ON CONSTRAINT ") || !c.message.starts_with(kHead) || tail == std::string::npos) return false;
  const auto key = c.message.substr(kHead.size(), tail - kHead.size());
  return std::find(violated.begin(), violated.end(), key) != violated.end() ||
         std::any_of(all.begin(), all.end(), [&](const auto& other) {
           const auto adds = [&](const std::string& name) { return other.statement.find(concat(" ADD CONSTRAINT ", name, " FOREIGN KEY ")) != std::string::npos; };
           return lacks_parent(other) && (adds(key) || adds(quote_name(key)));
         });
}

/// Settings of pg_restore's sessions. What they commit is on the disk when the ledger's next note is, which waits for it.
///
/// Every job may have an index built by several of the server's processes. Where each table is at most one job's share of the database,
/// jobs alone keep the processors busy, and more of the server's processes than those only read the same pages into more memory.
/// On another host nobody says how many processors there are.
std::string session_options(PgServer& server, unsigned jobs) {
  std::string out = " -c synchronous_commit=off";
  const unsigned processors = std::thread::hardware_concurrency();  // 0: unknown
  if (jobs < 2 || processors == 0 || !server.endpoint().local()) return out;
  const auto most = server.connect()->scalar(
      concat("SELECT least(", processors / jobs > 1 ? processors / jobs - 1 : 0, ", pg_catalog.current_setting('max_parallel_maintenance_workers')::int)"
             " FROM pg_catalog.pg_class WHERE relkind = 'r' HAVING pg_catalog.max(pg_catalog.pg_table_size(oid)) * ", jobs, " <= pg_catalog.sum(pg_catalog.pg_table_size(oid))"));
  return most ? concat(out, " -c max_parallel_maintenance_workers=", *most) : out;
}

[[noreturn]] void fail(PgServer& server, const os::Finished& done, const std::vector<Complaint>& complaints) {
  std::string text;
  for (std::size_t i = 0; i < complaints.size() && i < kShown; ++i) {
    const auto& c = complaints[i];
    text += concat(text.empty() ? "" : "; ", c.object.empty() ? "" : c.object + ": ", c.message);
  }
  if (complaints.size() > kShown) text += concat("; and ", complaints.size() - kShown, " more");
  if (text.empty()) text = concat("pg_restore failed (", done.status.text(), "): ", first_line(done.err));
  const bool denied = text.find("permission denied") != std::string::npos || text.find("must be owner") != std::string::npos ||
                      text.find("must be superuser") != std::string::npos || text.find("must be able to SET ROLE") != std::string::npos;
  throw Error(denied ? Exit::privilege : Exit::unavailable, text, {.endpoint = server.endpoint().display()});
}

}  // namespace

std::vector<SchemaObject> archive_objects(Connection& keeper, PgServer& server, const value::Scope& scope,
                                          const std::vector<Relation>& relations, const std::string& snapshot) {
  std::vector<SchemaObject> out;
  if (scope.data_only) {
    add_sequences(keeper, scope, out);
    return out;
  }
  if (scope.users) out = role_objects(keeper);
  const std::string archive = dump_definitions(keeper, server, scope, relations, snapshot);
  const auto& database = server.database();
  out.push_back(object_of(ObjectKind::definitions, database, "archive", archive));
  if (!scope.schema_only) add_sequences(keeper, scope, out);
  auto& late = out.emplace_back(object_of(ObjectKind::late_definitions, database, "archive", archive));
  late.attributes = base::join(invalid_indexes(keeper), "\n");
  if (scope.users) add_role_properties(keeper, out);
  if (!scope.include_tables.empty()) return out;
  add_database_properties(keeper, out);
  if (scope.schema_only) return out;
  add_refreshes(keeper, out);
  if (!wants_large_objects(scope)) return out;
  auto grants = large_object_grants(keeper);
  std::move(grants.begin(), grants.end(), std::back_inserter(out));
  return out;
}

namespace {

/// Items to restore, as a file that pg_restore reads.
class ItemList {
 public:
  ItemList(const std::vector<std::string>& items, Code code, const std::vector<std::string>& schemas_there = {}) : path_((std::filesystem::temp_directory_path() / "flytt-list.XXXXXX").string()) {
    const os::UniqueFd file(::mkostemp(path_.data(), O_CLOEXEC));
    if (!file) base::throw_errno("cannot make a file in the directory for temporary files");
    std::string text;
    for (const auto& line : items)
      if (const auto item = archive_item(line); (code == Code::loaded || of_table(item)) && !makes_any(item, schemas_there)) text += line + "\n";
    os::write_full(file.get(), text);
  }
  ~ItemList() { ::unlink(path_.c_str()); }
  ItemList(const ItemList&) = delete;
  ItemList& operator=(const ItemList&) = delete;
  std::string option() const { return "--use-list=" + path_; }

 private:
  static bool makes_any(const ArchiveItem& item, const std::vector<std::string>& schemas) {
    return item.kind == "SCHEMA" && std::any_of(schemas.begin(), schemas.end(), [&](const auto& name) { return item.what.starts_with(name + " "); });
  }

  std::string path_;
};

std::vector<std::string> section_args(Section section, Again again) {
  std::vector<std::string> out{section == Section::before_rows ? "--section=pre-data" : "--section=post-data", "--no-tablespaces"};
  if (again == Again::yes) {
    out.emplace_back("--clean");
    out.emplace_back("--if-exists");
  }
  return out;
}

}  // namespace

std::string Archive::packed(std::string_view bytes) {
  std::string out = concat(kPacked, bytes.size(), "\n");
  codec::Compressor().compress_frame(bytes, out);
  return out;
}

Archive::Archive(std::string_view bytes) : file_(::memfd_create("flytt archive", MFD_CLOEXEC)) {
  if (!file_) base::throw_errno("cannot make a file in memory");
  std::string unpacked;
  if (bytes.starts_with(kPacked)) {
    const auto end = std::min(bytes.find('\n'), bytes.size());
    const auto size = base::parse_u64(bytes.substr(kPacked.size(), end - kPacked.size()));
    if (!size || *size > kMostArchive || end == bytes.size()) throw Error(Exit::data, concat("the definitions are no archive, or one of more than ", kMostArchive >> 20, " MiB"));
    codec::Decompressor().decompress_frame(bytes.substr(end + 1), static_cast<std::size_t>(*size), unpacked);
    bytes = unpacked;
  }
  os::write_full(file_.get(), bytes);
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) base::throw_errno("cannot rewind a file in memory");
}

Unmade Archive::restore(PgServer& server, Section section, Again again, const LoadRequest& request, std::stop_token stop,
                        const std::vector<std::string>& schemas_there) const {
  auto command = command_for(server, newest_program("pg_restore", 14));
  auto& args = command.args;
  for (auto& arg : section_args(section, again)) args.push_back(std::move(arg));
  // Before it drops what an earlier try has made: the statements for that have not been looked at yet.
  if (again == Again::yes)
    each_statement(script(section, again, request.code, stop), [&](const auto& statement) { check_statement(statement, request.code, Drops::allowed); });
  std::optional<ItemList> list;
  const auto control = server.connect();
  if (!schemas_there.empty() || needs_list(request.code, stop)) args.push_back(list.emplace(items(stop), request.code, schemas_there).option());
  command.environment["PGOPTIONS"] += session_options(server, section == Section::after_rows ? request.jobs : 1) + quiet_options(*control);
  if (section == Section::after_rows && request.jobs > 1) args.push_back(concat("--jobs=", request.jobs));
  if (request.skip_definers || !request.definer.empty()) args.emplace_back("--no-owner");
  if (request.skip_definers) args.emplace_back("--no-privileges");
  if (!request.definer.empty()) args.push_back("--role=" + request.definer);
  args.push_back("--dbname=" + server.connector().connection_text());
  args.emplace_back("/dev/stdin");  // each of its workers opens the file in memory anew
  command.input_fd = file_.get();
  const auto done = os::run(command, stop);
  auto complaints = complaints_of(done.err);
  const auto all_complaints = complaints;
  const auto all = complaints.size();
  std::erase_if(complaints, only_a_newer_setting);
  if (again == Again::yes) std::erase_if(complaints, only_a_part);
  Unmade unmade;
  for (const auto& complaint : complaints) {
    if (auto key = violated_key(complaint); !key.empty()) unmade.violated.push_back(std::move(key));
    if (lacks_function(complaint)) unmade.indexes.push_back(complaint);
    if (lacks_parent(complaint)) unmade.missing.push_back(concat("a foreign key is left out: ", complaint.message, "; make it when that table is here: ", complaint.statement));
  }
  std::erase_if(complaints, [&](const auto& c) { return !violated_key(c).empty() || lacks_parent(c) || lacks_function(c) || only_its_comment(c, all_complaints, unmade.violated); });
  // With nothing but harmless complaints its status is 1; then none that it has said must be another one. Alone it counts them exactly; of
  // several jobs each that has met an error counts all that it does from then on.
  const bool harmless = complaints.empty() && all > 0 && done.status.signal == 0 && done.status.code == 1 && errors_in(done.err) == all &&
                        (request.jobs > 1 && section == Section::after_rows ? ignored_in(done.err) >= all : ignored_in(done.err) == all);
  if (!done.status.success() && !harmless) fail(server, done, complaints);
  return unmade;
}

os::Finished Archive::read(std::vector<std::string> args, std::stop_token stop) const {
  os::Command command;
  command.program = newest_program("pg_restore", 14).path;
  command.environment["LC_ALL"] = "C";
  command.args = std::move(args);
  command.args.emplace_back("/dev/stdin");
  command.input_fd = file_.get();
  command.capture_limit = kMostArchive;
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) base::throw_errno("cannot rewind a file in memory");
  auto done = os::run(command, stop);
  if (!done.status.success())
    throw Error(Exit::data, concat("the definitions are no archive that pg_restore can read (", done.status.text(), "): ", first_line(done.err)));
  if (::lseek(file_.get(), 0, SEEK_SET) != 0) base::throw_errno("cannot rewind a file in memory");
  return done;
}

std::vector<std::string> Archive::items(std::stop_token stop) const {
  auto out = listed(stop);
  const auto commented = [](const std::string& line) {
    const auto item = archive_item(line);
    return item.kind == "COMMENT" && item.what.starts_with("PUBLICATION ");
  };
  if (std::none_of(out.begin(), out.end(), commented)) return out;
  auto args = section_args(Section::after_rows, Again::no);
  args.emplace_back("--file=-");
  return without_own_publications(std::move(out), read(std::move(args), stop).out);
}

bool Archive::needs_list(Code code, std::stop_token stop) const { return code == Code::left_out || items(stop).size() != listed(stop).size(); }

std::vector<std::string> Archive::listed(std::stop_token stop) const {
  std::vector<std::string> out;
  const auto done = read({"--list"}, stop);
  for (const auto line : base::split(done.out, '\n'))
    if (!line.empty() && line.front() != ';') out.emplace_back(line);
  return out;
}

std::string Archive::script(Section section, Again again, Code code, std::stop_token stop) const {
  auto args = section_args(section, again);
  args.emplace_back("--file=-");
  std::optional<ItemList> list;
  if (needs_list(code, stop)) args.push_back(list.emplace(items(stop), code).option());
  return read(std::move(args), stop).out;
}

}  // namespace flytt::engine::postgres
