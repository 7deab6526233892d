"""The dashboards, their expressions, and what is made of those from elsewhere."""

import json
import re
import shutil
import subprocess
import sys

from checks.places import STACK
from checks.tools import check_promql, fail, run


def panel_expressions():
    """(dashboard, panel, expression) of every Prometheus query, its variables filled in."""
    for path in sorted((STACK / "config" / "grafana" / "dashboards").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                if target["datasource"]["type"] != "prometheus":
                    continue
                expression = target["expr"].replace("$__rate_interval", "5m").replace("$__range", "1h")
                yield path.stem, panel["title"], re.sub(r"\$\w+", ".*", expression)


def check_dashboards(out):
    """Generated files are current; uids, titles and panel ids are unique; every PromQL parses."""
    run("dashboards: generate.py --check", sys.executable, "-B", STACK / "boards" / "generate.py", "--check")
    boards = {path.name: json.loads(path.read_text()) for path in (STACK / "config" / "grafana" / "dashboards").glob("*.json")}
    for name, board in boards.items():
        if board["uid"] + ".json" != name or len(board["uid"]) > 40:
            fail("dashboards", f"{name}: uid {board['uid']}")
        identifiers = [panel["id"] for panel in board["panels"]]
        if len(identifiers) != len(set(identifiers)):
            fail("dashboards", f"{name}: panel ids repeat")
    if len({board["title"] for board in boards.values()}) != len(boards):
        fail("dashboards", "two dashboards have one title: Grafana would import neither")
    expressions = list(panel_expressions())
    check_promql("dashboards: PromQL", [expression for _, _, expression in expressions], out)
    print(f"ok    {len(boards)} dashboards, {len(expressions)} expressions parse")


def check_community():
    """A dashboard from elsewhere has no questions left, and what it asked is answered."""
    if not shutil.which("jq"):
        return print("--    no jq here: boards/community.jq is not tried")
    given = {
        "__inputs": [
            {"name": "DS_PROMETHEUS", "type": "datasource", "pluginId": "prometheus"}, {"name": "DS_LOKI", "type": "datasource", "pluginId": "loki"},
            {"name": "VAR_JOB", "type": "constant", "value": "node"}],
        "__requires": [], "id": 7, "uid": "theirs", "title": "Theirs", "templating": {"list": [{"name": "node", "datasource": "${DS_PROMETHEUS}"}]},
        "panels": [{"datasource": {"uid": "${DS_LOKI}"}, "expr": "up{job='${VAR_JOB}'}"}]}
    said = subprocess.run(["jq", "--arg", "uid", "ours", "--arg", "title", "Ours", "-f", STACK / "boards" / "community.jq"],
                          input=json.dumps(given), capture_output=True, text=True)
    made = json.loads(said.stdout) if said.returncode == 0 else {}
    variables = [(variable["name"], variable.get("datasource")) for variable in made.get("templating", {}).get("list", [])]
    if (made.get("uid"), made.get("title"), variables, made.get("panels")) != (
            "ours", "Ours", [("ds", None), ("logs", None), ("node", "${ds}")], [{"datasource": {"uid": "${logs}"}, "expr": "up{job='node'}"}]) \
            or made.keys() & {"__inputs", "__requires", "id"}:
        fail("dashboards: community.jq", said.stdout + said.stderr)
