// Following and fencing: what replica-ctl and lag-wait ask of one server.
// Layer: engine (3).  Thread rule: one thread per object.
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <flytt/engine/server.hpp>
#include <flytt/value/manifest.hpp>

namespace flytt::engine {

/// How a target is to follow a source.
struct ChannelRequest {
  std::string channel = "flytt";
  std::string source_host;        ///< as the target reaches it
  std::uint16_t source_port = 0;
  std::string user;
  std::string password;
  std::string password_file;      ///< path on the target's host of a file that holds it instead; empty: none
  std::string ssl_ca;             ///< path on the target's host; empty: the server's own trust
  bool ssl = true;
  value::Position position;
  value::Scope scope;
  value::ServerIdentity source;
};

struct ChannelStatus {
  bool exists = false;
  bool receiving = false;      ///< the connection to the source is up
  bool connecting = false;     ///< it is down and being tried again
  bool applying = false;
  bool drained = false;        ///< everything that was received has been applied
  std::string source_address;
  std::string source_uuid;     ///< of the server that the channel is connected to, as far as the product tells
  std::uint64_t source_server_id = 0;  ///< the same; 0: not connected yet
  std::string received;        ///< position received, in the server's own words
  std::string applied;         ///< position applied
  std::string error;           ///< the server's own message of why it stopped; empty when it runs
  std::optional<double> seconds_behind;  ///< the server's own figure: for display only
  std::string filters;
};

enum class Applied { yes, not_yet, stopped };

/// The copy that a channel goes on from, and how far that has come.
struct FollowedCopy {
  value::ServerIdentity copied_from;  ///< the source, with everything that its snapshot noted
  value::Position position;
  value::ServerIdentity follower;     ///< the target
  bool begun = false;                 ///< the channel is there already
};

/// An object whose definition a channel does not carry, so that it must stay the same on both sides as long as the channel runs.
struct FixedDefinition {
  std::string object;      ///< "table shop.orders"
  std::string definition;  ///< a text that two servers of different age have alike
  bool must_agree = true;  ///< false: the texts may differ without a difference, and only a warning is due
  bool operator==(const FixedDefinition&) const = default;
};

/// How much of a follower is forgotten: what keeps history for it and would fill the disk, or its definitions too.
enum class Forget : bool { history, everything };

/// A number generator that a channel does not carry.
struct SequenceState {
  value::TableName name;
  std::int64_t last = 0;
  bool called = false;  ///< `last` was given out
};

/// A scheduled event.
struct EventState {
  std::string schema;
  std::string name;
  bool enabled = false;
  bool of_replica = false;  ///< made or enabled by a channel, so that nobody can say here whether it is enabled where it came from
  bool spent = false;       ///< its time has passed, and no server would make it anew
};

struct FenceState {
  bool fenced = false;
  bool refuses_writes = false;          ///< not our fence, or only half of one, and applications cannot write all the same
  std::string evidence;                 ///< what was read back
  std::vector<std::string> can_still_write;  ///< accounts that the fence does not hold
  std::vector<std::string> sessions;    ///< other sessions that are open
  bool takes_writes() const noexcept { return !fenced && !refuses_writes; }
};

/// Statements that a verb would run, passwords hidden: what --dry-run prints.
using Script = std::vector<std::string>;

class Replication {
 public:
  virtual ~Replication() = default;

  /// Said to both sides before findings, start and drop, by products whose channel goes on from something that the copy made.
  virtual void set_copy(const FollowedCopy&) {}

  // The server as source.
  /// Where its history ends now.
  virtual value::Position current_position() = 0;
  /// Whether data was written here after current_position() gave `position`. True when nobody can say.
  virtual bool written_since(const value::Position& position) { return current_position() != position; }
  /// What stands in the way of being followed (`as source`) for this scope.
  virtual std::vector<Finding> source_findings(const value::Scope& scope, const std::string& repl_user) = 0;
  /// Creates the account that a channel logs in with. Its password never reaches a statement log.
  virtual void create_channel_account(const std::string& user, const std::string& password, const std::string& from) = 0;
  virtual void drop_channel_account(const std::string& user, const std::string& from) = 0;
  /// Whether `replica` is connected to this server and reads its history: the other half of the proof of a channel's route.
  virtual bool serves(const value::ServerIdentity& replica) = 0;
  /// Accounts that can log in here, as 'user'@'host', sorted.
  virtual std::vector<std::string> accounts() = 0;
  /// Accounts under whose name objects of the scope run (views, routines, triggers, events), sorted, each once.
  virtual std::vector<std::string> definers(const value::Scope& scope) = 0;
  /// Whether channels of this product carry changes of definitions.
  virtual bool carries_definitions() { return fixed_definitions({}).empty(); }
  /// A text that is another one when a definition may have been changed since; empty: nobody can say without reading them all.
  virtual std::string definitions_mark() { return {}; }
  /// Definitions of the scope that channels of this product do not carry, in outline, sorted by object; none where they carry all.
  virtual std::vector<FixedDefinition> fixed_definitions(const value::Scope&) { return {}; }
  /// Number generators of the scope that channels of this product do not carry.
  virtual std::vector<SequenceState> sequences(const value::Scope&) { return {}; }
  /// Removes what the copy and the channel left here beside the account. Idempotent.
  virtual void forget_follower(Forget) {}

  /// What a fence changes: previous values, as JSON text for the journal.
  virtual std::string fence_settings() = 0;
  /// Stops application writes. Bounded by `within`; on failure nothing is left pending.
  /// Throws Error{Exit::timeout} naming who held it up.
  virtual void fence(std::chrono::milliseconds within) = 0;
  virtual FenceState fence_state() = 0;
  /// Puts back what `fence_settings()` said. Idempotent.
  virtual void unfence(const std::string& previous) = 0;
  /// Lines for the server's configuration file that keep a fence over a restart; empty where the server remembers it.
  virtual std::string fence_configuration() { return {}; }
  /// Ends other sessions that could still write. Returns how many.
  virtual unsigned end_sessions() = 0;

  // The server as target.
  virtual std::vector<Finding> target_findings(const value::ServerIdentity& source, const value::Scope& scope) = 0;
  virtual ChannelStatus channel(const std::string& channel) = 0;
  /// Makes the channel and starts its receiver only: nothing is applied before the caller has proved whom it reached.
  virtual void start_channel(const ChannelRequest& request) = 0;
  /// Starts whatever of a channel is stopped: receiver and applier.
  virtual void resume_channel(const std::string& channel) = 0;
  virtual void stop_channel(const std::string& channel) = 0;
  /// Removes the channel and what start_channel set beside it.
  virtual void drop_channel(const std::string& channel) = 0;
  /// What of a channel is not as start_channel() left it for this scope: a server may forget limits when it is restarted. A sentence each.
  virtual std::vector<std::string> channel_faults(const std::string& /*channel*/, const value::Scope&) { return {}; }
  /// Limits a channel to the scope again. It is stopped for that, and left so.
  virtual void limit_channel(const std::string& /*channel*/, const value::Scope&) {}
  /// Whether everything up to `position` of the source has been applied by the channel.
  virtual Applied applied(const std::string& channel, const value::Position& position) = 0;
  /// Waits in the server for at most `within`.
  virtual Applied wait_applied(const std::string& channel, const value::Position& position, std::chrono::milliseconds within) = 0;
  /// Bytes between what was applied and `position`; nothing when the server cannot say.
  virtual std::optional<std::uint64_t> bytes_behind(const std::string& channel, const value::Position& position) = 0;
  /// What this server itself has written, beside what it follows: equal texts mean that nobody wrote here in between.
  virtual std::string local_history() = 0;
  /// Sets number generators to these states, further by `ahead` numbers each, or by half of what is left of their range.
  /// Throws Error{Exit::refused} naming those that are not there.
  virtual void set_sequences(const std::vector<SequenceState>&, std::uint64_t) {}
  /// Without a source to ask: no generator gives out a number that its column holds already.
  virtual void sequences_from_rows() {}
  /// Accepts application writes from now on, and proves it with one of its own in the flytt database. What a fence turned off
  /// beside writes is turned on as it was on the server whose `fence_settings()` these are; empty: stays off. Idempotent.
  virtual void open_writes(const std::string& settings_of_predecessor) = 0;
  /// Enables events that the loader left disabled. `statuses`: "schema.name", and the attributes that the catalog gave the event.
  /// Throws Error{Exit::partial} naming those that are not enabled.
  virtual void enable_events(const std::vector<std::pair<std::string, std::string>>& statuses) = 0;
  /// Scheduled events of the scope, by name; none where the product has none.
  virtual std::vector<EventState> events(const value::Scope&) { return {}; }
  /// Enables and disables events as they are on the server that `wanted` is from. What could not be done, a sentence each. Idempotent.
  virtual std::vector<std::string> set_events(const std::vector<EventState>& /*wanted*/) { return {}; }
  virtual Script describe_events(const std::vector<EventState>& /*wanted*/) { return {}; }

  virtual Script describe_start(const ChannelRequest& request) = 0;
  virtual Script describe_fence() = 0;
  virtual Script describe_promote(const std::string& channel) = 0;
  /// Lines for the server's configuration file that keep the channel limited after a restart; empty when not needed.
  virtual std::string persistent_configuration(const ChannelRequest& request) = 0;

  /// A lock on this server that one operator holds at a time. Throws Error{Exit::locked} naming the holder.
  virtual void lock_operator() = 0;
  virtual void unlock_operator() noexcept = 0;
};

}  // namespace flytt::engine
