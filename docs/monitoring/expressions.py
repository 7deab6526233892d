"""The expressions of rules, dashboards and runbooks, and the metrics that they read."""

import json
import pathlib
import re

import jinja2
import yaml

HERE = pathlib.Path(__file__).resolve().parent
STACK = HERE.parents[1] / "playbooks" / "monitoring"
RULES = STACK / "config" / "prometheus" / "rules"
WORDS = {"and", "or", "unless", "by", "on", "without", "ignoring", "group_left", "group_right", "bool", "offset", "inf", "nan"}


def rendered(text):
    """A rule template with the defaults of every setting, all rule groups and every kind of metric."""
    stack = yaml.safe_load((STACK / "defaults.yml").read_text(encoding="utf-8"))["stack_defaults"]
    stack["rule_groups"] = [path.stem for path in RULES.glob("*.yml")] + ["data_freshness"]
    stack["metrics"].update(
        backups=["koprogo_last_backup_timestamp_seconds"], business_events=["booking_created_total", "payment_processed_total"],
        tenant_requests="clientforge_tenant_requests_total")
    names = {
        **yaml.safe_load((STACK / "limits.yml").read_text(encoding="utf-8")), "stack": stack, "scrape_targets": [{"job": "node-exporter"}], "container_name_start": "monitoring", "container_name_end": "-1",
        "own_containers": f"monitoring-({'|'.join(stack['services'])})-1",
    }
    environment = jinja2.Environment(trim_blocks=True, keep_trailing_newline=True, undefined=jinja2.StrictUndefined)
    environment.filters["regex_replace"] = lambda value, pattern, replacement: re.sub(pattern, replacement, value)
    return environment.from_string(text).render(names)


def groups():
    """Every rule group of every rule file."""
    for path in sorted(RULES.iterdir()):
        text = path.read_text(encoding="utf-8")
        yield from yaml.safe_load(rendered(text) if path.suffix == ".j2" else text)["groups"]


def alerts():
    """(group, rule) of every alert, sorted by group as the files are, then as they stand there."""
    return [(group["name"], rule) for group in groups() for rule in group["rules"] if "alert" in rule]


def panels():
    """(dashboard, panel, expression) of every Prometheus query."""
    for path in sorted((STACK / "config" / "grafana" / "dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == "prometheus":
                    yield board["title"], panel["title"], target["expr"].replace("$__rate_interval", "5m").replace("$__range", "1h")


def runbook_queries():
    """(alert, expression) of every PromQL expression that runbooks suggest."""
    known = yaml.safe_load((HERE / "runbooks.yml").read_text(encoding="utf-8"))
    return [(name, line) for name, entry in known["alerts"].items() for line in entry["promql"].splitlines()]


def metric_names(expression):
    """The metrics that an expression reads."""
    text = re.sub(r'"(\\.|[^"\\])*"', '""', expression)
    text = re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", " ", text)
    text = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^()]*\)", " ", text)
    found = re.findall(r"(?<![0-9.])\b[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\(|[a-zA-Z0-9_:])", text)
    return {name for name in found if name.lower() not in WORDS and not re.fullmatch(r"[0-9]*[smhdwy]", name)}


def metrics_used():
    """Metric name to everything that reads it."""
    expressions = [(f"panel {board}: {title}", expression) for board, title, expression in panels()]
    for group in groups():
        for rule in group["rules"]:
            reader = f"alert {rule['alert']}" if "alert" in rule else f"record {rule['record']}"
            expressions.append((reader, rule["expr"]))
    used = {}
    for reader, expression in expressions:
        for metric in metric_names(expression):
            used.setdefault(metric, set()).add(reader)
    return used
