# The root file system that every host stands on (read-only lower layer of its overlay).
# shellcheck shell=bash

LAB_SUITE=trixie

# sshd, docker and what opsctl asks of a server, plus: other SSH servers, other shells,
# python3 (only for Ansible as a peer in tests), tini (reaps orphans as pid 1).
LAB_HOST_PACKAGES=(
    openssh-server sudo docker.io docker-cli docker-compose iproute2 iptables procps ca-certificates
    tar gzip xz-utils zstd kmod curl tini busybox dropbear-bin tinysshd socat fish python3 less
)

hostroot_key() { cache_key "$LAB_SUITE" "${LAB_HOST_PACKAGES[*]}" "$LAB/lib/hostroot.sh" "$LAB/lib/hostroot-setup.sh"; }

# debootstrap_into PACKAGES DIR [OPTION...]: in its own mount and pid namespace, so an interrupted run leaves
# no mounts and no processes behind. Packages are kept for the next build.
debootstrap_into() {
    local packages=$1 dir=$2
    shift 2
    mkdir -p "$LAB_CACHE/debs"
    unshare --mount --pid --fork --kill-child -- \
        debootstrap --variant=minbase --cache-dir="$LAB_CACHE/debs" --include="$packages" "$@" "$LAB_SUITE" "$dir"
}

# in_root DIR COMMAND...: runs a command in a tree, with its own mounts and processes.
in_root() {
    local dir=$1
    shift
    unshare --mount --pid --fork --kill-child --mount-proc="$dir/proc" -- \
        env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive chroot "$dir" "$@"
}

hostroot_build() {
    local dir=$1
    debootstrap_into "$(IFS=,; echo "${LAB_HOST_PACKAGES[*]}")" "$dir"
    cp "$LAB/lib/hostroot-setup.sh" "$dir/tmp/setup.sh"
    in_root "$dir" sh -eu /tmp/setup.sh
    rm -f "$dir/tmp/setup.sh"
}
