"""What the checks are made with: how a failure is told, and the programs that judge."""

import glob
import importlib.util
import os
import shutil
import subprocess
import sys

import yaml

from checks.places import ROOT, TOOLS

failures = []


def fail(where, text):
    failures.append(where)
    print(f"FAIL  {where}\n" + "\n".join("      " + line for line in text.strip().splitlines()[-25:]))


def tool(program, package, place="usr/bin"):
    """Path of a program: on PATH, or out of the Debian package that the lab has fetched for its hosts."""
    if found := shutil.which(program):
        return found
    path = TOOLS / place / program
    if not path.exists():
        cache = os.environ.get("OPSCTL_LAB_CACHE", "/var/cache/opsctl-lab")
        packages = sorted(glob.glob(f"{cache}/debs/{package}_*.deb"), key=os.path.getmtime)
        if not packages:
            sys.exit(f"{program} is not on PATH and {package} not in {cache}/debs; start the lab once (lab/up), or install it")
        TOOLS.mkdir(parents=True, exist_ok=True)
        subprocess.run(["dpkg-deb", "-x", packages[-1], TOOLS], check=True)
    return path


def run(where, *command, cwd=None):
    """Runs a program; a status other than 0 is a failure. Returns what it printed."""
    result = subprocess.run([str(word) for word in command], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if result.returncode != 0:
        fail(where, f"{' '.join(map(str, command[:6]))}\n{result.stdout}")
    return result.stdout


def built_opsctl():
    """Path of the program under test, the newest there is; None if it is not built."""
    builds = [path for path in ROOT.glob(".build/*/opsctl") if path.is_file()]
    return os.environ.get("OPSCTL") or (max(builds, key=lambda path: path.stat().st_mtime) if builds else None)


def program(path):
    """A Python program of this repository, to use its functions."""
    sys.dont_write_bytecode = True
    specification = importlib.util.spec_from_file_location(path.stem, path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def documents():
    """What knows where expressions stand, and what they read."""
    return program(ROOT / "docs" / "monitoring" / "expressions.py")


def check_promql(where, expressions, out):
    """Every expression parses."""
    path = out / "expressions.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "all", "rules": [
        {"record": f"number:{index}", "expr": expression} for index, expression in enumerate(expressions)]}]}))
    run(where, PROMTOOL, "check", "rules", "--lint=none", path)


PROMTOOL = tool("promtool", "promtool")
AMTOOL = tool("amtool", "prometheus-alertmanager")
BLACKBOX = tool("prometheus-blackbox-exporter", "prometheus-blackbox-exporter")
COMPOSE = tool("docker-compose", "docker-compose", "usr/libexec/docker/cli-plugins")
