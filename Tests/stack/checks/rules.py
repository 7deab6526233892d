"""Every alert fires on what it should, and on nothing else."""

import pathlib

import yaml

from checks.places import TESTS
from checks.tools import PROMTOOL, fail, run


def fire_test(alert, entry):
    """A promtool test: with its input the alert fires."""
    firing = f'count(ALERTS{{alertname="{alert}", alertstate="firing"}}) > bool 0'
    expected = {"expr": firing, "eval_time": entry["at"], "exp_samples": [{"labels": "{}", "value": 1}]}
    series = [{"series": name, "values": values} for name, values in entry["series"].items()]
    return {"interval": entry.get("every", "15s"), "input_series": series, "promql_expr_test": [expected]}


def silent_test(entries):
    """Without any input, none of them fires."""
    always = "|".join(name for name, entry in entries.items() if entry.get("always"))
    nothing = {"expr": f'count by (alertname) (ALERTS{{alertname!~"{always}"}})', "eval_time": "30m", "exp_samples": []}
    return {"interval": "1m", "input_series": [], "promql_expr_test": [nothing]}


def promtool_test(name, out, files, interval, tests):
    path = out / f"{name}_generated.yml"
    path.write_text(yaml.safe_dump({"rule_files": files, "evaluation_interval": interval, "tests": tests}))
    run(f"rules: {name}", PROMTOOL, "test", "rules", path)


def without_interval(path, out):
    """A copy of a rule file whose groups follow the interval of the test."""
    groups = yaml.safe_load(path.read_text())["groups"]
    copy = out / f"records_{path.name}"
    copy.write_text(yaml.safe_dump({"groups": [{"name": group["name"], "rules": group["rules"]} for group in groups]}))
    return str(copy)


def check_rules(out):
    """Every alert of every rule file fires on the least input; then the detailed tests beside fire.yml."""
    rules = out / "config" / "prometheus" / "rules"
    alerts = {}
    for path in sorted(rules.glob("*.yml")):
        for group in yaml.safe_load(path.read_text())["groups"]:
            alerts.update({rule["alert"]: path for rule in group["rules"] if "alert" in rule})
    entries = yaml.safe_load((TESTS / "rules" / "fire.yml").read_text())
    if entries.keys() != alerts.keys():
        fail("rules", f"fire.yml and the rule files differ: {sorted(entries.keys() ^ alerts.keys())}")
    # By file and interval, so that a test of two days does not evaluate all rules every 15 seconds.
    records = [without_interval(rules / f"{name}.yml", out) for name in ("app_canonical", "node_infra")]
    for path, interval in sorted({(alerts[name], entry.get("every", "15s")) for name, entry in entries.items() if name in alerts}):
        tests = [fire_test(name, entry) for name, entry in entries.items() if (alerts.get(name), entry.get("every", "15s")) == (path, interval)]
        promtool_test(f"{path.stem}_{interval}", out, [*records, str(path)], interval, tests)
    everything = [*records, *(str(path) for path in sorted(rules.glob("*.yml")) if path.stem not in ("app_canonical", "node_infra"))]
    promtool_test("silent", out, everything, "1m", [silent_test(entries)])
    by_name = {pathlib.Path(path).stem.removeprefix("records_"): path for path in everything}
    for path in sorted((TESTS / "rules").glob("*_test.yml")):
        test = yaml.safe_load(path.read_text())
        promtool_test(path.stem, out, [by_name[name] for name in test["rule_files"]], test["evaluation_interval"], test["tests"])
    print(f"ok    {len(alerts)} alerts fire on their input, and are silent without any")
