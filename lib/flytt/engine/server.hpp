// One server, as the tools see it: who it is, and the doors to everything that can be done with it.
// Layer: engine (3).  Thread rule: a Server is shared by threads; what it hands out belongs to one thread each.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/engine/endpoint.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine {

class BulkReader;
class Catalog;
class Replication;
class Snapshot;
class Storage;
class Target;
class Tuning;
struct SnapshotRequest;

/// One thing that a check found. `blocks` findings stop the work before anything is changed.
struct Finding {
  bool blocks = true;
  std::string code;     ///< short and stable, such as "binlog-off": what scripts match
  std::string object;   ///< what it is about
  std::string message;  ///< one sentence, lower case, no full stop
  std::string remedy;   ///< what to do
};

/// How names and values are written for this server, for messages and statements a user may run.
class Dialect {
 public:
  virtual ~Dialect() = default;
  /// A quoted identifier: safe whatever the name holds.
  virtual std::string name(std::string_view identifier) const = 0;
  /// A quoted, qualified table.
  std::string table(const value::TableName& t) const { return name(t.schema) + "." + name(t.table); }
  /// A literal of a text value.
  virtual std::string text(std::string_view value) const = 0;
};

/// A server reached by URL. Connects when first asked for something.
class Server {
 public:
  virtual ~Server() = default;

  /// Throws Error{Exit::unavailable} when it cannot be reached, Exit::privilege when it refuses the login.
  virtual const value::ServerIdentity& identity() = 0;
  virtual const Endpoint& endpoint() const noexcept = 0;
  virtual const Dialect& dialect() const noexcept = 0;

  virtual std::unique_ptr<Catalog> catalog() = 0;
  /// Takes a consistent snapshot of `request.scope`. See engine/snapshot.hpp.
  virtual std::unique_ptr<Snapshot> snapshot(const SnapshotRequest& request) = 0;
  /// A reader outside any snapshot: each statement sees the newest committed rows.
  virtual std::unique_ptr<BulkReader> reader() = 0;
  virtual std::unique_ptr<Target> target() = 0;
  virtual std::unique_ptr<Replication> replication() = 0;
  virtual std::unique_ptr<Tuning> tuning() = 0;
  /// Where its files are. The default refuses by name: an engine need not be able to say.
  virtual std::unique_ptr<Storage> storage();

  /// Ends every statement that any of this server's sessions is running, within a second or two.
  /// Thread rule: any thread, at any time; used from stop callbacks.
  virtual void cancel_all() noexcept = 0;
};

}  // namespace flytt::engine
