# One host: overlay root, own namespaces and cgroups, own /var/lib/docker.
# shellcheck shell=bash

# host_pid NAME: pid of the process that holds the host's namespaces, if the host runs.
host_pid() { live_process "$(host_dir "$1")/pid"; }

# host_init_pid NAME: pid (as this machine sees it) of the host's first process.
host_init_pid() {
    local pid init
    pid=$(host_pid "$1") || return 1
    init=$(cat "/proc/$pid/task/$pid/children" 2>/dev/null)
    [ -n "${init// /}" ] && printf '%s\n' "${init%% *}"
}

# in_host NAME COMMAND...: as root inside a running host, without SSH.
in_host() {
    local pid group=$LAB_CGROUP/$1
    pid=$(host_init_pid "$1") || die "host $1 is not running"
    shift
    "$LAB/lib/cgroup-exec.sh" "$group" nsenter -t "$pid" --mount --uts --ipc --net --pid --cgroup -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root TERM="${TERM:-dumb}" LC_ALL=C.UTF-8 "$@"
}

# host_prepare NAME ROOT DOCKER_DIR: its files, made anew. DOCKER_DIR '-' means a host without docker.
host_prepare() {
    local name=$1 root=$2 docker=$3 dir
    dir=$(host_dir "$name")
    rm -rf --one-file-system "$dir"
    mkdir -p "$dir"/{upper/etc/lab/keys,upper/usr/local/sbin,upper/root/.ssh,work,root}
    printf '%s\n' "$root" >"$dir/root-in-use"
    if [ "$docker" != - ]; then docker_dir_copy "$docker" "$dir/docker"; fi
    install -m 755 "$LAB/lib/init.sh" "$dir/upper/usr/local/sbin/lab-init"
    install -m 755 "$LAB/lib/service.sh" "$dir/upper/usr/local/sbin/lab-service"
    host_files "$name" "$dir/upper"
    authorize_users "$root" "$dir/upper"
}

# host_services NAME: what it runs besides docker. The monitoring host listens on no more than it needs;
# its log gateway stands for the private network between an application's host and Loki.
host_services() { case $(host_role "$1") in monitor) echo ssh log-gateway ;; *) echo ssh dropbear tinysshd ;; esac; }

# host_start NAME NETNS: starts a prepared host and returns at once. NETNS '-' shares this machine's
# network (the SSH fleet). LAB_SERVICES names what it runs besides docker.
host_start() {
    local name=$1 netns=$2 dir root
    dir=$(host_dir "$name")
    root=$(cat "$dir/root-in-use")
    local enter=(unshare --mount --uts --ipc --pid --cgroup --fork --kill-child -- "$LAB/lib/enter.sh" "$dir" "$root")
    if [ "$netns" != - ]; then enter=(nsenter --net="/run/netns/$netns" -- "${enter[@]}"); fi
    (
        export LAB_NAME=$name LAB_KEYS LAB_START_DOCKER=no LAB_START=${LAB_SERVICES-ssh}
        LAB_KEYS=$(host_keys_dir "$name")
        [ ! -d "$dir/docker" ] || LAB_START_DOCKER=yes
        close_inherited
        exec setsid "$LAB/lib/cgroup-exec.sh" "$LAB_CGROUP/$name" "${enter[@]}"
    ) </dev/null >"$dir/console.log" 2>&1 &
    record_process "$dir/pid" $!
}

host_files() {
    local name=$1 upper=$2 other
    printf '%s\n' "$name" >"$upper/etc/hostname"
    printf '%s' "$name" | md5sum | cut -c1-32 >"$upper/etc/machine-id"
    {
        printf '127.0.0.1 localhost\n::1 localhost\n%s lab-controller\n' "$LAB_GATEWAY"
        for other in $(lab_hosts); do printf '%s %s\n' "$(host_address "$other")" "$other"; done
    } >"$upper/etc/hosts"
}

# authorize_users ROOT UPPER: the lab's public keys for root and every user with a home.
authorize_users() {
    local user home ids
    while IFS=: read -r user _ uid gid _ home _; do
        case $home in /root | /home/*) ;; *) continue ;; esac
        ids=$uid:$gid
        mkdir -p "$2$home/.ssh"
        cp "$LAB_SSH/authorized_keys" "$2$home/.ssh/authorized_keys"
        chmod 700 "$2$home/.ssh"
        chmod 600 "$2$home/.ssh/authorized_keys"
        # A directory of the upper layer hides mode and owner of the one below: repeat them.
        chown "$ids" "$2$home" "$2$home/.ssh" "$2$home/.ssh/authorized_keys"
        chmod --reference="$1$home" "$2$home"
    done <"$1/etc/passwd"
    chmod 755 "$2" "$2/home"
}

# host_stop NAME: its processes, containers, mounts (they live in its namespace), cgroups, files.
host_stop() {
    local dir
    dir=$(host_dir "$1")
    [ -d "$dir" ] || return 0
    stop_process "$dir/pid"
    cgroups_remove "$LAB_CGROUP/$1"
    host_network_down "$1"
    rm -rf --one-file-system "$dir"
}

# cgroups_remove PATH: the host's groups in every hierarchy, deepest first.
cgroups_remove() {
    local top
    for top in /sys/fs/cgroup /sys/fs/cgroup/*; do
        [ ! -L "$top" ] && [ -d "$top/$1" ] || continue
        wait_for 5 "cgroup $top/$1 to empty" cgroup_remove_tree "$top/$1" || true
        rmdir "$top/$LAB_CGROUP" 2>/dev/null || true
    done
}
cgroup_remove_tree() { find "$1" -depth -type d -exec rmdir {} \; 2>/dev/null; [ ! -d "$1" ]; }

host_answers_ssh() { (exec 3<>"/dev/tcp/$1/22" && IFS= read -r -t 2 line <&3 && [[ $line == SSH-2.0-* ]]) 2>/dev/null; }
host_answers_docker() { in_host "$1" docker version --format '{{.Server.Version}}'; }

host_wait() {
    wait_for 60 "ssh on $1" host_answers_ssh "$(host_address "$1")" && wait_for 60 "docker on $1" host_answers_docker "$1" && return 0
    tail -n 20 "$(host_dir "$1")"/console.log "$(host_dir "$1")"/upper/var/log/{auth,docker}.log >&2 || true
    die "host $1 did not come up"
}

# docker_dir_copy FROM TO: image layers are never written to, so they are hard links; everything
# else (databases, metadata) is a real copy.
docker_dir_copy() {
    rm -rf "$2"
    mkdir -p "$2"
    tar -C "$1" --exclude='./overlay2/*/diff' -c . | tar -C "$2" -x
    [ -d "$1/overlay2" ] || return 0
    (
        cd "$1" || exit
        shopt -s nullglob
        layers=(overlay2/*/diff)
        [ ${#layers[@]} -eq 0 ] || cp -al --parents "${layers[@]}" "$2/" 2>/dev/null || cp -a --parents "${layers[@]}" "$2/"
    )
}
