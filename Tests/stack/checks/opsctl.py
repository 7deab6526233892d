"""What opsctl renders."""

import subprocess

from checks.places import PLAYBOOKS, ROOT, STACK, TESTS
from checks.tools import built_opsctl, fail


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
