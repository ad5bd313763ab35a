#!/usr/bin/env bash
# Settings of either side that decide how a value is written or read: no value arrives as another one.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir
# Money without cents: a locale of the test's own, which the servers find by LOCPATH.
mkdir "$T/locales"
localedef --no-archive -i ja_JP -f UTF-8 "$T/locales/ja_JP.UTF-8"
chmod -R a+rX "$T/locales"
export LOCPATH=$T/locales
server_start postgres old
server_start postgres new
for s in old new; do sql "$s" "CREATE DATABASE shop"; done
sql old "ALTER DATABASE shop SET array_nulls = off; ALTER DATABASE shop SET datestyle = 'German'; ALTER DATABASE shop SET intervalstyle = 'sql_standard';
    ALTER DATABASE shop SET bytea_output = 'escape'; ALTER DATABASE shop SET extra_float_digits = -15; ALTER DATABASE shop SET xmloption = 'document';
    ALTER DATABASE shop SET timezone = 'Asia/Kolkata'; ALTER DATABASE shop SET transform_null_equals = on"
sql new "ALTER DATABASE shop SET array_nulls = off; ALTER DATABASE shop SET datestyle = 'SQL, DMY'; ALTER DATABASE shop SET timezone = 'America/Lima';
    ALTER DATABASE shop SET xmloption = 'document'; ALTER DATABASE shop SET transform_null_equals = on"
sql old "ALTER DATABASE shop SET lc_monetary = 'ja_JP.UTF-8'"
sql old "SET array_nulls = on; SET xmloption = content; CREATE TABLE every (id int PRIMARY KEY, m money DEFAULT 1000, a text[] DEFAULT ARRAY[NULL, 'NULL'], d date, i interval, b bytea, f float8, x xml, t timestamptz,
        p point, CHECK (a IS NOT NULL));
    INSERT INTO every VALUES (1, 1234.56, ARRAY[NULL, 'NULL', ''], '2026-02-01', '1 year -3 days 04:05:06.789', '\\x00ff5c', 0.1::float8 + 0.2, 'a<b/>', '2026-02-01 12:00+00', '(0.1,0.30000000000000004)')" shop
exact="SET datestyle = ISO; SET intervalstyle = postgres; SET bytea_output = hex; SET extra_float_digits = 3; SET timezone = UTC;
    SELECT id, m::numeric, a[1] IS NULL, a[2], a[3], d, i, b, f, x::text, t, p FROM every"
step "an amount is not shown as another one"
run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres shop)"
for form in --dry-run ''; do
    # shellcheck disable=SC2086
    run_expect 13 load-stream $form -i "$T/stream" "$(url_as new postgres shop)"
    assert_contains "$OUT$ERR" 'ja_JP.UTF-8 on the source'
done
sql new "ALTER DATABASE shop SET lc_monetary = 'ja_JP.UTF-8'"

step "values arrive whatever the settings"
for form in '' '--data-only'; do
    [ -z "$form" ] || sql new "TRUNCATE every; DROP SCHEMA flytt CASCADE" shop >/dev/null 2>&1
    # shellcheck disable=SC2086
    run_expect 0 dump-stream $form -o "$T/stream" "$(url_as old postgres shop)"
    run_expect 0 load-stream -i "$T/stream" "$(url_as new postgres shop)"
    assert_eq "$(sql new "$exact" shop)" "$(sql old "$exact" shop)" "the row"
done
sql new "INSERT INTO every (id) VALUES (2)" shop
sql old "INSERT INTO every (id) VALUES (2)" shop
defaults="SELECT m::numeric, a[1] IS NULL, a[2] FROM every WHERE id = 2"
assert_eq "$(sql new "$defaults" shop)" "$(sql old "$defaults" shop)" "what the defaults give"
run_expect 0 verify-rows "$(url_as old postgres shop)" "$(url_as new postgres shop)"

step "triggers that would fire on loaded rows, and may change them"
sql new "TRUNCATE every; DROP SCHEMA flytt CASCADE; CREATE FUNCTION mangle() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.f := 0; RETURN NEW; END';
    CREATE TRIGGER m BEFORE INSERT ON every FOR EACH ROW EXECUTE FUNCTION mangle()" shop >/dev/null 2>&1
run_expect 0 dump-stream --data-only -o "$T/stream" "$(url_as old postgres shop)"
for enable in ALWAYS REPLICA; do
    sql new "ALTER TABLE every ENABLE $enable TRIGGER m" shop
    run_expect 13 load-stream -i "$T/stream" "$(url_as new postgres shop)"
    assert_contains "$ERR" 'public.every: has the trigger m'
done
sql new "ALTER TABLE every ENABLE TRIGGER m" shop
run_expect 0 load-stream -i "$T/stream" "$(url_as new postgres shop)"
assert_eq "$(sql new "$exact" shop)" "$(sql old "$exact" shop)" "the rows"

step "a locale that the target's host lacks is told before anything is made"
sql old "CREATE DATABASE kana TEMPLATE template0 LOCALE 'ja_JP.UTF-8'"
run_expect 0 dump-stream -o "$T/stream" "$(url_as old postgres kana)"
run_expect 0 load-stream --dry-run -i "$T/stream" "$(url_as new postgres kana)"
unset LOCPATH
server_restart new
for form in --dry-run ''; do
    # shellcheck disable=SC2086
    run_expect 13 load-stream $form -i "$T/stream" "$(url_as new postgres kana)"
    assert_contains "$OUT$ERR" "the locale ja_JP.UTF-8 is not on the target's host"
done
assert_sql new "SELECT count(*) FROM pg_database WHERE datname = 'kana'" 0
