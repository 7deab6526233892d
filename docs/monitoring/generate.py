#!/usr/bin/env python3
"""Writes runbooks/*.md, alerts.md, metrics.md and queries.md from the rule files, the dashboards and runbooks.yml.

    generate.py           writes them
    generate.py --check   writes nothing; exit status 1 if one differs or is left over
"""

import json
import pathlib
import re
import sys

import jinja2
import yaml

HERE = pathlib.Path(__file__).resolve().parent
STACK = HERE.parents[1] / "playbooks" / "monitoring"
RULES = STACK / "config" / "prometheus" / "rules"

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


def metric_names(expression):
    """The metrics that an expression reads."""
    text = re.sub(r'"(\\.|[^"\\])*"', '""', expression)
    text = re.sub(r"\{[^{}]*\}|\[[^\[\]]*\]", " ", text)
    text = re.sub(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^()]*\)", " ", text)
    found = re.findall(r"(?<![0-9.])\b[a-zA-Z_:][a-zA-Z0-9_:]*(?!\s*\(|[a-zA-Z0-9_:])", text)
    return {name for name in found if name.lower() not in WORDS and not re.fullmatch(r"[0-9]*[smhdwy]", name)}


def panels():
    """(dashboard, panel, expression) of every Prometheus query."""
    for path in sorted((STACK / "config" / "grafana" / "dashboards").glob("*.json")):
        board = json.loads(path.read_text(encoding="utf-8"))
        for panel in board["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] == "prometheus":
                    yield board["title"], panel["title"], target["expr"].replace("$__rate_interval", "5m").replace("$__range", "1h")


def plain(text):
    """An annotation for people: what Prometheus fills in becomes a word in angle brackets."""
    text = re.sub(r"\{\{\s*\$labels\.(\w+)\s*\}\}", r"*\1*", text)
    return re.sub(r"\{\{\s*\$value[^}]*\}\}", "*value*", text)


def block(kind, lines):
    return [f"```{kind}", *lines, "```", ""]


def commands(lines, where):
    """Shell commands by the machine that they run on: those of opsctl on yours, the others elsewhere."""
    own = [line for line in lines if line.startswith("opsctl ")]
    theirs = [line for line in lines if line not in own]
    parts = []
    for place, some in (("From your machine", own), (where, theirs)):
        if some:
            parts += [f"{place}:", "", *block("sh", some)]
    return parts


def look_first(entry, component):
    """What the alert's own expression is made of, then what helps with any alert of that kind."""
    parts = ["## Look first", ""]
    queries = entry["promql"].splitlines()
    parts += ["In Grafana, *Explore*, Prometheus" + (", one at a time:" if len(queries) > 1 else ":"), "", *block("promql", queries)]
    if "logql" in entry:
        parts += ["In Grafana, *Explore*, Loki:", "", *block("logql", [entry["logql"]])]
    parts += commands(entry["sh"], component["where"])
    more = [line for line in component["also"] if line not in entry["sh"]]
    return parts + (["If that does not tell:", "", *block("sh", more)] if more else [])


def stack_directories():
    """Where the stack is on a host: by default, and with each profile that differs."""
    default = yaml.safe_load((STACK / "defaults.yml").read_text(encoding="utf-8"))["stack_defaults"]["dir"]
    profiles = {path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["profile_settings"].get("dir", default)
                for path in sorted((STACK / "profiles").glob("*.yml"))}
    return default, {name: place for name, place in profiles.items() if place != default}


def silence(name):
    default, others = stack_directories()
    elsewhere = ", ".join(f"{place} with the profile {profile}" for profile, place in others.items())
    return [
        "## How to silence", "",
        "The mail about it links to a silence that is filled in. Or, for an hour, with a reason that others understand;",
        "one more word such as `instance=NAME` silences one only:", "",
        *block("sh", [
            f"DIR={default}   # {elsewhere}; `dir` in the inventory" if others else f"DIR={default}   # `dir` in the inventory",
            'opsctl exec ENV --limit monitoring --become -- docker compose --project-directory "$DIR" exec -T alertmanager \\',
            "  amtool silence add --alertmanager.url=http://127.0.0.1:9093 --duration=1h --author=\"$USER\" --comment='WHY' alertname=" + name,
        ])]


def linked(text, own, known):
    """The names of other alerts as links to their runbooks."""
    return re.sub(r"\b[A-Z]\w+\b", lambda word: f"[{word[0]}]({word[0]}.md)" if word[0] in known["alerts"] and word[0] != own else word[0], text)


def runbook(group, rule, known):
    name, labels, notes = rule["alert"], rule["labels"], rule["annotations"]
    component, entry = known["components"][labels["component"]], known["alerts"][name]
    parts = [f"# `{name}`", "", plain(notes["description"]), ""]
    parts += ["| | |", "|---|---|", f"| severity | {labels['severity']} |", f"| component | {labels['component']} |"]
    parts += [f"| fires after | {rule.get('for', 'at once')} |", f"| dashboard | `{notes['dashboard']}` |", f"| group | `{group}` |", ""]
    parts += block("promql", [rule["expr"].strip()])
    parts += look_first(entry, component)
    parts += ["## Usual causes, and what to do", "", *(f"- {linked(line, name, known)}" for line in entry["causes"]), ""]
    parts += ["## Who to call, and when to wake them", "", f"{component['call'][0].upper()}{component['call'][1:]}.", ""]
    parts += [linked(entry["wake"], name, known), ""]
    parts += ["## How to verify", ""]
    parts += ["The alert's expression, at the top, returns nothing any more, and the alert is reported resolved. `opsctl verify ENV` is green.", ""]
    return "\n".join([*parts, *silence(name)])


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


def runbook_queries():
    """(alert, expression) of every PromQL expression that runbooks suggest."""
    known = yaml.safe_load((HERE / "runbooks.yml").read_text(encoding="utf-8"))
    return [(name, line) for name, entry in known["alerts"].items() for line in entry["promql"].splitlines()]


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


def generated():
    known = yaml.safe_load((HERE / "runbooks.yml").read_text(encoding="utf-8"))
    found = alerts()
    if wrong := {rule["alert"] for _, rule in found} ^ known["alerts"].keys():
        sys.exit(f"runbooks.yml and the rule files name different alerts: {', '.join(sorted(wrong))}")
    files = {f"runbooks/{rule['alert']}.md": runbook(group, rule, known) for group, rule in found}
    return {**files, "alerts.md": alerts_page(found), "metrics.md": metrics_page(), "queries.md": queries_page()}


def main():
    files = generated()
    owned = [*(HERE / "runbooks").glob("*.md"), *(HERE / name for name in ("alerts.md", "metrics.md", "queries.md"))]
    existing = {str(path.relative_to(HERE)): path.read_text(encoding="utf-8") for path in owned if path.exists()}
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in files.keys() | existing.keys() if files.get(name) != existing.get(name))
        for name in wrong:
            print(f"docs/monitoring/{name}: differs from what it is made from; run docs/monitoring/generate.py", file=sys.stderr)
        return 1 if wrong else 0
    (HERE / "runbooks").mkdir(exist_ok=True)
    for name, text in files.items():
        (HERE / name).write_text(text, encoding="utf-8")
    for name in existing.keys() - files.keys():
        (HERE / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
