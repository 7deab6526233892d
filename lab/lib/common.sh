# Paths, messages, locks and deadlines that every lab command shares.
# Sourced by bash with LAB set to the lab/ directory of the checkout.
# shellcheck shell=bash

set -euo pipefail
umask 022
export LC_ALL=C.UTF-8

LAB_STATE=${OPSCTL_LAB_DIR:-/var/lib/opsctl-lab}
LAB_CACHE=${OPSCTL_LAB_CACHE:-/var/cache/opsctl-lab}
LAB_BRIDGE=opsctl-lab0
LAB_GATEWAY=10.77.0.1
LAB_NETNS_PREFIX=opsctl-lab-
LAB_CGROUP=opsctl-lab

LAB_DEFAULT_HOSTS=(mon1 app1)

# say TEXT: progress, on stderr, with the seconds since the command began.
say() { printf 'lab: %4ss  %s\n' "$SECONDS" "$*" >&2; }

# die TEXT: ends the command with a reason.
die() { printf 'lab: error: %s\n' "$*" >&2; exit 1; }

require_root() { [ "$(id -u)" -eq 0 ] || die "the lab needs root (network namespaces, mounts); run it with sudo"; }

# take_lock: one lab command at a time changes things. Held on fd 9 until the command ends.
take_lock() {
    mkdir -p "$LAB_STATE"
    exec 9>"$LAB_STATE/lock"
    flock -n 9 || { say "another lab command is running; waiting for it"; flock -w 900 9 || die "lock $LAB_STATE/lock still held after 900 s"; }
}

# close_inherited: closes all but stdin, stdout and stderr. A host outlives the command that starts it, and must not
# keep its lock, nor a pipe or socket of whoever called the command: they may wait for its end.
close_inherited() {
    local fd
    for fd in "/proc/$BASHPID/fd"/*; do
        fd=${fd##*/}
        [ "$fd" -le 2 ] || exec {fd}>&-
    done
}

# wait_for SECONDS WHAT COMMAND...: polls COMMAND until it succeeds or the deadline passes.
wait_for() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until ("$@") >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || { say "gave up waiting for $what"; return 1; }
        sleep 0.1
    done
}

# Host table ------------------------------------------------------------------

lab_hosts() { awk '!/^#/ && NF {print $1}' "$LAB/hosts"; }

# host_field NAME COLUMN: a column of the host table; dies on an unknown name.
host_field() {
    awk -v n="$1" -v c="$2" '!/^#/ && $1 == n {print $c; found = 1} END {exit !found}' "$LAB/hosts" ||
        die "unknown host '$1'; known: $(lab_hosts | tr '\n' ' ')"
}
host_address() { host_field "$1" 2; }
host_role() { host_field "$1" 3; }
host_dir() { printf '%s/hosts/%s' "$LAB_STATE" "$1"; }

# Processes -------------------------------------------------------------------

# process_start PID: start time in clock ticks, which tells a reused pid from the one we started.
process_start() { sed 's/^.*) //' "/proc/$1/stat" 2>/dev/null | awk '{print $20}'; }

# record_process FILE PID: "pid start", written whole or not at all.
record_process() { printf '%s %s\n' "$2" "$(process_start "$2")" >"$1.tmp" && mv "$1.tmp" "$1"; }

# live_process FILE: prints the recorded pid if that very process still runs.
live_process() {
    local pid start
    [ -s "$1" ] && read -r pid start <"$1" || return 1
    [ -n "$start" ] && [ "$(process_start "$pid")" = "$start" ] && printf '%s\n' "$pid"
}

# stop_process FILE: kills the recorded process (and with it its pid namespace), then waits.
stop_process() {
    local pid
    if pid=$(live_process "$1"); then
        kill -KILL "$pid" 2>/dev/null || true
        wait_for 20 "process $pid to end" not_running "$pid" || true
    fi
    rm -f "$1"
}
not_running() { ! kill -0 "$1" 2>/dev/null; }
