"""Prometheus relabelling, which Alloy's rule blocks are."""

import re

ATTRIBUTES = {"source_labels", "separator", "regex", "modulus", "target_label", "replacement", "action"}
ACTIONS = {"replace", "keep", "drop", "labelmap", "labeldrop", "labelkeep", "lowercase", "uppercase", "keepequal", "dropequal"}


class Rule:
    def __init__(self, values):
        self.sources = values.get("source_labels") or []
        self.separator = values.get("separator", ";")
        self.regex = re.compile(str(values.get("regex", "(.*)")), re.S)
        self.target = values.get("target_label", "")
        self.replacement = re.sub(r"\$(?:\{(\w+)\}|(\w+))", lambda m: rf"\g<{m[1] or m[2]}>", str(values.get("replacement", "$1")).replace("\\", "\\\\"))
        self.action = values.get("action", "replace")
        if self.action not in ACTIONS:
            raise ValueError(f'unrecognized action type "{self.action}"')

    def apply(self, labels):
        """The new labels, or None if the target or entry is dropped."""
        joined = self.separator.join(labels.get(name, "") for name in self.sources)
        match = self.regex.fullmatch(joined)
        if self.action == "keep":
            return labels if match else None
        if self.action == "drop":
            return None if match else labels
        if self.action in ("keepequal", "dropequal"):
            return labels if (joined == labels.get(self.target, "")) == (self.action == "keepequal") else None
        if self.action == "labelmap":
            mapped = {found.expand(self.replacement): value for name, value in labels.items() if (found := self.regex.fullmatch(name))}
            return {**labels, **mapped}
        if self.action in ("labeldrop", "labelkeep"):
            return {name: value for name, value in labels.items() if bool(self.regex.fullmatch(name)) == (self.action == "labelkeep")}
        if self.action in ("lowercase", "uppercase"):
            return {**labels, self.target: joined.lower() if self.action == "lowercase" else joined.upper()}
        return self.replace(labels, match)

    def replace(self, labels, match):
        if not match:
            return labels
        value = match.expand(self.replacement)
        kept = {name: old for name, old in labels.items() if name != self.target}
        return {**kept, self.target: value} if value else kept


def relabel(labels, rules):
    for rule in rules:
        labels = rule.apply(labels)
        if labels is None:
            return None
    return labels


def public(labels):
    """Without the names that begin with two underscores, and without empty values."""
    return {name: str(value) for name, value in labels.items() if not name.startswith("__") and value not in ("", None)}
