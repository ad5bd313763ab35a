-- What the shop keeps in the server besides rows: views, routines, triggers, events. Named so that the order of their
-- names is not the order in which they can be made. The account shop_owner@localhost must be there.
-- SPDX-License-Identifier: MIT
USE shop;
SET NAMES utf8mb4;
DELIMITER ;;

CREATE DEFINER = shop_owner@localhost FUNCTION with_vat(net DECIMAL(20,4), vat DECIMAL(5,2)) RETURNS DECIMAL(20,4)
  DETERMINISTIC NO SQL COMMENT 'it''s the gross price'
  RETURN net * (1 + vat / 100) ;;

CREATE DEFINER = shop_owner@localhost SQL SECURITY INVOKER VIEW z_paid_orders AS
  SELECT order_id, customer_id, ordered_at, total FROM orders WHERE state = 'paid' ;;
CREATE DEFINER = shop_owner@localhost VIEW m_customer_turnover AS
  SELECT c.customer_id, c.name, SUM(o.total) AS turnover FROM customer c JOIN z_paid_orders o USING (customer_id) GROUP BY c.customer_id, c.name ;;
CREATE DEFINER = shop_owner@localhost VIEW a_best_customers AS
  SELECT name, turnover, with_vat(turnover, 25) AS gross FROM m_customer_turnover WHERE turnover > 1000 ;;
CREATE DEFINER = shop_owner@localhost VIEW cheap_products AS
  SELECT product_id, title, price FROM product WHERE price < 10 WITH LOCAL CHECK OPTION ;;

-- Made in another sql_mode, on which its text depends.
SET SESSION sql_mode = 'ANSI_QUOTES,PIPES_AS_CONCAT' ;;
CREATE DEFINER = shop_owner@localhost FUNCTION label_of(id BIGINT) RETURNS VARCHAR(200) CHARSET utf8mb4
  READS SQL DATA SQL SECURITY INVOKER
  RETURN (SELECT "title" || ' #' || "product_id" FROM "product" WHERE "product_id" = id) ;;
SET SESSION sql_mode = DEFAULT ;;

CREATE DEFINER = shop_owner@localhost PROCEDURE restock(IN wanted BIGINT UNSIGNED, IN n INT, OUT left_over INT)
  MODIFIES SQL DATA
BEGIN
  DECLARE EXIT HANDLER FOR SQLEXCEPTION
  BEGIN
    ROLLBACK;
    RESIGNAL;
  END;
  START TRANSACTION;
  UPDATE stock SET pieces = pieces + n WHERE product_id = wanted LIMIT 1; -- a comment; with a semicolon
  SELECT SUM(pieces) INTO left_over FROM stock WHERE product_id = wanted;
  COMMIT;
END ;;

CREATE DEFINER = shop_owner@localhost TRIGGER product_price_changed AFTER UPDATE ON product FOR EACH ROW
BEGIN
  IF NEW.price <> OLD.price THEN
    INSERT INTO price_history (product_id, old_price, new_price, changed_by) VALUES (OLD.product_id, OLD.price, NEW.price, CURRENT_USER());
  END IF;
END ;;
CREATE DEFINER = shop_owner@localhost TRIGGER a_product_price_guard BEFORE UPDATE ON product FOR EACH ROW
  SET NEW.price = GREATEST(NEW.price, 0) ;;
CREATE DEFINER = shop_owner@localhost TRIGGER z_product_title BEFORE UPDATE ON product FOR EACH ROW FOLLOWS a_product_price_guard
  SET NEW.title = TRIM(NEW.title) ;;
CREATE DEFINER = shop_owner@localhost TRIGGER checkout_done AFTER DELETE ON checkout FOR EACH ROW
  INSERT INTO checkout_closed (id) VALUES (OLD.id) ;;

SET SESSION time_zone = '+02:00' ;;
CREATE DEFINER = shop_owner@localhost EVENT forget_page_views ON SCHEDULE EVERY 1 DAY STARTS '2027-01-01 03:30:00' ENDS '2037-01-01 00:00:00'
  ON COMPLETION PRESERVE ENABLE COMMENT 'old visits'
  DO DELETE FROM page_view WHERE at < NOW() - INTERVAL 90 DAY ;;
CREATE DEFINER = shop_owner@localhost EVENT never_mind ON SCHEDULE AT '2036-12-31 23:59:59' ON COMPLETION PRESERVE DISABLE
  DO SET @done = 1 ;;
SET SESSION time_zone = DEFAULT ;;
DELIMITER ;
