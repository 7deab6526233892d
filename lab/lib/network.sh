# One bridge on this machine, one network namespace with a veth pair per host. No route leads out.
# shellcheck shell=bash

netns_of() { printf '%s%s' "$LAB_NETNS_PREFIX" "$1"; }
veth_of() { printf 'olab-%s' "$1"; }

bridge_up() {
    if ! ip link show "$LAB_BRIDGE" >/dev/null 2>&1; then
        ip link add "$LAB_BRIDGE" type bridge
    fi
    ip address replace "$LAB_GATEWAY/24" dev "$LAB_BRIDGE"
    ip link set "$LAB_BRIDGE" up
    # Where this machine runs docker itself, bridged frames pass a FORWARD chain that drops.
    if [ "$(cat /proc/sys/net/bridge/bridge-nf-call-iptables 2>/dev/null)" = 1 ]; then
        iptables -C FORWARD "${LAB_FORWARD_RULE[@]}" 2>/dev/null || iptables -I FORWARD "${LAB_FORWARD_RULE[@]}"
    fi
}
LAB_FORWARD_RULE=(-i "$LAB_BRIDGE" -o "$LAB_BRIDGE" -m comment --comment opsctl-lab -j ACCEPT)

# bridge_down: only once no host is on it (another state directory may have some).
bridge_down() {
    if [ -n "$(ls "/sys/class/net/$LAB_BRIDGE/brif" 2>/dev/null)" ]; then return 0; fi
    iptables -D FORWARD "${LAB_FORWARD_RULE[@]}" 2>/dev/null || true
    ip link delete "$LAB_BRIDGE" 2>/dev/null || true
}

# host_network_up NAME ADDRESS: safe to repeat on a half-made namespace.
host_network_up() {
    local name=$1 address=$2 netns veth
    netns=$(netns_of "$name") veth=$(veth_of "$name")
    [ -e "/run/netns/$netns" ] || ip netns add "$netns"
    if ! ip -n "$netns" link show eth0 >/dev/null 2>&1; then
        ip link delete "$veth" 2>/dev/null || true
        ip link add "$veth" type veth peer name eth0 netns "$netns"
    fi
    ip link set "$veth" master "$LAB_BRIDGE" up
    ip -n "$netns" address replace "$address/24" dev eth0
    ip -n "$netns" link set lo up
    ip -n "$netns" link set eth0 up
}

host_network_down() {
    ip link delete "$(veth_of "$1")" 2>/dev/null || true
    ip netns delete "$(netns_of "$1")" 2>/dev/null || true
}
