// SPDX-License-Identifier: MIT
#include <flytt/engine/postgres/hash_partitions.hpp>

#include <flytt/base/text.hpp>
#include <flytt/engine/postgres/catalog.hpp>

namespace flytt::engine::postgres {

std::vector<HashedPart> hashed_parts(Connection& c) {
  const Result r = c.query(base::concat(
      "WITH RECURSIVE hashed AS (SELECT p.partrelid AS root FROM pg_catalog.pg_partitioned_table p WHERE p.partstrat = 'h' AND EXISTS (SELECT 1"
      " FROM unnest(p.partclass::oid[], p.partcollation::oid[]) AS k(class, collation_) JOIN pg_catalog.pg_opclass o ON o.oid = k.class"
      " LEFT JOIN pg_catalog.pg_collation co ON co.oid = k.collation_ WHERE o.oid >= 16384 OR NOT COALESCE(co.collisdeterministic, true)"
      " OR o.opcintype IN ('pg_catalog.anyenum'::pg_catalog.regtype, 'pg_catalog.anyarray'::pg_catalog.regtype, 'pg_catalog.record'::pg_catalog.regtype,"
      " 'pg_catalog.anyrange'::pg_catalog.regtype, 'pg_catalog.anymultirange'::pg_catalog.regtype))),"
      " tree(root, part) AS (SELECT root, root FROM hashed UNION SELECT tree.root, i.inhrelid FROM tree JOIN pg_catalog.pg_inherits i ON i.inhparent = tree.part)"
      " SELECT tree.root, tree.part, n.nspname, c.relname, pn.nspname AS part_schema, p.relname AS part_name FROM tree"
      " JOIN pg_catalog.pg_class c ON c.oid = tree.root JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
      " JOIN pg_catalog.pg_class p ON p.oid = tree.part JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace WHERE p.relkind = 'r' AND ",
      user_namespace(), " AND NOT EXISTS (SELECT 1 FROM tree above WHERE above.part = tree.root AND above.root <> tree.root) ORDER BY 3, 4, 5, 6"));
  std::vector<HashedPart> out;
  for (std::size_t i = 0; i < r.rows.size(); ++i)
    out.push_back({static_cast<std::uint32_t>(r.number("root", i)), static_cast<std::uint32_t>(r.number("part", i)),
                   {r.text("nspname", i), r.text("relname", i)}, {r.text("part_schema", i), r.text("part_name", i)}});
  return out;
}

}  // namespace flytt::engine::postgres
