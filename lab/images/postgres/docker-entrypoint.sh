#!/bin/bash
# First start makes the cluster as the official image does: POSTGRES_USER, POSTGRES_DB,
# POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE, then /docker-entrypoint-initdb.d/*.{sql,sh}.
set -euo pipefail

if [ "${1#-}" != "$1" ]; then set -- postgres "$@"; fi
[ "$1" = postgres ] || exec "$@"

if [ "$(id -u)" = 0 ]; then
    mkdir -p "$PGDATA" /run/postgresql
    chown postgres:postgres "$PGDATA" /run/postgresql
    chmod 700 "$PGDATA"
    exec setpriv --reuid=postgres --regid=postgres --init-groups "$0" "$@"
fi

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

first_start() {
    local password=${POSTGRES_PASSWORD:-} file
    if [ -n "${POSTGRES_PASSWORD_FILE:-}" ]; then password=$(cat "$POSTGRES_PASSWORD_FILE"); fi
    [ -n "$password" ] || { echo 'error: POSTGRES_PASSWORD or POSTGRES_PASSWORD_FILE is required' >&2; exit 1; }
    initdb --username="$user" --auth-host=scram-sha-256 --auth-local=trust --encoding=UTF8 \
        --pwfile=<(printf '%s\n' "$password") -D "$PGDATA" >/dev/null
    echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
    # Not reachable from outside until it is complete.
    pg_ctl -D "$PGDATA" -o "-c listen_addresses='' ${LAB_POSTGRES_OPTIONS:-}" -w start >/dev/null
    [ "$database" = postgres ] || createdb --username="$user" "$database"
    for file in /docker-entrypoint-initdb.d/*; do
        case $file in
            *.sql) psql -v ON_ERROR_STOP=1 --username="$user" --dbname="$database" -f "$file" ;;
            *.sh) bash "$file" ;;
        esac
    done
    pg_ctl -D "$PGDATA" -m fast -w stop >/dev/null
}

if [ ! -s "$PGDATA/lab-complete" ]; then
    find "$PGDATA" -mindepth 1 -delete
    first_start
    date >"$PGDATA/lab-complete"
fi
exec "$@" -c listen_addresses='*'
