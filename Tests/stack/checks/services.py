"""What the services say of their own configuration, and what compose makes of theirs."""

import json
import pathlib
import re
import subprocess

import yaml

from checks.places import TESTS
from checks.tools import AMTOOL, COMPOSE, PROMTOOL, fail, run

# Promtail's image has no program that could ask for its health.
WITHOUT_HEALTHCHECK = {"promtail"}


def prometheus_is_old():
    """Versions before 3.11 want retention as flags: such a promtool refuses it in the file."""
    version = re.search(r"version (\d+)\.(\d+)", subprocess.run([PROMTOOL, "--version"], capture_output=True, text=True).stdout)
    return (int(version[1]), int(version[2])) < (3, 11)


def check_prometheus(where, out):
    config = out / "config" / "prometheus" / "prometheus.yml"
    if prometheus_is_old():
        settings = yaml.safe_load(config.read_text())
        settings.pop("storage", None)
        config.write_text(yaml.safe_dump(settings, sort_keys=False))
    text = run(f"{where}: promtool check config", PROMTOOL, "check", "config", "--lint=all", "--lint-fatal", config)
    if "SUCCESS" not in text:
        fail(f"{where}: promtool check config", text)


def check_alertmanager(where, out):
    config = out / "config" / "alertmanager" / "alertmanager.yml"
    here = config.with_name("checked.yml")
    text = config.read_text().replace("/etc/alertmanager", str(config.parent)).replace("/run/opsctl", str(out / "secrets" / "alertmanager"))
    here.write_text(text)
    run(f"{where}: amtool check-config", AMTOOL, "check-config", "--enable-feature=utf8-strict-mode", here)
    for route in yaml.safe_load((TESTS / "routes.yml").read_text()):
        labels = [f"{name}={value}" for name, value in route["labels"].items()]
        run(f"{where}: route of {' '.join(labels)}", AMTOOL, "config", "routes", "test", f"--config.file={here}", f"--verify.receivers={route['receiver']}", *labels)
    for name in ("opsctl.subject", "opsctl.email.html", "opsctl.email.text", "opsctl.slack.text"):
        said = run(
            f"{where}: template {name}", AMTOOL, "template", "render", f"--template.glob={config.parent}/templates/*.tmpl",
            "--template.text={{ template \"" + name + "\" . }}")
        if "<no value>" in said:
            fail(f"{where}: template {name}", said)
    here.unlink()


def check_inhibitions(where, out):
    """Which alert mutes which. amtool tests routes only, so Alertmanager's rule is written down here: the labels of
    `equal` are the same in both, a missing one counting as empty, and nobody is muted by who matches both sides."""
    rules = yaml.safe_load((out / "config" / "alertmanager" / "alertmanager.yml").read_text())["inhibit_rules"]

    def matches(matchers, labels):
        for matcher in matchers:
            name, operator, value = re.fullmatch(r'(\w+)(=~|!=|=)"(.*)"', matcher).groups()
            found = labels.get(name, "")
            if {"=": found == value, "!=": found != value, "=~": bool(re.fullmatch(value, found))}[operator] is False:
                return False
        return True

    def mutes(rule, source, target):
        both = matches(rule["source_matchers"], target) and matches(rule["target_matchers"], source)
        return matches(rule["source_matchers"], source) and matches(rule["target_matchers"], target) and not both and all(
            source.get(label, "") == target.get(label, "") for label in rule.get("equal", []))

    for case in yaml.safe_load((TESTS / "inhibitions.yml").read_text()):
        if any(mutes(rule, case["source"], case["target"]) for rule in rules) != case["muted"]:
            fail(f"{where}: inhibition", f"{case['source']} must {'' if case['muted'] else 'not '}mute {case['target']}")


def check_compose(where, out):
    """docker compose accepts it, publishes on loopback only, and every bind source is pushed."""
    said = run(f"{where}: docker compose config", COMPOSE, "-f", out / "compose.yml", "config", "--format", "json")
    try:
        services = json.loads(said)["services"]
    except ValueError:
        return fail(f"{where}: docker compose config", said)
    catalogue = yaml.safe_load((out / "compose.yml").read_text())["services"]
    for name, service in services.items():
        for port in service.get("ports", []):
            if port.get("host_ip") != "127.0.0.1":
                fail(f"{where}: {name} publishes beyond loopback", str(port))
        for mount in service.get("volumes", []):
            source = mount.get("source", "")
            if mount["type"] == "bind" and source.startswith(str(out)) and not pathlib.Path(source).is_dir():
                fail(f"{where}: {name} mounts what is not pushed as a directory", source)
        flags = [word.partition("=")[0] for word in service.get("command") or [] if word.startswith("--")]
        if repeated := {flag for flag in flags if flags.count(flag) > 1}:
            fail(f"{where}: {name} is given an option twice", ", ".join(sorted(repeated)))
        if "healthcheck" not in service and name not in WITHOUT_HEALTHCHECK:
            fail(f"{where}: {name} has no health check", str(service))
        if not service.get("cpus"):
            fail(f"{where}: {name} has no limit of processors", str(service.get("cpus")))
        if not service.get("mem_limit") or service.get("memswap_limit") != service["mem_limit"]:
            fail(f"{where}: {name} has no memory limit", str(service.get("mem_limit")))
        if "health" not in catalogue[name].get("x-opsctl", {}):
            fail(f"{where}: {name} is not in the catalogue", "no x-opsctl with health")
        check_networks(where, name, service)
    facts = json.loads((out / "facts.json").read_text())
    if set(facts["services"]) != set(services):
        fail(f"{where}: services", f"{sorted(services)} instead of {sorted(facts['services'])}")


def check_networks(where, name, service):
    """All share the network without a way out; only who needs one, or publishes a port, is in another."""
    if service.get("network_mode") == "host":
        return
    networks = set(service.get("networks", {}))
    if "monitoring-internal" not in networks:
        fail(f"{where}: {name} is not in the internal network", str(networks))
    if service.get("ports") and networks == {"monitoring-internal"}:
        fail(f"{where}: {name} publishes from an internal network, which docker does not do", str(service["ports"]))
    if name in ("alloy", "promtail") and networks != {"monitoring-internal"}:
        fail(f"{where}: {name} has a way out", str(networks))
