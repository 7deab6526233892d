#!/bin/sh
exec /usr/share/grafana/bin/grafana server --homepath=/usr/share/grafana --config="$GF_PATHS_CONFIG" --packaging=docker "$@"
