// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replica_identity.hpp>

#include <flytt/base/text.hpp>

namespace flytt::engine::postgres {
namespace {

using base::concat;
using base::Error;

constexpr std::string_view kUndefinedFunction = "42883";
constexpr std::string_view kFails = ": once published, every UPDATE and DELETE on it would fail";

/// Which types the server cannot compare, asked by comparing: what counts is the operator that a follower looks up, which is not what
/// "=" means everywhere. One statement a type, and each type once.
class Comparing {
 public:
  explicit Comparing(Connection& c) : c_(c) {}
  bool can(const std::string& type) {
    const auto [at, fresh] = known_.emplace(type, true);
    if (!fresh) return at->second;
    try {
      c_.query(concat("SELECT pg_catalog.record_eq(ROW(NULL::", type, "), ROW(NULL::", type, "))"));
    } catch (const Error& e) {
      if (e.facts().sqlstate != kUndefinedFunction) throw;
      at->second = false;
    }
    return at->second;
  }

 private:
  Connection& c_;
  std::map<std::string, bool> known_;
};

std::string oids_of(const std::vector<Relation>& relations) {
  std::string out;
  for (const auto& relation : relations)
    if (!relation.unlogged) out += concat(out.empty() ? "" : ",", relation.oid);
  return out;
}

/// The index that the server itself takes, which no deferrable key is, and the generated columns in it and in the table.
constexpr std::string_view kIdentities =
    "SELECT c.oid, c.relreplident, i.indexrelid IS NOT NULL AS indexed, EXISTS (SELECT 1 FROM pg_catalog.pg_index p WHERE p.indrelid = c.oid AND p.indisprimary) AS keyed,"
    " (SELECT pg_catalog.min(a.attname::text) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum = ANY (i.indkey::int2[]) AND a.attgenerated <> '') AS generated_key,"
    " (SELECT pg_catalog.min(a.attname::text) FROM pg_catalog.pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated <> '') AS generated"
    " FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = pg_catalog.pg_get_replica_identity_index(c.oid) WHERE c.oid IN (";

constexpr std::string_view kIdentityColumns =
    "SELECT a.attrelid AS oid, a.attname AS name, pg_catalog.format_type(a.atttypid, NULL) AS type FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
    " WHERE c.relreplident = 'f' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND a.attrelid IN (";

}  // namespace

std::map<std::uint32_t, UnfitIdentity> unfit_identities(Connection& c, const Capabilities& caps, const std::vector<Relation>& relations) {
  std::map<std::uint32_t, UnfitIdentity> out;
  const std::string oids = oids_of(relations);
  if (oids.empty()) return out;
  const std::string another = "give it a primary key that is not deferrable, or a unique index over columns that are NOT NULL and ALTER TABLE … REPLICA IDENTITY USING INDEX";
  const Result r = c.query(concat(kIdentities, oids, ")"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const auto oid = static_cast<std::uint32_t>(r.number("oid", i));
    const std::string kind = r.text("relreplident", i);
    if (kind == "f") {
      if (caps.identity_is_published && r.get("generated", i))
        out[oid] = {concat("is identified by whole rows, and its generated column ", r.text("generated", i), " is not published", kFails), another};
    } else if (!r.yes("indexed", i)) {
      const std::string_view why = kind == "d" && r.yes("keyed", i) ? "has a primary key that is DEFERRABLE, which is no replica identity" : "has no replica identity";
      out[oid] = {concat(why, kFails), another + ", or ALTER TABLE … REPLICA IDENTITY FULL"};
    } else if (r.get("generated_key", i)) {
      out[oid] = {concat("is identified by its generated column ", r.text("generated_key", i), ", which is not published", kFails), another};
    }
  }
  Comparing comparing(c);
  const Result columns = c.query(concat(kIdentityColumns, oids, ") ORDER BY a.attrelid, a.attnum"));
  for (std::size_t i = 0; i < columns.rows.size(); ++i)
    if (!comparing.can(columns.text("type", i)))
      out.emplace(static_cast<std::uint32_t>(columns.number("oid", i)),
                  UnfitIdentity{concat("is identified by whole rows, and its column ", columns.text("name", i), " of type ", columns.text("type", i),
                                       " has no equality operator: the first UPDATE or DELETE would stop the channel"),
                                another});
  for (const auto& relation : relations)
    if (relation.hashed && !relation.unlogged)
      out[relation.oid] = {"is a partition by a hash that every server computes for itself: the follower would look for its rows in the wrong partition",
                           "copy it without following (no --slot), or leave it out with --exclude-table"};
  return out;
}

}  // namespace flytt::engine::postgres
