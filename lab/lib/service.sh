#!/bin/sh
# lab-service start|stop|restart NAME...: the few services of a host, by pid file.
# (There is no systemd in a host; tests restart sshd and docker with this.)
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
keys=/etc/lab/keys

# spawn NAME COMMAND...: in its own session, output to /var/log, pid recorded.
spawn() {
    service=$1
    shift
    # As on other servers, who logged in is in auth.log.
    case $service in ssh | dropbear | tinysshd) log=auth ;; *) log=$service ;; esac
    setsid sh -c 'echo $$ >/run/lab-$0.pid; exec "$@"' "$service" "$@" </dev/null >>"/var/log/$log.log" 2>&1 &
}

start() {
    case $1 in
        ssh) spawn ssh /usr/sbin/sshd -D -e ;;
        dropbear) spawn dropbear dropbear -F -E -p 2222 -r "$keys/dropbear_ed25519" ;;
        # tinysshd speaks on standard input and output, for one connection.
        tinysshd) spawn tinysshd socat TCP-LISTEN:2223,fork,reuseaddr "EXEC:tinysshd $keys/tinyssh" ;;
        # Loki listens on loopback only; logs of other hosts come in here.
        log-gateway) spawn log-gateway socat "TCP-LISTEN:3110,bind=$(awk -v n="$(hostname)" '$2 == n {print $1}' /etc/hosts),fork,reuseaddr" TCP:127.0.0.1:3100 ;;
        docker)
            rm -f /run/docker.pid
            spawn docker dockerd --group docker --exec-opt native.cgroupdriver=cgroupfs ;;
        *) echo "lab-service: unknown service '$1'" >&2; exit 64 ;;
    esac
}

stop() {
    read -r pid <"/run/lab-$1.pid" 2>/dev/null || return 0
    kill "$pid" 2>/dev/null || return 0
    for _ in $(seq 100); do
        kill -0 "$pid" 2>/dev/null || return 0
        sleep 0.1
    done
    kill -KILL "$pid" 2>/dev/null || true
}

action=$1
shift
for name in "$@"; do
    case $action in
        start) start "$name" ;;
        stop) stop "$name" ;;
        restart) stop "$name"; start "$name" ;;
        *) echo "lab-service: unknown action '$action'" >&2; exit 64 ;;
    esac
done
