"""Grafana's settings: defaults, then grafana.ini, then GF_SECTION_KEY variables (and GF_..__FILE)."""

import configparser
import os
import pathlib
import re

DEFAULTS = {
    ("server", "http_addr"): "0.0.0.0", ("server", "http_port"): "3000", ("server", "root_url"): "http://localhost:3000/",
    ("security", "admin_user"): "admin", ("security", "admin_password"): "admin", ("security", "disable_brute_force_login_protection"): "false",
    ("paths", "data"): "/var/lib/grafana", ("paths", "provisioning"): "/etc/grafana/provisioning",
    ("auth.anonymous", "enabled"): "false", ("auth.basic", "enabled"): "true", ("auth.basic", "password_policy"): "false", ("metrics", "enabled"): "true",
}


class SettingsError(Exception):
    """What Grafana would end with."""


def secrets_from_files(environment):
    """GF_X__FILE becomes GF_X, as the image's start script does it."""
    for name in [name for name in environment if name.startswith("GF_") and name.endswith("__FILE") and environment[name]]:
        plain = name.removesuffix("__FILE")
        if environment.get(plain):
            raise SettingsError(f"ERROR: Both {plain} and {name} are set (but are exclusive)")
        try:
            environment[plain] = pathlib.Path(environment[name]).read_text(encoding="utf-8").rstrip("\n")
        except OSError as error:
            raise SettingsError(f"Getting secret {plain} from {environment[name]}: {error.strerror}") from None
        del environment[name]


def expand(text):
    """$__file{path} and $__env{NAME} in a value of grafana.ini or of a provisioning file."""
    text = re.sub(r"\$__env\{(\w+)\}", lambda m: os.environ.get(m[1], ""), text)
    return re.sub(r"\$__file\{([^}]+)\}", lambda m: pathlib.Path(m[1]).read_text(encoding="utf-8").rstrip("\n"), text)


def expand_all(value):
    """The same in all strings of a provisioning file, and $NAME, ${NAME}; $$ is a dollar."""
    if isinstance(value, dict):
        return {key: expand_all(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [expand_all(inner) for inner in value]
    if not isinstance(value, str) or "$" not in value:
        return value
    text = expand(value.replace("$$", "\0"))
    text = re.sub(r"\$\{(\w+)\}|\$(\w+)", lambda m: os.environ.get(m[1] or m[2], ""), text)
    return text.replace("\0", "$")


class Settings:
    def __init__(self, path, environment=os.environ):
        secrets_from_files(environment)
        self.ini, self.environment = configparser.RawConfigParser(strict=False, interpolation=None, allow_no_value=True), environment
        try:
            # Keys before the first section belong to the default one.
            self.ini.read_string("[DEFAULT_SECTION]\n" + pathlib.Path(path).read_text(encoding="utf-8"), source=str(path))
        except FileNotFoundError:
            if str(path) != "/etc/grafana/grafana.ini":
                raise SettingsError(f"failed to parse {path}: no such file or directory") from None
        except (OSError, configparser.Error) as error:
            raise SettingsError(f"failed to parse {path}: {error}") from None

    def get(self, section, key):
        variable = "GF_" + re.sub(r"[.-]", "_", f"{section}_{key}").upper()
        if variable in self.environment:
            return expand(self.environment[variable])
        if self.ini.has_option(section, key):
            return expand(self.ini.get(section, key) or "")
        return DEFAULTS.get((section, key), "")

    def on(self, section, key):
        return self.get(section, key).lower() in ("true", "1", "yes", "on")
