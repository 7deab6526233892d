#!/usr/bin/env python3
"""Writes config/grafana/dashboards/*.json, and panels.yml for verify, from the descriptions beside this file.

    generate.py           writes them
    generate.py --check   writes nothing; exit status 1 if one differs or is left over

A description names what matters of a panel; everything else is the same for all of them and stands in dashboard.py,
panel.py, fields.py (how values look), queries.py and variables.py:

    title: API health                 uid is the file's name
    variables: [job]                  of VARIABLES in variables.py; `ds` and `logs` are always there
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
import sys

import yaml

sys.dont_write_bytecode = True
from dashboard import dashboard  # noqa: E402  (no compiled copies beside the descriptions)
from queries import ASKS_NOTHING  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
STACK = HERE.parent
BOARDS = "config/grafana/dashboards"


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
