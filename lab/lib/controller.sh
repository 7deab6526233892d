# What the machine that runs the lab needs, from its own distribution.
# shellcheck shell=bash

# command:package pairs; only packages whose command is missing are installed.
LAB_TOOLS=(
    debootstrap:debootstrap ip:iproute2 iptables:iptables ssh:openssh-client ssh-keygen:openssh-client
    unshare:util-linux nsenter:util-linux flock:util-linux setsid:util-linux mount:mount
    tar:tar dpkg-deb:dpkg xz:xz-utils gpgv:gpgv curl:curl openssl:openssl python3:python3 ps:procps
)

install_missing_tools() {
    local pair missing=()
    for pair in "${LAB_TOOLS[@]}"; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair##*:}")
    done
    if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then missing+=(debian-archive-keyring); fi
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || die "missing ${missing[*]}, and no apt-get to install them with"
    say "installing ${missing[*]}"
    apt-get update -qq >/dev/null
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# check_machine: what no package can add, said at once instead of by a failing mount later.
check_machine() {
    local dir
    unshare --mount --pid --net --cgroup --fork true 2>/dev/null || die "this machine forbids namespaces (an unprivileged container?); the lab needs a real or virtual machine, or a privileged container"
    for dir in "$LAB_STATE" "$LAB_CACHE"; do
        mkdir -p "$dir"
        [ "$(stat -f -c %T "$dir")" != overlayfs ] || die "$dir is on an overlay file system, which can't carry another; set OPSCTL_LAB_DIR and OPSCTL_LAB_CACHE to directories on a disk"
    done
}
