#!/bin/sh
# cgroup-exec.sh GROUP COMMAND...: moves itself into GROUP of every cgroup hierarchy, then becomes
# COMMAND. A cgroup namespace made after that sees GROUP as its root.
set -eu
group=$1
shift

enter() { # DIRECTORY
    mkdir -p "$1/$group"
    # A new cpuset is empty and refuses processes until it has processors and memory.
    for file in cpuset.cpus cpuset.mems; do
        parent=$1
        for step in $(echo "$group" | tr / ' '); do
            [ ! -e "$parent/$step/$file" ] || [ -n "$(cat "$parent/$step/$file")" ] || cat "$parent/$file" >"$parent/$step/$file"
            parent=$parent/$step
        done
    done
    echo $$ >"$1/$group/cgroup.procs"
}

if [ -e /sys/fs/cgroup/cgroup.controllers ]; then
    mkdir -p "/sys/fs/cgroup/${group%%/*}"
    for parent in /sys/fs/cgroup "/sys/fs/cgroup/${group%%/*}"; do
        for one in $(cat "$parent/cgroup.controllers"); do
            echo "+$one" >"$parent/cgroup.subtree_control" 2>/dev/null || true
        done
    done
    mkdir -p "/sys/fs/cgroup/$group"
    echo $$ >"/sys/fs/cgroup/$group/cgroup.procs"
else
    for top in /sys/fs/cgroup/*; do
        if [ -d "$top" ] && [ ! -L "$top" ] && [ -e "$top/cgroup.procs" ]; then enter "$top" 2>/dev/null || true; fi
    done
fi
exec "$@"
