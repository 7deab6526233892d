# The root file system of the lab's container images: one slim Debian tree that holds every real
# program, imported once as the one layer that all images share.
# shellcheck shell=bash

LAB_IMAGE_PACKAGES=(
    busybox ca-certificates
    prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter
    prometheus-redis-exporter prometheus-blackbox-exporter
    postgresql-17 redis-server
    python3 python3-yaml python3-prometheus-client python3-aiosmtpd python3-psycopg2 python3-redis
)

imageroot_key() { cache_key "$LAB_SUITE" "${LAB_IMAGE_PACKAGES[*]}" "$LAB/lib/imageroot.sh" "$LAB/lib/imageroot-setup.sh"; }

imageroot_build() {
    local dir=$1
    debootstrap_into "$(IFS=,; echo "${LAB_IMAGE_PACKAGES[*]}")" "$dir"
    cp "$LAB/lib/imageroot-setup.sh" "$dir/tmp/setup.sh"
    in_root "$dir" sh -eu /tmp/setup.sh
    rm -f "$dir/tmp/setup.sh"
}
