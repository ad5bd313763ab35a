// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/slot.hpp>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>
#include <flytt/engine/postgres/replica_identity.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;
using base::Exit;

/// CREATE_REPLICATION_SLOT waits for every transaction that is writing, in any database: after some seconds they are named, and after these
/// it is given up. statement_timeout does not reach commands of this kind.
constexpr std::chrono::seconds kNameAfter{5};
constexpr std::chrono::seconds kGiveUpAfter{60};

/// A publication of ours whose slot is gone feeds nobody.
bool left_over(Connection& c, const std::string& name) {
  return c.scalar(concat("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = ", quote_text(name), " AND pg_catalog.starts_with(pg_catalog.obj_description(oid, 'pg_publication'), ",
                         quote_text(kPublicationMark), ") AND NOT EXISTS (SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = pubname)"))
      .has_value();
}

/// Looks at the watch while another session waits for transactions, and ends that wait.
class SlotWait {
 public:
  SlotWait(Connection& control, const Connection& waiting, const base::Context& ctx)
      : thread_([&control, pid = waiting.id(), &ctx, this](std::stop_token done) {
          try {
            if (!ctx.clock.sleep_for(kNameAfter, done)) return;
            ctx.log.warn("the slot waits for transactions that began before it: " + holders(control));
            if (!ctx.clock.sleep_for(kGiveUpAfter - kNameAfter, done)) return;
            holders_ = holders(control);
            gave_up_ = true;
            control.query(concat("SELECT pg_catalog.pg_cancel_backend(", pid, ")"));
          } catch (const Error& e) {
            ctx.log.warn("cannot see whom the slot waits for: " + e.text());
          }
        }) {}
  /// Ends the watch; what it waited for in the end, empty when it did not give up.
  std::string end() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    return gave_up_ ? holders_ : std::string();
  }

 private:
  static std::string holders(Connection& c) {
    const Result r = c.query(
        "SELECT 'process ' || pid || ' of ' || COALESCE(usename, '?') || ' in ' || COALESCE(datname, '?') || ', ' || COALESCE(state, '?') || ', since '"
        " || pg_catalog.to_char(xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS') AS who, xact_start AS since FROM pg_catalog.pg_stat_activity"
        " WHERE backend_xid IS NOT NULL AND pid <> pg_catalog.pg_backend_pid() UNION ALL SELECT 'prepared transaction ' || pg_catalog.quote_literal(gid) || ' of ' || owner || ' in ' || database"
        " || ', since ' || pg_catalog.to_char(prepared AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS'), prepared FROM pg_catalog.pg_prepared_xacts ORDER BY since LIMIT 5");
    std::vector<std::string> out;
    for (std::size_t i = 0; i < r.rows.size(); ++i) out.push_back(r.text("who", i));
    return out.empty() ? "none of which is to be seen any more" : base::join(out, "; ");
  }

  std::string holders_;
  bool gave_up_ = false;
  std::jthread thread_;  ///< last: it ends before what it writes to
};

class PgSlot final : public Slot {
 public:
  PgSlot(PgServer& server, const std::string& name, const value::Scope& scope) : server_(server), name_(name) {
    control_ = server.connect();
    refuse(slot_findings(*control_, server, name, scope));
    server.context().log.warn(concat("slot ", name, " keeps the source's log until it is read; should this copy be killed, remove it with: ", removal_command()));
    publish(scope);
    try {
      create();
    } catch (...) {
      remove();
      throw;
    }
  }
  ~PgSlot() override {
    if (!kept_) remove();
  }

  const std::string& name() const noexcept override { return name_; }
  const std::string& snapshot() const noexcept override { return snapshot_; }
  const std::string& consistent_point() const noexcept override { return point_; }
  void release_snapshot() override { walsender_.reset(); }
  void keep() noexcept override { kept_ = true; }

  void prove() override {
    const Result r = control_->query("SELECT wal_status, active, confirmed_flush_lsn = " + quote_text(point_) +
                                         "::pg_catalog.pg_lsn AS untouched FROM pg_catalog.pg_replication_slots WHERE slot_name = $1",
                                     {name_});
    const std::string_view why = r.empty() ? "was dropped" : r.text("wal_status") == "lost" ? "has lost its log" : !r.yes("untouched") ? "was read by somebody" : "";
    if (!why.empty())
      throw Error(Exit::unavailable, concat("the replication slot ", name_, " ", why, " during the copy"),
                  {.endpoint = server_.endpoint().display(), .hint = "Start the copy again; see max_slot_wal_keep_size."});
  }

 private:
  void refuse(const std::vector<Finding>& findings) {
    std::string all;
    std::vector<std::string> remedies;
    bool privileges = true;
    for (const auto& f : findings) {
      if (!f.blocks) continue;  // told before the copy was begun
      all += concat(all.empty() ? "" : "; ", f.object, " ", f.message);
      if (std::find(remedies.begin(), remedies.end(), f.remedy) == remedies.end()) remedies.push_back(f.remedy);
      privileges = privileges && f.code.starts_with("privilege");
    }
    if (all.empty()) return;
    Error error(privileges ? Exit::privilege : Exit::refused, concat("no slot ", name_, ": ", all),
                {.endpoint = server_.endpoint().display()});
    for (const auto& remedy : remedies) error = error.with_more_hint(remedy);
    throw error;
  }

  void publish(const value::Scope& scope) {
    std::string list;
    for (const auto& relation : read_relations(*control_, scope))
      if (!relation.unlogged) list += concat(list.empty() ? "" : ", ", "ONLY ", quote_table(relation.table.name.schema, relation.table.name.table));
    // One transaction: a publication without the mark would be somebody's.
    control_->execute(concat(left_over(*control_, name_) ? "DROP PUBLICATION " + quote_name(name_) + "; " : "", "CREATE PUBLICATION ", quote_name(name_),
                             list.empty() ? "" : " FOR TABLE " + list, "; COMMENT ON PUBLICATION ", quote_name(name_), " IS ",
                             quote_text(concat(kPublicationMark, "what the slot of this name sends to the server that follows"))));
  }

  void create() {
    walsender_ = server_.connector().connect(Mode::replication);
    Result r;
    SlotWait wait(*control_, *walsender_, server_.context());
    try {
      r = walsender_->query(concat("CREATE_REPLICATION_SLOT ", quote_name(name_), " LOGICAL pgoutput ",
                                   server_.caps().snapshot_option ? "(SNAPSHOT 'export')" : "EXPORT_SNAPSHOT"));
    } catch (const Error& e) {
      const std::string holders = wait.end();
      if (holders.empty()) throw e.within("while creating the replication slot " + name_);
      throw Error(Exit::unavailable, concat("no slot ", name_, ": after ", kGiveUpAfter.count(), " s these transactions, which began before it, are still open: ", holders),
                  {.endpoint = server_.endpoint().display(),
                   .hint = "Let them end, or end them (pg_terminate_backend(process), COMMIT PREPARED or ROLLBACK PREPARED in their database), and take the copy again."});
    }
    wait.end();
    point_ = r.text("consistent_point");
    snapshot_ = r.text("snapshot_name");
    if (point_.empty() || snapshot_.empty()) throw Error(Exit::unavailable, "the server made the slot " + name_ + " and named no snapshot");
  }

  /// Without double quotes, so that a shell can be given it in some: a slot's name needs none.
  std::string removal() const {
    return concat("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = ", quote_text(name_),
                  "; DROP PUBLICATION IF EXISTS ", name_);
  }
  std::string removal_command() const { return concat("psql ", server_.endpoint().shell_word(), " -c \"", removal(), "\""); }

  /// Also after a stop, which has ended our sessions: a connector of its own.
  void remove() noexcept {
    walsender_.reset();
    control_.reset();
    try {
      Connector fresh(server_.endpoint(), server_.context());
      const auto session = fresh.connect();
      // The session that makes or holds the slot was cut off: its process ends when it notices, and until then the slot is in use.
      session->query("SELECT pg_catalog.pg_terminate_backend(active_pid, 10000) FROM pg_catalog.pg_replication_slots WHERE slot_name = $1 AND active_pid IS NOT NULL", {name_});
      session->execute(removal());
    } catch (const Error& e) {
      server_.context().log.error(concat("the replication slot ", name_, " could not be removed (", e.text(), "): it keeps the source's log, until: ",
                                         removal_command()));
    } catch (...) {
      server_.context().log.error("the replication slot " + name_ + " could not be removed");
    }
  }

  PgServer& server_;
  const std::string name_;
  std::unique_ptr<Connection> control_;
  std::unique_ptr<Connection> walsender_;
  std::string snapshot_;
  std::string point_;
  bool kept_ = false;
};

/// Gathers findings about one server.
class SlotFindings {
 public:
  SlotFindings(Connection& c, PgServer& server, const std::string& name, const value::Scope& scope)
      : c_(c), server_(server), name_(name), scope_(scope), role_(c.scalar("SELECT current_user").value_or("")) {}

  std::vector<Finding> all() {
    name_is_free();
    server_can();
    role_may();
    tables_can();
    return std::move(out_);
  }

 private:
  void block(std::string code, std::string object, std::string message, std::string remedy) {
    out_.push_back({true, std::move(code), std::move(object), std::move(message), std::move(remedy)});
  }

  void name_is_free() {
    if (name_.empty() || name_.size() > 63 || name_.front() <= '9' || name_.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") != std::string::npos)
      return block("slot-name", base::quote_for_message(name_), "is no name for a slot and a publication",
                   "use small letters, digits and _, at most 63 of them, the first no digit");
    if (c_.scalar("SELECT 1 FROM pg_catalog.pg_replication_slots WHERE slot_name = " + quote_text(name_)))
      block("slot-exists", "slot " + name_, "is there already", "choose another name, or drop it: SELECT pg_drop_replication_slot(" + quote_text(name_) + ")");
    if (c_.scalar("SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = " + quote_text(name_)) && !left_over(c_, name_))
      block("publication-exists", "publication " + name_, "is there already", "choose another name, or DROP PUBLICATION " + quote_name(name_));
  }

  void server_can() {
    const auto& settings = server_.identity().settings;
    if (settings.at("standby") == "on")
      block("standby", "the server", "is a standby, where no publication can be made", "take the copy with --slot from the primary");
    const std::string level = c_.scalar("SHOW wal_level").value_or("");
    if (level != "logical") block("wal-level", "wal_level", "is " + level, "ALTER SYSTEM SET wal_level = logical; then restart the server");
    const auto slots = c_.number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_replication_slots");
    if (slots >= c_.number("SELECT pg_catalog.current_setting('max_replication_slots')::bigint"))
      block("slots-used", "max_replication_slots", concat("is used up: there are ", slots, " slots"), "raise it and restart, or drop a slot that nobody needs");
    const auto senders = c_.number("SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'walsender'");
    if (senders >= c_.number("SELECT pg_catalog.current_setting('max_wal_senders')::bigint"))
      block("senders-used", "max_wal_senders", "is used up", "raise it and restart");
  }

  void role_may() {
    if (c_.scalar("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = current_user AND NOT rolreplication AND NOT rolsuper"))
      block("privilege-replication", "role " + role_, "lacks REPLICATION", "ALTER ROLE " + quote_name(role_) + " REPLICATION");
    if (!c_.query("SELECT pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE') AS may").yes("may"))
      block("privilege-create", "role " + role_, "may not create a publication",
            "GRANT CREATE ON DATABASE " + quote_name(server_.database()) + " TO " + quote_name(role_));
  }

  /// A publication makes UPDATE and DELETE on a table without a replica identity fail at once, on the source.
  void tables_can() {
    const Result owners = c_.query(concat("SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) AS owner FROM pg_catalog.pg_class c"
                                          " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND c.relpersistence = 'p' AND ",
                                          user_namespace(), " AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1, 2"));
    for (std::size_t i = 0; i < owners.rows.size(); ++i) {
      const value::TableName name{owners.text("nspname", i), owners.text("relname", i)};
      if (in_scope(scope_, name))
        block("privilege-owner", name.display(), concat("belongs to ", owners.text("owner", i), ", and only an owner may publish it"),
              concat("GRANT ", quote_name(owners.text("owner", i)), " TO ", quote_name(role_)));
    }
    const auto relations = read_relations(c_, scope_);
    const auto unfit = unfit_identities(c_, server_.caps(), relations);
    for (const auto& relation : relations) {
      const auto& name = relation.table.name;
      if (relation.unlogged)
        out_.push_back({false, "unlogged", name.display(), "is unlogged: it is copied, and what is written to it later does not follow",
                        "ALTER TABLE " + quote_table(name.schema, name.table) + " SET LOGGED"});
      if (const auto at = unfit.find(relation.oid); at != unfit.end()) block("replica-identity", name.display(), at->second.message, at->second.remedy);
    }
  }

  Connection& c_;
  PgServer& server_;
  const std::string& name_;
  const value::Scope& scope_;
  const std::string role_;
  std::vector<Finding> out_;
};

}  // namespace

std::vector<Finding> slot_findings(Connection& c, PgServer& server, const std::string& name, const value::Scope& scope) {
  return SlotFindings(c, server, name, scope).all();
}

std::unique_ptr<Slot> make_slot(PgServer& server, const std::string& name, const value::Scope& scope) {
  return std::make_unique<PgSlot>(server, name, scope);
}

}  // namespace flytt::engine::postgres
