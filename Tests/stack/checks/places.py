"""Where everything is."""

import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
JUDGES = pathlib.Path(os.environ.get("OPSCTL_JUDGES", ROOT / ".build" / "judges"))
PLAYBOOKS = ROOT / "playbooks"
STACK = PLAYBOOKS / "monitoring"
TESTS = ROOT / "Tests" / "stack"
TOOLS = ROOT / ".build" / "stack-tools"
PROFILES = sorted(path.stem for path in (STACK / "profiles").glob("*.yml"))
# The third has nothing but hosts: there a profile has to stand on its own.
INVENTORIES = {"lab": ROOT / "inventory" / "lab.yml", "production": ROOT / "inventory" / "production.yml", "bare": TESTS / "bare.yml"}
