"""Loki's configuration file: read, checked as Loki 3.7 checks it, and reduced to what the stand-in uses."""

import os
import pathlib
import re

import yaml

from service import duration

KEYS = pathlib.Path(__file__).with_name("keys.txt")


class ConfigError(Exception):
    """The message that Loki would end with."""


def accepted_keys():
    """{section path: set of keys}; the top is ''."""
    sections = {}
    for line in KEYS.read_text(encoding="utf-8").splitlines():
        if not line.startswith("#"):
            section, _, keys = line.partition(":")
            sections["" if section == "root" else section] = set(keys.split())
    return sections


def load(path, expand_env=False):
    """The parsed file. ConfigError lists every unknown key with its line."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"failed parsing config: open {path}: {error.strerror.lower()}") from None
    if expand_env:
        text = re.sub(r"\$\{(\w+)(?::([^}]*))?\}", lambda m: os.environ.get(m[1]) or m[2] or "", text)
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        data = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ConfigError(f"failed parsing config: {path}: yaml: {error}") from None
    problems = []
    check_keys(node, "", accepted_keys(), problems)
    if problems:
        raise ConfigError(f"failed parsing config: {path}: yaml: unmarshal errors:\n" + "\n".join(f"  {p}" for p in problems))
    validate(data)
    return data


def check_keys(node, section, sections, problems):
    """Walks the mapping nodes; a list of mappings (schema_config.configs) is checked as period_config."""
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            check_keys(item, section, sections, problems)
        return
    if not isinstance(node, yaml.MappingNode):
        return
    for key, value in node.value:
        if section in sections and key.value not in sections[section]:
            problems.append(f"line {key.start_mark.line + 1}: field {key.value} not found in type {section or 'loki.ConfigWrapper'}")
        path = f"{section}.{key.value}".strip(".")
        path = {"schema_config.configs": "period_config"}.get(path, path)
        check_keys(value, path, sections, problems)


def validate(data):
    """What Loki checks once the file is read. The first problem is raised."""
    periods = (data.get("schema_config") or {}).get("configs") or []
    limits = data.get("limits_config") or {}
    compactor = data.get("compactor") or {}
    if not periods:
        raise ConfigError("CONFIG ERROR: invalid schema config: no schema configs defined")
    for period in periods:
        validate_period(period)
    newest = periods[-1]
    if limits.get("allow_structured_metadata", True) and newest.get("schema") != "v13":
        raise ConfigError(
            f"CONFIG ERROR: schema v13 is required to store Structured Metadata and use native OTLP ingestion, your schema version is {newest.get('schema')}. "
            "Set `allow_structured_metadata: false` in the `limits_config` section or set the command line argument "
            "`-validation.allow-structured-metadata=false` and restart Loki."
        )
    if compactor.get("retention_enabled") and not compactor.get("delete_request_store"):
        raise ConfigError("CONFIG ERROR: invalid compactor config: compactor.delete-request-store should be configured when retention is enabled")
    check_durations(limits, compactor, data.get("ingester") or {})
    if retention := limits.get("retention_period"):
        if 0 < duration(retention) < 86400:
            raise ConfigError("CONFIG ERROR: invalid limits_config config: retention period must be >= 24h")


def validate_period(period):
    for key in ("from", "store", "schema"):
        if not period.get(key):
            raise ConfigError(f"CONFIG ERROR: invalid schema config: {key} is required")
    if period["store"] in ("boltdb-shipper", "boltdb", "aws", "cassandra", "bigtable"):
        raise ConfigError(f"CONFIG ERROR: invalid schema config: unrecognized `store` (index) type `{period['store']}`, choose one of: tsdb")
    if period["store"] == "tsdb" and duration((period.get("index") or {}).get("period", "24h")) != 86400:
        raise ConfigError("CONFIG ERROR: invalid schema config: tsdb index must always have periodic config for index set to 24h")


def check_durations(*sections):
    for section in sections:
        for key, value in section.items():
            if re.search(r"(_period|_interval|_max_age|_timeout|_delay|_length|max_chunk_age)$", key) and isinstance(value, str):
                try:
                    duration(value)
                except ValueError as error:
                    raise ConfigError(f"failed parsing config: yaml: {key}: {error}") from None


class Settings:
    """The values of a configuration that change what the stand-in does."""

    def __init__(self, data):
        server, common = data.get("server") or {}, data.get("common") or {}
        limits, compactor = data.get("limits_config") or {}, data.get("compactor") or {}
        self.data = data
        self.address = server.get("http_listen_address") or "0.0.0.0"
        self.port = int(server.get("http_listen_port", 3100))
        self.directory = pathlib.Path(common.get("path_prefix") or "/loki")
        self.retention_enabled = bool(compactor.get("retention_enabled"))
        self.retention = duration(limits.get("retention_period", "0s"))
        self.delete_delay = duration(compactor.get("retention_delete_delay", "2h"))
        self.compaction_interval = duration(compactor.get("compaction_interval", "10m"))
        self.reject_old = bool(limits.get("reject_old_samples", True))
        self.max_age = duration(limits.get("reject_old_samples_max_age", "1w"))
        self.max_entries = int(limits.get("max_entries_limit_per_query", 5000))
        self.max_line = size(limits.get("max_line_size", "256KB"))
        self.truncate = bool(limits.get("max_line_size_truncate", False))
        self.max_labels = int(limits.get("max_label_names_per_series", 15))
        self.discover_service = limits.get("discover_service_name") != []
        ruler = data.get("ruler") or {}
        self.rules = pathlib.Path(((ruler.get("storage") or {}).get("local") or {}).get("directory") or self.directory / "rules")
        client = ruler.get("alertmanager_client") or {}
        # What goes before the secret part, which is read from its file at each use.
        self.alertmanager_login = (client.get("type") or "Bearer", client.get("credentials_file"))
        self.alertmanagers = [url.strip() for url in str(ruler.get("alertmanager_url") or "").split(",") if url.strip()]
        self.rule_interval = duration(ruler.get("evaluation_interval", "1m"))

    def effective(self):
        """The configuration as /config shows it: what was given, and the defaults that matter to a check."""
        shown = {**self.data, "limits_config": {**(self.data.get("limits_config") or {})}, "compactor": {**(self.data.get("compactor") or {})}}
        shown["compactor"].setdefault("retention_enabled", False)
        shown["limits_config"]["retention_period"] = go_duration(self.retention)
        return yaml.safe_dump(shown, sort_keys=True)


def size(value):
    """Bytes of 256KB, 4MB, 65536."""
    match = re.fullmatch(r"\s*([0-9.]+)\s*([kKmMgG]?)i?[bB]?\s*", str(value))
    if not match:
        raise ConfigError(f"failed parsing config: yaml: invalid size {value!r}")
    return int(float(match[1]) * 1024 ** " kmg".index(match[2].lower() or " "))


def go_duration(seconds):
    """As Loki prints a model.Duration: whole weeks and days, else hours, minutes, seconds."""
    for unit, length in (("w", 604800), ("d", 86400), ("h", 3600), ("m", 60)):
        if seconds and seconds % length == 0:
            return f"{int(seconds // length)}{unit}"
    return f"{seconds:g}s"
