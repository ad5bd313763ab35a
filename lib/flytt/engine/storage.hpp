// Where a server keeps what it writes, what it is waiting for, and how long a round trip to it takes.
// Layer: engine (3).  Thread rule: one thread an object.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace flytt::engine {

/// One directory that the server writes to. Roles: data, redo, undo, binlog, temp, tablespace.
struct StoragePlace {
  std::string role;
  std::string path;    ///< absolute, as the server's host sees it
  std::string origin;  ///< the setting it comes from
};

/// What the sessions of the server are doing now, without ours.
struct ServerActivity {
  std::uint32_t running = 0;           ///< executing a statement
  std::uint32_t waiting_for_lock = 0;  ///< of these, waiting for a row, table or metadata lock
};

/// Where a server's files are, and the session that asks for it.
class Storage {
 public:
  virtual ~Storage() = default;

  /// Shape: data first; the same directory may come under several roles; what the server does not have is left out.
  virtual std::vector<StoragePlace> places() = 0;
  /// A file in the data directory that the server's process keeps locked (fcntl) while it runs, by its full path; empty
  /// when there is none. It helps to prove on which host the server runs.
  virtual std::string locked_file() { return {}; }
  virtual ServerActivity activity() = 0;

  /// The smallest exchange of the protocol.
  virtual void ping() = 0;
  /// The smallest statement with a result: it goes through the whole server, or to whatever pretends to be one.
  virtual void select_one() = 0;
  /// The connected descriptor of this session, still owned by it; -1 when there is none.
  virtual int descriptor() = 0;
};

/// The port that servers of this URL scheme listen on when the URL names none. Throws: Exit::usage for another scheme.
std::uint16_t default_port(std::string_view scheme);

}  // namespace flytt::engine
