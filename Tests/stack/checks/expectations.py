"""What verify expects is what the files have, and what rules and panels read is exported."""

import hashlib
import json
import pathlib
import re

import yaml

from checks.places import TESTS
from checks.tools import documents, fail


def check_targets(where, out):
    """Every target of prometheus.yml is expected by verify, and the other way round."""
    settings = yaml.safe_load((out / "config" / "prometheus" / "prometheus.yml").read_text())
    found = sorted((job["job_name"], group["labels"]["instance"]) for job in settings["scrape_configs"] for group in job["static_configs"])
    wanted = sorted((target["job"], target["instance"]) for target in json.loads((out / "facts.json").read_text())["targets"])
    if found != wanted:
        fail(f"{where}: expected targets", f"prometheus.yml has {found}\nverify expects {wanted}")


def exporting_job(exporter, jobs, apps):
    """Whether an exporter of Tests/stack/metrics.yml is scraped; one such as redis-exporter-on-a-replica by its first part."""
    if exporter == "application":
        return bool(apps)
    if exporter == "promtail":
        return "promtail" in jobs
    base = {"opsctl-textfiles": "node-exporter", "prometheus-itself": "prometheus", "loki-when-it-discards": "loki"}.get(
        exporter, re.split("-(?:with|on|over)-", exporter)[0])
    return base in jobs or (base == "blackbox-exporter" and "blackbox" in jobs)


def is_fed(read, known):
    """Whether a record has something to record: one of the metrics that it reads, or a constant."""
    return not read or bool(read & known)


def check_profile_metrics(where, out):
    """Every metric that an enabled rule or a required panel reads is exported by a job of this profile, or recorded."""
    reader = documents()
    facts = json.loads((out / "facts.json").read_text())
    known = yaml.safe_load((TESTS / "metrics.yml").read_text())
    jobs = {target["job"] for target in facts["targets"]}
    names = {metric for exporter, metrics in known.items() if exporting_job(exporter, jobs, facts["apps"]) for metric in metrics}
    # Rules read both log shippers, of which one runs.
    names |= set(known["promtail"])
    names -= {metric for part, metrics in yaml.safe_load((TESTS / "exports.yml").read_text()).items() if part not in facts["exports"] for metric in metrics}
    rules = [(group, rule) for path in sorted((out / "config" / "prometheus" / "rules").glob("*.yml"))
             for group in yaml.safe_load(path.read_text())["groups"] if group["name"] in facts["rules"] for rule in group["rules"]]
    # A record joins what several exporters might have: one of its metrics is enough. Records read records.
    for _ in range(3):
        names |= {rule["record"] for _, rule in rules if "record" in rule and is_fed(reader.metric_names(rule["expr"]), names)}
    for group, rule in rules:
        missing = reader.metric_names(rule["expr"]) - names
        if "alert" in rule and missing:
            fail(f"{where}: alert {rule['alert']} of the enabled group {group['name']}", f"no job exports {', '.join(sorted(missing))}")
    for path in sorted((out / "config" / "grafana" / "dashboards").glob("*.json")):
        if path.stem in facts["excluded_dashboards"]:
            continue
        for panel in json.loads(path.read_text())["panels"]:
            if f"{path.stem}/{panel['title']}" in facts["optional_panels"]:
                continue
            expressions = [target["expr"] for target in panel.get("targets", []) if target["datasource"]["type"] == "prometheus"]
            for text in expressions:
                missing = reader.metric_names(text.replace("$", "")) - names - {"__rate_interval", "__range"}
                if missing:
                    fail(f"{where}: panel {path.stem}/{panel['title']}", f"no job exports {', '.join(sorted(missing))}")


def check_contracts(where, out):
    """Every application is asked for what one could export, and for all of what the profile says that they do."""
    facts = json.loads((out / "facts.json").read_text())
    contracts = {(contract["job"], contract["instance"]): set(contract["metrics"]) for contract in facts["contracts"]}
    if contracts.keys() != {(app["job"], app["instance"]) for app in facts["apps"]}:
        fail(f"{where}: contracts", f"of {sorted(contracts)}, not of every application")
    exported = {re.sub("_(bucket|count|sum)$", "", name) for name in yaml.safe_load((TESTS / "metrics.yml").read_text())["application"]}
    if unknown := set().union(*contracts.values()) - exported:
        fail(f"{where}: contracts", f"no application exports {', '.join(sorted(unknown))}")
    parts = yaml.safe_load((TESTS / "exports.yml").read_text())
    for part in set(facts["exports"]) - {"backups"} if facts["apps"] else []:
        if not {re.sub("_(bucket|count|sum)$", "", name) for name in parts.get(part, exported)} & set().union(*contracts.values()):
            fail(f"{where}: contracts", f"nobody is asked for the part {part}")


def compared(rule):
    """What verify compares of a rule, as text that can be sorted."""
    return json.dumps({key: rule[key] for key in ("alert", "record", "expr", "for", "labels") if key in rule}, sort_keys=True)


def check_expected_rules(where, out):
    """The rules that verify expects are those in the rendered files."""
    found = {}
    for path in sorted((out / "config" / "prometheus" / "rules").glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            found.setdefault(group["name"], []).extend(compared(rule) for rule in group["rules"])
    facts = json.loads((out / "facts.json").read_text())
    wanted = {name: sorted(compared(rule) for rule in rules or []) for name, rules in facts["rules"].items()}
    enabled = {name: sorted(rules) for name, rules in found.items() if name in facts["rules"]}
    if wanted != enabled:
        fail(f"{where}: expected rules", f"verify expects {wanted}\nthe files have {enabled}")


def check_expected_files(where, out):
    """The checksums that verify expects are those of the rendered files, and the marker stands in one of them."""
    facts = json.loads((out / "facts.json").read_text())
    for name, wanted in facts["prometheus_files"].items():
        text = (out / "config" / "prometheus" / pathlib.Path(name).relative_to("/etc/prometheus")).read_bytes()
        if hashlib.sha256(text).hexdigest() != wanted:
            fail(f"{where}: checksum of {name}", "verify expects another one than the file has")
    if facts["marker"] not in (out / "config" / "prometheus" / "prometheus.yml").read_text():
        fail(f"{where}: marker", f"{facts['marker']} is not in prometheus.yml")
