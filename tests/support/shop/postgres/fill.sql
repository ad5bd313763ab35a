-- Fills the shop inside the server. :orders says how large: 400000 makes about 300 MB. Repeatable: the same rows each time,
-- but for the numbers of large objects. For psql.
-- SPDX-License-Identifier: MIT
SET ROLE shop_owner;
\set customers :orders / 4
\set products :orders / 20 + 10

INSERT INTO category VALUES (-1, NULL, 'not for sale'), (0, NULL, 'everything');
INSERT INTO category SELECT n, CASE WHEN n <= 10 THEN 0 ELSE 1 + n % 10 END, 'department ' || n FROM generate_series(1, 200) AS n;

INSERT INTO country VALUES ('Norge', 'NOK', 25), ('Deutschland', 'EUR', 19), ('Österreich', 'EUR', 20), ('Straße', 'it''s odd', 0),
  ('Japan', 'JPY', 10), ('', 'USD', 0);

INSERT INTO customer (email, name, born, country, tags, flags, rating, weight, settings, likes, password_hash, home, seen_from, budget, visits, created_at)
  SELECT 'customer' || n || '@' || (ARRAY['example.org', 'mail.example', 'post.example', 'shop.example'])[1 + n % 4],
    (ARRAY['Anne', 'Ørjan', 'O''Neil', '東京', 'Zoë', 'Łukasz', '🚚 Ltd'])[1 + n % 7] || ' ' || n,
    CASE n % 50 WHEN 0 THEN 'infinity' WHEN 1 THEN '-infinity' WHEN 2 THEN '0044-03-15 BC' ELSE date '1940-01-01' + n * 7919 % 25000 END,
    (ARRAY['Norge', 'Deutschland', 'Österreich', 'Straße', 'Japan', ''])[1 + n % 6],
    CASE n % 5 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['vip', NULL, 'NULL', 'a "b" \ {c}'] ELSE ARRAY['b2b', 'no mail'] END,
    (n * 37 % 1024)::bit(10), CASE n % 9 WHEN 0 THEN NULL WHEN 1 THEN 'NaN' WHEN 2 THEN '-Infinity' ELSE 1 / (n + 0.1) END,
    exp(-n / 977.0) * CASE WHEN n % 2 = 0 THEN -1 ELSE 1 END,
    CASE WHEN n % 5 > 0 THEN jsonb_build_object('mail', n % 2 = 0, 'page', n % 100, 'name', '"' || n || '" ☃', 'exact', 1.10) END,
    CASE WHEN n % 3 = 0 THEN hstore(ARRAY['colour', 'size'], ARRAY['blue ' || n, NULL]) END,
    sha256(n::text::bytea), ROW('Storgata ' || n, n % 10000, point(n * 7 % 360 - 180 + 0.1, n * 3 % 180 - 90 + 0.3))::address,
    CASE WHEN n % 2 = 0 THEN '10.0.0.0/8'::inet ELSE ('2001:db8::' || to_hex(n % 65536))::inet END,
    CASE n % 4 WHEN 0 THEN NULL WHEN 1 THEN 'empty' WHEN 2 THEN price_range(n % 100, NULL, '()') ELSE price_range(n % 100, n % 100 + 1.50, '[]') END,
    CASE WHEN n % 2 = 0 THEN int4multirange(int4range(1, 5), int4range(n % 50 + 10, n % 50 + 20)) END,
    timestamptz '2020-01-01 00:00:00+00' + n * interval '613.000001 seconds'
  FROM generate_series(1, (:customers)::int) AS n;

INSERT INTO product (product_id, sku, category_id, title, description, price, listed, size, weight_kg, picture, manual, available_from, warranty)
  SELECT n, md5(n::text)::uuid, n % 200 + 1, (ARRAY['Lamp', 'Chair', 'Bicycle', 'Kettle', 'Hjørnesofa'])[1 + n % 5] || ' model ' || n,
    'Made of ' || (ARRAY['oak', 'steel', 'glass', 'wool'])[1 + n % 4] || ' in batch ' || md5(n::text) || '. '
      || repeat(md5((n * 3)::text) || ' lasting and well made. ', 5),
    (n::bigint * 7919 % 10000000) / 10000.0, (n % 1000 / 4.0)::numeric::money, (enum_range(NULL::size))[1 + n % 4], 1.0 / n,
    CASE WHEN n % 10 = 0 THEN decode(repeat(md5(n::text), 64), 'hex') END,
    CASE WHEN n % 20 = 0 THEN xmlelement(name manual, xmlattributes(n AS no), 'keep <dry>') END,
    CASE WHEN n % 3 = 0 THEN '-infinity' ELSE timestamp '2025-01-31 08:00:00' + n * interval '1 minute' END,
    CASE WHEN n % 4 > 0 THEN make_interval(years => n % 5, days => n % 40, secs => n % 7 + 0.25) - interval '40 hours' END
  FROM generate_series(1, (:products)::int) AS n;
UPDATE product SET picture = (SELECT string_agg(sha512((product_id || '/' || k)::bytea), '\x00270a5c'::bytea) FROM generate_series(1, 30000) AS k) WHERE product_id <= 8;

INSERT INTO stock
  SELECT (enum_range(NULL::warehouse))[n % 4 + 1], (ARRAY['', 'top', 'cold', 'Top'])[1 + n / 4 % 4], 1 + n / 2 % (:products), n * 13 % 500 - 20,
    CASE WHEN n % 7 = 0 THEN '-infinity' ELSE date '2026-02-03' END
  FROM generate_series(1, (:products)::int * 2) AS n ON CONFLICT DO NOTHING;

INSERT INTO orders
  SELECT nextval('order_id'), 1 + n::bigint * 7919 % (:customers), timestamp '2023-01-01' + n::bigint * 97 % 110000000 * interval '1 second' + n % 1000000 * interval '1 microsecond',
    (ARRAY['new', 'paid', 'sent', 'returned'])[1 + n % 4], (n::bigint * 104729 % 100000000) / 10000.0,
    CASE WHEN n % 3 = 0 THEN 'leave it with the neighbour, ' || md5(n::text) END
  FROM generate_series(1, :orders) AS n;

INSERT INTO order_line (order_id, line, product_id, pieces, price, discount)
  SELECT 1 + (n - 1) / 3, (n - 1) % 3, 1 + n::bigint * 31 % (:products), 1 + n % 9, (n::bigint * 7919 % 10000000) / 10000.0, NULLIF(n % 5, 0) / 8.0
  FROM generate_series(1, :orders * 3) AS n;

INSERT INTO page_view
  SELECT timestamp '2026-01-01' + n * interval '3001 microseconds', '/department/' || n % 200 || '/' || md5(n::text),
    CASE WHEN n % 4 > 0 THEN (n % 7200000 - 3600000) * interval '1 millisecond' END, decode(left(md5((n * 7)::text), 2 * (n % 17)), 'hex')
  FROM generate_series(1, :orders / 2) AS n;

INSERT INTO document VALUES (1, 'terms of trade');
INSERT INTO invoice SELECT 10 + n, 'invoice ' || n, nextval('invoice_number'), date '2026-03-01' + n FROM generate_series(1, 1000) AS n;
INSERT INTO credit_note VALUES (5000, 'returned sofa', 'too large');
INSERT INTO van_trip (van, during) SELECT int4range(n, n + 1), tstzrange('2026-05-01 08:00+00', '2026-05-01 16:00+00') FROM generate_series(1, 50) AS n;
INSERT INTO gift_card VALUES (123456789012345678901234567890, 12.50), (0, 0);
INSERT INTO cart SELECT md5(n::text)::uuid, jsonb_build_array(n, n + 1) FROM generate_series(1, 2000) AS n;
INSERT INTO customer_note SELECT customer_id, country, 'call ' || name FROM customer WHERE customer_id % 100 = 0;
INSERT INTO "Kunden: ""größte"" & it's `top` %s ☃ ångström" VALUES ('', NULL), ('a', 1), ('A', 2), ('å', 3), ('🚚', 4), (E'x'' "\\ \t\n', 5);
INSERT INTO contract SELECT n, lo_from_bytea(0, decode(repeat(md5(n::text), 5000 * n), 'hex')) FROM generate_series(1, 5) AS n;
DO $$ DECLARE scan oid; BEGIN FOR scan IN SELECT c.scan FROM contract AS c LOOP EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO shop_analyst', scan); END LOOP; END $$;
