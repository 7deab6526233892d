#!/usr/bin/env python3
"""Writes config/grafana/dashboards/*.json, and panels.yml for verify, from the descriptions beside this file.

    generate.py           writes them
    generate.py --check   writes nothing; exit status 1 if one differs or is left over

A description names what matters of a panel; everything else is the same for all of them and stands here:

    title: API health                 uid is the file's name
    variables: [job]                  of VARIABLES below; `ds` and `logs` are always there
    panels:
      - row: More                     a heading
      - title: Request rate           type: timeseries (default), stat, gauge, bargauge, table, heatmap, logs,
        unit: reqps                         text (with `text`) or annolist, which ask nothing
        expr: sum(...)                or queries: [{expr, legend, unit, ds: logs, color, name, thresholds, values, line}]
        legend: '{{route}}'           name: the column's heading in a table; line: dashed, such as a limit
        thresholds: [1 yellow, 5 red] green below the first; `<20 red` colours what is below
        values: {0: down red, 1: up}  words for numbers, coloured if the last word is a colour
        colors: {5..: red}            of series by name; a list of thresholds colours by value
        required: true                verify fails if its query returns nothing; a feature: only where that is (panels.yml)
        without: [label]              columns that a table leaves out
        note: text                    shown when the mouse is over the title

Thresholds and values of a query are for its own series or column, and leave the panel's other ones alone.
"""

import json
import pathlib
import re
import sys

import yaml

HERE = pathlib.Path(__file__).resolve().parent
STACK = HERE.parent
BOARDS = "config/grafana/dashboards"

PROMETHEUS = {"type": "prometheus", "uid": "${ds}"}
LOKI = {"type": "loki", "uid": "${logs}"}
SIZES = {"stat": (6, 4), "gauge": (6, 6), "bargauge": (12, 8), "logs": (24, 10), "text": (12, 8), "annolist": (12, 8)}
ASKS_NOTHING = ("text", "annolist")
COLORS = {"green": "#56A64B", "yellow": "#F2CC0C", "orange": "#FF9830", "red": "#E02F44", "grey": "#808080"}

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


def thresholds(words):
    """Steps from words such as '1 yellow' (from there up) or '<20 red' (below that)."""
    below = [word.lstrip("<").split() for word in words if word.startswith("<")]
    above = [word.split() for word in words if not word.startswith("<")]
    steps = [{"color": COLORS["green"], "value": None}]
    if below:
        below.sort(key=lambda pair: float(pair[0]))
        colors = [color for _, color in below] + ["green"]
        limits = [None] + [float(value) for value, _ in below]
        steps = [{"color": COLORS[color], "value": limit} for color, limit in zip(colors, limits)]
    steps += [{"color": COLORS[color], "value": float(value)} for value, color in above]
    return {"mode": "absolute", "steps": steps}


def letter(index):
    """How Grafana calls a panel's queries."""
    return chr(ord("A") + index)


def queries_of(panel):
    """The panel's queries; a single one is written in the panel itself."""
    if panel["type"] in ASKS_NOTHING:
        return []
    return panel.get("queries") or [{"expr": panel["expr"], "legend": panel.get("legend", "")}]


def targets(panel):
    """The panel's queries; only tables and single values need just the newest sample."""
    instant = panel["type"] in ("table", "bargauge", "gauge")
    for index, query in enumerate(queries_of(panel)):
        logs = query.get("ds", panel.get("ds")) == "logs"
        target = {
            "refId": letter(index),
            "datasource": LOKI if logs else PROMETHEUS,
            "expr": query["expr"],
            "legendFormat": query.get("legend", "") or "__auto",
        }
        if panel["type"] == "heatmap":
            target["format"] = "heatmap"
        if logs:
            # A table shows one moment; evaluated at every step of hours it would be slow.
            target["queryType"] = "instant" if panel["type"] == "table" else "range"
        else:
            target.update({"instant": instant, "range": not instant})
        if panel["type"] == "table":
            target["format"] = "table"
        yield target


def custom_field(panel):
    """How a time series is drawn."""
    stacked = panel.get("stack", False)
    return {
        "lineWidth": 1,
        "fillOpacity": 25 if stacked else 8,
        "showPoints": "never",
        "spanNulls": False,
        "stacking": {"mode": "normal" if stacked else "none", "group": "A"},
        "thresholdsStyle": {"mode": "line" if panel.get("thresholds") else "off"},
    }


def fixed(color):
    return {"id": "color", "value": {"mode": "fixed", "fixedColor": COLORS[color]}}


def mappings(values):
    """Words for numbers; a colour as the last word is the word's own."""
    texts = {}
    for index, (value, words) in enumerate(values.items()):
        text, _, color = words.rpartition(" ")
        result = {"text": text, "color": COLORS[color]} if text and color in COLORS else {"text": words}
        texts[str(value)] = {**result, "index": index}
    return [{"type": "value", "options": texts}]


def by_value(kind, words):
    """What colours a field by its value."""
    properties = [{"id": "thresholds", "value": thresholds(words)}]
    if kind == "table":
        return properties + [{"id": "custom.cellOptions", "value": {"type": "color-text"}}]
    properties.append({"id": "color", "value": {"mode": "thresholds"}})
    if kind == "timeseries":
        properties += [{"id": "custom.gradientMode", "value": "scheme"}, {"id": "custom.thresholdsStyle", "value": {"mode": "line"}}]
    return properties


def properties_of(kind, query):
    """What is special of a query's series or column."""
    properties = []
    if "unit" in query:
        properties.append({"id": "unit", "value": query["unit"]})
    if "thresholds" in query:
        properties += by_value(kind, query["thresholds"])
    if "values" in query:
        properties.append({"id": "mappings", "value": mappings(query["values"])})
        if kind == "table":
            properties.append({"id": "custom.cellOptions", "value": {"type": "color-text"}})
    if "color" in query:
        properties.append(fixed(query["color"]))
    if query.get("line"):
        properties.append({"id": "custom.lineStyle", "value": {"fill": "dash", "dash": [10, 10]}})
        properties.append({"id": "custom.fillOpacity", "value": 0})
    return properties


def column_names(panel):
    """What Grafana calls the values of a table's queries, and what they are called here."""
    queries = queries_of(panel)
    if len(queries) == 1:
        return {"Value": queries[0].get("name") or panel.get("name", "value")}
    return {f"Value #{letter(index)}": query["name"] for index, query in enumerate(queries)}


def overrides(panel):
    """Units, colours and words that differ from the panel's own, by query."""
    kind = panel["type"]
    queries = panel.get("queries", [])
    if kind == "table":
        # Its columns are joined into one frame, which no longer knows the queries; labels must not be coloured.
        whole = {key: panel[key] for key in ("thresholds", "values") if key in panel}
        for query, name in zip(queries or [whole], column_names(panel).values()):
            if found := properties_of(kind, {**whole, **query}):
                yield {"matcher": {"id": "byName", "options": name}, "properties": found}
        return
    for index, query in enumerate(queries):
        if found := properties_of(kind, query):
            yield {"matcher": {"id": "byFrameRefID", "options": letter(index)}, "properties": found}
    for pattern, color in panel.get("colors", {}).items():
        properties = by_value(kind, color) if isinstance(color, list) else [fixed(color)]
        yield {"matcher": {"id": "byRegexp", "options": pattern}, "properties": properties}


def options(panel):
    calculation = {"calcs": ["lastNotNull"], "fields": "", "values": False}
    return {
        "timeseries": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi", "sort": "desc"}},
        "stat": {"reduceOptions": calculation, "colorMode": "value", "graphMode": "area", "textMode": "auto"},
        "gauge": {"reduceOptions": calculation, "showThresholdMarkers": True},
        "bargauge": {"reduceOptions": calculation, "orientation": "horizontal", "displayMode": "lcd"},
        "table": {"showHeader": True, "cellHeight": "sm"},
        "heatmap": {"calculate": False, "yAxis": {"unit": "short"}, "color": {"scheme": "Oranges", "steps": 64}},
        "logs": {"showTime": True, "wrapLogMessage": True, "enableLogDetails": True, "sortOrder": "Descending"},
        "text": {"mode": "markdown", "content": panel.get("text", "")},
        "annolist": {
            "limit": 20, "onlyFromThisDashboard": False, "onlyInTimeRange": True, "navigateToPanel": True,
            "showTags": True, "showTime": True, "showUser": True, "tags": [],
        },
    }[panel["type"]]


def logs_link():
    """From a series to the lines that its job wrote in the same time."""
    query = '{"refId":"A","expr":"{job=\\"${__field.labels.job}\\"}"}'
    pane = '{"logs":{"datasource":"${logs}","queries":[' + query + '],"range":{"from":"${__from}","to":"${__to}"}}}'
    return {"title": "log lines of this job", "url": "/explore?schemaVersion=1&panes=" + pane, "targetBlank": False}


def panel_json(panel, identifier, position):
    kind = panel["type"]
    defaults = {"unit": panel.get("unit", "short"), "thresholds": thresholds(panel.get("thresholds", []))}
    if "decimals" in panel:
        defaults["decimals"] = panel["decimals"]
    if kind == "timeseries":
        defaults["custom"] = custom_field(panel)
        defaults["color"] = {"mode": "palette-classic"}
    elif kind in ("stat", "gauge", "bargauge", "table"):
        defaults["color"] = {"mode": "thresholds"}
    if kind == "table":
        defaults["thresholds"] = thresholds([])
    if panel.get("unit") == "percent" and kind in ("gauge", "bargauge"):
        defaults.update({"min": 0, "max": 100})
    if panel.get("link_logs"):
        defaults["links"] = [logs_link()]
    if "values" in panel and kind != "table":
        defaults["mappings"] = mappings(panel["values"])
    result = {
        "id": identifier,
        "type": kind,
        "title": panel["title"],
        "gridPos": position,
        "datasource": LOKI if panel.get("ds") == "logs" else PROMETHEUS,
        "targets": list(targets(panel)),
        "fieldConfig": {"defaults": defaults, "overrides": list(overrides(panel))},
        "options": options(panel),
    }
    if "note" in panel:
        result["description"] = panel["note"]
    if kind in ASKS_NOTHING:
        result["datasource"] = {"type": "datasource", "uid": "grafana"}
    if kind == "table":
        hidden = {name: True for name in ["Time", *panel.get("without", [])]}
        names = {} if panel.get("ds") == "logs" else column_names(panel)
        result["transformations"] = [
            {"id": "merge", "options": {}},
            {"id": "organize", "options": {"excludeByName": hidden, "renameByName": names}},
        ]
    return result


def layout(panels):
    """Places panels from left to right, then down; yields each with its grid position."""
    x = y = height = 0
    for panel in panels:
        if "row" in panel:
            y, x, height = y + height, 0, 0
            yield panel, {"h": 1, "w": 24, "x": 0, "y": y}
            y += 1
            continue
        w, h = SIZES.get(panel["type"], (12, 8))
        w, h = panel.get("width", w), panel.get("height", h)
        if x + w > 24:
            y, x, height = y + height, 0, 0
        yield panel, {"h": h, "w": w, "x": x, "y": y}
        x, height = x + w, max(height, h)


def annotations():
    shown = {"datasource": PROMETHEUS, "enable": True, "hide": False}
    return {
        "list": [
            {
                **shown,
                "name": "critical alerts",
                "iconColor": COLORS["red"],
                "expr": 'ALERTS{severity="critical", alertstate="firing"}',
                "titleFormat": "{{alertname}}",
                "textFormat": "{{instance}} {{job}}",
                "step": "60s",
            },
            {
                **shown,
                "name": "deploys",
                "iconColor": "#5794F2",
                "expr": "opsctl_deploy_timestamp_seconds * 1000",
                "useValueForTime": True,
                "titleFormat": "deploy",
            },
        ]
    }


def check_variables(uid, description):
    """A variable that nothing asks for would be a choice without effect; one that is not declared, no choice."""
    expressions = [query["expr"] for panel in description["panels"] if "title" in panel for query in queries_of(panel)]
    used = {name for text in expressions for name in re.findall(r"\$(\w+)", text) if not name.startswith("__")}
    if wrong := used ^ set(description.get("variables", [])):
        sys.exit(f"{uid}: its variables are used but not declared, or declared and not used: {', '.join(sorted(wrong))}")


def dashboard(uid, description):
    panels = []
    for panel, position in layout(description["panels"]):
        if "row" in panel:
            panels.append({"id": len(panels) + 1, "type": "row", "title": panel["row"], "gridPos": position, "collapsed": False, "panels": []})
        else:
            panels.append(panel_json(panel, len(panels) + 1, position))
    check_variables(uid, description)
    names = description.get("variables", [])
    return {
        "uid": uid,
        "title": description["title"],
        "description": description.get("description", ""),
        "tags": ["opsctl"],
        "schemaVersion": 41,
        "version": 1,
        "editable": True,
        "timezone": "browser",
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "graphTooltip": 1,
        "annotations": annotations(),
        "links": [{"type": "dashboards", "title": "monitoring", "tags": ["opsctl"], "asDropdown": True, "includeVars": True, "keepTime": True}],
        "templating": {
            "list": [datasource_variable("ds", "prometheus", "Prometheus"), datasource_variable("logs", "loki", "Loki")]
            + [variable(name) for name in names]
        },
        "panels": panels,
    }


def panels_file(descriptions):
    """What verify needs to know: every dashboard, and the panels that may be empty."""
    lines = ["# Made by boards/generate.py from the dashboards' descriptions.", "dashboard_uids:"]
    lines += [f"  - {uid}" for uid in descriptions]
    needing = {}
    for uid, description in descriptions.items():
        for panel in description["panels"]:
            if "title" in panel and panel.get("required") is not True and panel["type"] not in ASKS_NOTHING:
                needing.setdefault(panel.get("required"), []).append(f"{uid}/{panel['title']}")
    optional = needing.pop(None, [])
    lines += ["", "# Panels whose queries may return nothing.", "optional_panels:"]
    lines += [f"  - {json.dumps(name, ensure_ascii=False)}" for name in optional]
    lines += ["", "# Panels that must have data where there is what they show (`features` in stack.yml).", "panels_of:"]
    for feature, names in sorted(needing.items()):
        lines += [f"  {feature}:"] + [f"    - {json.dumps(name, ensure_ascii=False)}" for name in names]
    return "\n".join(lines) + "\n"


def described(path):
    """A description, with the type of every panel."""
    description = yaml.safe_load(path.read_text(encoding="utf-8"))
    for panel in description["panels"]:
        if "title" in panel:
            panel.setdefault("type", "timeseries")
    return description


def generated():
    """Path below the stack's directory to text, for every file that this program owns."""
    descriptions = {path.stem: described(path) for path in sorted(HERE.glob("*.yml"))}
    files = {"panels.yml": panels_file(descriptions)}
    for uid, description in descriptions.items():
        files[f"{BOARDS}/{uid}.json"] = json.dumps(dashboard(uid, description), indent=1, ensure_ascii=False) + "\n"
    return files


def main():
    files = generated()
    existing = {str(path.relative_to(STACK)): path.read_text(encoding="utf-8") for path in (STACK / BOARDS).glob("*.json")}
    if (STACK / "panels.yml").exists():
        existing["panels.yml"] = (STACK / "panels.yml").read_text(encoding="utf-8")
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in files.keys() | existing.keys() if files.get(name) != existing.get(name))
        for name in wrong:
            print(f"{name}: differs from its description; run playbooks/monitoring/boards/generate.py", file=sys.stderr)
        return 1 if wrong else 0
    for name, text in files.items():
        (STACK / name).write_text(text, encoding="utf-8")
    for name in existing.keys() - files.keys():
        (STACK / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
