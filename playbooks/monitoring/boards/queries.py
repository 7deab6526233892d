"""What a panel asks, and whom."""

PROMETHEUS = {"type": "prometheus", "uid": "${ds}"}
LOKI = {"type": "loki", "uid": "${logs}"}
ASKS_NOTHING = ("text", "annolist")


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
