// Versions to capabilities, one line each with the release that brought it.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/capabilities.hpp>

namespace flytt::engine::postgres {

Capabilities capabilities_of(std::uint32_t version) {
  const std::uint32_t major = version / 10000;
  Capabilities c;
  c.supported = major >= 14;           // 14: TID range scans, https://www.postgresql.org/docs/14/release-14.html
  c.snapshot_option = major >= 15;     // 15: parenthesised options, https://www.postgresql.org/docs/15/protocol-replication.html
  c.locale_provider = major >= 15;     // 15: CREATE DATABASE … LOCALE_PROVIDER, https://www.postgresql.org/docs/15/sql-createdatabase.html
  c.disable_on_error = major >= 15;    // 15: CREATE SUBSCRIPTION … disable_on_error, https://www.postgresql.org/docs/15/sql-createsubscription.html
  c.shared_statistics = major >= 15;   // 15: no statistics collector process, https://www.postgresql.org/docs/15/release-15.html
  c.grant_subscriptions = major >= 16; // 16: pg_create_subscription, https://www.postgresql.org/docs/16/predefined-roles.html
  c.locale_rules = major >= 16;        // 16: ICU_RULES, https://www.postgresql.org/docs/16/sql-createdatabase.html
  c.applies_as_owner = major >= 16;    // 16: run_as_owner, https://www.postgresql.org/docs/16/logical-replication-security.html
  c.origin_limit = major >= 18;        // 18: max_active_replication_origins, https://www.postgresql.org/docs/18/runtime-config-replication.html
  c.standby_decoding = major >= 16;    // 16: https://www.postgresql.org/docs/16/release-16.html
  c.origin_none = major >= 16;         // 16: origin, https://www.postgresql.org/docs/16/sql-createsubscription.html
  c.password_required = major >= 16;   // 16: password_required, https://www.postgresql.org/docs/16/sql-createsubscription.html
  c.failover_slots = major >= 17;      // 17: failover, https://www.postgresql.org/docs/17/protocol-replication.html
  c.builtin_locale = major >= 17;      // 17: datlocale, https://www.postgresql.org/docs/17/catalog-pg-database.html
  c.maintain_privilege = major >= 17;  // 17: https://www.postgresql.org/docs/17/ddl-priv.html
  c.identity_is_published = major >= 18; // 18: publish_generated_columns, https://www.postgresql.org/docs/18/sql-createpublication.html
  c.virtual_columns = major >= 18;     // 18: https://www.postgresql.org/docs/18/ddl-generated-columns.html
  return c;
}

}  // namespace flytt::engine::postgres
