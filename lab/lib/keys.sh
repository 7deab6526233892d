# SSH keys of the lab's users and hosts. Made once, kept in the state directory over down and up,
# so known_hosts files stay true.
# shellcheck shell=bash

LAB_SSH=$LAB_STATE/ssh
LAB_PASSPHRASE=lab-passphrase

# make_key FILE TYPE PASSPHRASE COMMENT: nothing if it exists; never a half-written key.
make_key() {
    [ ! -s "$1.pub" ] || return 0
    rm -f "$1" "$1.tmp" "$1.tmp.pub"
    ssh-keygen -q -t "$2" -N "$3" -C "$4" -f "$1.tmp"
    mv "$1.tmp" "$1"
    mv "$1.tmp.pub" "$1.pub"
}

user_keys() {
    mkdir -p "$LAB_SSH"
    chmod 711 "$LAB_SSH"
    make_key "$LAB_SSH/id_ed25519" ed25519 '' lab-ed25519
    make_key "$LAB_SSH/id_ecdsa" ecdsa '' lab-ecdsa
    make_key "$LAB_SSH/id_rsa" rsa '' lab-rsa
    make_key "$LAB_SSH/id_ed25519_passphrase" ed25519 "$LAB_PASSPHRASE" lab-passphrase
    make_key "$LAB_SSH/id_unauthorized" ed25519 '' lab-unauthorized
    cat "$LAB_SSH"/id_{ed25519,ecdsa,rsa,ed25519_passphrase}.pub >"$LAB_SSH/authorized_keys"
}

host_keys_dir() { printf '%s/keys/%s' "$LAB_STATE" "$1"; }

# host_keys NAME ROOT: OpenSSH's by this machine's ssh-keygen, the other servers' by their own
# programs, run from the hosts' root file system.
host_keys() {
    local dir type
    dir=$(host_keys_dir "$1")
    mkdir -p "$dir"
    chmod 700 "$dir"
    for type in ed25519 ecdsa rsa; do make_key "$dir/ssh_host_${type}_key" "$type" '' "lab-$1"; done
    if [ ! -s "$dir/dropbear_ed25519.pub" ]; then
        rm -f "$dir/dropbear_ed25519"
        with_keys_dir "$dir" "$2" dropbearkey -t ed25519 -f /etc/lab/dropbear_ed25519 >/dev/null 2>&1
        with_keys_dir "$dir" "$2" dropbearkey -y -f /etc/lab/dropbear_ed25519 | grep ^ssh-ed25519 >"$dir/dropbear_ed25519.pub.tmp"
        mv "$dir/dropbear_ed25519.pub.tmp" "$dir/dropbear_ed25519.pub"
    fi
    if [ ! -s "$dir/tinyssh.pub" ]; then
        rm -rf "$dir/tinyssh"
        with_keys_dir "$dir" "$2" tinysshd-makekey -q /etc/lab/tinyssh
        with_keys_dir "$dir" "$2" tinysshd-printkey /etc/lab/tinyssh | grep ^ssh-ed25519 >"$dir/tinyssh.pub.tmp"
        mv "$dir/tinyssh.pub.tmp" "$dir/tinyssh.pub"
    fi
}

# with_keys_dir DIR ROOT COMMAND...: runs a program of the root with DIR mounted at /etc/lab.
with_keys_dir() {
    local dir=$1 root=$2
    shift 2
    unshare --mount -- sh -euc 'mount --bind "$1" "$2/etc/lab"; shift; root=$1; shift; exec chroot "$root" "$@"' \
        sh "$dir" "$root" "$@"
}

# known_hosts of all hosts that have keys: port 22 under address and name, others in brackets.
known_hosts() {
    local name address dir key
    fleet_known_hosts
    for name in $(lab_hosts); do
        dir=$(host_keys_dir "$name")
        [ -s "$dir/tinyssh.pub" ] || continue
        address=$(host_address "$name")
        for key in "$dir"/ssh_host_*_key.pub; do known_host_line "$address,$name" "$key"; done
        known_host_line "[$address]:2222,[$name]:2222" "$dir/dropbear_ed25519.pub"
        known_host_line "[$address]:2223,[$name]:2223" "$dir/tinyssh.pub"
    done
}

write_known_hosts() {
    known_hosts >"$LAB_SSH/known_hosts.tmp"
    mv "$LAB_SSH/known_hosts.tmp" "$LAB_SSH/known_hosts"
}
fleet_known_hosts() {
    local dir port
    dir=$(host_dir fleet)
    [ -s "$dir/ports" ] || return 0
    while IFS= read -r port; do known_host_line "[127.0.0.1]:$port" "$(host_keys_dir fleet)/ssh_host_ed25519_key.pub"; done <"$dir/ports"
}
known_host_line() { printf '%s %s\n' "$1" "$(cut -d ' ' -f 1,2 "$2")"; }

# mail_certificate: self-signed, for the mail sink on app1; also the file to trust it by.
mail_certificate() {
    local dir=$LAB_STATE/tls address
    [ ! -s "$dir/mail-sink.pem" ] || return 0
    address=$(host_address app1)
    mkdir -p "$dir"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 -subj /CN=mail-sink \
        -addext "subjectAltName=DNS:mail-sink,DNS:app1,IP:$address" \
        -keyout "$dir/mail-sink.key" -out "$dir/mail-sink.pem.tmp" 2>/dev/null
    mv "$dir/mail-sink.pem.tmp" "$dir/mail-sink.pem"
}
