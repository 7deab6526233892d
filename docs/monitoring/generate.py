#!/usr/bin/env python3
"""Writes runbooks/*.md, alerts.md, metrics.md and queries.md from the rule files, the dashboards and runbooks.yml.

    generate.py           writes them
    generate.py --check   writes nothing; exit status 1 if one differs or is left over
"""

import sys

import yaml

sys.dont_write_bytecode = True
from catalogues import alerts_page, metrics_page, queries_page  # noqa: E402  (no compiled copies among the pages)
from expressions import HERE, alerts  # noqa: E402
from runbook import runbook  # noqa: E402


def generated():
    known = yaml.safe_load((HERE / "runbooks.yml").read_text(encoding="utf-8"))
    found = alerts()
    if wrong := {rule["alert"] for _, rule in found} ^ known["alerts"].keys():
        sys.exit(f"runbooks.yml and the rule files name different alerts: {', '.join(sorted(wrong))}")
    files = {f"runbooks/{rule['alert']}.md": runbook(group, rule, known) for group, rule in found}
    return {**files, "alerts.md": alerts_page(found), "metrics.md": metrics_page(), "queries.md": queries_page()}


def main():
    files = generated()
    owned = [*(HERE / "runbooks").glob("*.md"), *(HERE / name for name in ("alerts.md", "metrics.md", "queries.md"))]
    existing = {str(path.relative_to(HERE)): path.read_text(encoding="utf-8") for path in owned if path.exists()}
    if "--check" in sys.argv[1:]:
        wrong = sorted(name for name in files.keys() | existing.keys() if files.get(name) != existing.get(name))
        for name in wrong:
            print(f"docs/monitoring/{name}: differs from what it is made from; run docs/monitoring/generate.py", file=sys.stderr)
        return 1 if wrong else 0
    (HERE / "runbooks").mkdir(exist_ok=True)
    for name, text in files.items():
        (HERE / name).write_text(text, encoding="utf-8")
    for name in existing.keys() - files.keys():
        (HERE / name).unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
