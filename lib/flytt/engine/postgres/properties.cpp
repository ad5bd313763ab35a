// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/properties.hpp>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/replication_acl.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using value::ObjectKind;
using value::SchemaObject;

constexpr std::string_view kSetting = "setting ";
constexpr std::string_view kReadOnly = "default_transaction_read_only";
/// Values of these are lists of names, each quoted by itself. Source: variable_is_guc_list_quote() of pg_dump's dumputils.c
constexpr std::array<std::string_view, 6> kLists{"local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries",
                                                 "temp_tablespaces", "unix_socket_directories"};

/// One property as it is read. `base`: "owner", "setting work_mem"; `value`: what follows in its statement.
struct Property {
  std::string base, role, value;
  bool administrator = false;  ///< of an account that works for administrators
};

/// `"$user", public` as literals.
std::string list_value(std::string_view text) {
  std::vector<std::string> parts;
  for (std::size_t at = 0; at < text.size();) {
    std::string part;
    if (text[at] == ' ' || text[at] == ',') {
      ++at;
      continue;
    }
    if (text[at] == '"') {
      for (++at; at < text.size() && (text[at] != '"' || text.substr(at + 1, 1) == "\""); ++at) {
        if (text[at] == '"') ++at;
        part += text[at];
      }
      ++at;
    } else {
      for (; at < text.size() && text[at] != ',' && text[at] != ' '; ++at) part += text[at];
    }
    parts.push_back(quote_text(part));
  }
  return parts.empty() ? "''" : base::join(parts, ", ");
}

std::string setting_value(std::string_view name, std::string_view value) {
  return std::find(kLists.begin(), kLists.end(), name) != kLists.end() ? list_value(value) : quote_text(value);
}

/// The statement of a property of database `db` (empty: of a role of the server) up to its value; empty for a base that there is not.
std::string head_of(std::string_view base, const std::string& role, const std::string& db) {
  const std::string database = "DATABASE " + quote_name(db), who = "ROLE " + quote_name(role);
  if (base.starts_with(kSetting)) {
    const std::string set = concat(" SET ", quote_name(base.substr(kSetting.size())), " TO ");
    return role.empty() ? concat("ALTER ", database, set) : db.empty() ? concat("ALTER ", who, set) : concat("ALTER ", who, " IN ", database, set);
  }
  if (base == "comment") return db.empty() ? concat("COMMENT ON ", who, " IS ") : concat("COMMENT ON ", database, " IS ");
  if (db.empty()) return {};
  if (base == "owner") return concat("ALTER ", database, " OWNER TO ");
  if (base == "connection limit") return concat("ALTER ", database, " CONNECTION LIMIT ");
  if (base == kTakenFromEverybody) return concat("REVOKE ALL ON ", database, " FROM ");
  return {};
}

/// GRANT has the privileges before the database.
std::string grant_tail(const std::string& role, const std::string& db, bool grantable) {
  return concat(" ON DATABASE ", quote_name(db), " TO ", role.empty() ? std::string("PUBLIC") : quote_name(role), grantable ? " WITH GRANT OPTION" : "");
}

bool of_grant(std::string_view base) { return base == "privileges" || base == "privileges to hand on"; }

std::string statement_of(const Property& p, const std::string& db) {
  if (of_grant(p.base)) return concat("GRANT ", p.value, grant_tail(p.role, db, p.base != "privileges"));
  return head_of(p.base, p.role, db) + p.value;
}

/// The name tells properties apart: it has the role in it.
std::string name_of(const Property& p) { return p.role.empty() || p.base == "owner" ? p.base : concat(p.base, " of ", p.role); }

/// The end of the literal that begins at `at`, as quote_text() writes it; nothing when none does.
std::optional<std::size_t> literal_end(std::string_view text, std::size_t at) {
  const bool escapes = text.substr(at, 2) == "E'";
  if (escapes) ++at;
  if (text.substr(at, 1) != "'") return std::nullopt;
  for (++at; at < text.size(); ++at) {
    if (escapes && text[at] == '\\') ++at;
    else if (text.substr(at, 2) == "''") ++at;
    else if (text[at] == '\'') return at + 1;
  }
  return std::nullopt;
}

bool is_literal_list(std::string_view text) {
  for (std::size_t at = 0;;) {
    const auto end = literal_end(text, at);
    if (!end || *end == text.size()) return end.has_value();
    if (text.substr(*end, 2) != ", ") return false;
    at = *end + 2;
  }
}

bool is_literal(std::string_view text) { return literal_end(text, 0) == text.size(); }

/// Some of CONNECT, CREATE and TEMPORARY.
bool is_privilege_list(std::string_view text) {
  for (auto part : base::split(text, ',')) {
    part = base::trim(part);
    if (part != "CONNECT" && part != "CREATE" && part != "TEMPORARY") return false;
  }
  return true;
}

SchemaObject object_of(const Property& p, const std::string& db) {
  SchemaObject out;
  out.kind = ObjectKind::property;
  out.schema = db;
  out.name = name_of(p);
  out.parent = p.role;
  out.statement = statement_of(p, db);
  if (p.administrator) out.attributes = kMayBeMissing;
  return out;
}

class PropertyReading {
 public:
  explicit PropertyReading(Connection& c) : c_(c) {
    const Result r = c.query(concat("SELECT d.datname, d.datconnlimit, pg_catalog.shobj_description(d.oid, 'pg_database') AS comment, r.rolname AS owner, ",
                                    administrator_sql(), " AS administrator FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba"
                                    " WHERE d.datname = pg_catalog.current_database()"));
    database_ = r.text("datname");
    owner_ = r.text("owner");
    administrators_own_ = r.yes("administrator");
    limit_ = r.text("datconnlimit");
    comment_ = r.text("comment");
    roles();
  }

  const std::string& database() const { return database_; }

  std::vector<Property> all() {
    settings();
    if (!administrators_own_) out_.push_back({"owner", owner_, quote_name(owner_)});
    grants();
    if (limit_ != "-1") out_.push_back({"connection limit", {}, limit_});
    if (!comment_.empty()) out_.push_back({"comment", {}, quote_text(comment_)});
    return std::move(out_);
  }

 private:
  void roles() {
    const Result r = c_.query(concat("SELECT r.rolname, ", administrator_sql(), " AS administrator FROM pg_catalog.pg_roles r"));
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (r.yes("administrator", i)) administrators_.insert(r.text("rolname", i));
  }

  void settings() {
    const Result r = c_.query("SELECT COALESCE(r.rolname, '') AS role, x.entry FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase"
                              " LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) AS x(entry)"
                              " WHERE d.datname = pg_catalog.current_database() AND (s.setrole = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2");
    std::map<std::pair<std::string, std::string>, std::string> found;
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      const std::string entry = r.text("entry", i);
      const auto equals = std::min(entry.find('='), entry.size() - 1);
      found[{r.text("role", i), entry.substr(0, equals)}] = entry.substr(equals + 1);
    }
    if (const auto kept = found.find({"", "flytt.fence"}); kept != found.end()) {  // as it was before the fence
      fence_ = parse_fence(kept->second);
      found.erase(kept);
      const auto put = [&](const std::string& role, const std::optional<std::string>& value) {
        found.erase({role, std::string(kReadOnly)});
        if (value) found[{role, std::string(kReadOnly)}] = *value;
      };
      put("", fence_->read_only);
      put(fence_->role, fence_->role_read_only);
    }
    for (const auto& [key, value] : found) {
      const auto& [role, name] = key;
      out_.push_back({concat(kSetting, name), role, setting_value(name, value), administrators_.contains(role)});
    }
  }

  std::vector<DatabaseGrant> granted() const {
    if (fence_) return fence_->grants;
    const Result r = c_.query("SELECT COALESCE(r.rolname, '') AS grantee, a.privilege_type, a.is_grantable FROM pg_catalog.pg_database d"
                              " CROSS JOIN LATERAL pg_catalog.aclexplode(COALESCE(d.datacl, pg_catalog.acldefault('d', d.datdba))) a"
                              " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee WHERE d.datname = pg_catalog.current_database()"
                              " AND (a.grantee = 0 OR r.oid IS NOT NULL) ORDER BY 1, 2, 3");
    std::vector<DatabaseGrant> out;
    for (std::size_t i = 0; i < r.rows.size(); ++i) out.push_back({r.text("grantee", i), r.text("privilege_type", i), r.yes("is_grantable", i)});
    return out;
  }

  void grants() {
    std::map<std::pair<std::string, bool>, std::set<std::string>> by_role;
    for (const auto& g : granted())
      if (g.grantee != owner_) by_role[{g.grantee, g.grantable}].insert(g.privilege == "TEMP" ? "TEMPORARY" : g.privilege);
    out_.push_back({std::string(kTakenFromEverybody), {}, "PUBLIC"});
    for (const auto& [to, privileges] : by_role)
      out_.push_back({to.second ? "privileges to hand on" : "privileges", to.first, base::join(privileges, ", "), administrators_.contains(to.first)});
  }

  Connection& c_;
  std::string database_, owner_, limit_, comment_;
  bool administrators_own_ = false;
  std::set<std::string> administrators_;
  std::optional<Fence> fence_;
  std::vector<Property> out_;
};

}  // namespace

std::string administrator_sql() {
  return "(r.rolsuper OR r.rolcreatedb OR r.rolreplication OR r.rolcreaterole OR r.rolname ~ '^pg_' OR EXISTS (SELECT 1 FROM pg_catalog.pg_auth_members am"
         " JOIN pg_catalog.pg_roles g ON g.oid = am.roleid WHERE am.member = r.oid AND g.rolname IN ('pg_read_all_data', 'pg_monitor', 'pg_write_all_data')))";
}

void add_database_properties(Connection& c, std::vector<SchemaObject>& out) {
  PropertyReading reading(c);
  for (const auto& p : reading.all()) out.push_back(object_of(p, reading.database()));
}

std::vector<SchemaObject> compared_properties(Connection& c) {
  std::vector<SchemaObject> out;
  std::string everybody = "nothing";
  PropertyReading reading(c);
  for (const auto& p : reading.all()) {
    if (of_grant(p.base) && p.role.empty()) everybody = p.value;
    // The tools' own accounts have settings and privileges on each side, for their side's work.
    if (p.administrator || p.base == kTakenFromEverybody || (of_grant(p.base) && p.role.empty())) continue;
    auto object = object_of(p, {});
    object.parent.clear();
    object.statement = p.value;
    out.push_back(std::move(object));
  }
  SchemaObject object;
  object.kind = ObjectKind::property;
  object.name = "privileges of everybody on the database";
  object.statement = everybody;
  out.push_back(std::move(object));
  return out;
}

void add_role_properties(Connection& c, std::vector<SchemaObject>& out) {
  const Result settings = c.query("SELECT r.rolname, x.entry FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL"
                                  " pg_catalog.unnest(s.setconfig) AS x(entry) WHERE s.setdatabase = 0 AND r.rolname !~ '^pg_' AND r.oid >= 16384 ORDER BY 1, 2");
  for (std::size_t i = 0; i < settings.rows.size(); ++i) {
    const std::string entry = settings.text("entry", i);
    const auto equals = std::min(entry.find('='), entry.size() - 1);
    const std::string name = entry.substr(0, equals);
    out.push_back(object_of({concat(kSetting, name), settings.text("rolname", i), setting_value(name, entry.substr(equals + 1))}, {}));
  }
  const Result comments = c.query("SELECT rolname, pg_catalog.shobj_description(oid, 'pg_authid') AS comment FROM pg_catalog.pg_roles"
                                  " WHERE rolname !~ '^pg_' AND oid >= 16384 ORDER BY 1");
  for (std::size_t i = 0; i < comments.rows.size(); ++i)
    if (const auto text = comments.get("comment", i)) out.push_back(object_of({"comment", comments.text("rolname", i), quote_text(*text)}, {}));
}

bool good_property(const SchemaObject& o) {
  const std::string& role = o.parent;
  std::string base = o.name;
  if (!role.empty() && base != "owner") {
    const std::string end = " of " + role;
    if (!base.ends_with(end)) return false;
    base.resize(base.size() - end.size());
  }
  if (!o.attributes.empty() && o.attributes != kMayBeMissing) return false;
  std::string_view value = o.statement;
  if (of_grant(base)) {
    const std::string tail = grant_tail(role, o.schema, base != "privileges");
    if (o.schema.empty() || !value.starts_with("GRANT ") || !value.ends_with(tail) || value.size() < tail.size() + 6) return false;
    return is_privilege_list(value.substr(6, value.size() - tail.size() - 6));
  }
  const std::string head = head_of(base, role, o.schema);
  if (head.empty() || !value.starts_with(head)) return false;
  value.remove_prefix(head.size());
  if (base.starts_with(kSetting)) return is_literal_list(value);
  if (base == "comment") return (role.empty() != o.schema.empty()) && is_literal(value);
  if (base == "owner") return !role.empty() && value == quote_name(role);
  if (base == "connection limit") return role.empty() && base::parse_i64(value).has_value();
  return base == kTakenFromEverybody && role.empty() && value == "PUBLIC";
}

std::string property_for(const SchemaObject& o, const std::string& name) {
  const std::string old = concat("DATABASE ", quote_name(o.schema), " ");
  const auto at = o.schema.empty() ? std::string::npos : o.statement.find(old);
  if (at == std::string::npos) return o.statement;
  std::string out = o.statement;
  return out.replace(at, old.size(), concat("DATABASE ", quote_name(name), " "));
}

}  // namespace flytt::engine::postgres
