"""Documents, catalogues and the table of requirements."""

import re
import sys

import yaml

from checks.places import ROOT, STACK, TESTS
from checks.tools import built_opsctl, check_promql, documents, fail, program, run


def check_pages():
    """Links lead somewhere, shell blocks parse, and opsctl has every subcommand and option that is named."""
    opsctl = built_opsctl()
    if not opsctl:
        return fail("documents", "opsctl is not built; swift build, or name it in OPSCTL")
    pages = program(TESTS / "documents.py")
    for path, problem in pages.problems(opsctl):
        fail(f"documents: {path}", problem)
    print(f"ok    {len(pages.documents())} pages: links, shell commands, words of opsctl")


def check_documents(out):
    """Runbooks and catalogues are current; every metric that is read is exported by something."""
    run("documents: generate.py --check", sys.executable, "-B", ROOT / "docs" / "monitoring" / "generate.py", "--check")
    reader = documents()
    known = yaml.safe_load((TESTS / "metrics.yml").read_text())
    names = {metric for metrics in known.values() for metric in metrics}
    names |= {rule["record"] for group in reader.groups() for rule in group["rules"] if "record" in rule}
    runbooks = reader.runbook_queries()
    check_promql("runbooks: PromQL", [expression for _, expression in runbooks], out)
    read = reader.metrics_used()
    for alert, expression in runbooks:
        for metric in reader.metric_names(expression):
            read.setdefault(metric, set()).add(f"runbook {alert}")
    unknown = {metric: readers for metric, readers in read.items() if metric not in names}
    for metric, readers in sorted(unknown.items()):
        fail(f"metric {metric}", f"nothing in Tests/stack/metrics.yml exports it; read by {sorted(readers)[0]}")
    print(f"ok    {len(read)} metrics are read, and exported by something")


def check_requirements():
    """Every id stands in the table once, and every file that answers one is there."""
    text = (ROOT / "docs" / "requirements.md").read_text()
    found = re.findall(r"^\| (S\d-\d\d) \|", text, re.M)
    wanted = [f"S{system}-{number:02}" for system, count in enumerate((30, 27, 29, 14, 31)) for number in range(1, count + 1)]
    if found != wanted:
        fail("requirements", f"missing or out of order: {sorted(set(wanted) ^ set(found)) or 'order'}")
    places = [ROOT, STACK, STACK / "config" / "prometheus", STACK / "config" / "alertmanager"]
    for name in re.findall(r"`([\w./-]+/[\w./-]*|[\w-]+\.(?:yml|md|py)(?:\.j2)?)`", text):
        if name.startswith(("secrets/ENV/", "/api/")) or name in ("from_settings.yml.j2", "loki.yaml.j2", "metrics.md", "queries.md"):
            continue
        if not any((place / name).exists() for place in places):
            fail("requirements", f"{name} does not exist")
    print(f"ok    {len(found)} requirements, each with its answer")
