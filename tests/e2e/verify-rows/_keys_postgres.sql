-- Keys of every kind of type and order, and the values that are easily taken for one another.
CREATE SCHEMA keys;
CREATE TYPE keys.mood AS ENUM ('sad', 'ok', 'happy');
CREATE TYPE keys.pair AS (x int, y text);
CREATE DOMAIN keys.amount AS numeric(12, 3) CHECK (VALUE > -1e9);
CREATE DOMAIN keys.code AS char(5);
CREATE COLLATION keys.nocase (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION keys.german (provider = icu, locale = 'de-DE');
SET search_path = keys;

CREATE TABLE every (id bigint PRIMARY KEY, b bool, i2 int2, i4 int4, i8 int8, o oid, f4 float4, f8 float8, n numeric, n2 numeric(10, 2), m money, d date,
  ts timestamp, tz timestamptz(3), t time, tt timetz, iv interval, tx text, vc varchar(20), c char(7), nm name, ch "char", by bytea, j json, jb jsonb, u uuid,
  ip inet, ci cidr, ma macaddr, b9 bit(9), b70 bit(70), vb varbit, e mood, p pair, am amount, co code, ai int[], at text[], r int4range, tv tsvector, x xml,
  pl pg_lsn, rc regclass, po point, g int GENERATED ALWAYS AS (i4 * 2) STORED);
INSERT INTO every SELECT s, s % 2 = 0, s % 100 - 50, -s * 1000, s * 10000000000, s, s / 7.0::float4, s / 7.0::float8, (s::numeric * 7919) / 1000, s / 100.0,
  s::numeric::money / 8, date '2000-01-01' + (s - 2000)::int * 37, timestamp '1999-12-31 23:59:59.123456' + s * interval '1 hour 1 microsecond',
  timestamptz '2024-01-01' + s * interval '13.5 min', time '00:00' + s * interval '1.000001 s', timetz '10:00+02', s * interval '1 day 3 min',
  'text ' || s || ' ü€😀', 'v' || s, 'c' || s % 10, 'n' || s, chr((65 + s % 26)::int)::"char", decode(lpad(to_hex(s), 16, '0'), 'hex'),
  ('{"a" : ' || s || '}')::json, ('{"z":1,"a" : ' || s || '}')::jsonb, md5(s::text)::uuid, ('10.0.' || s % 256 || '.1')::inet,
  ('10.' || s % 256 || '.0.0/16')::cidr, '08:00:2b:01:02:03', (s % 512)::int::bit(9), s::bit(70), (s % 16)::int::bit(4)::varbit,
  (enum_range(NULL::mood))[1 + s % 3], ROW(s, 'y' || s)::pair, s / 3.0, 'ab', ARRAY[s::int, NULL, 2], ARRAY['a', '"b"', NULL, ''],
  int4range(s::int, (s + 5)::int), to_tsvector('simple', 'b a ' || s), '<a/>'::xml, '0/16B3748', 'pg_class'::regclass, point(s, 1)
  FROM generate_series(1, 2000) s;
INSERT INTO every (id) VALUES (-9223372036854775808), (9223372036854775807), (-5), (0);
INSERT INTO every (id, f4, f8, n, d, ts, tz, t, tx, ch, by, vb, p, iv, ai, ip, ci) VALUES
  (100001, 'NaN', '-0', 'NaN', 'infinity', 'infinity', 'infinity', '24:00', '', '', '', '', ROW(NULL, NULL), '-1 mon +2 days -3:04', NULL, '::ffff:1.2.3.4', '::/0'),
  (100002, 'Infinity', '-Infinity', 'Infinity', '-infinity', '-infinity', '-infinity', '00:00', ' ', 'x', '\x00', B'0', NULL, '0', '{}', '0:0:1::', '10.1.2.3/32'),
  (100003, '-0', '1e-300', '-Infinity', '4713-01-01 BC', '4713-01-01 BC', '0044-03-15 BC', '12:34:56.789', 'NULL', NULL, NULL, B'00', ROW(1, NULL), NULL, '{{1,2},{3,4}}', '10.1.2.3/8', NULL),
  (100004, 1e-40, 5e-324, '1e131071', '5874897-12-31', '294276-12-31 23:59:59.999999', '294276-01-01', '0:0:0.000001', 'x ', NULL, NULL, NULL, NULL, '178000000 years', NULL, '1:0:0:2::3', NULL);

CREATE TABLE by_enum (k mood PRIMARY KEY, v int); INSERT INTO by_enum SELECT unnest(enum_range(NULL::mood)), 1;
CREATE TABLE keyless (n int, t text); INSERT INTO keyless SELECT s % 50, 'same' FROM generate_series(1, 1000) s;
CREATE TABLE "select ""x"";" ("id ""q""" int PRIMARY KEY, v text); INSERT INTO "select ""x"";" VALUES (1, 'one');
CREATE TABLE empty (id int PRIMARY KEY); CREATE TABLE no_columns (); INSERT INTO no_columns DEFAULT VALUES;
CREATE TABLE by_nocase (k text COLLATE nocase PRIMARY KEY, v int); INSERT INTO by_nocase SELECT CASE WHEN s % 2 = 0 THEN 'w' ELSE 'W' END || s, s FROM generate_series(1, 2000) s;
CREATE TABLE by_german (k text COLLATE german PRIMARY KEY, v int); INSERT INTO by_german SELECT (ARRAY['ä', 'a', 'Z', 'z', 'ö', 'o', '-', '_'])[1 + s % 8] || s, s FROM generate_series(1, 2000) s;
-- Keys whose index has another order than comparisons in plain SQL.
CREATE TABLE by_other_collation (k text COLLATE nocase NOT NULL, v int); CREATE UNIQUE INDEX ON by_other_collation (k COLLATE "C");
INSERT INTO by_other_collation SELECT CASE WHEN s % 2 = 0 THEN 'w' ELSE 'W' END || s / 2, s FROM generate_series(1, 2000) s;
CREATE TABLE by_both_ways (a int NOT NULL, b int NOT NULL); CREATE UNIQUE INDEX ON by_both_ways (a DESC, b); INSERT INTO by_both_ways SELECT s % 10, s FROM generate_series(1, 2000) s;
CREATE TABLE by_down (a int NOT NULL, v int); CREATE UNIQUE INDEX ON by_down (a DESC); INSERT INTO by_down SELECT s, s FROM generate_series(1, 2000) s;
CREATE TABLE by_uuid (k uuid PRIMARY KEY, v int); INSERT INTO by_uuid SELECT md5(s::text)::uuid, s FROM generate_series(1, 2000) s;
CREATE TABLE by_numeric (k numeric PRIMARY KEY, v int); INSERT INTO by_numeric SELECT (s - 1000) * 123456789012345678901234.5678, s FROM generate_series(1, 2000) s;
INSERT INTO by_numeric VALUES ('NaN', 0), ('-Infinity', 0);
CREATE TABLE by_time (k timestamptz PRIMARY KEY, v int); INSERT INTO by_time SELECT timestamptz '0010-01-01 BC' + s * interval '20 year 1.000001 s', s FROM generate_series(1, 2000) s;
INSERT INTO by_time VALUES ('infinity', 0), ('-infinity', 0);
CREATE TABLE by_bytes (k bytea PRIMARY KEY, v int); INSERT INTO by_bytes SELECT decode(md5(s::text), 'hex'), s FROM generate_series(1, 2000) s;
CREATE TABLE by_eight (a date, b bool, c "char", d char(4), e float8, f inet, g bit(12), h time, PRIMARY KEY (a, b, c, d, e, f, g, h));
INSERT INTO by_eight SELECT date '2000-01-01' + s % 7, s % 2 = 0, chr(65 + s % 5)::"char", 'd' || s % 3, s % 11 / 3.0, ('10.0.0.' || s % 200)::inet, (s % 4096)::bit(12), time '0:0' + s * interval '1 s'
  FROM generate_series(1, 2000) s;
CREATE TABLE by_array (k int[] PRIMARY KEY, v int); INSERT INTO by_array SELECT ARRAY[s % 100, s], s FROM generate_series(1, 2000) s;
CREATE TABLE by_pair (k pair PRIMARY KEY, v int); INSERT INTO by_pair SELECT ROW(s % 100, 'y' || s)::pair, s FROM generate_series(1, 2000) s;
CREATE TABLE by_domain (k amount PRIMARY KEY, v int); INSERT INTO by_domain SELECT s - 50, s FROM generate_series(1, 2000) s;
CREATE TABLE by_char (k "char" PRIMARY KEY); INSERT INTO by_char SELECT (s::int)::"char" FROM generate_series(-128, 127) s;
CREATE TABLE by_text_and_number (y varchar(10), x int, v int, PRIMARY KEY (y, x)); INSERT INTO by_text_and_number SELECT 'p' || s % 400, s, s FROM generate_series(1, 2000) s;
CREATE TABLE long_keys (k text PRIMARY KEY, v int); INSERT INTO long_keys SELECT repeat(md5(s::text), 60) || '''\', s FROM generate_series(1, 300) s;
CREATE TABLE wide (id int PRIMARY KEY, b bytea, t text); INSERT INTO wide SELECT s, decode(repeat(md5(s::text), 200000), 'hex'), repeat('é' || s, 500000) FROM generate_series(1, 3) s;
CREATE TABLE parent (id int PRIMARY KEY, v int); CREATE TABLE child (PRIMARY KEY (id)) INHERITS (parent); INSERT INTO parent VALUES (1, 1); INSERT INTO child VALUES (1, 2), (2, 2);
