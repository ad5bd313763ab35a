#!/usr/bin/env bash
# Two PostgreSQL databases with the same data are equal, however their keys are ordered; each single change is found, and
# the values that are told are the ones that the server itself shows.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"

server_start postgres old
server_start postgres new
accounts_for old shop
accounts_for new other
sql_file old shop <"$FLYTT_SRC/tests/e2e/verify-rows/_keys_postgres.sql" >/dev/null
sql_file new other <"$FLYTT_SRC/tests/e2e/verify-rows/_keys_postgres.sql" >/dev/null
export FLYTT_SOURCE_PASSWORD=$S_OLD_PASSWORD FLYTT_TARGET_PASSWORD=$S_NEW_PASSWORD
# The databases have two names: each URL says its own.
verify() { verify-rows "$@" "$(url_as old flytt_verify shop)" "$(url_as new flytt_verify other)"; }
change() { sql new "SET search_path = keys; $1" other; }

step "every type, key and kind of table is equal, however it is cut"
for how in "3 2K" "1 64K"; do
    run_expect 0 verify --jobs "${how% *}" --chunk-size "${how#* }"
    assert_matches "$OUT" 'equal +keys\.every +rows 2008/2008  missing 0  extra 0  different 0'
    assert_matches "$OUT" 'equal +keys\.by_nocase +rows 2000/2000'
    assert_matches "$OUT" 'equal +keys\.empty +rows 0/0'
    assert_matches "$OUT" 'equal +keys\.no_columns +rows 1/1'
    assert_contains "$OUT" "'keys.select \"x\";'"
done

# found TABLE PATTERN STATEMENT UNDO: the change is found in this table, and its line matches.
found() {
    local table=$1 pattern=$2
    change "$3"
    run_expect 1 verify --no-schema --chunk-size 16K --jobs 2 -t "keys.$table"
    assert_matches "$OUT" "different +keys\.$table .*$pattern"
    change "$4"
}

step "the detection matrix"
found every 'different 2000' "UPDATE every SET ts = ts + interval '1 hour' WHERE isfinite(ts) AND id < 100000" "UPDATE every SET ts = ts - interval '1 hour' WHERE isfinite(ts) AND id < 100000"
found every 'different 1' "UPDATE every SET ts = ts + interval '1 microsecond' WHERE id = 77" "UPDATE every SET ts = ts - interval '1 microsecond' WHERE id = 77"
found every 'different 1' "UPDATE every SET d = '-infinity' WHERE id = 100001" "UPDATE every SET d = 'infinity' WHERE id = 100001"
found every 'different 1' "UPDATE every SET d = '4713-01-01' WHERE id = 100003" "UPDATE every SET d = '4713-01-01 BC' WHERE id = 100003"
found every 'different 1' "UPDATE every SET d = '42129-12-31' WHERE id = 100004" "UPDATE every SET d = '5874897-12-31' WHERE id = 100004"
found every 'different 1' "UPDATE every SET p = NULL WHERE id = 100001" "UPDATE every SET p = ROW(NULL, NULL) WHERE id = 100001"
found every 'different 1' "UPDATE every SET vb = B'0' WHERE id = 100003" "UPDATE every SET vb = B'00' WHERE id = 100003"
found every 'different 1' "UPDATE every SET f8 = 1.0000000000000002 WHERE id = 7" "UPDATE every SET f8 = 1 WHERE id = 7"
found every 'different 1' "UPDATE every SET f4 = 'Infinity' WHERE id = 100001" "UPDATE every SET f4 = 'NaN' WHERE id = 100001"
found every 'different 1' "UPDATE every SET n = 'NaN' WHERE id = 100002" "UPDATE every SET n = 'Infinity' WHERE id = 100002"
found every 'different 1' "UPDATE every SET n = n + 1e-20 WHERE id = 9" "UPDATE every SET n = 71.271 WHERE id = 9"
found every 'different 1' "UPDATE every SET tx = 'x' WHERE id = 100004" "UPDATE every SET tx = 'x ' WHERE id = 100004"
found every 'different 1' "UPDATE every SET tx = NULL WHERE id = 100001" "UPDATE every SET tx = '' WHERE id = 100001"
found every 'different 1' "UPDATE every SET iv = '30 days' WHERE id = 30" "UPDATE every SET iv = 30 * interval '1 day 3 min' WHERE id = 30"
found every 'different 1' "UPDATE every SET ip = '10.1.2.3/9' WHERE id = 100003" "UPDATE every SET ip = '10.1.2.3/8' WHERE id = 100003"
found every 'different 1' "UPDATE every SET e = 'sad' WHERE id = 4" "UPDATE every SET e = 'ok' WHERE id = 4"
found every 'missing 1  extra 0' "DELETE FROM every WHERE id = -9223372036854775808" "INSERT INTO every (id) VALUES (-9223372036854775808)"
found every 'missing 0  extra 2' "INSERT INTO every (id) VALUES (-7), (9000000000000000000)" "DELETE FROM every WHERE id IN (-7, 9000000000000000000)"
found keyless 'missing 1  extra 0' "DELETE FROM keyless WHERE ctid = (SELECT min(ctid) FROM keyless WHERE n = 7)" "INSERT INTO keyless VALUES (7, 'same')"
found empty 'extra 1' "INSERT INTO empty VALUES (1)" "DELETE FROM empty"
found no_columns 'rows 1/2' "INSERT INTO no_columns DEFAULT VALUES" "DELETE FROM no_columns WHERE ctid = (SELECT max(ctid) FROM no_columns)"
found child 'different 1' "UPDATE child SET v = 9 WHERE id = 1" "UPDATE child SET v = 2 WHERE id = 1"
found by_nocase 'missing 1  extra 1' "UPDATE by_nocase SET k = 'W2' WHERE k COLLATE \"C\" = 'w2'" "UPDATE by_nocase SET k = 'w2' WHERE k COLLATE \"C\" = 'W2'"
found by_german 'missing 1  extra 0' "DELETE FROM by_german WHERE v = 16" "INSERT INTO by_german VALUES ('ä16', 16)"
found by_other_collation 'different 1' "UPDATE by_other_collation SET v = -1 WHERE k COLLATE \"C\" = 'W7'" "UPDATE by_other_collation SET v = 15 WHERE k COLLATE \"C\" = 'W7'"
found by_both_ways 'missing 1  extra 1' "UPDATE by_both_ways SET b = -4 WHERE b = 44" "UPDATE by_both_ways SET b = 44 WHERE b = -4"
found by_array 'missing 1' "DELETE FROM by_array WHERE v = 7" "INSERT INTO by_array VALUES ('{7,7}', 7)"
found by_char 'missing 1' "DELETE FROM by_char WHERE k = (-3)::\"char\"" "INSERT INTO by_char VALUES ((-3)::\"char\")"
found by_time 'missing 1' "DELETE FROM by_time WHERE k = 'infinity'" "INSERT INTO by_time VALUES ('infinity', 0)"
for table in by_enum by_uuid by_numeric by_time by_bytes by_pair by_domain by_text_and_number by_down long_keys; do
    found "$table" 'missing 0  extra 0  different 1' "UPDATE $table SET v = -v - 1 WHERE ctid = (SELECT min(ctid) FROM $table)" "UPDATE $table SET v = -v - 1 WHERE v < 0"
done
found by_eight 'missing 1  extra 1' "UPDATE by_eight SET h = '0:0:5.000001' WHERE h = '0:0:5'" "UPDATE by_eight SET h = '0:0:5' WHERE h = '0:0:5.000001'"
found wide 'different 1' "UPDATE wide SET b = set_byte(b, 3199999, get_byte(b, 3199999) # 1) WHERE id = 2" "UPDATE wide SET b = set_byte(b, 3199999, get_byte(b, 3199999) # 1) WHERE id = 2"
run_expect 0 verify

step "the values that are told are the server's own"
sql_file old shop >/dev/null <<'SQL'
SET search_path = keys;
CREATE TABLE told AS SELECT * FROM every WHERE id IN (1, 2, 999, 1500, 100001, 100002, 100003, 100004);
ALTER TABLE told ADD PRIMARY KEY (id);
-- What a value is to be told as: numbers bare, bytes as hexadecimal digits, all else as text between quotes.
CREATE VIEW shown AS SELECT id, v.c, v.t FROM told, LATERAL (VALUES ('b', b::int::text), ('i2', i2::text), ('i4', i4::text), ('i8', i8::text), ('o', o::text),
  ('n', n::text), ('n2', n2::text), ('m', m::numeric::text), ('d', d::text), ('ts', CASE WHEN isfinite(ts) THEN to_char(ts, 'FMYYYY-MM-DD HH24:MI:SS.US') || CASE WHEN ts < '0001-01-01' THEN ' BC' ELSE '' END ELSE ts::text END),
  ('t', to_char(extract(hour FROM t), 'FM00') || to_char(t, ':MI:SS.US')), ('iv', iv::text), ('tx', tx), ('vc', vc), ('c', c::text), ('nm', nm::text), ('by', '0x' || encode(by, 'hex')), ('j', j::text),
  ('jb', jb::text), ('u', u::text), ('ip', CASE WHEN masklen(ip) = CASE family(ip) WHEN 4 THEN 32 ELSE 128 END THEN host(ip) ELSE ip::text END), ('ci', ci::text), ('ma', ma::text), ('b9', b9::int::text), ('b70', b70::text), ('vb', vb::text),
  ('e', e::text), ('p', p::text), ('am', am::text), ('ai', ai::text), ('at', at::text), ('r', r::text), ('tv', tv::text), ('x', x::text), ('tt', tt::text), ('rc', rc::text)) AS v(c, t) WHERE v.t IS NOT NULL;
SQL
change "CREATE TABLE told (LIKE every INCLUDING GENERATED INCLUDING INDEXES); INSERT INTO told (id) SELECT id FROM every WHERE id IN (1, 2, 999, 1500, 100001, 100002, 100003, 100004)"
run_expect 1 verify --no-schema -t keys.told --json
printf '%s\n' "$OUT" >"$T/told.json"
sql old "SELECT to_json(ARRAY[id::text, c, t])::text FROM keys.shown ORDER BY id, c" shop >"$T/shown.json"
[ "$(wc -l <"$T/shown.json")" -ge 150 ] || fail "too few values to compare"
python3 - "$T/told.json" "$T/shown.json" <<'PY'
import json, sys
told = {}
for line in open(sys.argv[1]):
    e = json.loads(line)
    if e.get("event") == "value":
        told[(e["row"].removeprefix("id="), e["column"])] = e["source"]
bare = {"b", "i2", "i4", "i8", "o", "n", "n2", "m", "d", "ts", "t", "by", "b9", "am"}
wrong = 0
for line in open(sys.argv[2]):
    row, column, text = json.loads(line)
    shown = text if column in bare else "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    got = told.get((row, column))
    if got is None or not (got == shown or (got.endswith("…") and shown.startswith(got[:-1]))):
        wrong += 1
        print(f"row {row}, column {column}: the server shows {shown!r}, told was {got!r}", file=sys.stderr)
sys.exit(wrong != 0)
PY
change "DROP TABLE told"
sql old "DROP TABLE keys.told CASCADE" shop

step "rows are named by key and column, whatever the table's name"
change "UPDATE \"select \"\"x\"\";\" SET v = 'née'; DELETE FROM every WHERE id = 17; UPDATE by_text_and_number SET v = -1 WHERE x = 81"
run_expect 1 verify
assert_contains "$OUT" "  missing    id=17"
assert_contains "$OUT" "  different  id \"q\"=1  v: 'one' | 'née'"
assert_contains "$OUT" "  different  y='p81', x=81  v: 81 | -1"

step "--table, --where, --exclude-table, --count-only, and a URL's database"
run_expect 0 verify -t keys.by_text_and_number --where 'keys.by_text_and_number=x > 100 OR x < 5'
assert_matches "$OUT" 'rows 1904/1904'
run_expect 1 verify --count-only
assert_matches "$OUT" 'different +keys\.every +rows 2008/2007'
assert_matches "$OUT" 'equal +keys\.by_text_and_number +rows 2000/2000'
run_expect 64 verify --all-databases
run_expect 64 verify -d elsewhere
run_expect 64 verify-rows "$(url_as old flytt_verify shp)" "$(url_as new flytt_verify other)"
assert_contains "$ERR" "Did you mean shop?"
run_expect 64 dump-stream -o "$T/none" "$(url_as old flytt_verify shp)"
run_expect 69 verify-rows "$(url_as old flytt_verify nothing_like_it)" "$(url_as new flytt_verify other)"
FLYTT_TARGET_PASSWORD=$S_OLD_PASSWORD run_expect 13 verify-rows "$(url_as old flytt_verify shop)" "$(url_as old flytt_verify shop)"

step "--live: what differs is read again, and what stays different is found"
run_expect 1 verify --live --no-schema -t keys.every --live-wait 1s
assert_contains "$OUT" "missing    id=17"

step "what the servers compute"
for s in old new; do
    sql "$s" "CREATE TABLE keys.made (id int PRIMARY KEY, a int, b int GENERATED ALWAYS AS (a * 2) STORED, t text GENERATED ALWAYS AS (upper('x' || chr(a))) STORED);
        INSERT INTO keys.made SELECT s, s % 90 + 33 FROM generate_series(1, 2000) s; CREATE TABLE keys.made_only (b int GENERATED ALWAYS AS (2) STORED); INSERT INTO keys.made_only DEFAULT VALUES" "$([ $s = old ] && echo shop || echo other)"
done
run_expect 0 verify --no-schema -t keys.made
assert_matches "$OUT" 'equal +keys\.made +rows 2000/2000'
change "ALTER TABLE made DROP b; ALTER TABLE made ADD b int GENERATED ALWAYS AS (a * 2 + (id = 77)::int) STORED"
run_expect 1 verify --no-schema -t keys.made
assert_contains "$OUT" "only generated columns differ: 'b'"
assert_contains "$OUT" "different  id=77  generated column b: 220 | 221"
run_expect 0 verify --no-schema -t keys.made --exclude-column keys.made.b
run_expect 0 verify --no-schema -t keys.made_only
change "ALTER TABLE made_only DROP b; ALTER TABLE made_only ADD b int GENERATED ALWAYS AS (3) STORED"
run_expect 1 verify --no-schema -t keys.made_only
assert_contains "$OUT" "missing    b=2"
for s in old new; do sql "$s" "DROP TABLE keys.made, keys.made_only" "$([ $s = old ] && echo shop || echo other)"; done

step "a key that the two servers order differently: every row is looked at, and once"
change 'ALTER TABLE by_german ALTER k TYPE text COLLATE "C"'
for how in "1 64K" "3 2K"; do
    run_expect 0 verify --no-schema -t keys.by_german --jobs "${how% *}" --chunk-size "${how#* }"
    assert_matches "$OUT" 'equal +keys\.by_german +rows 2000/2000  missing 0  extra 0  different 0'
done
change "INSERT INTO by_german VALUES ('Äx', 1), ('zzz', 2)"
run_expect 1 verify --no-schema -t keys.by_german --chunk-size 2K
assert_matches "$OUT" 'rows 2000/2002  missing 0  extra 2  different 0'
change "DELETE FROM by_german WHERE k IN ('Äx', 'zzz'); ALTER TABLE by_german ALTER k TYPE text COLLATE german"

step "an index that CREATE INDEX CONCURRENTLY has left invalid is the server's own trouble; what every server makes is none of the copy's"
sql old "CREATE UNIQUE INDEX CONCURRENTLY bad ON keys.keyless (n)" shop 2>"$T/bad" && fail "the index was made"
sql old "DROP SCHEMA public" shop
run_expect 1 verify --count-only -t keys.keyless -t keys.every
assert_not_contains "$OUT" schema
assert_contains "$ERR" "index keys.bad is left invalid by a CREATE INDEX CONCURRENTLY"
run_expect 1 verify --count-only
assert_not_contains "$OUT" schema
assert_not_contains "$OUT" "definitions that differ"
change "GRANT CREATE ON SCHEMA public TO flytt_verify"
run_expect 1 verify --count-only
assert_contains "$OUT" "schema public: is only on the target"
change "REVOKE CREATE ON SCHEMA public FROM flytt_verify"
sql old "DROP INDEX keys.bad; CREATE SCHEMA public" shop

step "large objects: their bytes, and those that are on one side only"
make_objects() { echo "SELECT lo_from_bytea(4711, decode(repeat('00ff', 500000), 'hex')), lo_from_bytea(4712, ''), lo_from_bytea(4294967295, 'last'); GRANT SELECT ON LARGE OBJECT 4711, 4712, 4294967295 TO flytt_verify"; }
sql old "$(make_objects)" shop >/dev/null
run_expect 1 verify --no-schema --exclude-table 'keys.*'
assert_matches "$OUT" 'missing +pg_catalog.pg_largeobject'
sql new "$(make_objects)" other >/dev/null
run_expect 0 verify --no-schema --exclude-table 'keys.*'
assert_matches "$OUT" 'equal +pg_catalog.pg_largeobject +rows 3/3'
sql new "SELECT lo_put(4711, 999999, 'x'), lo_unlink(4712), lo_from_bytea(5000, '')" other >/dev/null
run_expect 77 verify --no-schema --exclude-table 'keys.*'
assert_contains "$ERR" "1 large object(s), the first of them 5000"
sql new "GRANT SELECT ON LARGE OBJECT 5000 TO flytt_verify" other
run_expect 1 verify --no-schema --exclude-table 'keys.*'
assert_matches "$OUT" 'pg_catalog.pg_largeobject +rows 3/3  missing 1  extra 1  different 1'
for row in 'missing    loid=4712' 'extra      loid=5000' 'different  loid=4711'; do assert_contains "$OUT" "$row"; done
run_expect 0 verify --no-schema --exclude-table 'keys.*' --exclude-table pg_catalog.pg_largeobject
sql new "SELECT lo_unlink(oid) FROM pg_largeobject_metadata" other >/dev/null
sql old "SELECT lo_unlink(oid) FROM pg_largeobject_metadata" shop >/dev/null

step "a role that may not read everything is told so"
sql new "REVOKE pg_read_all_data FROM flytt_verify; GRANT USAGE ON SCHEMA keys TO flytt_verify; GRANT SELECT ON ALL TABLES IN SCHEMA keys TO flytt_verify" other
change "REVOKE SELECT ON by_uuid FROM flytt_verify"
run_expect 77 verify
assert_contains "$ERR" "by_uuid"
