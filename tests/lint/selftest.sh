#!/usr/bin/env bash
# Proves that every lint can fail: each is handed a small good tree, then that tree with one thing wrong.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/assert.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/../support/assert.sh"
use_test_dir
export FLYTT_CACHE=$T/cache FLYTT_BIN=$T/bin
kLints=$FLYTT_SRC/tests/lint
tree=$T/tree

# put PATH: writes stdin there.
put() {
    mkdir -p "$(dirname "$tree/$1")"
    cat >"$tree/$1"
}

kHead=$'// What it is for.\n// SPDX-License-Identifier: MIT\n'

good_tree() {
    rm -rf "$tree"
    put lib/flytt/base/exit.hpp <<<"$kHead#pragma once
#include <array>
enum class Exit : int {
  done = 0,
  data = 65,
};
struct ExitInfo { Exit code; };
inline constexpr std::array kExits{ExitInfo{Exit::done}, ExitInfo{Exit::data},};"
    sed -i 's/ExitInfo{Exit::\([a-z]*\)}/ExitInfo{Exit::\1,}/g' "$tree/lib/flytt/base/exit.hpp"
    put lib/flytt/codec/zstd.hpp <<<"$kHead#pragma once
#include <flytt/base/exit.hpp>"
    put lib/flytt/codec/zstd.cpp <<<"$kHead#include <flytt/codec/zstd.hpp>
#include <zstd.h>
// A comment may say SELECT * FROM t and mysql."
    put lib/flytt/engine/engine.hpp <<<"$kHead#pragma once
#include <string>
struct Server { virtual ~Server() = default; virtual void kill(const std::string& session) = 0; };"
    put lib/flytt/engine/mysql_family/a.hpp <<<"$kHead#pragma once
#include <flytt/engine/engine.hpp>"
    put lib/flytt/engine/mysql/a.cpp <<<"$kHead#include <flytt/engine/mysql_family/a.hpp>
const char* text = \"SELECT 1\";"
    put lib/flytt/cli/help.cpp <<<"$kHead#include <flytt/engine/engine.hpp>
const char* help = \"mysql://localhost/shop\";"
    put tools/copy/main.cpp <<<"$kHead#include <flytt/base/exit.hpp>
int main() {}"
    put man/copy.1 <<'MAN'
.Dd January 1, 2026
.Dt COPY 1
.Os
.Sh NAME
.Nm copy
.Nd copies
.Sh SYNOPSIS
.Nm copy
.Op Fl j Ar N
.Sh DESCRIPTION
It copies.
.Bl -tag -width Ds
.It Fl j , Fl -jobs Ar N
How many, as in
.Fl -workers
of old.
.It Fl -help
This text.
.El
MAN
    put man/flytt.7 <<'MAN'
.Dd January 1, 2026
.Dt FLYTT 7
.Os
.Sh NAME
.Nm flytt
.Nd ideas
.Sh EXIT STATUS
.Bl -tag -width Ds
.It 0
Done.
.It Sy 65
Corrupt.
.It 128+n
Signal.
.El
MAN
    put scripts/hello <<<$'#!/usr/bin/env bash\n# Says hello.\n# SPDX-License-Identifier: MIT\necho hello'
    mkdir -p "$T/bin"
    cat >"$T/bin/copy" <<'TOOL'
#!/bin/sh
echo "Usage: copy [options]
  -j, --jobs N   how many; see --workers
      --help     this text"
TOOL
    chmod +x "$T/bin/copy"
}

# bad LINT NEEDLE: the lint, on the tree as it is now, must fail and say so; then the tree is good again.
bad() {
    run_expect 1 "$kLints/$1" "$tree"
    assert_contains "$OUT" "$2" "what $1 says"
    good_tree
}

step "the good tree is clean"
good_tree
for lint in layers header-alone man-pages options exit-codes shell style; do run_expect 0 "$kLints/$lint" "$tree"; done

step "layers"
put lib/flytt/base/x.hpp <<<'#include <flytt/codec/zstd.hpp>'
bad layers 'base (level 0) includes codec (level 1)'
put lib/flytt/flow/x.hpp <<<'#include <flytt/codec/zstd.hpp>'
bad layers 'flow (level 1) includes codec (level 1)'
put lib/flytt/codec/x.cpp <<<'#include "zstd.hpp"'
bad layers 'write <flytt/module/name.hpp>'
put lib/flytt/codec/x.cpp <<<'#include <flytt/base/absent.hpp>'
bad layers 'there is no lib/flytt/base/absent.hpp'
put lib/flytt/task/x.cpp <<<'#include <flytt/engine/mysql_family/a.hpp>'
bad layers 'only engine/ may'
put lib/flytt/engine/mariadb/a.hpp <<<'#pragma once'
put lib/flytt/engine/mysql/b.cpp <<<'#include <flytt/engine/mariadb/a.hpp>'
bad layers 'includes its sibling'
put lib/flytt/engine/x.hpp <<<'#include <flytt/engine/mysql_family/a.hpp>'
bad layers 'the engine contract includes'
for header in zstd.h mysql.h mariadb/mysql.h boost/process.hpp CLI/CLI.hpp fmt/format.h nlohmann/json.hpp libpq-fe.h xxhash.h; do
    put lib/flytt/cli/x.hpp <<<"#include <$header>"
    bad layers "a header includes <$header>"
done
for text in '"SELECT id FROM t"' '"INSERT INTO t"' '"START TRANSACTION"' '"SET GLOBAL read_only = 1"' '"SHOW CREATE TABLE t"' \
    '"DROP TABLE t"' '"CREATE OR REPLACE VIEW v"' 'R"(LOCK TABLES)"' '"KILL QUERY 7"' '"// not a comment, SELECT 1"'; do
    put lib/flytt/task/x.cpp <<<"const char* s = $text;"
    bad layers 'SQL or an engine'
done
for text in 'bool is_mariadb();' 'if (kind == "mysql")' 'int postgres_port;' '"InnoDB"'; do
    put lib/flytt/plan/x.cpp <<<"$text"
    bad layers "an engine's name outside"
done
for verb in 'virtual void run(std::string_view sql) = 0;' $'virtual void run(int n,\n  const std::string& statement) = 0;'; do
    put lib/flytt/engine/y.hpp <<<"$verb"
    bad layers 'a verb takes statement text'
done
put tests/conformance/contract/x.cpp <<<"$kHead#include <flytt/engine/mysql_family/a.hpp>"
bad layers 'a test of the contract includes <flytt/engine/mysql_family/a.hpp>'
put tests/conformance/contract/x.cpp <<<"$kHead#include <flytt/codec/zstd.hpp>"
bad layers 'a test of the contract includes <flytt/codec/zstd.hpp>'

step "header-alone"
put lib/flytt/base/x.hpp <<<$'#pragma once\nstd::string f();'
bad header-alone 'does not compile alone'
put lib/flytt/base/x.hpp <<<'struct Twice {};'
bad header-alone 'does not compile alone'
put lib/flytt/base/x.hpp <<<$'#pragma once\n#include <flytt/base/y.hpp>\nY f();'
put lib/flytt/base/y.hpp <<<$'#pragma once\nstruct Y {};'
run_expect 0 "$kLints/header-alone" "$tree"
put lib/flytt/base/y.hpp <<<$'#pragma once\nstruct Z {};'
bad header-alone 'lib/flytt/base/x.hpp: does not compile alone'

step "man-pages"
rm "$tree/man/copy.1"
bad man-pages 'has no page man/copy.1'
echo '.Xx nonsense' >>"$tree/man/copy.1"
bad man-pages 'man/copy.1'

step "options"
sed -i 's/Fl -jobs/Fl -job/' "$tree/man/copy.1"
bad options 'lacks --jobs'
sed -i 's/--help     this/--more     this/' "$T/bin/copy"
bad options 'has --help, which copy --help lacks'
echo 'exit 1' >>"$T/bin/copy"
bad options '--help fails'
rm "$T/bin/copy"
bad options 'is not built'

step "exit-codes"
sed -i '/^\.It Sy 65/d' "$tree/man/flytt.7"
bad exit-codes 'lacks 65'
sed -i 's/^\.It 0/.It 0 , 99/' "$tree/man/flytt.7"
bad exit-codes 'has 99'
sed -i 's/, ExitInfo{Exit::data,}//' "$tree/lib/flytt/base/exit.hpp"
bad exit-codes 'data has no row'
rm "$tree/man/flytt.7"
bad exit-codes 'is missing'

step "shell"
# shellcheck disable=SC2016
echo 'cd $1; rm $undefined/*' >>"$tree/scripts/hello"
bad shell 'scripts/hello:5'

step "style"
{ printf '%s' "$kHead" && seq -f '// line %g' 400; } | put lib/flytt/base/x.cpp
bad style 'has 402 lines'
put lib/flytt/base/x.cpp <<<'int x;'
bad style 'no SPDX line'
put lib/flytt/base/x.hpp <<<"${kHead}int x;"
bad style 'no #pragma once'
put lib/flytt/base/x.cpp <<<"${kHead}int x; "
bad style 'trailing blank'
put tests/unit/x.cpp <<<"${kHead}#include <catch2/catch.hpp>"
bad style 'support/catch.hpp'
for text in 'see /wor''k/main/x' 'in /roo''t/file' 'TO''DO: later' 'http:/''/mirror.example/'; do
    put notes.md <<<"$text"
    bad style 'notes.md:1'
done
