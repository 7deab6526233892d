"""What nodes.yml puts on a node."""

import json

import yaml

from checks.places import INVENTORIES, PLAYBOOKS, ROOT, STACK, TESTS
from checks.tools import COMPOSE, PROMTOOL, built_opsctl, fail, failures, run


def check_nodes(out):
    """What nodes.yml puts on a node: as it is, with a login, with TLS, with both."""
    before = len(failures)
    logins = {"open": {}, "login": {"nodes_user": "prometheus"}, "tls": {"nodes_tls_name": "nodes.example.com"}}
    for name, settings in {**logins, "both": {**logins["login"], **logins["tls"]}}.items():
        check_node(name, settings, out / name)
    if len(failures) == before:
        print("ok    nodes: with a login and without, with TLS and without")


def check_node(name, settings, place):
    opsctl = built_opsctl()
    (place / "web").mkdir(parents=True)
    for template in ("compose.yml", "web/web.yml") if settings else ("compose.yml",):
        words = [opsctl, "render", PLAYBOOKS / "nodes" / f"{template}.j2", "--inventory", INVENTORIES["bare"], "--host", "node1.example.com",
                 "--playbook", PLAYBOOKS / "nodes.yml", "--reveal", "-e", f"@{STACK}/profiles/cluster.yml", "-e", f"@{TESTS}/secrets.yml",
                 "-e", json.dumps({"profile": "cluster", "monitoring": {"node_exporter": settings}})]
        (place / template).write_text(run(f"nodes {name}: {template}", *words, cwd=ROOT))
    service = json.loads(run(f"nodes {name}: docker compose config", COMPOSE, "-f", place / "compose.yml", "config", "--format", "json"))["services"]["node-exporter"]
    if "healthcheck" not in service or not service.get("cpus") or not service.get("mem_limit"):
        fail(f"nodes {name}", "no health check or limit")
    if bool(settings) != ("--web.config.file=/etc/node-exporter/web.yml" in service["command"]):
        fail(f"nodes {name}", "web.yml is not as asked for")
    health = yaml.safe_load((place / "compose.yml").read_text())["services"]["node-exporter"]["x-opsctl"]["health"]
    if health["status"] != {"open": 200, "login": 401}.get(name, 400):
        fail(f"nodes {name}", f"it is asked for {health}")
    if settings:
        check_node_web(name, settings, place / "web")


def check_node_web(name, settings, web):
    if "nodes_tls_name" in settings:
        run(f"nodes {name}: a certificate", "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
            "-subj", "/CN=nodes.example.com", "-keyout", web / "key.pem", "-out", web / "certificate.pem")
    run(f"nodes {name}: promtool check web-config", PROMTOOL, "check", "web-config", web / "web.yml")
    content = yaml.safe_load((web / "web.yml").read_text())
    if content.keys() != {{"nodes_user": "basic_auth_users", "nodes_tls_name": "tls_server_config"}[setting] for setting in settings}:
        fail(f"nodes {name}", f"web.yml has {sorted(content)}")
