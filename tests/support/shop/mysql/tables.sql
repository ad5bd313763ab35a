-- The shop: one believable database with every kind of table that a copy must carry. Create it, then fill.sql, then code.sql.
-- SPDX-License-Identifier: MIT
CREATE DATABASE shop CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci COMMENT 'Everything that we sell';
USE shop;

-- A tree: a table that refers to itself; negative keys for what is not for sale.
CREATE TABLE category (
  category_id SMALLINT NOT NULL AUTO_INCREMENT,
  parent_id SMALLINT NULL,
  name VARCHAR(80) NOT NULL,
  PRIMARY KEY (category_id),
  UNIQUE KEY name (parent_id, name),
  CONSTRAINT category_parent FOREIGN KEY (parent_id) REFERENCES category (category_id) ON DELETE RESTRICT
) AUTO_INCREMENT = 1000 COMMENT = 'Departments; those below zero are hidden';

-- A text key under a collation in which case does not matter and ss is sharp s.
CREATE TABLE country (
  code VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_german2_ci NOT NULL,
  currency ENUM('EUR','USD','NOK','JPY','it''s odd') NOT NULL DEFAULT 'EUR',
  vat DECIMAL(5,2) NOT NULL CHECK (vat BETWEEN 0 AND 50),
  PRIMARY KEY (code)
) DEFAULT CHARSET = latin1;

CREATE TABLE customer (
  customer_id INT UNSIGNED NOT NULL AUTO_INCREMENT,
  email VARCHAR(120) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name VARCHAR(80) NOT NULL COMMENT 'As the customer writes it: "O''Neil", 東京, 🚚',
  born DATE NULL,
  country VARCHAR(40) CHARACTER SET latin1 COLLATE latin1_german2_ci NOT NULL,
  tags SET('vip','b2b','returns often','no mail') NOT NULL DEFAULT '',
  flags BIT(10) NOT NULL DEFAULT b'0000000001',
  rating FLOAT NULL,
  weight DOUBLE NULL,
  settings JSON NULL,
  password_hash BINARY(32) NOT NULL,
  home POINT NOT NULL,
  seen_from INET6 NULL,
  created_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  secret_note VARCHAR(40) INVISIBLE DEFAULT 'none',
  mail_domain VARCHAR(120) CHARACTER SET ascii AS (SUBSTRING_INDEX(email, '@', -1)) VIRTUAL,
  initial CHAR(1) AS (UPPER(LEFT(name, 1))) STORED,
  PRIMARY KEY (customer_id),
  UNIQUE KEY email (email),
  KEY country (country, name(10)),
  KEY initial (initial DESC),
  SPATIAL KEY home (home),
  CONSTRAINT email_has_at CHECK (email LIKE '%_@_%'),
  CONSTRAINT customer_country FOREIGN KEY (country) REFERENCES country (code) ON UPDATE CASCADE
);

CREATE TABLE product (
  product_id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  sku UUID NOT NULL,
  category_id SMALLINT NOT NULL,
  title VARCHAR(120) NOT NULL,
  description TEXT NOT NULL,
  price DECIMAL(12,4) NOT NULL,
  size ENUM('S','M','L','XL') NOT NULL DEFAULT 'M',
  weight_kg FLOAT NOT NULL,
  picture MEDIUMBLOB NULL,
  available_from DATETIME NOT NULL DEFAULT '0000-00-00 00:00:00',
  made YEAR NULL,
  PRIMARY KEY (product_id),
  UNIQUE KEY sku (sku),
  KEY category (category_id, price),
  FULLTEXT KEY words (title, description),
  CONSTRAINT product_category FOREIGN KEY (category_id) REFERENCES category (category_id),
  CHECK (price >= 0)
) ROW_FORMAT = DYNAMIC STATS_PERSISTENT = 1 COMMENT = 'What we sell';

-- Keys of several columns, an ENUM and a SET among them, in an order that is not that of their text.
CREATE TABLE stock (
  warehouse ENUM('south','north','east','west') NOT NULL,
  shelf SET('top','cold','locked') NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  pieces INT NOT NULL DEFAULT 0,
  counted_at DATE NOT NULL DEFAULT '0000-00-00',
  PRIMARY KEY (warehouse, shelf, product_id),
  KEY product (product_id),
  CONSTRAINT stock_product FOREIGN KEY (product_id) REFERENCES product (product_id)
);

-- Partitions by year: no foreign keys may point here.
CREATE TABLE orders (
  order_id BIGINT NOT NULL AUTO_INCREMENT,
  customer_id INT UNSIGNED NOT NULL,
  ordered_at DATETIME(6) NOT NULL,
  state ENUM('new','paid','sent','returned') NOT NULL DEFAULT 'new',
  total DECIMAL(14,4) NOT NULL,
  remark VARCHAR(200) NULL,
  PRIMARY KEY (order_id, ordered_at),
  KEY customer (customer_id, ordered_at),
  KEY state (state)
) PARTITION BY RANGE (YEAR(ordered_at)) (
  PARTITION before_2024 VALUES LESS THAN (2024) COMMENT = 'closed',
  PARTITION y2024 VALUES LESS THAN (2025),
  PARTITION y2025 VALUES LESS THAN (2026),
  PARTITION later VALUES LESS THAN MAXVALUE
);

CREATE TABLE order_line (
  order_id BIGINT NOT NULL,
  line SMALLINT UNSIGNED NOT NULL,
  product_id BIGINT UNSIGNED NOT NULL,
  pieces MEDIUMINT NOT NULL,
  price DECIMAL(12,4) NOT NULL,
  discount DECIMAL(12,4) NULL,
  amount DECIMAL(20,4) AS (pieces * price - COALESCE(discount, 0)) STORED,
  PRIMARY KEY (order_id, line),
  KEY product (product_id)
);

-- No key at all.
CREATE TABLE page_view (
  at DATETIME(3) NOT NULL,
  path VARCHAR(200) NOT NULL,
  seconds TIME(3) NULL,
  visitor VARBINARY(16) NULL,
  KEY at (at)
);

-- Written by nobody yet; a large unsigned key, of which the first is the largest.
CREATE TABLE gift_card (
  number BIGINT UNSIGNED NOT NULL,
  worth DECIMAL(10,2) NOT NULL,
  PRIMARY KEY (number)
) COMMENT = 'Starts next year';

CREATE TABLE `Kunden: "größte" & it's ``top`` %s ☃ ångström` (
  `ключ "a"` VARCHAR(60) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `select` INT NULL DEFAULT NULL,
  PRIMARY KEY (`ключ "a"`)
) COMMENT = 'A name that nobody should have chosen: \\ '' " ` % ☃';

-- What the tills write to all the time; the rows behind `lost writes`.
CREATE TABLE checkout (
  id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  value CHAR(16) NOT NULL,
  changed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id),
  KEY changed (changed_at)
);
CREATE TABLE checkout_closed (
  id BIGINT NOT NULL,
  closed_at TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
  PRIMARY KEY (id)
);
CREATE TABLE price_history (
  id BIGINT NOT NULL AUTO_INCREMENT,
  product_id BIGINT UNSIGNED NOT NULL,
  old_price DECIMAL(12,4) NOT NULL,
  new_price DECIMAL(12,4) NOT NULL,
  changed_by VARCHAR(140) NOT NULL,
  PRIMARY KEY (id)
);

CREATE SEQUENCE invoice_number START WITH 100000 MINVALUE 1 MAXVALUE 99999999 INCREMENT BY 1 CACHE 50 NOCYCLE;
