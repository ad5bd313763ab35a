// Sequences, which logical replication does not carry: the numbers that the source has given out must never come again.
// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/replication.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

using base::concat;
using base::Error;
using base::Exit;

namespace {

constexpr std::size_t kSequencesAStatement = 200;

}  // namespace

std::vector<SequenceState> PgReplication::sequences(const value::Scope& scope) {
  Connection& c = session();
  const Result names = c.query(concat("SELECT n.nspname, c.relname, tn.nspname AS table_schema, t.relname AS table_name FROM pg_catalog.pg_class c"
                                      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass"
                                      " AND x.objid = c.oid AND x.refclassid = x.classid AND x.refobjsubid > 0 AND x.deptype IN ('a', 'i') LEFT JOIN pg_catalog.pg_class t ON t.oid = x.refobjid"
                                      " LEFT JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND ", user_namespace(),
                                      " AND NOT ", of_extension("pg_class", "c.oid"), " ORDER BY c.oid"));
  std::vector<SequenceState> out;
  for (std::size_t i = 0; i < names.rows.size(); ++i) {
    const value::TableName table{names.text("table_schema", i), names.text("table_name", i)};
    if (scope.whole_databases() || (!table.table.empty() && in_scope(scope, table))) out.push_back({{names.text("nspname", i), names.text("relname", i)}, 0, false});
  }
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t begin = at;
    std::string sql;
    for (const std::size_t end = std::min(out.size(), at + kSequencesAStatement); at < end; ++at)
      sql += concat(sql.empty() ? "" : " UNION ALL ", "SELECT ", at, " AS i, last_value, is_called FROM ", quote_table(out[at].name.schema, out[at].name.table));
    const Result r = c.query(sql + " ORDER BY 1");
    for (std::size_t i = 0; i < r.rows.size(); ++i) {
      out[begin + i].last = base::parse_i64(r.text("last_value", i)).value_or(0);
      out[begin + i].called = r.yes("is_called", i);
    }
  }
  return out;
}

void PgReplication::set_sequences(const std::vector<SequenceState>& states, std::uint64_t ahead) {
  Connection& c = session();
  for (std::size_t at = 0; at < states.size();) {
    std::string list;
    const std::size_t begin = at;
    for (const std::size_t end = std::min(states.size(), at + kSequencesAStatement); at < end; ++at)
      list += concat(list.empty() ? "" : ", ", "(", quote_text(quote_table(states[at].name.schema, states[at].name.table)), ", '", states[at].last, "'::bigint, ", states[at].called, ")");
    // Further by so many steps, or by half of what is left of the range, in the direction that it counts.
    const Result r = c.query(concat(
        "SELECT s.name, CASE WHEN q.seqrelid IS NOT NULL THEN pg_catalog.setval(q.seqrelid::pg_catalog.regclass, (s.last::numeric + CASE WHEN ", ahead, " = 0 THEN 0"
        " WHEN q.seqincrement > 0 THEN GREATEST(0, LEAST(", ahead, "::numeric * q.seqincrement, pg_catalog.trunc((q.seqmax - s.last::numeric) / 2)))"
        " ELSE LEAST(0, GREATEST(", ahead, "::numeric * q.seqincrement, pg_catalog.trunc((q.seqmin - s.last::numeric) / 2))) END)::bigint, s.called OR ", ahead, " > 0) END AS now"
        " FROM (VALUES ", list, ") AS s(name, last, called) LEFT JOIN pg_catalog.pg_sequence q ON q.seqrelid = pg_catalog.to_regclass(s.name)"));
    for (std::size_t i = 0; i < r.rows.size(); ++i)
      if (!r.get("now", i))
        throw Error(Exit::refused, concat(c.endpoint(), ": there is no sequence ", r.text("name", i)), {.hint = "Create it as the source has it, or copy again."});
    if (r.rows.size() != at - begin) throw Error(Exit::bug, "not every sequence was set");
  }
}

void PgReplication::sequences_from_rows() {
  Connection& c = session();
  const Result r = c.query(concat(
      "SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname) AS sequence, pg_catalog.quote_ident(tn.nspname) || '.' || pg_catalog.quote_ident(t.relname) AS owner,"
      " pg_catalog.quote_ident(a.attname) AS col, q.seqincrement > 0 AS up, q.seqmin, q.seqmax FROM pg_catalog.pg_sequence q JOIN pg_catalog.pg_class c ON c.oid = q.seqrelid"
      " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace JOIN pg_catalog.pg_depend x ON x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND x.objid = c.oid"
      " AND x.refclassid = x.classid AND x.refobjsubid > 0 AND x.deptype IN ('a', 'i') JOIN pg_catalog.pg_class t ON t.oid = x.refobjid"
      " JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = x.refobjsubid"
      " WHERE c.relpersistence <> 't' AND a.atttypid IN (20, 21, 23, 1700) AND ", user_namespace(), " ORDER BY c.oid"));
  for (std::size_t i = 0; i < r.rows.size(); ++i) {
    const std::string sequence = r.text("sequence", i), edge = r.yes("up", i) ? "max" : "min", beyond = r.yes("up", i) ? ">=" : "<=";
    c.execute(concat("SELECT pg_catalog.setval(", quote_text(sequence), ", v.edge::bigint, true) FROM (SELECT pg_catalog.", edge, "(", r.text("col", i), ") AS edge FROM ", r.text("owner", i),
                     ") AS v CROSS JOIN ", sequence, " AS s WHERE v.edge ", beyond, " s.last_value AND v.edge BETWEEN ", r.text("seqmin", i), " AND ", r.text("seqmax", i)));
  }
}

}  // namespace flytt::engine::postgres
