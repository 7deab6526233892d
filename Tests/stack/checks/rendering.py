"""The files that a push would send."""

import json
import os
import shutil
import subprocess

import yaml

from checks.places import INVENTORIES, JUDGES, PLAYBOOKS, STACK, TESTS
from checks.tools import fail


def render(inventory, profile, out, extra=None):
    """The files that push would send, in a directory; `extra` is a file of variables. False if rendering failed."""
    templates = []
    for path in [STACK / "compose.yml.j2", *sorted((STACK / "config").rglob("*"))]:
        if path.is_dir():
            continue
        name = path.relative_to(STACK)
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".j2":
            templates.append(str(name))
        else:
            shutil.copy(path, out / name)
    variables = {"playbooks": str(PLAYBOOKS), "stack_source": str(STACK), "out": str(out), "files": templates, "profile": profile}
    environment = dict(os.environ, ANSIBLE_NOCOLOR="1", ANSIBLE_LOCALHOST_WARNING="0", ANSIBLE_DEPRECATION_WARNINGS="0")
    result = subprocess.run(
        [JUDGES / "bin" / "ansible-playbook", "-i", INVENTORIES[inventory], "-l", "monitoring[0]",
         "-e", json.dumps(variables), "-e", f"@{TESTS}/secrets.yml", *(["-e", f"@{extra}"] if extra else []), TESTS / "render.yml"],
        env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        fail(f"{inventory} {profile}: templates", result.stdout)
        return False
    facts = json.loads((out / "facts.json").read_text())
    for name in facts["secrets"]:
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).write_text("not-a-secret")
    return True


def check_yaml(where, out):
    for path in [*out.rglob("*.yml"), *out.rglob("*.yaml")]:
        try:
            list(yaml.safe_load_all(path.read_text()))
        except yaml.YAMLError as error:
            fail(f"{where}: {path.relative_to(out)}", str(error))
