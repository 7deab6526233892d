"""The page of one alert: what to look at, what to do, whom to wake."""

import re

import yaml

from expressions import STACK


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
