-- The shop's accounts, on both servers: who owns its code, and what its tills log in as. {{password}} is replaced.
-- Before a database of this name exists; not in the binary log, so that a new server has no writes of its own.
-- SPDX-License-Identifier: MIT
SET SESSION sql_log_bin = 0;
CREATE USER shop_owner@localhost IDENTIFIED BY '{{password}}' ACCOUNT LOCK;
GRANT ALL ON shop.* TO shop_owner@localhost;
CREATE USER shop_app@'%' IDENTIFIED BY '{{password}}';
GRANT SELECT, INSERT, UPDATE, DELETE, EXECUTE ON shop.* TO shop_app@'%';
GRANT SELECT, INSERT, UPDATE, DELETE ON books.* TO shop_app@'%';
