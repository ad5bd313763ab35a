-- The second database on the old server: it stays there, and is written to all the time. For psql.
-- SPDX-License-Identifier: MIT
CREATE TABLE ledger (
  id bigint PRIMARY KEY,
  seq bigint NOT NULL,
  value char(16) NOT NULL
);
INSERT INTO ledger SELECT n, 0, left(md5(n::text), 16) FROM generate_series(1, 50000) AS n;
GRANT SELECT, INSERT, UPDATE, DELETE ON ledger TO shop_app;
