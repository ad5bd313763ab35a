# A throwaway sshd on loopback, with its own host key, client key and client configuration.
#   sshd_start [--addr 127.0.0.N]   sets SSH_CONFIG, SSHD_PORT, SSHD_PID, SSHD_LOG
#   ssh -F "$SSH_CONFIG" old COMMAND
# The names old and new both lead there. Nothing of the user's own ~/.ssh is read or written. Sourced, not run.
# SPDX-License-Identifier: MIT
# shellcheck shell=bash
# shellcheck source=tests/support/common.sh
. "$(dirname -- "${BASH_SOURCE[0]}")/common.sh"

sshd_config() { # DIR ADDRESS PORT
    local user pam=no
    user=$(id -un)
    # Without PAM, sshd turns away an account whose password is locked with "!", keys or not.
    if [ "$(id -u)" = 0 ] && grep -qs "^$user:!" /etc/shadow; then pam=yes; fi
    cat <<-CNF
	Port $3
	ListenAddress $2
	HostKey $1/host_key
	PidFile $1/pid
	AuthorizedKeysFile $1/client_key.pub
	AllowUsers $user
	PermitRootLogin prohibit-password
	PasswordAuthentication no
	KbdInteractiveAuthentication no
	StrictModes no
	UsePAM $pam
	PrintMotd no
	SetEnv PATH=$FLYTT_BIN:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin LC_ALL=C.UTF-8
	AcceptEnv FLYTT_*
	MaxStartups 50
	CNF
}

sshd_client_config() { # DIR ADDRESS PORT
    cat <<-CNF
	Host old new
	    HostName $2
	    Port $3
	    User $(id -un)
	    IdentityFile $1/client_key
	    IdentitiesOnly yes
	    IdentityAgent none
	    UserKnownHostsFile $1/known_hosts
	    GlobalKnownHostsFile /dev/null
	    StrictHostKeyChecking yes
	    HostKeyAlias flytt-test
	    BatchMode yes
	    LogLevel ERROR
	    SendEnv FLYTT_*
	CNF
}

sshd_answers() { gone "$SSHD_PID" || ssh -F "$SSH_CONFIG" old true 2>/dev/null; }

sshd_start() {
    local addr=127.0.0.1 dir tries
    [ "${1:-}" != --addr ] || addr=$2
    have sshd || die 69 "sshd is missing; scripts/setup installs it"
    use_test_dir
    dir=$T/sshd
    mkdir -p "$dir"
    # Where sshd, run by root, locks its unprivileged half in.
    if [ "$(id -u)" = 0 ]; then mkdir -p /run/sshd; fi
    ssh-keygen -q -t ed25519 -N '' -f "$dir/host_key"
    ssh-keygen -q -t ed25519 -N '' -f "$dir/client_key"
    printf 'flytt-test %s\n' "$(cat "$dir/host_key.pub")" >"$dir/known_hosts"
    SSH_CONFIG=$dir/ssh_config
    SSHD_LOG=$dir/log
    at_exit sshd_stop
    for tries in 1 2 3 4 5; do
        SSHD_PORT=$(free_port "$addr")
        sshd_config "$dir" "$addr" "$SSHD_PORT" >"$dir/sshd_config"
        sshd_client_config "$dir" "$addr" "$SSHD_PORT" >"$SSH_CONFIG"
        spawn "$SSHD_LOG" "$(program sshd)" -D -e -f "$dir/sshd_config"
        SSHD_PID=$SPAWNED
        if wait_until 120 sshd_answers && alive "$SSHD_PID"; then
            export SSH_CONFIG SSHD_PORT SSHD_PID SSHD_LOG
            return 0
        fi
        if [ "$tries" = 5 ] || ! grep -q 'Address already in use' "$SSHD_LOG"; then break; fi
    done
    tail -n 20 "$SSHD_LOG" >&2
    die 69 "sshd did not start"
}

sshd_stop() {
    [ -n "${SSHD_PID:-}" ] || return 0
    kill "$SSHD_PID" 2>/dev/null || true
    wait_gone "$SSHD_PID" 10 || kill -KILL "$SSHD_PID" 2>/dev/null || true
    SSHD_PID=
}
