"""The choices above a dashboard."""

import re
import sys

from queries import LOKI, PROMETHEUS, queries_of

# Name: where its values come from, and in which metric they are looked up.
VARIABLES = {
    "project": "label_values(app:last_backup_timestamp_seconds, project)",
    "job": 'label_values(up{role=~"api|worker"}, job)',
    "instance": "label_values(up, instance)",
    "datname": 'label_values(pg_stat_database_blks_hit{datname!~"template.*"}, datname)',
    "name": "label_values(container_last_seen, name)",
    "service": "label_values(traefik_service_requests_total, service)",
    "entrypoint": "label_values(traefik_entrypoint_requests_total, entrypoint)",
    "stack": 'label_values(container_last_seen{name=~".*(prometheus|grafana|loki|alloy|alertmanager|cadvisor|exporter).*"}, name)',
    # Of containers on Kubernetes. Elsewhere none has one, and all of them match.
    "namespace": "label_values(container_last_seen, namespace)",
}
# Values that Loki knows: the container that wrote a line, and any job that writes lines.
LOG_VARIABLES = {"log_job": "job", "container": "container"}
TEXT_VARIABLES = {"search": "", "tenant": ""}


def variable(name):
    """A template variable as Grafana stores it."""
    if name in TEXT_VARIABLES:
        return {"name": name, "type": "textbox", "query": TEXT_VARIABLES[name], "current": {"text": "", "value": ""}}
    # Loki refuses a selector that could match every stream: of a label that each has, all is `.+`.
    all_value = ".+" if name in ("job", "log_job") else ".*"
    several = {"multi": True, "includeAll": True, "allValue": all_value, "current": {"text": ["All"], "value": ["$__all"]}}
    if name in LOG_VARIABLES:
        query = {"label": LOG_VARIABLES[name], "refId": name, "stream": "", "type": 1}
        return {"name": name, "type": "query", "datasource": LOKI, "query": query, "refresh": 2, "sort": 1, **several}
    query = {"query": VARIABLES[name], "refId": name}
    return {"name": name, "type": "query", "datasource": PROMETHEUS, "query": query, "refresh": 2, "sort": 1, **several}


def datasource_variable(name, kind, current):
    return {"name": name, "label": name, "type": "datasource", "query": kind, "current": {"text": current, "value": kind}, "hide": 2}


def check_variables(uid, description):
    """A variable that nothing asks for would be a choice without effect; one that is not declared, no choice."""
    expressions = [query["expr"] for panel in description["panels"] if "title" in panel for query in queries_of(panel)]
    used = {name for text in expressions for name in re.findall(r"\$(\w+)", text) if not name.startswith("__")}
    if wrong := used ^ set(description.get("variables", [])):
        sys.exit(f"{uid}: its variables are used but not declared, or declared and not used: {', '.join(sorted(wrong))}")
