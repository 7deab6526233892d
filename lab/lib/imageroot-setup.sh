#!/bin/sh
# Runs once inside the new tree of the images: paths, users and directories as the official images have them.

# Official names and places of the binaries (/bin is /usr/bin).
ln -s prometheus-alertmanager /usr/bin/alertmanager
ln -s prometheus-node-exporter /usr/bin/node_exporter
ln -s prometheus-postgres-exporter /usr/bin/postgres_exporter
ln -s prometheus-blackbox-exporter /usr/bin/blackbox_exporter
ln -s /usr/bin/prometheus-redis-exporter /redis_exporter
mkdir -p /usr/local/bin
ln -s /usr/lib/postgresql/17/bin/* /usr/local/bin/

# wget, awk, nc and the rest, where the tree has no fuller program of that name.
for applet in $(busybox --list); do
    busybox which "$applet" >/dev/null || ln -s busybox "/usr/bin/$applet"
done
ldconfig

# Users by the numbers of the official images.
cp /usr/share/base-passwd/passwd.master /etc/passwd
cp /usr/share/base-passwd/group.master /etc/group
user() { # NAME UID GID HOME
    echo "$1:x:$2:$3::$4:/bin/sh" >>/etc/passwd
    busybox grep -q "^[^:]*:[^:]*:$3:" /etc/group || echo "$1:x:$3:" >>/etc/group
}
user postgres 999 999 /var/lib/postgresql
user redis 998 998 /data
user grafana 472 0 /var/lib/grafana
user loki 10001 10001 /loki
user alloy 473 473 /var/lib/alloy
user redis-exporter 59000 59000 /
printf 'root:*::0:::::\n' >/etc/shadow
printf 'hosts: files dns\npasswd: files\ngroup: files\n' >/etc/nsswitch.conf

own() { # UID:GID DIRECTORY...: data directories, whose owner docker gives to new volumes
    owner=$1
    shift
    mkdir -p "$@"
    chown "$owner" "$@"
}
own 65534:65534 /prometheus /alertmanager /mails
own 10001:10001 /loki
own 472:0 /var/lib/grafana /var/lib/opsctl-dashboards
own 0:0 /etc/prometheus /etc/alertmanager /etc/loki /etc/alloy /etc/blackbox /run/opsctl /textfile /var/lib/alloy/data
own 999:999 /var/lib/postgresql/data
own 998:998 /data
rm -rf /etc/prometheus/* /etc/default /etc/init.d /etc/cron.* /etc/systemd /usr/lib/systemd
mkdir -p /tmp /proc /sys /dev /run/lock /run/postgresql
chown 999:999 /run/postgresql
rm -rf /var/run /var/lock
ln -s /run /var/run
ln -s /run/lock /var/lock
chmod 1777 /tmp

# Byte code of what the Python programs import: containers can't write it, and would compile at every start.
python3 -c 'import argparse, asyncio, base64, collections, concurrent.futures, configparser, datetime, decimal, email.policy, \
email.parser, email.message, fnmatch, glob, gzip, hashlib, hmac, html, http.client, http.server, json, logging, queue, random, re, \
select, shlex, signal, smtplib, socket, socketserver, sqlite3, ssl, statistics, threading, urllib.request, uuid, yaml, zlib, \
aiosmtpd.controller, aiosmtpd.smtp, prometheus_client.exposition, psycopg2.pool, redis'
