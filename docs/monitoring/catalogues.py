"""The pages of all alerts, all metrics and all queries."""

import re

from expressions import metrics_used, panels
from runbook import plain

# Metric name prefix: who exports it, and what must be on for it.
EXPORTERS = {
    "app:": "recorded in app_canonical.yml",
    "instance:": "recorded in node_infra.yml",
    "container:": "recorded in node_infra.yml",
    "pg:": "recorded in node_infra.yml",
    "redis:": "recorded in node_infra.yml",
    "traefik:": "recorded in node_infra.yml",
    "settings:": "recorded in from_settings.yml",
    "ALERTS": "Prometheus, for every alert",
    "up": "Prometheus, for every target",
    "node_": "node-exporter",
    "container_": "cAdvisor",
    "pg_": "postgres-exporter",
    "redis_": "redis-exporter",
    "traefik_": "Traefik",
    "probe_": "blackbox-exporter",
    "blackbox_": "blackbox-exporter",
    "prometheus_": "Prometheus",
    "alertmanager_": "Alertmanager",
    "grafana_": "Grafana",
    "loki_write_": "Alloy",
    "loki_": "Loki",
    "alloy_": "Alloy",
    "opsctl_": "opsctl, by node-exporter's textfile directory",
}


def alerts_page(found):
    lines = ["# Alerts", "", f"All {len(found)} of them, by group. Made by `generate.py` from the rule files.", ""]
    current = None
    for group, rule in sorted(found, key=lambda pair: pair[0]):
        if group != current:
            lines += ["", f"## {group}", "", "| alert | severity | after | meaning |", "|---|---|---|---|"]
            current = group
        meaning = plain(rule["annotations"]["description"]).replace("|", "\\|")
        lines.append(f"| [{rule['alert']}](runbooks/{rule['alert']}.md) | {rule['labels']['severity']} | {rule.get('for', '0s')} | {meaning} |")
    return "\n".join(lines) + "\n"


def exporter(metric):
    for prefix, name in EXPORTERS.items():
        if metric == prefix or (prefix[-1] in "_:" and metric.startswith(prefix)):
            return name
    return "the applications"


def metrics_page():
    used = metrics_used()
    lines = ["# Metrics", "", f"The {len(used)} metrics and records that alerts and dashboards read, by who exports them. Made by `generate.py`.", ""]
    for source in sorted({exporter(metric) for metric in used}):
        lines += ["", f"## {source}", "", "| metric | read by |", "|---|---|"]
        for metric in sorted(used):
            if exporter(metric) == source:
                readers = sorted(used[metric])
                text = ", ".join(readers[:4]) + (f" and {len(readers) - 4} more" if len(readers) > 4 else "")
                lines.append(f"| `{metric}` | {text} |")
    return "\n".join(lines) + "\n"


def queries_page():
    lines = ["# Queries", "", "Every PromQL expression of the dashboards, with their variables set to all. Made by `generate.py`."]
    current = None
    for board, title, expression in panels():
        if board != current:
            lines += ["", f"## {board}"]
            current = board
        lines += ["", f"{title}:", "", "```promql", re.sub(r"\$\w+", ".*", expression), "```"]
    return "\n".join(lines) + "\n"
