#!/usr/bin/env bash
# The report: one file that stands alone, and what a real browser makes of it, in light, dark and on paper.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
# shellcheck source=tests/e2e/io-probe/_frames.sh
. "$FLYTT_SRC/tests/e2e/io-probe/_frames.sh"
use_test_dir

step "a recording with an idle, a saturated and a stalled time"
fresh disk && steady 8 0 100 16 1 10 && steady 14 0 600 16 60 100 && steady 3 0 0 16 0 100 7 && steady 8 0 100 16 1 10
watch 1 --report "$T/page.html"
page=$(cat "$T/page.html")
assert_contains "$page" '<div class="verdict FAIL"><b>FAIL</b>limiter: disk'
for title in Utilisation "Await and flush" Throughput Queue; do assert_contains "$page" "aria-label=\"$title\""; done
assert_contains "$page" "limit 10"
assert_contains "$page" "<title>STALLED"
# Nothing from elsewhere, and nothing that runs.
for word in http: https: '<script' '<link' '<img' '@import' 'url('; do assert_not_contains "$page" "$word"; done
run_expect 74 io-probe watch --proc-root "$R" --dir /db --report "$T/none/page.html"
fresh 'x<b>&' && steady 8 0 100 16 1 10
run_expect 10 io-probe watch --proc-root "$R" --role "a<b>&=/db" --report "$T/odd.html"
assert_not_contains "$(cat "$T/odd.html")" 'a<b>'

browser=$(program chromium || program chromium-browser || program google-chrome) || skip "no Chromium on this host (package chromium)"
# browse ARG...: headless, with a profile of its own.
browse() { timeout 60 "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --user-data-dir="$T/profile" "$@" "file://$T/page.html" 2>"$T/browser.log"; }

step "the browser's own idea of the document: every curve has its points and its place"
browse --dump-dom >"$T/dom" || skip "Chromium does not start here: $(tail -n 1 "$T/browser.log")"
assert_contains "$(cat "$T/dom")" "FAIL</b>limiter: disk"
assert_eq "$(grep -oE '<path class="[ab]"' "$T/dom" | wc -l)" 5 "curves"
assert_eq "$(grep -c -- 'NaN\|inf\b' "$T/dom" || true)" 0 "lines with numbers that are none"

step "a picture in light and in dark, and a page for paper"
browse --window-size=1000,1300 --screenshot="$T/light.png" >/dev/null
browse --window-size=1000,1300 --blink-settings=preferredColorScheme=0 --screenshot="$T/dark.png" >/dev/null
browse --no-pdf-header-footer --print-to-pdf="$T/page.pdf" >/dev/null
for file in light.png dark.png page.pdf; do
    [ "$(stat -c %s "$T/$file")" -gt 10000 ] || fail "$file is empty"
done
if cmp -s "$T/light.png" "$T/dark.png"; then fail "dark is as light as light"; fi
if [ -n "${FLYTT_KEEP:-}" ]; then say "look at $T/light.png, $T/dark.png, $T/page.pdf"; fi
