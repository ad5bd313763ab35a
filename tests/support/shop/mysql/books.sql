-- The second database on the old server: it stays there, and is written to all the time.
-- SPDX-License-Identifier: MIT
CREATE DATABASE books CHARACTER SET utf8mb4;
USE books;
CREATE TABLE ledger (
  id BIGINT NOT NULL,
  seq BIGINT NOT NULL,
  value CHAR(16) NOT NULL,
  PRIMARY KEY (id)
);
INSERT INTO ledger SELECT seq, 0, LEFT(SHA1(seq), 16) FROM seq_1_to_50000;
