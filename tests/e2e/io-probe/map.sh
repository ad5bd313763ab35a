#!/usr/bin/env bash
# From a directory to its disks: every kind of layer in a recording, what has no disk is never a pass, and a server's directories
# are looked at only when the server is proven to run here.
# SPDX-License-Identifier: MIT
set -euo pipefail
# shellcheck source=tests/support/servers.sh
. "$FLYTT_SRC/tests/support/servers.sh"
# shellcheck source=tests/support/assert.sh
. "$FLYTT_SRC/tests/support/assert.sh"
use_test_dir
stack=$FLYTT_SRC/tests/vectors/proc/stack
map() { run_expect "$1" io-probe map --proc-root "$stack" --dir "$2" "${@:3}"; }

step "LVM on crypt on an array that rebuilds"
map 0 /var/lib/mysql/shop
assert_eq "$OUT" "data  /var/lib/mysql/shop  (--dir)
   /var/lib/mysql  xfs  /dev/mapper/vg0-mysql
   \`- dm-3  lvm  vg0-mysql  931.3 GiB
      \`- dm-1  crypt  md0_crypt  931.3 GiB
         \`- md0  raid1  931.3 GiB  resync
            \`- nvme0n1  disk  Example NVMe 1T  931.5 GiB  not rotating
            \`- nvme1n1  disk  Example NVMe 1T  931.5 GiB  not rotating"
map 0 /var/lib/mysql --json
assert_contains "$OUT" '"event":"layer","role":"data","depth":3,"above":"md0","name":"nvme0n1","device":"259:0","kind":"disk"'

step "a partition, btrfs on two disks, a loop on a file, a mount point with a blank"
map 0 /home
assert_contains "$OUT" "sda2  partition"
assert_contains "$OUT" "      \`- sda  disk  Example HDD  1.8 TiB  rotating"
map 0 /srv/btrfs
assert_contains "$OUT" "sdd  disk"
map 0 "/srv/my img"
assert_contains "$OUT" "loop4  loop  1000.0 KiB  /var/lib/mysql/image"
assert_contains "$OUT" "nvme1n1"

step "what has no disk, or one that does not count, is unknown"
for dir in /tmp /mnt/nfs /srv/box /tank /srv/uncounted; do
    map 10 "$dir"
    assert_contains "$OUT" "UNKNOWN: "
done
run_expect 10 io-probe map --dir /dev/shm
run_expect 10 io-probe map --proc-root "$stack" --dir /var/lib/mysql --role temp=/tmp
assert_contains "$OUT" "temp  /tmp  (--role)"

step "what is not there"
run_expect 74 io-probe map --dir "$T/none"
assert_contains "$ERR" "No such file"
run_expect 64 io-probe map
assert_contains "$ERR" "--dir DIR"
run_expect 74 io-probe map --proc-root "$T" --dir /
assert_contains "$ERR" "no proc below"

mkdir -p "$T/logs"
server_start mariadb here --addr 127.0.0.2 "log_bin=$T/logs/binlog"
sql here "CREATE DATABASE shop; CREATE TABLE shop.apart (id INT PRIMARY KEY) DATA DIRECTORY = '$T/logs'; CREATE USER probe@'%' IDENTIFIED BY 'x'; CREATE USER nobody@localhost; GRANT PROCESS ON *.* TO probe@'%'"
tcp="mysql://probe@$S_HERE_ADDR:$S_HERE_PORT/?ssl-mode=disabled"

step "a server by its socket and by TCP: proven to run here, and every directory that it writes to"
run_expect 0 io-probe map --db "$S_HERE_URL"
assert_contains "$OUT" "process $S_HERE_PID, proven to run here"
assert_contains "$OUT" "data  $(realpath "$S_HERE_DIR")/data  (datadir)"
assert_contains "$OUT" "redo  $(realpath "$S_HERE_DIR")/data  (innodb_log_group_home_dir)"
assert_contains "$OUT" "binlog  $T/logs  (log_bin_basename)"
assert_contains "$OUT" "temp  $(realpath "$S_HERE_DIR")/tmp  (tmpdir)"
assert_contains "$OUT" "tablespace  $T/logs  (DATA DIRECTORY)"
run_expect 0 env FLYTT_TARGET_PASSWORD=x io-probe map --db "$tcp"
assert_contains "$OUT" "process $S_HERE_PID, proven to run here"
run_expect 0 io-probe map --db "mysql://nobody@localhost/?socket=$S_HERE_SOCKET"

step "the same server through a tunnel may be anywhere: nothing of this host is looked at"
cat >"$T/tunnel.pl" <<'PERL'
use strict; use IO::Handle; use IO::Socket::INET; use IO::Select;
my ($to) = @ARGV;
my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', LocalPort => 0, Listen => 5) or die $!;
print 'port ', $listen->sockport, "\n"; STDOUT->flush;
while (my $client = $listen->accept) {
    next if fork;
    my $server = IO::Socket::INET->new(PeerAddr => $to) or die $!;
    my $both = IO::Select->new($client, $server);
    while (my @ready = $both->can_read) {
        for my $one (@ready) { sysread($one, my $bytes, 65536) or exit; syswrite($one == $client ? $server : $client, $bytes); }
    }
}
PERL
spawn "$T/tunnel.log" perl "$T/tunnel.pl" "$S_HERE_ADDR:$S_HERE_PORT"
tunnel=$SPAWNED
at_exit "kill $tunnel 2>/dev/null"
listens() { grep -q '^port' "$T/tunnel.log"; }
within 10 listens
port=$(sed -n 's/^port //p' "$T/tunnel.log")
run_expect 10 env FLYTT_TARGET_PASSWORD=x io-probe map --db "mysql://probe@127.0.0.1:$port/?ssl-mode=disabled"
assert_eq "$OUT" "" "stdout"
assert_contains "$ERR" "is not proven to run on this host: process"

step "a server that is not there, one that refuses, a password where everybody sees it"
run_expect 69 io-probe map --db "mysql://root@localhost/?socket=$T/none"
run_expect 77 env FLYTT_TARGET_PASSWORD=wrong io-probe map --db "$tcp"
run_expect 64 io-probe map --db "mysql://probe:geheim@localhost/"
assert_not_contains "$OUT$ERR" geheim
run_expect 64 io-probe map --db "$S_HERE_URL" --proc-root "$stack"
FLYTT_DB=mysql://probe:geheim@localhost/ run_expect 0 io-probe map --show-config
assert_not_contains "$OUT$ERR" geheim
