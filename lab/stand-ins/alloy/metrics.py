"""The stand-in's metrics, under the names that Alloy uses."""

from prometheus_client import Counter, Gauge, disable_created_metrics

VERSION = "1.18.1-stand-in"
disable_created_metrics()

Gauge("alloy_build_info", "Version.", ["version", "revision", "branch", "goversion"]).labels(VERSION, "stand-in", "lab", "none").set(1)
load_successful = Gauge("alloy_config_last_load_successful", "Whether the last load succeeded.")
load_time = Gauge("alloy_config_last_load_success_timestamp_seconds", "When the last successful load was.")
components = Gauge("alloy_component_controller_running_components", "Components by health.", ["controller_id", "controller_path", "health_type"])
sent_entries = Counter("loki_write_sent_entries_total", "Entries sent.", ["component_id", "component_path", "host"])
sent_bytes = Counter("loki_write_sent_bytes_total", "Bytes sent.", ["component_id", "component_path", "host"])
dropped_entries = Counter("loki_write_dropped_entries_total", "Entries given up.", ["component_id", "component_path", "host", "reason"])
docker_entries = Counter("loki_source_docker_target_entries_total", "Lines read from containers.", ["component_id", "component_path"])
file_lines = Counter("loki_source_file_read_lines_total", "Lines read from files.", ["component_id", "component_path", "path"])
