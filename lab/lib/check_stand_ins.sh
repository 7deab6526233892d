#!/usr/bin/env bash
# Checks, on mon1, that the stand-ins accept good configuration and refuse what the real programs refuse.
LAB=$(cd "$(dirname "$(readlink -f "$0")")/.." && pwd)
for part in common host; do . "$LAB/lib/$part.sh"; done

# run IMAGE COMMAND...: with the test's files at /files; OUTPUT keeps what it said.
run() {
    local image=$1
    shift
    OUTPUT=$(in_host mon1 docker run --rm --network none -v "$FILES:/files:ro" "lab/$image:lab" "$@" 2>&1)
}
accepts() { run "$@" || { echo "refused: $*: $OUTPUT"; exit 1; }; }
refuses() { # REASON IMAGE COMMAND...
    local reason=$1
    shift
    if run "$@"; then echo "accepted: $*"; exit 1; fi
    case $OUTPUT in *"$reason"*) ;; *) echo "refused for another reason than '$reason': $OUTPUT"; exit 1 ;; esac
}

FILES=$(in_host mon1 mktemp -d /tmp/stand-ins.XXXXXX)
in_host mon1 chmod 755 "$FILES"
trap 'in_host mon1 rm -rf "$FILES"' EXIT
put() { in_host mon1 sh -c 'mkdir -p "$(dirname "$1")" && cat >"$1" && chmod -R a+rX "$2"' sh "$FILES/$1" "$FILES"; }

put loki.yaml <<'YAML'
auth_enabled: false
common: {path_prefix: /loki, replication_factor: 1, ring: {kvstore: {store: inmemory}}}
schema_config:
  configs: [{from: 2024-01-01, store: tsdb, object_store: filesystem, schema: v13, index: {prefix: index_, period: 24h}}]
compactor: {working_directory: /loki/compactor, retention_enabled: true, delete_request_store: filesystem}
limits_config: {retention_period: 168h}
YAML
in_host mon1 sed 's/retention_enabled: true/&, shared_store: filesystem/' "$FILES/loki.yaml" | put shared-store.yaml
in_host mon1 sed 's/, delete_request_store: filesystem//' "$FILES/loki.yaml" | put no-store.yaml
accepts stand-in-loki -config.file=/files/loki.yaml -verify-config
refuses 'field shared_store not found' stand-in-loki -config.file=/files/shared-store.yaml -verify-config
refuses 'delete-request-store' stand-in-loki -config.file=/files/no-store.yaml -verify-config

put alloy/good.alloy <<'ALLOY'
discovery.docker "local" {
	host = "unix:///var/run/docker.sock"
}

loki.source.docker "containers" {
	host       = "unix:///var/run/docker.sock"
	targets    = discovery.docker.local.targets
	forward_to = [loki.write.default.receiver]
}

loki.write "default" {
	endpoint {
		url = "http://loki:3100/loki/api/v1/push"
	}
}
ALLOY
in_host mon1 sed 's/write.default.rec/write.other.rec/' "$FILES/alloy/good.alloy" | put reference.alloy
in_host mon1 sed 's/forward_to/foward_to/' "$FILES/alloy/good.alloy" | put attribute.alloy
accepts stand-in-alloy validate /files/alloy
accepts stand-in-alloy fmt --test /files/alloy/good.alloy
refuses 'component "loki.write.other" does not exist' stand-in-alloy validate /files/reference.alloy
refuses 'unrecognized attribute name "foward_to"' stand-in-alloy validate /files/attribute.alloy

refuses 'unsupported metric "memry"' stand-in-cadvisor --disable_metrics=memry

put both/datasources/a.yml <<'YAML'
datasources:
  - {name: A, uid: a, type: prometheus, url: "http://a", isDefault: true}
  - {name: B, uid: b, type: loki, url: "http://b", isDefault: true}
YAML
put folder/dashboards/a.yml <<'YAML'
providers: [{name: a, folder: X, options: {path: /files, foldersFromFilesStructure: true}}]
YAML
run_grafana() { OUTPUT=$(in_host mon1 timeout 20 docker run --rm --network none -v "$FILES:/files:ro" -e "GF_PATHS_PROVISIONING=/files/$1" lab/stand-in-grafana:lab 2>&1); }
for pair in 'both:Only one datasource per organization' "folder:should be empty using 'foldersFromFilesStructure'"; do
    if run_grafana "${pair%%:*}"; then echo "Grafana accepted '${pair%%:*}'"; exit 1; fi
    case $OUTPUT in *"${pair#*:}"*) ;; *) echo "Grafana refused '${pair%%:*}' otherwise: $OUTPUT"; exit 1 ;; esac
done
