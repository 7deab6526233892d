"""What k8s.yml applies."""

import json
import os
import re
import subprocess

import kubernetes_validate
import yaml

from checks.places import ROOT, STACK, TESTS
from checks.rules import fire_test
from checks.tools import AMTOOL, PROMTOOL, built_opsctl, fail, failures, run

# Objects are judged by the schemas of this version of Kubernetes: the oldest that is still looked after.
SCHEMAS = "1.33"


def objects_of(path):
    """{(kind, name): object} of a file of Kubernetes objects, each with what every object needs."""
    found = {}
    for item in yaml.safe_load_all(path.read_text()):
        name = item["metadata"]["name"]
        if not item.get("apiVersion") or not re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,251}[a-z0-9])?", name):
            fail(f"kubernetes: {path.name}", f"{item.get('kind')} {name} is no valid object")
        # What an operator brings, such as PrometheusRule, is not among Kubernetes' own schemas.
        if item["kind"] in ("ConfigMap", "Namespace", "Secret"):
            check_schema(f"kubernetes: {path.name}: {item['kind']} {name}", item)
        found[item["kind"], name] = item
    return found


def check_schema(where, item):
    try:
        kubernetes_validate.validate(item, SCHEMAS, strict=True)
    except kubernetes_validate.ValidationError as error:
        fail(where, f"{'.'.join(map(str, error.path))}: {error.message}")


def check_kubernetes(out):
    """What k8s.yml applies: rules that promtool takes, the dashboards, a routing tree that amtool takes, charts' values."""
    opsctl = built_opsctl()
    if not opsctl:
        return fail("kubernetes", "opsctl is not built; swift build, or name it in OPSCTL")
    before = len(failures)
    out.mkdir()
    log = out / "calls"
    # The programs that would change a cluster write down what they are asked, and keep the secrets for a look.
    for name in ("helm", "kubectl"):
        program = out / name
        program.write_text(f"""#!/bin/sh
echo "{name} $*" >> {log}
for word; do [ "${{word##*/}}" != secrets.yaml ] || cat "$word" > {out}/kept-secrets.yaml; done
case "$*" in *--dry-run=client*) echo '{{}}' ;; *"-f -") cat > {out}/namespace.yaml ;; esac
""")
        program.chmod(0o755)
    command = [opsctl, "run", "playbooks/k8s.yml", "lab", "-e", "profile=cluster", "-e", f"k8s_dir={out}/rendered"]
    environment = dict(os.environ, PATH=f"{out}:{os.environ['PATH']}")
    done = subprocess.run([str(word) for word in command], cwd=ROOT, env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        return fail("kubernetes: opsctl run playbooks/k8s.yml", done.stdout + done.stderr)
    rendered = out / "rendered"
    if (rendered / "secrets.yaml").exists():
        fail("kubernetes", "secrets.yaml is left behind")
    wanted = ["helm upgrade --install monitoring prometheus-community/kube-prometheus-stack --version",
              "helm upgrade --install loki grafana-community/loki --version", "helm upgrade --install alloy grafana/alloy --version", "apply --server-side -f", "wait --for=condition=Ready pods --all"]
    calls = log.read_text()
    for call in wanted:
        if call not in calls:
            fail("kubernetes", f"{call} was not called:\n{calls}")
    check_kubernetes_objects(objects_of(rendered / "manifests.yaml"), out)
    check_kubernetes_secrets(objects_of(out / "kept-secrets.yaml"), out)
    check_kubernetes_values(rendered, out)
    if len(failures) == before:
        print("ok    kubernetes: values, rules, dashboards and secrets")


def check_kubernetes_objects(objects, out):
    rules = {"groups": [group for (kind, _), item in objects.items() if kind == "PrometheusRule" for group in item["spec"]["groups"]]}
    path = out / "rules.yml"
    path.write_text(yaml.safe_dump(rules))
    run("kubernetes: promtool check rules", PROMTOOL, "check", "rules", "--lint=all", "--lint-fatal", path)
    names = {rule.get("alert") or rule["record"] for group in rules["groups"] for rule in group["rules"]}
    for name in ("Watchdog", "PrometheusHighCardinality", "app:http_requests:rate5m", "container:cpu_cores:rate5m"):
        if name not in names:
            fail("kubernetes: rules", f"{name} is missing")
    if "namespace" not in path.read_text():
        fail("kubernetes: rules", "containers lose their namespace")
    run("kubernetes: promtool test rules", PROMTOOL, "test", "rules", kubernetes_tests(path, out))
    logs = objects["ConfigMap", "opsctl-log-rules"]
    if yaml.safe_load(logs["data"]["logs.yml"]) != yaml.safe_load((STACK / "config/loki/rules/fake/logs.yml").read_text()):
        fail("kubernetes: log rules", "they are not those of the Docker hosts")
    dashboards = {name: item for (kind, name), item in objects.items() if kind == "ConfigMap" and name != logs["metadata"]["name"]}
    if "opsctl-host" not in dashboards:
        fail("kubernetes: dashboards", f"only {sorted(dashboards)}")
    for name, item in dashboards.items():
        original = STACK / "config" / "grafana" / "dashboards" / f"{name}.json"
        if json.loads(item["data"][f"{name}.json"]) != json.loads(original.read_text()) or item["metadata"]["labels"]["grafana_dashboard"] != "1":
            fail("kubernetes: dashboards", f"{name} differs from its file, or has no label for the sidecar")
        if len(json.dumps(item)) > 1 << 20:
            fail("kubernetes: dashboards", f"{name} is larger than an object may be")


def kubernetes_tests(rules, out):
    """The file of promtool tests for the rules that are Kubernetes' own."""
    tests = yaml.safe_load((TESTS / "kubernetes_test.yml").read_text())
    path = out / "rules_test.yml"
    path.write_text(yaml.safe_dump({"rule_files": [str(rules)], "evaluation_interval": "15s", "tests": [fire_test(name, entry) for name, entry in tests.items()]}))
    return path


def check_kubernetes_secrets(objects, out):
    config = objects["Secret", "alertmanager-config"]["stringData"]
    mounted = out / "alertmanager"
    mounted.mkdir()
    for name, text in config.items():
        (mounted / name).write_text(text.replace("/etc/alertmanager/config/", f"{mounted}/"))
    run("kubernetes: amtool check-config", AMTOOL, "check-config", mounted / "alertmanager.yaml")
    tree = yaml.safe_load(config["alertmanager.yaml"])
    place = "/etc/alertmanager/secrets/alertmanager-secrets/"
    if not tree["global"]["smtp_auth_password_file"].startswith(place) or "smtp_password" not in objects["Secret", "alertmanager-secrets"]["stringData"]:
        fail("kubernetes: alertmanager", "its password file is not where the operator mounts it")
    if not any(path.startswith("/etc/alertmanager/config/") for path in tree["templates"]):
        fail("kubernetes: alertmanager", f"templates are looked for in {tree['templates']}")
    if set(objects["Secret", "grafana-admin"]["stringData"]) != {"admin-user", "admin-password"}:
        fail("kubernetes: grafana-admin", "other keys than the values name")


def check_kubernetes_values(rendered, out):
    """The values are the settings of the hosts; the scrape jobs in them are Prometheus', the log pipeline Alloy's."""
    values = {path.stem.removeprefix("values-"): yaml.safe_load(path.read_text()) for path in rendered.glob("values-*.yaml")}
    spec = values["kube-prometheus-stack"]["prometheus"]["prometheusSpec"]
    if (spec["retention"], spec["retentionSize"]) != ("30d", "40GB") or spec["ruleSelectorNilUsesHelmValues"] is not False:
        fail("kubernetes: values", f"retention {spec['retention']} {spec['retentionSize']}, or rules of others are left out")
    claim = spec["storageSpec"]["volumeClaimTemplate"]
    check_schema("kubernetes: Prometheus' volume", {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": {"name": "claim"}, **claim})
    volume = int(claim["spec"]["resources"]["requests"]["storage"].removesuffix("Gi"))
    if volume < 1.2 * int(spec["retentionSize"].removesuffix("GB")):
        fail("kubernetes: values", f"a volume of {volume}Gi does not hold {spec['retentionSize']} and a fifth more")
    check_kubernetes_jobs(values)
    path = out / "scrape.yml"
    path.write_text(yaml.safe_dump({"scrape_configs": spec["additionalScrapeConfigs"]}))
    run("kubernetes: scrape configuration", PROMTOOL, "check", "config", "--syntax-only", path)
    if values["loki"]["loki"]["limits_config"]["retention_period"] != "168h":
        fail("kubernetes: values", "Loki keeps lines for another time")
    if "loki.source.kubernetes" not in values["alloy"]["alloy"]["configMap"]["content"]:
        fail("kubernetes: values", "Alloy reads no pods")


def check_kubernetes_jobs(values):
    """Every job that a rule names is what one of the monitors calls its targets."""
    stack = values["kube-prometheus-stack"]
    monitors = [stack["prometheus"]["serviceMonitor"], stack["alertmanager"]["serviceMonitor"], stack["grafana"]["serviceMonitor"],
                values["loki"]["monitoring"]["serviceMonitor"], values["alloy"]["serviceMonitor"]]
    relabelings = [rule for monitor in monitors for rule in monitor["relabelings"]] + stack["kubelet"]["serviceMonitor"]["cAdvisorRelabelings"]
    jobs = {rule["replacement"] for rule in relabelings if rule["targetLabel"] == "job"}
    if jobs != {"prometheus", "alertmanager", "grafana", "loki", "alloy", "cadvisor"}:
        fail("kubernetes: jobs", f"the monitors call them {sorted(jobs)}")
    if not (values["loki"]["monitoring"]["serviceMonitor"]["enabled"] and values["alloy"]["serviceMonitor"]["enabled"]):
        fail("kubernetes: jobs", "Loki or Alloy is not scraped")
