"""A dashboard as Grafana stores it (schema version 41)."""

from fields import COLORS
from panel import panel_json
from queries import PROMETHEUS
from variables import check_variables, datasource_variable, variable

SIZES = {"stat": (6, 4), "gauge": (6, 6), "bargauge": (12, 8), "logs": (24, 10), "text": (12, 8), "annolist": (12, 8)}


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
