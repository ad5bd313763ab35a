// replica-ctl: the new server follows the old one, and takes over from it.
// Layer: task (5).  Thread rule: call from one thread.  Output: man/replica-ctl.1.
//
// verb        servers         what it does                                                            exit, beside 0
// preflight   SOURCE TARGET   every finding at once, each with its remedy; changes nothing            13 when one blocks
// start       SOURCE TARGET   follows from the ledger's newest finished copy, or --position            13 15 69
// status      SOURCE TARGET   channel, position, fence of both, definitions that differ                1 when not following, or they differ
// stop        SOURCE TARGET   stops the channel; start --resume goes on
// fence       URL             the server takes no more writes; what was changed goes into the journal  11 13
// unfence     URL             puts back what the journal says a fence changed                         13 without a journal
// switchover  SOURCE TARGET   the state machine of plan/switchover.hpp                                11 13 15 20 21
// promote     TARGET          opens the target when the source is gone; needs --yes                   13 20
// resume      SOURCE TARGET   an interrupted switchover: after COMMIT forward, before it back         as switchover
// rollback    SOURCE TARGET   an interrupted switchover: the old server takes writes again             13 after COMMIT
// drop        SOURCE TARGET   removes channel, filters and the account that --create-repl-user made
// reverse     SOURCE TARGET   not in this release                                                     78
// SPDX-License-Identifier: MIT
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include <flytt/base/context.hpp>
#include <flytt/base/exit.hpp>
#include <flytt/engine/engine.hpp>
#include <flytt/plan/switchover.hpp>
#include <flytt/task/output.hpp>

namespace flytt::task {

enum class ReplicaVerb {
  preflight,
  start,
  status,
  stop,
  fence,
  unfence,
  switchover,
  promote,
  reverse,
  resume,
  rollback,
  drop,
};

struct ReplicateOptions {
  ReplicaVerb verb = ReplicaVerb::status;
  engine::Endpoint source;           ///< the URL of fence and unfence too; unused by promote
  engine::Endpoint target;           ///< the URL of promote too; unused by fence and unfence
  std::string position;              ///< --position: instead of the ledger's
  std::string database;              ///< --database with --position: the scope, comma-separated; empty: the ledger's, else all
  std::string source_address;        ///< --source-address HOST:PORT as the target reaches it; default the source URL's
  std::string repl_user = "flytt_repl";
  std::string repl_password;         ///< from FLYTT_REPL_PASSWORD
  bool create_repl_user = false;     ///< make the account on the source
  std::string channel_password_file; ///< --channel-password-file: a path on the target's host; where the product reads one
  std::string channel_ssl_ca;        ///< --channel-ssl-ca: a path on the target's host
  bool channel_ssl = true;           ///< --no-channel-ssl: only taken when the target reaches the source by loopback
  std::string channel = "flytt";
  std::string journal;               ///< --journal FILE; empty: $XDG_STATE_HOME/flytt/replica-SOURCE--TARGET.journal
  std::chrono::milliseconds budget{10'000};   ///< of a switchover from its first change (after the preflight) to COMMIT, hook included
  std::chrono::milliseconds max_lag{2'000};   ///< the target must catch up within this before the fence
  std::chrono::milliseconds connect_within{10'000};  ///< for the proof that the channel reaches the source
  std::vector<std::string> also_fences{};  ///< --also-fences: other databases that a fence, or following, may close
  bool reverse = false;              ///< --reverse: not in this release, exit 78
  std::string hook_pre_fence;        ///< run by /bin/sh -c, FLYTT_HOOK, FLYTT_SOURCE_HOST, … in its environment
  std::string hook_post_promote;
  std::string hook_rollback;
  bool dry_run = false;              ///< print the statements for these two servers, passwords hidden; change nothing
  bool yes = false;                  ///< promote: the source is gone for good. unfence: open it although no journal says how it was
  /// For tests: called before a step's action ("before": its intent is on disk) and after it ("after": its done is not). May throw.
  std::function<void(plan::Step, const char* point)> failpoint;
};

/// Does what the verb says.
/// Throws Error with the exit codes in the table above, Exit::usage for options that do not belong together, Exit::locked when
/// another replica-ctl works on the same pair, Exit::privilege, Exit::unavailable.
base::Exit replicate(const ReplicateOptions& options, Output& out, const base::Context& ctx);

/// The same with servers that are open already; their endpoints stand in `options` too.
base::Exit replicate(engine::Server& source, engine::Server& target, const ReplicateOptions& options, Output& out,
                     const base::Context& ctx);

}  // namespace flytt::task
