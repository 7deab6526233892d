"""Provisioning files, read and refused as Grafana does it."""

import hashlib
import json
import pathlib
import re
import time

import yaml

from service import log
from settings import expand_all

UID = re.compile(r"[a-zA-Z0-9_-]{1,40}")


class ProvisioningError(Exception):
    """At the start it ends Grafana; at a reload it is a 500."""


def documents(directory):
    """(file, content) of every YAML file of a provisioning directory, in order of name."""
    for path in sorted(pathlib.Path(directory).glob("*.y*ml")):
        try:
            yield path, expand_all(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except (OSError, yaml.YAMLError) as error:
            raise ProvisioningError(f"{path}: {error}") from None


# Data sources ----------------------------------------------------------------

def provision_data_sources(directory, database):
    files = list(documents(pathlib.Path(directory) / "datasources"))
    wanted = [source for _, content in files for source in content.get("datasources") or []]
    check_data_sources(wanted)
    for path, content in files:
        for gone in content.get("deleteDatasources") or []:
            database.execute("DELETE FROM data_source WHERE name = ?", (gone["name"],))
        for source in content.get("datasources") or []:
            save(source, database)
        if content.get("prune"):
            prune({source["name"] for source in wanted}, database)


def check_data_sources(sources):
    seen = {}
    for source in sources:
        for key in ("name", "type"):
            if not source.get(key):
                raise ProvisioningError(f"Datasource provisioning error: datasource {key} cannot be empty")
        if source.get("access", "proxy") not in ("proxy", "direct", "server"):
            raise ProvisioningError(f"Datasource provisioning error: invalid access mode {source['access']!r}")
        uid = source.get("uid")
        if uid is not None and not UID.fullmatch(str(uid)):
            raise ProvisioningError(f"Datasource provisioning error: invalid uid {uid!r} for datasource {source['name']!r}")
        if uid in seen:
            raise ProvisioningError(f"Datasource provisioning error: datasource uid {uid!r} is used by {seen[uid]!r} and {source['name']!r}")
        if uid:
            seen[uid] = source["name"]
    for org in {source.get("orgId", 1) for source in sources}:
        if sum(bool(source.get("isDefault")) for source in sources if source.get("orgId", 1) == org) > 1:
            raise ProvisioningError("Datasource provisioning error: datasource.yaml config is invalid. Only one datasource per organization can be marked as default")


def save(source, database):
    uid = source.get("uid") or "P" + hashlib.sha256(source["name"].encode()).hexdigest()[:16].upper()
    old = database.one("SELECT uid FROM data_source WHERE name = ?", (source["name"],))
    if old and old["uid"] != uid:
        raise ProvisioningError("Datasource provisioning error: data source not found")
    secure = source.get("secureJsonData") or {}
    database.save_data_source({
        "uid": uid, "orgId": source.get("orgId", 1), "name": source["name"], "type": source["type"], "typeName": source["type"].capitalize(),
        "access": source.get("access", "proxy"), "url": source.get("url", ""), "user": source.get("user", ""), "database": source.get("database", ""),
        "basicAuth": bool(source.get("basicAuth")), "basicAuthUser": source.get("basicAuthUser", ""), "isDefault": bool(source.get("isDefault")),
        "jsonData": source.get("jsonData") or {}, "secureJsonFields": {name: True for name in secure}, "secure": secure,
        "editable": bool(source.get("editable")), "correlations": source.get("correlations") or [],
    })


def prune(names, database):
    for source in database.data_sources():
        if source["name"] not in names and source["readOnly"]:
            database.execute("DELETE FROM data_source WHERE name = ?", (source["name"],))


# Dashboards ------------------------------------------------------------------

class Provider:
    """One entry of providers: a directory whose JSON files become dashboards."""

    def __init__(self, spec):
        options = spec.get("options") or {}
        self.name, self.type = str(spec.get("name", "")), spec.get("type", "file")
        self.folder, self.path = spec.get("folder") or "", options.get("path") or options.get("folder") or ""
        self.by_directory = bool(options.get("foldersFromFilesStructure"))
        self.interval = max(int(spec.get("updateIntervalSeconds") or 10), 1)
        self.keep_deleted, self.editable = bool(spec.get("disableDeletion")), bool(spec.get("allowUiUpdates"))
        if not self.name:
            raise ProvisioningError("Dashboard provisioning error: provider name is required")
        if self.type != "file":
            raise ProvisioningError(f"Dashboard provisioning error: failed to create provisioner for type {self.type!r}")
        if not self.path:
            raise ProvisioningError(f"Dashboard provisioning error: failed to load dashboards, path param is not a string or is empty (provider {self.name})")
        if self.by_directory and (self.folder or spec.get("folderUid")):
            raise ProvisioningError("Dashboard provisioning error: 'folder' and 'folderUid' should be empty using 'foldersFromFilesStructure' option")

    def read(self):
        """(file, folder, dashboard) of every readable file. A bad file is logged and left out."""
        root = pathlib.Path(self.path)
        for path in sorted(root.rglob("*.json")):
            if ".." in path.parts or any(part.startswith(".") for part in path.relative_to(root).parts):
                continue
            relative = path.relative_to(root)
            folder = relative.parts[-2] if self.by_directory and len(relative.parts) > 1 else "" if self.by_directory else self.folder
            try:
                dashboard = json.loads(path.read_text(encoding="utf-8"))
                yield str(relative), folder, self.checked(dashboard, str(relative))
            except (OSError, ValueError) as error:
                log("error", "failed to load dashboard from ", file=str(path), error=str(error), provider=self.name)

    def checked(self, dashboard, file):
        if not isinstance(dashboard, dict) or not str(dashboard.get("title") or "").strip():
            raise ValueError("Dashboard title cannot be empty")
        uid = dashboard.get("uid") or "lab" + hashlib.sha256(file.encode()).hexdigest()[:12]
        if not isinstance(uid, str) or not UID.fullmatch(uid):
            raise ValueError("uid contains illegal characters" if len(str(uid)) <= 40 else "uid too long, max 40 characters")
        return {**dashboard, "uid": uid}


def providers(directory):
    found = [Provider(spec) for _, content in documents(pathlib.Path(directory) / "dashboards") for spec in content.get("providers") or []]
    names = [provider.name for provider in found]
    if len(set(names)) != len(names):
        raise ProvisioningError("Dashboard provisioning error: provider names must be unique")
    return found


def provision_dashboards(found, database):
    """One pass over all providers. Two dashboards with one uid, or with one title in one folder, take the write
    permission from their providers: nothing of theirs is saved."""
    read = {provider.name: list(provider.read()) for provider in found}
    blocked = duplicates(read)
    for provider in found:
        if provider.name in blocked:
            log("warn", "dashboards provisioning provider has no database write permissions because of duplicates", provider=provider.name, duplicates=blocked[provider.name])
            continue
        for file, folder, dashboard in read[provider.name]:
            database.save_dashboard(dashboard, folder, file, provider.name)
        if not provider.keep_deleted:
            remove_missing(provider.name, {dashboard["uid"] for _, _, dashboard in read[provider.name]}, database)


def duplicates(read):
    """{provider: what is double}."""
    uses = {}
    for name, entries in read.items():
        for _, folder, dashboard in entries:
            uses.setdefault(("uid", dashboard["uid"]), []).append(name)
            uses.setdefault(("title", f"{folder}/{dashboard['title']}"), []).append(name)
    blocked = {}
    for (kind, value), names in uses.items():
        if len(names) > 1:
            for name in names:
                blocked.setdefault(name, []).append(f"{kind} {value}")
    return blocked


def remove_missing(provider, uids, database):
    for row in database.execute("SELECT uid FROM dashboard WHERE provider = ?", (provider,)):
        if row["uid"] not in uids:
            database.execute("DELETE FROM dashboard WHERE uid = ?", (row["uid"],))


def keep_dashboards_fresh(grafana):
    """Reads the directories again as often as the most eager provider asks."""
    while True:
        time.sleep(min([provider.interval for provider in grafana.providers], default=10))
        try:
            provision_dashboards(grafana.providers, grafana.database)
        except Exception as error:
            log("error", "reading dashboards failed", error=str(error))
