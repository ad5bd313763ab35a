-- The data set sysbench on PostgreSQL: four tables with the layout, the values and the k index of sysbench's oltp tests. :rows is
-- for each of them; the same rows each time. For psql.
-- SPDX-License-Identifier: MIT
SELECT setseed(0.25);
SELECT format('CREATE TABLE sbtest%s (id serial PRIMARY KEY, k integer NOT NULL DEFAULT 0, c char(120) NOT NULL DEFAULT %L, pad char(60) NOT NULL DEFAULT %L)', t, '', '')
  FROM generate_series(1, 4) AS t \gexec
-- Groups of eleven digits: ten for c, five for pad.
SELECT format('INSERT INTO sbtest%s (k, c, pad) SELECT 1 + floor(random() * %s)::int, concat_ws(%L, %s), concat_ws(%L, %s) FROM generate_series(1, %s)', t, :rows,
    '-', (SELECT string_agg($$lpad(floor(random() * 99999999999)::text, 11, '0')$$, ', ') FROM generate_series(1, 10)),
    '-', (SELECT string_agg($$lpad(floor(random() * 99999999999)::text, 11, '0')$$, ', ') FROM generate_series(1, 5)), :rows)
  FROM generate_series(1, 4) AS t \gexec
SELECT format('CREATE INDEX k_%s ON sbtest%s (k)', t, t) FROM generate_series(1, 4) AS t \gexec
