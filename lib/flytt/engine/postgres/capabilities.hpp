// What a PostgreSQL server can do, by name: the one place where versions are compared.
// Layer: engine/postgres (3).  Thread rule: values.
// SPDX-License-Identifier: MIT
#pragma once

#include <cstdint>

namespace flytt::engine::postgres {

struct Capabilities {
  bool supported = false;             ///< 14 to 18
  bool snapshot_option = false;       ///< CREATE_REPLICATION_SLOT … (SNAPSHOT 'export')
  bool failover_slots = false;        ///< a slot may be marked for failover
  bool standby_decoding = false;      ///< logical slots on a standby
  bool locale_provider = false;       ///< databases name their collation's provider
  bool builtin_locale = false;        ///< pg_database.datlocale instead of daticulocale
  bool origin_none = false;           ///< subscriptions can leave out what came from elsewhere
  bool password_required = false;     ///< subscriptions of ordinary owners must carry a password
  bool virtual_columns = false;       ///< generated columns that are not stored
  bool maintain_privilege = false;    ///< MAINTAIN on tables, for ANALYZE
  bool shared_statistics = false;     ///< counters are in shared memory: a session that has ended is in them
  bool grant_subscriptions = false;   ///< making subscriptions can be granted
  bool origin_limit = false;          ///< origins have a limit of their own, not the slots'
  bool identity_is_published = false; ///< a replica identity must not hold what is not published: generated columns
  bool locale_rules = false;          ///< databases may have rules of their own for ICU's collation
  bool applies_as_owner = false;      ///< a channel writes a table as its owner, whom FORCE ROW LEVEL SECURITY holds
  bool disable_on_error = false;      ///< subscriptions that stop instead of trying for ever
};

/// `version`: server_version_num, such as 150018.
Capabilities capabilities_of(std::uint32_t version);

}  // namespace flytt::engine::postgres
