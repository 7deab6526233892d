"""What opsctl renders."""

import json
import subprocess

from checks.places import INVENTORIES, PLAYBOOKS, ROOT, STACK, TESTS
from checks.tools import COMPOSE, PROMTOOL, built_opsctl, fail, failures, run


def check_opsctl(profile, out):
    """opsctl makes of every template what Ansible made of it, byte for byte."""
    opsctl = built_opsctl()
    if not opsctl:
        return fail("opsctl", "it is not built; swift build, or name it in OPSCTL")
    names = [path.relative_to(STACK) for path in [STACK / "compose.yml.j2", *sorted((STACK / "config").rglob("*.j2"))]]
    for name in names:
        words = [opsctl, "render", STACK / name, "lab", "--host", "mon1", "--playbook", PLAYBOOKS / "deploy.yml", "--reveal",
                 "-e", f"profile={profile}", "-e", f"@{TESTS}/secrets.yml"]
        result = subprocess.run([str(word) for word in words], cwd=ROOT, capture_output=True, text=True)
        if result.returncode != 0:
            fail(f"opsctl render {name}", result.stderr)
        elif result.stdout != (out / name.with_suffix("")).read_text():
            fail(f"opsctl render {name}", "differs from what Ansible makes of it")
    print(f"ok    opsctl renders {len(names)} templates as Ansible does")


def check_nodes(out):
    """What nodes.yml puts on a node, without a login and with one."""
    opsctl = built_opsctl()
    before = len(failures)
    for name, user in (("open", ""), ("login", "prometheus")):
        place = out / name
        (place / "web").mkdir(parents=True)
        for template in ("compose.yml", "web/web.yml") if user else ("compose.yml",):
            words = [opsctl, "render", PLAYBOOKS / "nodes" / f"{template}.j2", "--inventory", INVENTORIES["bare"], "--host", "node1.example.com",
                     "--playbook", PLAYBOOKS / "nodes.yml", "--reveal", "-e", "profile=cluster", "-e", f"@{TESTS}/secrets.yml",
                     "-e", json.dumps({"monitoring": {"node_exporter": {"nodes_user": user}}})]
            (place / template).write_text(run(f"nodes {name}: {template}", *words, cwd=ROOT))
        service = json.loads(run(f"nodes {name}: docker compose config", COMPOSE, "-f", place / "compose.yml", "config", "--format", "json"))["services"]["node-exporter"]
        if "healthcheck" not in service or not service.get("cpus") or not service.get("mem_limit"):
            fail(f"nodes {name}", "no health check or limit")
        if bool(user) != ("--web.config.file=/etc/node-exporter/web.yml" in service["command"]):
            fail(f"nodes {name}", "the login is not as asked for")
    run("nodes: promtool check web-config", PROMTOOL, "check", "web-config", out / "login" / "web" / "web.yml")
    if len(failures) == before:
        print("ok    nodes: with a login and without")
