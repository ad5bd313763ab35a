// The server that a copy is loaded into: checks, schema, rows, and the ledger that makes loading exactly once.
// Layer: engine (3).  Thread rule: Target and Ledger belong to one thread; each BulkWriter and SchemaWriter to one worker.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/engine/server.hpp>
#include <flytt/engine/stream_rules.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine {

enum class IfExists { fail, drop, append };

struct LoadRequest {
  IfExists if_exists = IfExists::fail;
  unsigned jobs = 1;         ///< how many things may be created at once
  bool defer_indexes = true;
  bool skip_definers = false;
  Code code = Code::loaded;  ///< of an archive, too
  std::string definer;  ///< replaces every definer when not empty
};

/// What the target's ledger holds about one copy.
struct LedgerCopy {
  std::string uuid;
  std::string state;     ///< "loading" or "done"
  std::string started;   ///< ISO 8601, UTC
  value::Position position;
  value::Scope scope;
  value::ServerIdentity source;
  std::set<std::uint32_t> chunks;                ///< committed
  std::set<std::string> intents;                 ///< phases begun and perhaps done: "table shop.orders"
  std::set<std::string> done;                    ///< phases done
};

/// One committed chunk's receipt.
struct ChunkReceipt {
  std::uint32_t chunk = 0;
  std::uint32_t object = 0;  ///< index of the table in the manifest
  std::uint64_t rows = 0;
};

/// The table on the target in which a load notes what is in. Every call is durable when it returns.
class Ledger {
 public:
  virtual ~Ledger() = default;
  /// Every copy that this server's ledger knows, newest last; none when there is no ledger.
  virtual std::vector<LedgerCopy> copies() = 0;
  virtual std::optional<LedgerCopy> find(const std::string& uuid) = 0;
  /// Creates the ledger when missing, and notes the beginning of a copy unless it is noted already. From then on this Ledger holds
  /// the copy, as long as it lives: a load, or a --discard, of the same copy elsewhere must not go on beside it.
  /// Throws Error{Exit::locked} when another one holds it.
  virtual void begin(const value::Manifest& manifest) = 0;
  virtual void intend(const std::string& uuid, const std::string& phase) = 0;
  virtual void done(const std::string& uuid, const std::string& phase, const std::string& remark) = 0;
  /// What was said with done() of a phase, such as an event's status; empty when nothing.
  virtual std::vector<std::pair<std::string, std::string>> remarks(const std::string& uuid) = 0;
  virtual void finish(const std::string& uuid) = 0;
  /// Forgets a copy.
  virtual void forget(const std::string& uuid) = 0;
};

/// Loads rows of one chunk after another. Strict: a warning is an error.
class BulkWriter {
 public:
  virtual ~BulkWriter() = default;
  /// Begins one transaction for all chunks of `table`, number `object` of copy `uuid`: until commit_table(), begin() and commit() of
  /// its chunks belong to it. False: that cannot be, and the table is to be loaded chunk by chunk; so it is where the table has rows
  /// or the ledger a receipt of it. Only called where Target::whole_tables() says so.
  virtual bool begin_table(const std::string& /*uuid*/, std::uint32_t /*object*/, const value::Table& /*table*/) { return false; }
  /// Throws like commit().
  virtual void commit_table() {}
  /// Begins a transaction for one chunk of `table`.
  virtual void begin(const value::Table& table) = 0;
  /// Shape: `bytes` holds exactly `rows` whole rows in the table's encoding.
  /// Throws Error{Exit::data} for an image that does not decode, Exit::unavailable for what the server refuses.
  virtual void write(std::string_view bytes, std::uint64_t rows) = 0;
  /// Proves that every row went in, notes the receipt in the same transaction, commits. When the receipt is there already the
  /// chunk is in, by the session of a loader that was killed: the rows are taken back, and that is no error.
  /// Throws Error{Exit::in_doubt} when the connection died after COMMIT was sent.
  virtual void commit(const std::string& uuid, const ChunkReceipt& receipt) = 0;
  virtual void rollback() noexcept = 0;
};

/// Creates and drops objects.
class SchemaWriter {
 public:
  virtual ~SchemaWriter() = default;
  /// Runs the object's one statement under its own settings.
  /// Throws Error naming the object, with the server's own message.
  virtual void create(const value::SchemaObject& object) = 0;
  /// Creates what of `object` is not there yet, after a load that was ended between intent and done.
  virtual void recreate(const value::SchemaObject& object) = 0;
  virtual void drop(const value::SchemaObject& object) = 0;
  /// True when creating failed only because another object is not there yet: try again after the others.
  virtual bool depends_on_missing(const base::Error& error) const = 0;
  /// True when creating failed only because of what comes after the rows, such as an index that a view names.
  virtual bool wants_index(const base::Error&) const { return false; }
  /// True for a grant that cannot be made before the rows.
  virtual bool after_rows(const value::SchemaObject&) const { return false; }
  /// True when the rest is usable without this object, which failed with `error`: it is named, and the load goes on.
  virtual bool may_stay_behind(const value::SchemaObject&, const base::Error&) const { return false; }
  /// What of an object, which is made, is not as the source has it: a sentence each.
  virtual std::vector<std::string> shortfalls(const value::SchemaObject&) { return {}; }
  /// Number of rows that a foreign key's parent lacks.
  virtual std::uint64_t orphans(const value::SchemaObject& foreign_key) = 0;
};

class Target {
 public:
  virtual ~Target() = default;
  /// Everything that stands in the way of loading this copy, all at once.
  virtual std::vector<Finding> preflight(const value::Manifest& manifest, const LoadRequest& request) = 0;
  /// What is in the scope's databases already, whether the copy holds it or not, for --if-exists; accounts and databases too, where an
  /// engine can tell. An engine whose definitions are an archive gives that one, standing for all of it.
  virtual std::vector<value::SchemaObject> existing(const value::Manifest& manifest) = 0;
  virtual Ledger& ledger() = 0;
  virtual std::unique_ptr<BulkWriter> writer() = 0;
  /// Does this server keep a table better that was made and filled by one session in one transaction?
  virtual bool whole_tables() const { return false; }
  virtual std::unique_ptr<SchemaWriter> schema_writer(const LoadRequest& request) = 0;
};

}  // namespace flytt::engine
