# The root file system of the lab's container images: one slim Debian tree that holds every real
# program, imported once as the one layer that all images share.
# shellcheck shell=bash

LAB_IMAGE_PACKAGES=(
    busybox
    prometheus prometheus-alertmanager prometheus-node-exporter prometheus-postgres-exporter
    prometheus-redis-exporter prometheus-blackbox-exporter
    postgresql-17 redis-server
    python3 python3-yaml python3-prometheus-client python3-aiosmtpd python3-psycopg2 python3-redis
)

# Dependencies that only matter to package management, to a desktop or to compiled queries.
LAB_IMAGE_UNWANTED='apt|adduser|debconf|dpkg|fonts-.*|javascript-common|libjs-.*|libllvm.*|libz3-.*|locales|libc-l10n|perl|perl-base|perl-modules-.*|libperl.*|lib.*-perl|postgresql-common.*|postgresql-client-common|init-system-helpers|sensible-utils|ssl-cert|ucf|sqv|sysvinit-utils|debian-archive-keyring'
LAB_IMAGE_UNWANTED_FILES=(./usr/share/{doc,man,info,locale,javascript,lintian,bug,bash-completion} ./usr/lib/postgresql/17/lib/{bitcode,'llvmjit*'})

imageroot_key() { cache_key "$LAB_SUITE" "${LAB_IMAGE_PACKAGES[*]}" "$LAB/lib/imageroot.sh" "$LAB/lib/imageroot-setup.sh"; }

# Packages are only unpacked, never configured: quicker by minutes, and a container needs no more.
imageroot_build() {
    local dir=$1 deb name
    debootstrap_into "$(IFS=,; echo "${LAB_IMAGE_PACKAGES[*]}")" "$dir/download" --download-only
    # base-files first: it lays out the tree (/bin is /usr/bin).
    mkdir "$dir/root"
    for deb in "$dir"/download/var/cache/apt/archives/{base-files_*,*}.deb; do
        name=$(basename "$deb")
        if [[ ! ${name%%_*} =~ ^($LAB_IMAGE_UNWANTED)$ ]]; then unpack "$deb" "$dir/root"; fi
        if [[ $name =~ ^(prometheus|redis-server|postgresql-17) ]]; then package_version "$deb" >>"$dir/root/etc/opsctl-lab-versions"; fi
    done
    mkdir -p "$dir/root/proc"
    cp "$LAB/lib/imageroot-setup.sh" "$dir/root/setup.sh"
    in_root "$dir/root" sh -eu /setup.sh
    rm -f "$dir/root/setup.sh"
    rm -rf "$dir/download"
}
unpack() { dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" "${LAB_IMAGE_UNWANTED_FILES[@]/#/--exclude=}"; }

# "package version" without epoch and Debian revision: the upstream version that tags the image.
package_version() { dpkg-deb -f "$1" Package Version | sed -nE 's/^Package: //p; s/^Version: ([0-9]+:)?([0-9.]*[0-9]).*/\2/p' | paste -sd ' '; }
