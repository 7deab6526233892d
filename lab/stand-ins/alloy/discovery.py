"""discovery.docker, discovery.relabel, local.file_match: where the lines are."""

import glob
import re
import time

import relabel
from component import Component
from docker_api import Docker
from service import duration


class DiscoveryDocker(Component):
    """discovery.docker: every running container as a target with __meta_docker_* labels."""

    ARGUMENTS = {"host", "port", "host_networking_host", "refresh_interval", "match_first_network", "bearer_token", "follow_redirects"}
    REQUIRED = {"host"}
    BLOCKS = {"filter": ({"name", "values"}, {}), "basic_auth": None, "tls_config": None}

    def build(self):
        self.docker = Docker(self.value("host"))
        self.interval = duration(self.value("refresh_interval", "60s"))
        self.filters = [self.values(block) for block in self.block.all("filter")]
        self.targets, self.read_at = [], -1e9

    def export(self, name):
        if name != "targets":
            raise KeyError(name)
        if time.monotonic() - self.read_at >= self.interval:
            try:
                self.targets = [target(container) for container in self.docker.containers() if self.passes(container)]
                self.error = None
            except OSError as error:
                self.error = str(error)
            self.read_at = time.monotonic()
        return self.targets

    def passes(self, container):
        """Docker's own filters: label=NAME or NAME=VALUE, name, status. Others pass."""
        for one in self.filters:
            values = one.get("values") or []
            if one.get("name") == "label":
                have = [f"{k}={v}" for k, v in container["Labels"].items()] + list(container["Labels"])
            elif one.get("name") == "name":
                have = [name.lstrip("/") for name in container["Names"]]
            elif one.get("name") == "status":
                have = [container["State"]]
            else:
                continue
            if not set(values) & set(have):
                return False
        return True


def target(container):
    labels = {
        "__address__": "localhost",
        "__meta_docker_container_id": container["Id"],
        "__meta_docker_container_name": container["Names"][0],
        "__meta_docker_container_network_mode": container["HostConfig"]["NetworkMode"],
    }
    for name, value in container["Labels"].items():
        labels["__meta_docker_container_label_" + re.sub(r"[^A-Za-z0-9_]", "_", name)] = value
    for name, network in (container.get("NetworkSettings") or {}).get("Networks", {}).items():
        labels["__meta_docker_network_name"] = name
        labels["__meta_docker_network_ip"] = network.get("IPAddress", "")
    return labels


class DiscoveryRelabel(Component):
    ARGUMENTS, REQUIRED, BLOCKS = {"targets"}, {"targets"}, {"rule": (relabel.ATTRIBUTES, {})}

    def build(self):
        self.compiled = self.rules()

    def export(self, name):
        if name == "rules":
            return self.compiled
        if name == "output":
            return [t for t in (relabel.relabel(dict(one), self.compiled) for one in self.value("targets")) if t is not None]
        raise KeyError(name)


class FileMatch(Component):
    """local.file_match: __path__ patterns to one target per file."""

    ARGUMENTS, REQUIRED = {"path_targets", "sync_period", "ignore_older_than"}, {"path_targets"}

    def export(self, name):
        if name != "targets":
            raise KeyError(name)
        return expand(self.value("path_targets"))


def expand(targets):
    return [{**one, "__path__": path} for one in targets for path in sorted(glob.glob(one.get("__path__", ""), recursive=True))
            if not (one.get("__path_exclude__") and path in glob.glob(one["__path_exclude__"], recursive=True))]


class LocalFile(Component):
    """local.file: a file's content."""

    ARGUMENTS, REQUIRED = {"filename", "detector", "poll_frequency", "is_secret"}, {"filename"}

    def export(self, name):
        if name != "content":
            raise KeyError(name)
        with open(self.value("filename"), encoding="utf-8") as file:
            return file.read()
