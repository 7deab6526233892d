#!/usr/bin/env python3
"""Stand-in for Grafana Alloy: reads the same configuration language and ships logs as the components
listed in COMPONENTS do. Metrics pipelines and the user interface are not there.

    alloy run [FLAGS] PATH        alloy validate PATH        alloy fmt [--test] [--write] FILE        alloy --version
"""

import os
import pathlib
import re
import signal
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import prometheus_client

import metrics
from discovery import DiscoveryDocker, DiscoveryRelabel, FileMatch, LocalFile
from pipeline import Echo, Process, Relabel, Write
from service import Refused, Service, log
from sources import Positions, SourceDocker, SourceFile, SourceJournal
from syntax import CONSTANTS, AlloyError, parse_file

COMPONENTS = {
    "discovery.docker": DiscoveryDocker, "discovery.relabel": DiscoveryRelabel, "local.file_match": FileMatch, "local.file": LocalFile,
    "loki.source.docker": SourceDocker, "loki.source.file": SourceFile, "loki.source.journal": SourceJournal,
    "loki.process": Process, "loki.relabel": Relabel, "loki.echo": Echo, "loki.write": Write,
}
SETTINGS = {"logging", "livedebugging", "tracing", "remotecfg", "http"}
FLAGS = {
    "storage.path", "server.http.listen-addr", "server.http.ui-path-prefix", "disable-reporting", "stability.level", "config.format",
    "server.http.enable-pprof", "server.http.memory-addr", "cluster.enabled", "feature.community-components.enabled", "log.level",
}


class Graph:
    """The components of one load of the configuration, and the scope of their expressions."""

    def __init__(self, path, storage, positions=None):
        self.storage, self.components, self.blocks = storage, {}, {}
        self.known_positions = {} if positions is None else positions
        for file in config_files(path):
            for block in parse_file(file).blocks:
                self.add(block)
        for identity in list(self.blocks):
            self.component(identity)

    def add(self, block):
        if block.name in SETTINGS:
            return
        if block.name not in COMPONENTS:
            raise AlloyError(block.place, f'cannot find the definition of component name "{block.name}"')
        if not block.label:
            raise AlloyError(block.place, f'component "{block.name}" must have a label')
        if block.id in self.blocks:
            raise AlloyError(block.place, f"block {block.id} already declared at {self.blocks[block.id].place}")
        self.blocks[block.id] = block

    def component(self, identity):
        """Built when first needed, so that files may come in any order."""
        if identity not in self.components:
            block = self.blocks[identity]
            self.components[identity] = None  # a reference back here while it is built is a cycle
            try:
                component = COMPONENTS[block.name](block, self)
                for name, expression in block.attributes.items():
                    if name in ("forward_to", "targets", "path_targets"):
                        expression(self)
            except (ValueError, KeyError, TypeError, re.error) as error:
                raise AlloyError(block.place, f"Failed to build component: {error}") from None
            self.components[identity] = component
        if self.components[identity] is None:
            raise AlloyError(self.blocks[identity].place, f"component {identity} refers to itself")
        return self.components[identity]

    def resolve(self, name, place):
        """The value of a reference like loki.write.default.receiver."""
        if name in CONSTANTS:
            return CONSTANTS[name]
        identity, _, field = name.rpartition(".")
        if identity not in self.blocks:
            raise AlloyError(place, f'component "{identity or name}" does not exist or is out of scope')
        try:
            return self.component(identity).export(field)
        except KeyError:
            raise AlloyError(place, f'field "{field}" does not exist') from None

    def positions(self, identity):
        """One per component for the life of the process: a reload goes on where the old readers stopped."""
        if self.storage and identity not in self.known_positions:
            self.known_positions[identity] = Positions(self.storage / identity / "positions.json")
        return self.known_positions.get(identity)

    def run(self):
        for component in self.components.values():
            component.run()

    def stop(self):
        for component in self.components.values():
            component.stop()

    def unhealthy(self):
        return [component.id for component in self.components.values() if component.error]


def config_files(path):
    path = pathlib.Path(path)
    if path.is_dir():
        files = sorted(path.glob("*.alloy"))
        if not files:
            raise AlloyError("", f"no .alloy files in {path}")
        return files
    return [path]


class Alloy:
    """The running graph, reloaded in place; a bad configuration leaves the old one running."""

    def __init__(self, path, storage):
        self.path, self.storage, self.graph, self.lock = path, storage, None, threading.Lock()
        self.positions = {}

    def load(self):
        with self.lock:
            try:
                graph = Graph(self.path, self.storage, self.positions)
            except AlloyError:
                metrics.load_successful.set(0)
                raise
            if self.graph:
                self.graph.stop()
                time.sleep(0.3)
            self.graph = graph
            graph.run()
            metrics.load_successful.set(1)
            metrics.load_time.set_to_current_time()

    def reload(self, request):
        try:
            self.load()
        except AlloyError as error:
            raise Refused(400, f"{error}\n") from None
        log("info", "config reloaded")
        return "config reloaded\n"

    def healthy(self, request):
        if bad := self.graph.unhealthy():
            raise Refused(500, f"unhealthy components: {', '.join(bad)}\n")
        return "All Alloy components are healthy.\n"

    def exposition(self, request):
        bad = len(self.graph.unhealthy())
        metrics.components.labels("", "/", "healthy").set(len(self.graph.components) - bad)
        metrics.components.labels("", "/", "unhealthy").set(bad)
        return 200, prometheus_client.generate_latest(), {"Content-Type": prometheus_client.CONTENT_TYPE_LATEST}

    def listing(self, request):
        return [{"name": c.block.name, "localID": c.id, "label": c.block.label, "moduleID": "",
                 "health": {"state": "unhealthy" if c.error else "healthy", "message": c.error or "started component"}}
                for c in self.graph.components.values()]


def flags_of(arguments):
    """kingpin's flags: --name=value, --name value, --switch."""
    values, words, index = {}, [], 0
    while index < len(arguments):
        word = arguments[index]
        index += 1
        if not word.startswith("-"):
            words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name not in FLAGS:
            raise AlloyError("", f"unknown flag: {word.partition('=')[0]}")
        if not equals and name not in ("disable-reporting",) and index < len(arguments):
            value = arguments[index]
            index += 1
        values[name] = value
    if len(words) != 1:
        raise AlloyError("", f"accepts 1 arg(s), received {len(words)}")
    return values, words[0]


def run(arguments):
    flags, path = flags_of(arguments)
    alloy = Alloy(path, pathlib.Path(flags.get("storage.path", "data-alloy/")))
    alloy.load()
    service = Service()
    for methods, route, function in (
        ("GET", "/-/ready", lambda r: "Alloy is ready.\n"), ("GET", "/-/healthy", alloy.healthy), ("GET POST", "/-/reload", alloy.reload),
        ("GET", "/metrics", alloy.exposition), ("GET", "/api/v0/web/components", alloy.listing), ("GET", "/", lambda r: "Alloy (lab stand-in)\n"),
    ):
        service.route(methods, route, function)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=quiet_reload, args=(alloy,)).start())
    host, _, port = flags.get("server.http.listen-addr", "127.0.0.1:12345").rpartition(":")
    log("info", "Alloy (lab stand-in) is running", version=metrics.VERSION, listen=f"{host}:{port}")
    service.serve(host, int(port))


def quiet_reload(alloy):
    try:
        alloy.load()
    except AlloyError as error:
        log("error", "failed to reload config", error=str(error))


def format_file(arguments):
    """Syntax, tabs and line ends; the real formatter also aligns and orders."""
    words = [word for word in arguments if not word.startswith("-")]
    if len(words) != 1:
        raise AlloyError("", "alloy fmt takes one file")
    parse_file(words[0])
    text = pathlib.Path(words[0]).read_text(encoding="utf-8")
    tidy = re.sub(r"^((?:    )+)", lambda m: "\t" * (len(m[1]) // 4), re.sub(r"[ \t]+$", "", text, flags=re.M), flags=re.M).rstrip("\n") + "\n"
    if {"-t", "--test"} & set(arguments):
        return 0 if tidy == text else 1
    if {"-w", "--write"} & set(arguments):
        pathlib.Path(words[0]).write_text(tidy, encoding="utf-8")
    else:
        sys.stdout.write(tidy)
    return 0


def main(arguments):
    command, rest = (arguments or [""])[0], arguments[1:]
    try:
        if command == "run":
            run(rest)
        elif command == "validate":
            _, path = flags_of(rest)
            Graph(path, None)
        elif command == "fmt":
            return format_file(rest)
        elif command in ("--version", "-v"):
            print(f"alloy, version v{metrics.VERSION} (lab stand-in)")
        else:
            print(f"unknown command {command!r}; the stand-in has run, validate, fmt, --version", file=sys.stderr)
            return 1
    except AlloyError as error:
        print(f"Error: {error}", file=sys.stderr)
        if command == "run":
            print("Error: could not perform the initial load successfully", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
