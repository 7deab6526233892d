"""loki.source.docker, loki.source.file, loki.source.journal: readers that remember how far they came."""

import http.client
import json
import os
import pathlib
import threading
import time

import metrics
import relabel
from component import Component
from discovery import expand
from docker_api import Docker
from service import background, log
from stages import Item, parse_time


class Positions:
    """How far each source was read, in a file that is replaced whole."""

    def __init__(self, path):
        self.path, self.lock, self.changed = path, threading.Lock(), False
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self.values = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            self.values = {}
        background(self.save_often)

    def get(self, key):
        return self.values.get(key)

    def set(self, key, value):
        with self.lock:
            self.values[key], self.changed = value, True

    def save_often(self):
        while True:
            time.sleep(1)
            self.save()

    def save(self):
        with self.lock:
            if not self.changed:
                return
            temporary = self.path.with_suffix(".tmp")
            temporary.write_text(json.dumps(self.values), encoding="utf-8")
            os.replace(temporary, self.path)
            self.changed = False


class Reader(Component):
    """Looks for targets every few seconds and reads each new one in a thread of its own."""

    def build(self):
        self.reading = set()
        self.positions = self.scope.positions(self.id)
        self.compiled = self.rules()

    def run(self):
        background(self.watch)

    def watch(self):
        while not self.stopped:
            try:
                for key, labels in self.targets():
                    if key not in self.reading:
                        self.reading.add(key)
                        background(self.read_safely, key, labels)
            except Exception as error:
                self.error = str(error)
            time.sleep(1)

    def read_safely(self, key, labels):
        try:
            self.read(key, labels)
        except (OSError, http.client.HTTPException, ValueError, KeyError) as error:
            log("warn", "reading ended", component=self.id, target=key, error=str(error))
            time.sleep(1)
        finally:
            self.reading.discard(key)

    def deliver(self, labels, at, line):
        final = relabel.relabel(labels, self.compiled)
        if final is not None:
            self.forward(Item(relabel.public(final), at, line))


class SourceDocker(Reader):
    ARGUMENTS = {"host", "targets", "forward_to", "labels", "relabel_rules", "refresh_interval"}
    REQUIRED = {"host", "targets", "forward_to"}
    BLOCKS = {"http_client_config": None}

    def build(self):
        super().build()
        self.docker = Docker(self.value("host"))
        metrics.docker_entries.labels(self.id, "/")

    def targets(self):
        fixed = self.value("labels", {})
        return [(one["__meta_docker_container_id"], {**fixed, **one}) for one in self.value("targets") if one.get("__meta_docker_container_id")]

    def read(self, identity, labels):
        since = self.positions.get(identity) or 0
        for stream, text in self.docker.logs(identity, f"{since // 10**9}.{since % 10**9:09d}"):
            if self.stopped:
                return
            stamp, _, line = text.partition(" ")
            at = parse_time(stamp, "RFC3339Nano")
            # Docker's 'since' includes the moment itself: what was read is not read again.
            if at is None or at <= since:
                continue
            since = at
            metrics.docker_entries.labels(self.id, "/").inc()
            self.deliver({**labels, "__meta_docker_container_log_stream": stream}, at, line)
            self.positions.set(identity, since)


class SourceFile(Reader):
    ARGUMENTS = {"targets", "forward_to", "encoding", "tail_from_end", "legacy_positions_file", "on_positions_file_error"}
    REQUIRED = {"targets", "forward_to"}
    BLOCKS = {"file_match": ({"enabled", "sync_period", "ignore_older_than"}, {}), "decompression": None, "file_watch": None}

    def targets(self):
        found = self.value("targets")
        if any(self.values(block).get("enabled") for block in self.block.all("file_match")):
            found = expand(found)
        return [(one["__path__"], {**one, "filename": one["__path__"]}) for one in found]

    def read(self, path, labels):
        """Follows a file over truncation and renaming until it is gone."""
        with open(path, "rb") as file:
            inode = os.fstat(file.fileno()).st_ino
            offset = self.positions.get(path)
            size = os.fstat(file.fileno()).st_size
            if offset is None:
                offset = size if self.value("tail_from_end") else 0
            file.seek(offset if offset <= size else 0)
            while not self.stopped:
                line = file.readline()
                if line.endswith(b"\n"):
                    metrics.file_lines.labels(self.id, "/", path).inc()
                    self.deliver(labels, time.time_ns(), line.decode("utf-8", "replace").rstrip("\r\n"))
                    self.positions.set(path, file.tell())
                    continue
                file.seek(-len(line), os.SEEK_CUR)
                if not pathlib.Path(path).exists() or os.stat(path).st_ino != inode:
                    self.positions.set(path, 0)
                    return
                if os.fstat(file.fileno()).st_size < file.tell():
                    file.seek(0)
                time.sleep(0.25)


class SourceJournal(Component):
    """The lab's hosts keep no journal: accepted, and silent."""

    ARGUMENTS = {"format_as_json", "max_age", "path", "matches", "forward_to", "relabel_rules", "labels"}
    REQUIRED = {"forward_to"}

    def run(self):
        path = self.value("path", "/var/log/journal")
        log("info", "the stand-in reads no journal", component=self.id, path=path, exists=pathlib.Path(path).exists())
