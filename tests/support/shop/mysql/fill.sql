-- Fills the shop inside the server. @orders says how large: 600000 makes about 300 MB. Repeatable: the same rows each time.
-- SPDX-License-Identifier: MIT
USE shop;
SET @orders = COALESCE(@orders, 600000);
SET @customers = @orders DIV 4, @products = @orders DIV 20 + 10;
-- Rows as an old application left them: dates that are none, and no key chosen by the server.
SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_UNSIGNED_SUBTRACTION', foreign_key_checks = 0;

INSERT INTO category VALUES (-1, NULL, 'not for sale'), (0, NULL, 'everything');
INSERT INTO category SELECT seq, IF(seq <= 10, 0, 1 + seq MOD 10), CONCAT('department ', seq) FROM seq_1_to_200;

INSERT INTO country VALUES ('Norge', 'NOK', 25), ('Deutschland', 'EUR', 19), ('Österreich', 'EUR', 20), ('Straße', 'it''s odd', 0),
  ('Japan', 'JPY', 10), ('', 'USD', 0);

INSERT INTO customer (customer_id, email, name, born, country, tags, flags, rating, weight, settings, password_hash, home, seen_from,
    created_at, secret_note)
  SELECT seq, CONCAT('customer', seq, '@', ELT(1 + seq MOD 4, 'example.org', 'mail.example', 'post.example', 'shop.example')),
    CONCAT(ELT(1 + seq MOD 7, 'Anne', 'Ørjan', 'O''Neil', '東京', 'Zoë', 'Łukasz', '🚚 Ltd'), ' ', seq),
    IF(seq MOD 50 = 0, '0000-00-00', DATE_ADD('1940-01-01', INTERVAL seq * 7919 MOD 25000 DAY)),
    ELT(1 + seq MOD 6, 'Norge', 'Deutschland', 'Österreich', 'Straße', 'Japan', ''),
    seq * 31 MOD 16, seq * 37 MOD 1024, IF(seq MOD 9 = 0, NULL, 1 / (seq + 0.1)), EXP(-seq / 977) * IF(seq MOD 2, 1, -1),
    IF(seq MOD 5 = 0, NULL, JSON_OBJECT('mail', seq MOD 2 = 0, 'page', seq MOD 100, 'name', CONCAT('"', seq, '" ☃'))),
    UNHEX(SHA2(seq, 256)), POINT(seq * 7 MOD 360 - 180 + 0.1, seq * 3 MOD 180 - 90 + 0.3), CONCAT('2001:db8::', HEX(seq MOD 65536)),
    TIMESTAMP'2020-01-01 00:00:00' + INTERVAL seq * 613 MOD 150000000 SECOND + INTERVAL seq MOD 1000000 MICROSECOND,
    IF(seq MOD 1000 = 0, CONCAT('call ', seq), 'none')
  FROM seq_1_to_100000000 WHERE seq <= @customers;

INSERT INTO product (product_id, sku, category_id, title, description, price, size, weight_kg, picture, available_from, made)
  SELECT seq, CONCAT(LEFT(SHA1(seq), 8), '-0000-4000-8000-', LEFT(SHA1(seq + 1), 12)), seq MOD 200 + 1,
    CONCAT(ELT(1 + seq MOD 5, 'Lamp', 'Chair', 'Bicycle', 'Kettle', 'Hjørnesofa'), ' model ', seq),
    CONCAT('Made of ', ELT(1 + seq MOD 4, 'oak', 'steel', 'glass', 'wool'), ' in batch ', SHA1(seq), '. ',
      REPEAT(CONCAT(SHA1(seq * 3), ' lasting and well made. '), 5)),
    (seq * 7919 MOD 10000000) / 10000, 1 + seq MOD 4, 1 / seq, IF(seq MOD 10 = 0, RANDOM_BYTES(1024), NULL),
    IF(seq MOD 3 = 0, '0000-00-00 00:00:00', '2025-01-31 08:00:00' + INTERVAL seq MINUTE), 1950 + seq MOD 75
  FROM seq_1_to_100000000 WHERE seq <= @products;
UPDATE product SET picture = REPEAT(CONCAT(UNHEX(SHA2(product_id, 512)), 0x00270A5C), 30000) WHERE product_id <= 8;

INSERT INTO stock
  SELECT seq MOD 4 + 1, seq MOD 8, 1 + seq DIV 2 MOD @products, seq * 13 MOD 500 - 20, IF(seq MOD 7 = 0, '0000-00-00', '2026-02-03')
  FROM seq_1_to_100000000 WHERE seq <= @products * 2;

INSERT INTO orders
  SELECT seq, 1 + seq * 7919 MOD @customers, '2023-01-01' + INTERVAL seq * 97 MOD 110000000 SECOND + INTERVAL seq MOD 1000000 MICROSECOND,
    1 + seq MOD 4, (seq * 104729 MOD 100000000) / 10000, IF(seq MOD 3 = 0, CONCAT('leave it with the neighbour, ', SHA1(seq)), NULL)
  FROM seq_1_to_100000000 WHERE seq <= @orders;

INSERT INTO order_line (order_id, line, product_id, pieces, price, discount)
  SELECT 1 + (seq - 1) DIV 3, (seq - 1) MOD 3, 1 + seq * 31 MOD @products, 1 + seq MOD 9, (seq * 7919 MOD 10000000) / 10000, NULLIF(seq MOD 5, 0) / 8
  FROM seq_1_to_100000000 WHERE seq <= @orders * 3;

INSERT INTO page_view
  SELECT '2026-01-01' + INTERVAL seq * 3001 MICROSECOND, CONCAT('/department/', seq MOD 200, '/', SHA1(seq)),
    IF(seq MOD 4 = 0, NULL, SEC_TO_TIME((seq MOD 7200000 - 3600000) / 1000)), UNHEX(LEFT(SHA1(seq * 7), 2 * (seq MOD 17)))
  FROM seq_1_to_100000000 WHERE seq <= @orders DIV 2;

INSERT INTO `Kunden: "größte" & it's ``top`` %s ☃ ångström` VALUES ('', NULL), ('a', 1), ('A', 2), ('å', 3), ('🚚', 4), ('x'' "\\', 5);
SET SESSION foreign_key_checks = 1, sql_mode = DEFAULT;
SELECT NEXTVAL(invoice_number), NEXTVAL(invoice_number), NEXTVAL(invoice_number);
