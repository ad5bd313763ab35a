-- A helper for the generators: the numbers 0 to 9999. Neither product lacks anything that this takes.
-- SPDX-License-Identifier: MIT
CREATE TABLE numbers (n INT NOT NULL PRIMARY KEY);
INSERT INTO numbers VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
INSERT INTO numbers SELECT a.n + 10 * b.n + 100 * c.n + 1000 * d.n FROM numbers a, numbers b, numbers c, numbers d
  WHERE a.n + 10 * b.n + 100 * c.n + 1000 * d.n > 9;
