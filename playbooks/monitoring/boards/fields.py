"""How values look: colours, words and lines, for a whole panel and for one of its queries."""

from queries import letter, queries_of

COLORS = {"green": "#56A64B", "yellow": "#F2CC0C", "orange": "#FF9830", "red": "#E02F44", "grey": "#808080"}


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


def mappings(values):
    """Words for numbers; a colour as the last word is the word's own."""
    texts = {}
    for index, (value, words) in enumerate(values.items()):
        text, _, color = words.rpartition(" ")
        result = {"text": text, "color": COLORS[color]} if text and color in COLORS else {"text": words}
        texts[str(value)] = {**result, "index": index}
    return [{"type": "value", "options": texts}]


def fixed(color):
    return {"id": "color", "value": {"mode": "fixed", "fixedColor": COLORS[color]}}


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
