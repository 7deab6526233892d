"""The log half of LogQL: a selector and the stages that filter, parse and relabel its lines."""

import json
import operator
import re

from service import duration

COMPARE = {"==": operator.eq, "!=": operator.ne, ">": operator.gt, ">=": operator.ge, "<": operator.lt, "<=": operator.le}


class Pipeline:
    """Stream matchers and stages. A stage maps (line, labels) to the same or to None."""

    def __init__(self, matchers):
        self.matchers, self.stages, self.unwrap, self.range = matchers, [], None, None

    def lines(self, store, start, end):
        """(nanoseconds, line, labels) of what passes; labels hold stream, metadata and parsed ones."""
        for stream, entries in store.select(self.matchers, start, end):
            for at, line, metadata in entries:
                item = (line, {**stream, **metadata})
                for stage in self.stages:
                    item = stage(*item)
                    if item is None:
                        break
                else:
                    yield (at, *item)


def matcher(name, operation, value):
    """A test of one label. A regular expression matches the whole value; a missing label is ''."""
    if operation in ("=~", "!~"):
        pattern = re.compile(value, re.S)
        wanted = operation == "=~"
        return lambda labels: bool(pattern.fullmatch(labels.get(name, ""))) == wanted
    if isinstance(value, str):
        wanted = operation == "="
        return lambda labels: (labels.get(name, "") == value) == wanted
    compare = COMPARE[operation]

    def test(labels):
        number = to_number(labels.get(name))
        return number is not None and compare(number, value)

    return test


def to_number(text):
    """The number, or the seconds of the duration, that a label holds; None if neither."""
    for convert in (float, duration):
        try:
            return convert(text)
        except (TypeError, ValueError):
            pass
    return None


def line_filter_stage(operation, texts):
    if operation in ("|~", "!~"):
        patterns = [re.compile(text) for text in texts]
        found = lambda line: any(pattern.search(line) for pattern in patterns)
    else:
        found = lambda line: any(text in line for text in texts)
    wanted = operation in ("|=", "|~")
    return lambda line, labels: (line, labels) if bool(found(line)) == wanted else None


def label_filter_stage(test):
    def stage(line, labels):
        return (line, labels) if test(labels) else None

    stage.test = test
    return stage


def parser_stage(name, argument):
    return {
        "json": json_stage, "unpack": json_stage, "logfmt": logfmt_stage, "regexp": regexp_stage, "pattern": pattern_stage,
        "drop": lambda names: lambda line, labels: (line, {k: v for k, v in labels.items() if k not in names}),
        "keep": lambda names: lambda line, labels: (line, {k: v for k, v in labels.items() if k in names}),
        "line_format": line_format_stage,
        "decolorize": lambda _: lambda line, labels: (re.sub(r"\x1b\[[0-9;]*m", "", line), labels),
    }[name](argument)


def with_extracted(labels, found):
    """Parsed labels beside the stream's: a name that is taken gets '_extracted'."""
    return {**labels, **{f"{name}_extracted" if name in labels else name: value for name, value in found.items()}}


def json_stage(chosen):
    def stage(line, labels):
        try:
            found = dict(flatten(json.loads(line)))
        except (ValueError, AttributeError):
            return line, {**labels, "__error__": "JSONParserErr"}
        if chosen:
            found = {name: found.get(re.sub(r"[.\[\]\"]+", "_", path).strip("_"), "") for name, path in chosen.items()}
        return line, with_extracted(labels, found)

    return stage


def flatten(value, prefix=""):
    """Nested objects as a_b; arrays are skipped, as Loki skips them."""
    for key, inner in value.items():
        name = re.sub(r"[^A-Za-z0-9_]", "_", prefix + key)
        if isinstance(inner, dict):
            yield from flatten(inner, name + "_")
        elif isinstance(inner, bool):
            yield name, "true" if inner else "false"
        elif inner is not None and not isinstance(inner, list):
            yield name, f"{inner:g}" if isinstance(inner, float) and inner == int(inner) else str(inner)


def logfmt_stage(chosen):
    pattern = re.compile(r'([^\s="]+)=("(?:[^"\\]|\\.)*"|\S*)')

    def stage(line, labels):
        found = {re.sub(r"[^A-Za-z0-9_]", "_", key): value.strip('"') for key, value in pattern.findall(line)}
        if chosen:
            found = {name: found.get(key, "") for name, key in chosen.items()}
        return line, with_extracted(labels, found)

    return stage


def regexp_stage(text):
    pattern = re.compile(re.sub(r"\(\?<(\w+)>", r"(?P<\1>", text))
    return lambda line, labels: (line, with_extracted(labels, {k: v or "" for k, v in match.groupdict().items()}) if (match := pattern.search(line)) else labels)


def pattern_stage(text):
    parts = re.split(r"<(\w+)>", text)
    expression = "".join(re.escape(part) if index % 2 == 0 else (r".*?" if part == "_" else f"(?P<{part}>.*?)") for index, part in enumerate(parts))
    pattern = re.compile(expression + ("$" if not parts[-1] else ""))
    return lambda line, labels: (line, with_extracted(labels, match.groupdict()) if (match := pattern.match(line)) else labels)


def line_format_stage(template):
    return lambda line, labels: (re.sub(r"\{\{\s*\.(\w+)\s*\}\}", lambda m: labels.get(m[1], ""), template), labels)
