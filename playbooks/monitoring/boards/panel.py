"""A panel as Grafana stores it."""

from fields import column_names, mappings, overrides, thresholds
from queries import ASKS_NOTHING, LOKI, PROMETHEUS, targets


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
