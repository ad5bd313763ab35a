-- The shop's roles, on both servers: to whom its objects belong, and what its tills log in as. {{password}} is replaced.
-- The database shop is there and empty. For psql.
-- SPDX-License-Identifier: MIT
CREATE ROLE shop_owner NOLOGIN;
CREATE ROLE shop_analyst NOLOGIN;
CREATE ROLE shop_app LOGIN PASSWORD '{{password}}' IN ROLE shop_analyst;
ALTER DATABASE shop OWNER TO shop_owner;
-- Only an owner may publish a table, and whoever is to give an object to a role must be a member of it.
GRANT shop_owner TO flytt_dump, flytt_load;
-- There are tables with row security, whose rows would else be hidden from it.
ALTER ROLE flytt_verify BYPASSRLS;
-- Nor does pg_read_all_data reach the scanned contracts.
GRANT shop_analyst TO flytt_verify;
