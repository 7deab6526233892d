#!/bin/sh
# enter.sh DIR LOWER: first process in a host's new namespaces. Mounts the overlay, makes it the
# root and becomes the host's init. All mounts are private to the namespace and vanish with it.
set -eu
dir=$1 lower=$2

mount --make-rprivate /
mount -t overlay overlay -o "lowerdir=$lower,upperdir=$dir/upper,workdir=$dir/work" "$dir/root"
mount --bind "$LAB_KEYS" "$dir/root/etc/lab/keys"
if [ -d "$dir/docker" ]; then
    mkdir -p "$dir/root/var/lib/docker"
    mount --bind "$dir/docker" "$dir/root/var/lib/docker"
fi
if [ -d "$dir/srv" ]; then mount --bind "$dir/srv" "$dir/root/srv"; fi

# umount and init look into /proc.
mount -t proc proc "$dir/root/proc"
cd "$dir/root"
mkdir -p .old
pivot_root . .old
exec chroot . /bin/sh -c 'umount -l /.old && rmdir /.old && exec /usr/local/sbin/lab-init' <>/dev/null
