"""Stages of loki.process. A stage is a function of an Item that returns it, a new list, or None to drop it."""

import datetime
import json
import pathlib
import re
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "loki"))

import logql
from service import duration


class Item:
    """A log entry on its way, and what the stages extracted from it."""

    def __init__(self, labels, at, line, metadata=None):
        self.labels, self.at, self.line, self.metadata, self.extracted = labels, at, line, metadata or {}, {}


def look_up(data, path):
    """JMESPath as it is used for logs: a.b.c, "quoted.key", alternatives with ||."""
    for choice in path.split("||"):
        value = data
        for part in re.findall(r'"([^"]+)"|([^.\s]+)', choice.strip()):
            value = value.get(part[0] or part[1]) if isinstance(value, dict) else None
        if value is not None:
            return value
    return None


def json_stage(a, _):
    def run(item):
        try:
            data = json.loads(item.extracted.get(a["source"], "") if a.get("source") else item.line)
        except ValueError:
            return None if a.get("drop_malformed") else item
        for name, path in a["expressions"].items():
            value = look_up(data, path or name)
            if value is not None:
                item.extracted[name] = value if isinstance(value, str) else json.dumps(value)
        return item

    return run


def logfmt_stage(a, _):
    def run(item):
        found = {k: v.strip('"') for k, v in re.findall(r'([^\s="]+)=("(?:[^"\\]|\\.)*"|\S*)', item.line)}
        item.extracted.update({name: found[key or name] for name, key in a["mapping"].items() if (key or name) in found})
        return item

    return run


def regex_stage(a, _):
    pattern = re.compile(re.sub(r"\(\?<(\w+)>", r"(?P<\1>", a["expression"]))

    def run(item):
        if match := pattern.search(str(item.extracted.get(a["source"], "")) if a.get("source") else item.line):
            item.extracted.update({k: v for k, v in match.groupdict().items() if v is not None})
        return item

    return run


def setter(field):
    """labels and structured_metadata: VALUES maps a name to the extracted one ('' is the same)."""

    def stage(a, _):
        def run(item):
            target = getattr(item, field)
            for name, source in (a.get("values") or {}).items():
                value = item.extracted.get(source or name)
                if value not in (None, ""):
                    target[name] = str(value)
            return item

        return run

    return stage


def static_labels_stage(a, _):
    def run(item):
        item.labels.update({k: str(v) for k, v in a["values"].items() if v is not None})
        return item

    return run


def label_names_stage(keep):
    def stage(a, _):
        def run(item):
            item.labels = {k: v for k, v in item.labels.items() if (k in a["values"]) == keep}
            return item

        return run

    return stage


def timestamp_stage(a, _):
    def run(item):
        text = item.extracted.get(a["source"])
        for layout in [a["format"], *(a.get("fallback_formats") or [])]:
            if (at := parse_time(str(text), layout)) is not None:
                item.at = at
                break
        return item

    return run


def parse_time(text, layout):
    """Nanoseconds, or None. Go layouts other than the named ones are tried as RFC 3339."""
    scale = {"Unix": 1e9, "UnixMs": 1e6, "UnixUs": 1e3, "UnixNs": 1}.get(layout)
    try:
        if scale:
            return int(float(text) * scale)
        match = re.fullmatch(r"(.*?)(?:\.(\d+))?(Z|[+-]\d\d:?\d\d)?", text.strip())
        seconds = datetime.datetime.fromisoformat(match[1] + (match[3] or "Z").replace("Z", "+00:00")).timestamp()
        return int(seconds) * 10**9 + int((match[2] or "0").ljust(9, "0")[:9])
    except (ValueError, TypeError):
        return None


def output_stage(a, _):
    def run(item):
        item.line = str(item.extracted.get(a["source"], item.line))
        return item

    return run


def drop_stage(a, _):
    pattern = re.compile(a["expression"]) if a.get("expression") else None

    def run(item):
        text = str(item.extracted.get(a["source"], "")) if a.get("source") else item.line
        tests = []
        if pattern:
            tests.append(bool(pattern.search(text)))
        if "value" in a:
            tests.append(text == a["value"])
        if a.get("older_than"):
            tests.append(item.at < time.time_ns() - duration(a["older_than"]) * 1e9)
        if a.get("longer_than"):
            tests.append(len(item.line) > int(re.sub(r"\D", "", str(a["longer_than"]))) * (1024 if "k" in str(a["longer_than"]).lower() else 1))
        return None if (all(tests) if tests else bool(text)) else item

    return run


def match_stage(a, inner):
    selector = logql.parse(a["selector"])

    def run(item):
        if not all(matcher(item.labels) for matcher in selector.matchers):
            return item
        if any(stage(item.line, item.labels) is None for stage in selector.stages):
            return item
        return None if a.get("action") == "drop" else inner(item)

    return run


def replace_stage(a, _):
    pattern = re.compile(a["expression"])

    def run(item):
        item.line = pattern.sub(lambda m: m[0].replace(m[1], a.get("replace", "")) if m.groups() else a.get("replace", ""), item.line)
        return item

    return run


def template_stage(a, _):
    def run(item):
        values = {**item.extracted, "Value": item.extracted.get(a["source"], ""), "Entry": item.line}
        item.extracted[a["source"]] = re.sub(r"\{\{\s*\.(\w+)\s*\}\}", lambda m: str(values.get(m[1], "")), a["template"])
        return item

    return run


def unwrap_stage(pattern):
    """docker and cri: the line inside the runtime's own format."""

    def stage(a, _):
        def run(item):
            if pattern == "docker":
                try:
                    record = json.loads(item.line)
                    item.line, item.labels["stream"] = record["log"].rstrip("\n"), record["stream"]
                    item.at = parse_time(record["time"], "RFC3339Nano") or item.at
                except (ValueError, KeyError, TypeError):
                    pass
            elif match := re.match(r"(\S+) (stdout|stderr) [FP] (.*)", item.line, re.S):
                item.at, item.labels["stream"], item.line = parse_time(match[1], "RFC3339Nano") or item.at, match[2], match[3]
            return item

        return run

    return stage


class Multiline:
    """Joins lines until the next first line of the same stream, or until nothing came for a while."""

    def __init__(self, arguments, emit):
        self.first = re.compile(arguments["firstline"])
        self.wait = duration(arguments.get("max_wait_time", "3s"))
        self.most = int(arguments.get("max_lines", 128))
        self.emit, self.open, self.lock = emit, {}, threading.Lock()
        threading.Thread(target=self.flush_idle, daemon=True).start()

    def __call__(self, item):
        key = tuple(sorted(item.labels.items()))
        with self.lock:
            held, count, _ = self.open.get(key, (None, 0, 0))
            if held and not self.first.search(item.line) and count < self.most:
                held.line += "\n" + item.line
                self.open[key] = (held, count + 1, time.monotonic())
                return None
            if self.first.search(item.line):
                self.open[key] = (item, 1, time.monotonic())
                return held
        return item

    def flush_idle(self):
        while True:
            time.sleep(0.5)
            with self.lock:
                idle = [key for key, (_, _, at) in self.open.items() if time.monotonic() - at > self.wait]
                held = [self.open.pop(key)[0] for key in idle]
            for item in held:
                self.emit(item)


def ignored_stage(a, _):
    return lambda item: item


# name: (stage, attributes, required attributes)
STAGES = {
    "json": (json_stage, {"expressions", "source", "drop_malformed"}, {"expressions"}),
    "logfmt": (logfmt_stage, {"mapping", "source"}, {"mapping"}),
    "regex": (regex_stage, {"expression", "source", "labels_from_groups"}, {"expression"}),
    "labels": (setter("labels"), {"values", "source_type"}, set()),
    "structured_metadata": (setter("metadata"), {"values", "regex"}, set()),
    "static_labels": (static_labels_stage, {"values"}, {"values"}),
    "label_drop": (label_names_stage(False), {"values"}, {"values"}),
    "label_keep": (label_names_stage(True), {"values"}, {"values"}),
    "timestamp": (timestamp_stage, {"source", "format", "fallback_formats", "location", "action_on_failure"}, {"source", "format"}),
    "output": (output_stage, {"source"}, {"source"}),
    "drop": (drop_stage, {"source", "expression", "value", "older_than", "longer_than", "drop_counter_reason", "separator"}, set()),
    "match": (match_stage, {"selector", "action", "pipeline_name", "drop_counter_reason"}, {"selector"}),
    "replace": (replace_stage, {"expression", "source", "replace"}, {"expression"}),
    "template": (template_stage, {"source", "template"}, {"source", "template"}),
    "docker": (unwrap_stage("docker"), set(), set()),
    "cri": (unwrap_stage("cri"), {"max_partial_lines", "max_partial_line_size", "max_partial_line_size_truncate"}, set()),
    "multiline": (Multiline, {"firstline", "max_wait_time", "max_lines", "trim_newlines"}, {"firstline"}),
    "limit": (ignored_stage, {"rate", "burst", "drop", "by_label_name", "max_distinct_labels"}, set()),
    "metrics": (ignored_stage, set(), set()),
    "tenant": (ignored_stage, {"label", "source", "value"}, set()),
}
