// What the verbs of replica-ctl share. Used by task/replicate*.cpp only.
// Layer: task (5).  Thread rule: one thread.
// SPDX-License-Identifier: MIT
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <flytt/engine/engine.hpp>
#include <flytt/task/journal.hpp>
#include <flytt/task/replicate.hpp>

namespace flytt::task {

/// Both servers with their doors, and where the answer goes.
struct Pair {
  engine::Server& source;
  engine::Server& target;
  std::unique_ptr<engine::Replication> old_side;
  std::unique_ptr<engine::Replication> new_side;
  const ReplicateOptions& options;
  Output& out;
  const base::Context& ctx;

  /// One operator a pair at a time. Throws Error{Exit::locked}.
  void lock();
  ~Pair();
};

/// What the target's ledger says about the newest finished copy; nothing when there is none.
std::optional<engine::LedgerCopy> newest_copy(engine::Server& target);

/// Tells both sides which copy is followed. Without one nothing is said.
void inform(Pair& pair, const std::optional<engine::LedgerCopy>& copy, bool begun);

/// The scope that a channel has: the ledger's, or --database.
value::Scope scope_of(const ReplicateOptions& options, const std::optional<engine::LedgerCopy>& copy);

/// Findings of both sides, accounts and definers compared. `role` of each is "source" or "target".
struct RoleFinding {
  std::string role;
  engine::Finding finding;
};
/// Definitions that a channel carries are compared where nothing may be under way any more.
enum class Definitions : bool { may_be_under_way, must_agree };
std::vector<RoleFinding> all_findings(Pair& pair, const value::Scope& scope, const std::string& repl_user, Definitions definitions = Definitions::may_be_under_way);

/// Where definitions differ, by the code that verify-rows compares with. What must agree blocks; else only what rows need.
void compare_definitions(Pair& pair, const value::Scope& scope, Definitions definitions, std::vector<RoleFinding>& out);

/// Why SOURCE and TARGET look as if they had been named the wrong way round; "" when they do not.
std::string swapped(Pair& pair);

/// Prints every finding. Returns how many block.
std::size_t print_findings(const std::vector<RoleFinding>& findings, Output& out);

/// Prints statements for --dry-run.
void print_script(Output& out, const std::string& where, const engine::Script& script);

/// Prints lines for a server's configuration file under a sentence that says what for; nothing when there are none.
void print_configuration(Output& out, const std::string& what_for, const std::string& lines);

/// What the channel that is there was limited to when it was started; nothing when neither the journal nor the ledger tells.
std::optional<value::Scope> followed_scope(Pair& pair);

/// What start has set and a restart of the target has undone: the channel's limits, the read-only mode.
struct Undone {
  std::vector<std::string> limits;  ///< sentences
  std::string open;                 ///< a sentence; empty: it is closed
  bool any() const noexcept { return !limits.empty() || !open.empty(); }
};
Undone undone_by_restart(Pair& pair);
/// The same as findings. Only `may_be_closed_again`: the read-only mode comes back by itself before it is needed.
std::vector<RoleFinding> undone_findings(const Undone& undone, bool may_be_closed_again);

/// The channel as the options say. Throws Error{Exit::usage} or Error{Exit::refused} for an address or a password that will not do.
engine::ChannelRequest channel_request(Pair& pair, const value::Position& position, const value::Scope& scope);

/// Facts of a position for the journal, and back.
std::vector<std::pair<std::string, std::string>> position_facts(const value::Position& position);

/// The journal of a pair, or of one server (`target` null): --journal, else that of these servers, on whatever URLs it was made.
std::string journal_path(const ReplicateOptions& options, const base::Context& ctx, engine::Server& source, engine::Server* target);
/// Opens it to be added to; the directory that it has by default is made when it is missing.
Journal journal_for(const ReplicateOptions& options, const base::Context& ctx, engine::Server& source, engine::Server* target);

/// The newest switchover of this pair in the journal; "" when there is none.
/// Throws Error{Exit::refused} for a journal that holds switchovers of other servers only.
std::string newest_run(const Journal& journal, Pair& pair);
/// Throws Error{Exit::refused} when a switchover is about other servers.
void refuse_other_servers(Pair& pair, const Journal& journal, const std::string& run);
/// How a server is opened again that no journal here knows how to.
std::string open_again(const engine::Server& server);

/// Which servers a record is about, for the journal.
std::vector<std::pair<std::string, std::string>> pair_facts(Pair& pair);
/// Whether a record is about this server. `fact` names who of the pair: "source_uuid", "target_uuid".
bool is_about(const JournalRecord& record, std::string_view fact, engine::Server& server);

/// What start noted about this target before it closed it; "" when nothing.
std::string target_settings_before(const Journal& journal, engine::Server& target);

/// Where the servers are not as a switchover that has ended left them, in words; "" when they are.
std::string contradiction(plan::Phase phase, Pair& pair);

/// What start would do, and everything that stands in its way: what preflight says is this list.
struct StartPlan {
  value::Scope scope;
  std::optional<engine::ChannelRequest> request;
  engine::Script script;
  std::vector<RoleFinding> findings;
  std::optional<base::Error> cause;  ///< of the first finding without which there is no script
};
StartPlan plan_start(Pair& pair);
base::Exit start_following(Pair& pair);
/// A new switchover, or with resume or rollback the journal's newest.
base::Exit switch_over(Pair& pair);

/// Runs a hook with /bin/sh -c. Throws Error{Exit::timeout} at the deadline, Exit::refused when it fails, naming its first words on stderr.
void run_hook(const std::string& command, const std::string& name, const std::vector<std::pair<std::string, std::string>>& environment,
              std::chrono::nanoseconds within);

}  // namespace flytt::task
