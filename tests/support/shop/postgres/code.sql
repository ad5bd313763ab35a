-- What the shop keeps in the server besides rows: functions, views, triggers, policies. Named so that the order of their names
-- is not the order in which they can be made. For psql.
-- SPDX-License-Identifier: MIT
SET ROLE shop_owner;

CREATE FUNCTION with_vat(net numeric, vat numeric) RETURNS numeric LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE RETURN net * (1 + vat / 100);
COMMENT ON FUNCTION with_vat IS 'it''s the gross price';
CREATE AGGREGATE product_of(double precision) (SFUNC = float8mul, STYPE = double precision, INITCOND = '1');

CREATE VIEW z_paid_orders WITH (security_barrier) AS SELECT order_id, customer_id, ordered_at, total FROM orders WHERE state = 'paid';
CREATE MATERIALIZED VIEW m_customer_turnover AS
  SELECT c.customer_id, c.name, sum(o.total) AS turnover FROM customer c JOIN z_paid_orders o USING (customer_id) GROUP BY 1, 2;
CREATE UNIQUE INDEX ON m_customer_turnover (customer_id);
CREATE MATERIALIZED VIEW a_best_customers AS
  SELECT name, turnover, with_vat(turnover, 25) AS gross FROM m_customer_turnover WHERE turnover > 10000;
CREATE MATERIALIZED VIEW never_filled AS SELECT now() AS at WITH NO DATA;
CREATE VIEW cheap_products AS SELECT product_id, title, price FROM product WHERE price < 10 WITH LOCAL CHECK OPTION;
CREATE RULE no_delete AS ON DELETE TO cheap_products DO INSTEAD NOTHING;

CREATE FUNCTION label_of(id bigint) RETURNS text LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $body$
BEGIN
  RETURN (SELECT title || ' #' || product_id FROM product WHERE product_id = id); -- a comment; with a semicolon
END
$body$;
CREATE PROCEDURE restock(wanted bigint, n integer, INOUT left_over integer DEFAULT NULL) LANGUAGE plpgsql AS $body$
BEGIN
  UPDATE stock SET pieces = pieces + n WHERE product_id = wanted;
  SELECT sum(pieces) INTO left_over FROM stock WHERE product_id = wanted;
END
$body$;
REVOKE EXECUTE ON FUNCTION label_of FROM PUBLIC;
GRANT EXECUTE ON FUNCTION label_of TO shop_app;

CREATE FUNCTION price_changed() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO audit.price_history (product_id, old_price, new_price, changed_by) VALUES (OLD.product_id, OLD.price, NEW.price, current_user);
  RETURN NEW;
END
$body$;
CREATE TRIGGER price_changed AFTER UPDATE OF price ON product FOR EACH ROW WHEN (OLD.price IS DISTINCT FROM NEW.price) EXECUTE FUNCTION price_changed();
CREATE FUNCTION checkout_touched() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  NEW.changed_at := clock_timestamp();
  RETURN NEW;
END
$body$;
CREATE TRIGGER checkout_touched BEFORE UPDATE ON checkout FOR EACH ROW EXECUTE FUNCTION checkout_touched();
CREATE FUNCTION checkout_done() RETURNS trigger LANGUAGE plpgsql AS $body$
BEGIN
  INSERT INTO checkout_closed (id) VALUES (OLD.id);
  RETURN NULL;
END
$body$;
CREATE TRIGGER checkout_done AFTER DELETE ON checkout FOR EACH ROW EXECUTE FUNCTION checkout_done();
CREATE TRIGGER checkout_once BEFORE UPDATE ON checkout FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger();
ALTER TABLE checkout DISABLE TRIGGER checkout_once;

-- A publication of the shop's own, for somebody who reads its orders.
CREATE PUBLICATION warehouse FOR TABLE orders, ONLY stock WITH (publish = 'insert, update', publish_via_partition_root = true);
GRANT USAGE ON SCHEMA audit TO shop_analyst;
GRANT SELECT (id, product_id, new_price) ON audit.price_history TO shop_analyst;

RESET ROLE;
CREATE FUNCTION keep_schemas() RETURNS event_trigger LANGUAGE plpgsql AS $body$
BEGIN
  RAISE EXCEPTION 'schemas of the shop stay';
END
$body$;
CREATE EVENT TRIGGER keep_schemas ON sql_drop WHEN TAG IN ('DROP SCHEMA') EXECUTE FUNCTION keep_schemas();
