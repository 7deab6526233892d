# Container images. No registry can be reached: one layer of Debian programs is imported as
# lab/base, and every image is a small Dockerfile over it. They are built once, in a short-lived
# host without network, into a /var/lib/docker that new hosts start from.
# shellcheck shell=bash

LAB_IMAGE_SOURCES=(images stand-ins demo-app sinks)

images_key() {
    local source parts=()
    for source in "${LAB_IMAGE_SOURCES[@]}"; do parts+=("$LAB/$source"); done
    cache_key "$(imageroot_key)" "$LAB/lib/images.sh" "${parts[@]}"
}
docker_base_key() { cache_key "$(hostroot_key)" "$(imageroot_key)" docker-base; }

# image_tags NAME ROOT: the real program's version (for stand-ins there is none) and always 'lab'.
image_tags() {
    local package
    case $1 in
        prometheus) package=prometheus ;;
        postgres) package=postgresql-17 ;;
        redis) package=redis-server ;;
        *) package=prometheus-$1 ;;
    esac
    awk -v p="$package" '$1 == p {print $2}' "$2/etc/opsctl-lab-versions"
    echo lab
}

# images_build HOST ROOT: builds every image with the docker of a running host. Quick when nothing changed.
images_build() {
    local host=$1 root=$2 dir name tag arguments
    for dir in "$LAB"/images/*/; do
        name=$(basename "$dir")
        arguments=()
        for tag in $(image_tags "$name" "$root"); do arguments+=(--tag "lab/$name:$tag"); done
        tar -C "$LAB" --exclude=__pycache__ -c "${LAB_IMAGE_SOURCES[@]}" |
            in_host "$host" env DOCKER_BUILDKIT=0 docker build --quiet --network none -f "images/$name/Dockerfile" "${arguments[@]}" - \
                2> >(grep -v 'legacy builder\|BuildKit\|buildx\|environment-variable\|^$' >&2) >/dev/null
    done
}

# with_builder FROM DIR HOSTROOT COMMAND...: runs COMMAND with a host named 'builder' whose docker data
# start as a copy of FROM ('-' for none) and end up in DIR.
with_builder() {
    local from=$1 to=$2 hostroot=$3 empty
    shift 3
    host_stop builder
    empty=$LAB_STATE/empty
    mkdir -p "$empty"
    if [ "$from" = - ]; then from=$empty; fi
    ip netns add "$(netns_of builder)" 2>/dev/null || true
    ip -n "$(netns_of builder)" link set lo up
    host_prepare builder "$hostroot" "$from"
    LAB_SERVICES='' host_start builder "$(netns_of builder)"
    if wait_for 60 "docker of the builder" host_answers_docker builder && "$@"; then
        in_host builder lab-service stop docker
        cp -al "$(host_dir builder)/docker/." "$to/"
        host_stop builder
    else
        tail -n 20 "$(host_dir builder)"/console.log "$(host_dir builder)"/upper/var/log/docker.log || true
        host_stop builder
        return 1
    fi
}

docker_base_build() {
    local hostroot=$1 imageroot=$2 to=$3
    with_builder - "$to" "$hostroot" import_base "$imageroot" builder
}
import_base() { tar -C "$1" --exclude='./dev/*' -c . | in_host "$2" docker import - lab/base:latest; }

docker_images_build() {
    local hostroot=$1 imageroot=$2 base=$3 to=$4
    with_builder "$base" "$to" "$hostroot" images_build builder "$imageroot"
}
