# What a host runs once it is up, by its role in the host table.
# shellcheck shell=bash

# workload_start NAME: starts app1's compose project, and gives mon1 an application's log file; nothing for other roles.
workload_start() {
    local dir key
    case $(host_role "$1") in
        app) ;;
        monitor) in_host "$1" sh -ec 'mkdir -p /srv/app/logs && touch /srv/app/logs/combined.log'; return 0 ;;
        *) return 0 ;;
    esac
    dir=$(host_dir "$1")
    key=$(cache_key "$LAB/app" "$LAB_IMAGES_KEY")
    if [ "$(cat "$dir/workload" 2>/dev/null)" = "$key" ]; then return 0; fi
    say "starting the demo app on $1"
    tar -C "$LAB/app" -c . | in_host "$1" sh -ec 'mkdir -p /opt/app /var/lib/opsctl/textfile && tar -C /opt/app --no-same-owner -x'
    tar -C "$LAB_STATE/tls" -c . | in_host "$1" sh -ec 'mkdir -p /opt/app/tls && tar -C /opt/app/tls -x && chown -R 65534:65534 /opt/app/tls && chmod 755 /opt/app/tls'
    if ! in_host "$1" env LAB_ADDRESS="$(host_address "$1")" LAB_LOKI_URL="http://$(host_address mon1):3110/loki/api/v1/push" docker compose --progress quiet --project-directory /opt/app \
        up --detach --wait --wait-timeout 180 --remove-orphans >"$LAB_STATE/log/app.log" 2>&1; then
        tail -n 20 "$LAB_STATE/log/app.log" >&2
        die "the demo app did not start on $1; see lab/shell $1 docker ps -a"
    fi
    printf '%s\n' "$key" >"$dir/workload"
}
