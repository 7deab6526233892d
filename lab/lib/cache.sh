# The cache: directories named after a hash of what went in. A directory that has its final name
# is complete, because it was built under a temporary one and renamed.
# shellcheck shell=bash

# cache_key PART...: hash of the given files' contents (and of plain words).
cache_key() {
    local part
    for part in "$@"; do
        if [ -d "$part" ]; then
            (cd "$part" && find . -type f ! -path '*/__pycache__/*' | sort | xargs -r sha256sum)
        elif [ -f "$part" ]; then
            sha256sum <"$part"
        else
            printf '%s\n' "$part"
        fi
    done | sha256sum | cut -c1-16
}

# cache_build KIND KEY BUILDER...: prints nothing; makes $LAB_CACHE/KIND-KEY unless it is there.
# BUILDER gets the temporary directory as its last argument and must leave it complete.
cache_build() {
    local kind=$1 key=$2 final temp log began=$SECONDS
    shift 2
    final=$LAB_CACHE/$kind-$key
    if [ -d "$final" ]; then touch "$final"; return 0; fi
    mkdir -p "$LAB_CACHE" "$LAB_STATE/log"
    temp=$LAB_CACHE/tmp.$kind-$key
    log=$LAB_STATE/log/$kind.log
    rm -rf --one-file-system "$temp"
    mkdir "$temp"
    say "building $kind (log: $log)"
    # In a process group of its own, so that an interrupted build can be ended whole, and without the
    # lock, so that a build that outlives a killed command does not hold up the next one.
    set -m
    "$@" "$temp" >"$log" 2>&1 </dev/null 9>&- &
    set +m
    record_process "$temp.pid" $!
    if ! wait $!; then
        tail -n 20 "$log" >&2
        die "building $kind failed; the whole log is $log"
    fi
    rm -f "$temp.pid"
    mv -T "$temp" "$final"
    say "built $kind in $((SECONDS - began)) s"
}

# cache_sweep: ends builds that go on without their command and removes what is half built. Only under the lock.
cache_sweep() {
    local file pid
    for file in "$LAB_CACHE"/tmp.*.pid; do
        if pid=$(live_process "$file"); then kill -KILL -- "-$pid" 2>/dev/null || true; fi
    done
    for file in "$LAB_CACHE"/tmp.*; do
        [ ! -e "$file" ] || rm -rf --one-file-system "$file"
    done
}

# cache_prune KIND: keeps the two versions of a kind that were used last, and what running hosts stand on.
cache_prune() {
    local dir
    ls -1dt "$LAB_CACHE/$1"-???????????????? 2>/dev/null | tail -n +3 | while IFS= read -r dir; do
        if ! grep -qsF "$dir" "$LAB_STATE"/hosts/*/root-in-use; then rm -rf --one-file-system "$dir"; fi
    done
}
