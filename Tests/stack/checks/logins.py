"""Who reads which secret, and who asks for a login."""

import json
import re

import yaml

from checks.tools import PROMTOOL, fail, run


def check_secret_files(where, out):
    """Every file of a secret that a service reads is pushed for it and mounted, and every one that is pushed is read."""
    facts = json.loads((out / "facts.json").read_text())
    services = yaml.safe_load((out / "compose.yml").read_text())["services"]
    read = set()
    for name, service in services.items():
        place = out / "config" / {"blackbox-exporter": "blackbox"}.get(name, name)
        pushed = [path for path in place.rglob("*") if path.is_file() and f"{path.relative_to(out)}.j2" not in facts["excluded"]]
        texts = [json.dumps(service), *(path.read_text() for path in pushed)]
        files = {f"secrets/{name}/{file}" for text in texts for file in re.findall(r"/run/opsctl/([\w.]+)", text)}
        if files and not any("/run/opsctl" in str(volume) for volume in service["volumes"]):
            fail(f"{where}: secrets of {name}", f"it reads {sorted(files)}, and mounts none")
        read |= files
        check_login(where, out, name, service, facts)
    # Read by others of the same directory's owner: opsctl itself, and settings that nobody has to use.
    wanted = {file for file in facts["secrets"] if file.split("/")[1] in services}
    if read != wanted:
        fail(f"{where}: secrets", f"not both read and pushed: {sorted(read ^ wanted)}")


def check_login(where, out, name, service, facts):
    """With a login in the catalogue the service is given a web.yml that its tool takes, without one none."""
    login = service["x-opsctl"].get("login")
    flag = f"--web.config.file=/etc/{name}/web.yml"
    if bool(login) != (flag in (service.get("command") or [])):
        fail(f"{where}: login of {name}", f"the catalogue says {login}, the options {service.get('command')}")
    if login:
        if login["password_file"] not in facts["secrets"]:
            fail(f"{where}: login of {name}", f"{login['password_file']} is not pushed")
        run(f"{where}: promtool check web-config of {name}", PROMTOOL, "check", "web-config", out / "config" / name / "web.yml")
