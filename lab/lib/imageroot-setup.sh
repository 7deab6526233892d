# Runs once inside the new tree of the images: paths, users and directories as the official images
# have them, then everything that no container needs goes.

# Version of each real program, for the image tags.
dpkg-query -W -f '${Package} ${Version}\n' |
    sed -nE 's/^(prometheus(-[a-z]+)*|redis-server|postgresql-17) ([0-9]+:)?([0-9]+(\.[0-9]+)*).*/\1 \4/p' >/etc/opsctl-lab-versions

# Official names and places of the binaries (/bin is /usr/bin).
ln -s prometheus-alertmanager /usr/bin/alertmanager
ln -s prometheus-node-exporter /usr/bin/node_exporter
ln -s prometheus-postgres-exporter /usr/bin/postgres_exporter
ln -s prometheus-blackbox-exporter /usr/bin/blackbox_exporter
ln -s /usr/bin/prometheus-redis-exporter /redis_exporter
ln -s /usr/lib/postgresql/17/bin/* /usr/local/bin/

# wget, nc and the rest, where the tree has no fuller program of that name.
for applet in $(busybox --list); do
    command -v "$applet" >/dev/null || ln -s busybox "/usr/bin/$applet"
done

# Users by the numbers of the official images.
groupadd -g 10001 loki && useradd -u 10001 -g 10001 -M -d /loki -s /usr/sbin/nologin loki
useradd -u 472 -g 0 -M -d /var/lib/grafana -s /bin/sh grafana
groupadd -g 473 alloy && useradd -u 473 -g 473 -M -d /var/lib/alloy -s /usr/sbin/nologin alloy

own() { # UID:GID DIR...: data directories, whose owner docker copies into new volumes
    owner=$1
    shift
    mkdir -p "$@"
    chown "$owner" "$@"
}
own 65534:65534 /prometheus /alertmanager
own 10001:10001 /loki
own 472:0 /var/lib/grafana /var/lib/opsctl-dashboards
own 0:0 /etc/prometheus /etc/alertmanager /etc/loki /etc/alloy /etc/blackbox /run/opsctl /textfile
own 0:0 /var/lib/alloy /var/lib/alloy/data
own 999:999 /data
own postgres:postgres /var/lib/postgresql/data
own 65534:65534 /mails
chown redis:redis /data
rm -rf /etc/prometheus/* /etc/default/prometheus*

rm -rf /var/lib/apt /var/cache/apt /var/cache/debconf /var/lib/prometheus /var/log/* /usr/share/doc \
    /usr/share/man /usr/share/info /usr/share/locale /usr/share/i18n /usr/share/fonts /usr/share/javascript \
    /usr/share/nodejs /usr/share/perl /usr/share/perl5 /usr/lib/x86_64-linux-gnu/perl /usr/lib/x86_64-linux-gnu/perl5 \
    /usr/lib/x86_64-linux-gnu/perl-base/unicore /usr/share/postgresql/17/man /usr/lib/gcc
# Just-in-time compilation of queries: PostgreSQL does without when its library is not there.
rm -rf /usr/lib/postgresql/17/lib/llvmjit* /usr/lib/postgresql/17/lib/bitcode
rm -f /usr/lib/*/libLLVM* /usr/lib/*/libz3.so* /usr/lib/*/libclang*
find / -xdev -name '__pycache__' -prune -exec rm -rf {} +
