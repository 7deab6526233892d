"""Loki's ruler: alert rules of the files below its rules directory, evaluated on the store and sent to
Alertmanager."""

import datetime
import json
import pathlib
import re
import time
import urllib.request

import yaml

import logql
from service import duration, log

TENANT = "fake"


class Rule:
    """One alert rule and the alerts that it has now: {labels: since}."""

    def __init__(self, spec):
        self.name, self.expression = spec["alert"], spec["expr"]
        self.node = logql.parse(spec["expr"])
        self.wait = duration(spec.get("for", "0s"))
        self.labels, self.annotations = spec.get("labels") or {}, spec.get("annotations") or {}
        self.active, self.error = {}, ""

    def evaluate(self, store, now):
        values = self.node.values(store, [now])
        found = {labels: points[now] for labels, points in values.items() if now in points}
        self.active = {labels: self.active.get(labels, now) for labels in found}
        return [self.alert(labels, value, now) for labels, value in found.items() if now - self.active[labels] >= self.wait]

    def alert(self, labels, value, now):
        fill = lambda text: re.sub(r"\{\{\s*\$(?:labels\.(\w+)|(value))[^}]*\}\}", lambda m: dict(labels).get(m[1], "") if m[1] else f"{value:g}", str(text))
        return {
            "labels": {**dict(labels), **self.labels, "alertname": self.name},
            "annotations": {name: fill(text) for name, text in self.annotations.items()},
            "startsAt": stamp(self.active[labels]),
            "endsAt": stamp(now + 240),
            "generatorURL": "",
        }


class Ruler:
    def __init__(self, settings, store):
        self.settings, self.store, self.groups = settings, store, {}

    def run(self):
        while True:
            self.load()
            now = time.time()
            alerts = [alert for rules in self.groups.values() for rule in rules for alert in self.evaluate(rule, now)]
            if alerts:
                self.send(alerts)
            time.sleep(self.settings.rule_interval)

    def evaluate(self, rule, now):
        try:
            return rule.evaluate(self.store, now)
        except Exception as error:
            rule.error = str(error)
            log("warn", "rule evaluation failed", rule=rule.name, error=rule.error)
            return []

    def load(self):
        """Reads the rule files again; rules that did not change keep their state."""
        known = {(group, rule.name, rule.expression): rule for group, rules in self.groups.items() for rule in rules}
        groups = {}
        for path in sorted((self.settings.rules / TENANT).glob("*.y*ml")):
            try:
                for group in (yaml.safe_load(path.read_text(encoding="utf-8")) or {}).get("groups") or []:
                    rules = [Rule(spec) for spec in group["rules"] if "alert" in spec]
                    groups[group["name"]] = [known.get((group["name"], rule.name, rule.expression), rule) for rule in rules]
            except (OSError, yaml.YAMLError, KeyError, ValueError, logql.ParseError) as error:
                log("error", "unable to load rule file", file=str(path), error=str(error))
        self.groups = groups

    def send(self, alerts):
        for url in self.settings.alertmanagers:
            request = urllib.request.Request(url.rstrip("/") + "/api/v2/alerts", json.dumps(alerts).encode(), {"Content-Type": "application/json"})
            try:
                if (login := self.settings.alertmanager_login)[1]:
                    request.add_header("Authorization", f"{login[0]} {pathlib.Path(login[1]).read_text(encoding='utf-8').strip()}")
                urllib.request.urlopen(request, timeout=10).close()
            except OSError as error:
                log("warn", "sending alerts failed", url=url, error=str(error))

    def listing(self, request):
        text = yaml.safe_dump({"rules": [{"name": name, "rules": [{"alert": r.name, "expr": r.expression} for r in rules]} for name, rules in self.groups.items()]})
        return 200, text, {"Content-Type": "application/yaml"}

    def state(self, request):
        groups = [
            {"name": name, "file": TENANT, "rules": [
                {"name": r.name, "query": r.expression, "type": "alerting", "health": "err" if r.error else "ok", "lastError": r.error,
                 "state": "firing" if r.active else "inactive"} for r in rules]}
            for name, rules in self.groups.items()
        ]
        return {"status": "success", "data": {"groups": groups}}

    def alerts(self, request):
        found = [{"labels": {**dict(labels), **r.labels, "alertname": r.name}, "state": "firing", "activeAt": stamp(since)}
                 for rules in self.groups.values() for r in rules for labels, since in r.active.items()]
        return {"status": "success", "data": {"alerts": found}}


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()
