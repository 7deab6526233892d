#!/bin/sh
# First process of a host (pid 1 in its pid namespace): mounts, SSH servers, docker, then tini,
# which only reaps orphans. Environment: LAB_NAME, LAB_START_DOCKER (yes or no), LAB_START (names of services).
set -eu
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH

hostname "$LAB_NAME"
mount -t sysfs sysfs /sys
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mkdir -p /run/lock /run/sshd /run/sudo
# node-exporter mounts the root with slave propagation, which docker allows only on a shared mount.
mount --make-rshared /

mount_device_nodes() {
    mount -t tmpfs -o mode=755 tmpfs /dev
    for node in null:1:3 zero:1:5 full:1:7 random:1:8 urandom:1:9 tty:5:0 console:5:1 kmsg:1:11 fuse:10:229; do
        name=${node%%:*} numbers=${node#*:}
        mknod -m 666 "/dev/$name" c "${numbers%%:*}" "${numbers##*:}"
    done
    mkdir /dev/pts /dev/shm /dev/mqueue /dev/disk
    mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts /dev/pts
    ln -s pts/ptmx /dev/ptmx
    ln -s /proc/self/fd /dev/fd
    ln -s fd/0 /dev/stdin; ln -s fd/1 /dev/stdout; ln -s fd/2 /dev/stderr
    mount -t tmpfs -o mode=1777 tmpfs /dev/shm
    mount -t mqueue mqueue /dev/mqueue || true
}

# Version 1: every hierarchy that the machine has, at the place docker looks for it.
mount_cgroups_v1() {
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
    while IFS=: read -r number controllers path; do
        case $controllers in
            '') continue ;;
            name=*) dir=${controllers#name=} options=none,$controllers ;;
            *) dir=$controllers options=$controllers ;;
        esac
        mkdir "/sys/fs/cgroup/$dir"
        mount -t cgroup -o "$options" cgroup "/sys/fs/cgroup/$dir" || { rmdir "/sys/fs/cgroup/$dir"; continue; }
        for one in $(echo "$dir" | tr , ' '); do
            [ -e "/sys/fs/cgroup/$one" ] || ln -s "$dir" "/sys/fs/cgroup/$one"
        done
    done </proc/self/cgroup
}

# Version 2: processes may not stay in a group that hands controllers to its children.
mount_cgroups_v2() {
    mount -t cgroup2 cgroup2 /sys/fs/cgroup
    mkdir -p /sys/fs/cgroup/init
    xargs -rn1 </sys/fs/cgroup/cgroup.procs >/sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
    sed 's/ / +/g; s/^/+/' /sys/fs/cgroup/cgroup.controllers >/sys/fs/cgroup/cgroup.subtree_control || true
}

mount_device_nodes
if grep -q '^[1-9][0-9]*:[a-z]' /proc/self/cgroup; then mount_cgroups_v1; else mount_cgroups_v2; fi
mount -t tmpfs -o size=8m,mode=1777 tmpfs /mnt/small

# shellcheck disable=SC2086  # a list of names
/usr/local/sbin/lab-service start $LAB_START
if [ "$LAB_START_DOCKER" = yes ]; then /usr/local/sbin/lab-service start docker; fi
[ ! -x /etc/lab/start ] || /etc/lab/start

exec tini -- sleep infinity
