"""The lines: in memory, and appended to one file per day so that they survive a restart."""

import bisect
import json
import re
import threading
import time

from prometheus_client import Counter, Gauge

lines_received = Counter("loki_distributor_lines_received_total", "Lines received.", ["tenant", "aggregated_metric", "policy"])
bytes_received = Counter("loki_distributor_bytes_received_total", "Bytes received.", ["tenant", "retention_hours", "aggregated_metric", "policy"])
discarded = Counter("loki_discarded_samples_total", "Lines refused.", ["reason", "tenant"])
streams_gauge = Gauge("loki_ingester_memory_streams", "Streams.", ["tenant"])
Counter("loki_panic_total", "Panics.")
Counter("loki_ingester_wal_disk_full_failures_total", "Writes refused because the disk is full.")
retention_run = Gauge("loki_compactor_apply_retention_last_successful_run_timestamp_seconds", "Last retention run.")

TENANT = "fake"
SERVICE_LABELS = ("service", "app", "application", "app_name", "name", "app_kubernetes_io_name", "container", "container_name",
                  "k8s_container_name", "component", "workload", "job", "k8s_job_name")


class Invalid(Exception):
    """A push that Loki answers with 400."""


class Store:
    """Streams by label set. An entry is (nanoseconds, line, metadata)."""

    def __init__(self, settings):
        self.settings = settings
        self.streams = {}
        self.lock = threading.Lock()
        self.directory = settings.directory / "chunks"
        self.directory.mkdir(parents=True, exist_ok=True)
        (settings.directory / "compactor").mkdir(exist_ok=True)
        lines_received.labels(TENANT, "false", "").inc(0)
        bytes_received.labels(TENANT, str(int(settings.retention // 3600)), "false", "").inc(0)
        for path in sorted(self.directory.glob("*.jsonl")):
            self.read(path)
        streams_gauge.labels(TENANT).set(len(self.streams))

    def read(self, path):
        with open(path, encoding="utf-8") as file:
            for text in file:
                try:
                    labels, at, line, metadata = json.loads(text)
                except ValueError:
                    continue  # the end of a file that a crash cut
                self.insert(labels, (at, line, metadata))

    def push(self, labels, entries):
        """Adds the entries of one stream; Invalid after all acceptable ones are stored, as Loki does."""
        if not labels:
            raise Invalid("error at least one label pair is required per stream")
        for name in labels:
            if not re.fullmatch(r"[a-zA-Z_:][a-zA-Z0-9_:]*", name):
                raise Invalid(f"stream '{show(labels)}' has invalid label name: '{name}'")
        if self.settings.discover_service and "service_name" not in labels:
            found = next((labels[name] for name in SERVICE_LABELS if labels.get(name)), "unknown_service")
            labels = {**labels, "service_name": found}
        if len(labels) > self.settings.max_labels:
            discarded.labels("max_label_names_per_series", TENANT).inc(len(entries))
            raise Invalid(f"entry for stream '{show(labels)}' has {len(labels)} label names; limit {self.settings.max_labels}")
        problem = None
        accepted = []
        for entry in entries:
            try:
                accepted.append(self.admit(labels, *entry))
            except Invalid as invalid:
                problem = problem or invalid
        self.keep(labels, accepted)
        if problem:
            raise problem

    def admit(self, labels, at, line, metadata):
        now = time.time_ns()
        if self.settings.reject_old and at < now - self.settings.max_age * 1e9:
            discarded.labels("greater_than_max_sample_age", TENANT).inc()
            raise Invalid(f"entry for stream '{show(labels)}' has timestamp too old: {stamp(at)}, oldest acceptable timestamp is: {stamp(now - int(self.settings.max_age * 1e9))}")
        if at > now + 600 * 10**9:
            discarded.labels("too_far_in_future", TENANT).inc()
            raise Invalid(f"entry for stream '{show(labels)}' has timestamp too new: {stamp(at)}")
        if len(line.encode()) > self.settings.max_line:
            discarded.labels("line_too_long", TENANT).inc()
            if not self.settings.truncate:
                raise Invalid(f"max entry size '{self.settings.max_line}' bytes exceeded for stream '{show(labels)}' while adding an entry with length '{len(line)}' bytes")
            line = line.encode()[: self.settings.max_line].decode("utf-8", "ignore")
        return at, line, {"detected_level": detect_level(labels, line, metadata), **metadata}

    def keep(self, labels, entries):
        if not entries:
            return
        lines_received.labels(TENANT, "false", "").inc(len(entries))
        bytes_received.labels(TENANT, str(int(self.settings.retention // 3600)), "false", "").inc(sum(len(e[1]) for e in entries))
        day = time.strftime("%Y-%m-%d", time.gmtime())
        text = "".join(json.dumps([labels, *entry]) + "\n" for entry in entries)
        with self.lock, open(self.directory / f"{day}.jsonl", "a", encoding="utf-8") as file:
            file.write(text)
            for entry in entries:
                self.insert(labels, entry)
        streams_gauge.labels(TENANT).set(len(self.streams))

    def insert(self, labels, entry):
        """Keeps a stream in order of time. The same line at the same time is one entry."""
        _, entries = self.streams.setdefault(tuple(sorted(labels.items())), (labels, []))
        if not entries or entries[-1][0] < entry[0]:
            entries.append(entry)
            return
        at = bisect.bisect_left(entries, entry[0], key=lambda e: e[0])
        while at < len(entries) and entries[at][0] == entry[0]:
            if entries[at][1] == entry[1]:
                return
            at += 1
        entries.insert(at, entry)

    def select(self, matchers, start, end):
        """(labels, entries) of every matching stream, entries with start <= time < end."""
        with self.lock:
            for labels, entries in list(self.streams.values()):
                if all(matcher(labels) for matcher in matchers):
                    low = bisect.bisect_left(entries, start, key=lambda e: e[0])
                    high = bisect.bisect_left(entries, end, key=lambda e: e[0])
                    if low < high:
                        yield labels, entries[low:high]

    def apply_retention(self):
        """Deletes what is older than the retention period and the delay, in memory and on disk."""
        if not (self.settings.retention_enabled and self.settings.retention):
            return
        oldest = time.time() - self.settings.retention - self.settings.delete_delay
        with self.lock:
            for key, (_, entries) in list(self.streams.items()):
                del entries[: bisect.bisect_left(entries, int(oldest * 1e9), key=lambda e: e[0])]
                if not entries:
                    del self.streams[key]
        keep_from = time.strftime("%Y-%m-%d", time.gmtime(oldest))
        for path in self.directory.glob("*.jsonl"):
            if path.stem < keep_from:
                path.unlink()
        retention_run.set_to_current_time()


def detect_level(labels, line, metadata):
    """Loki's own guess at a level: from labels or metadata, from a JSON or logfmt field, from words."""
    for source in (metadata, labels):
        for name in ("detected_level", "level", "severity"):
            if source.get(name):
                return normal_level(source[name])
    match = re.search(r'"?(?:level|lvl|severity)"?\s*[:=]\s*"?([A-Za-z]+)', line, re.I)
    if match:
        return normal_level(match[1])
    match = re.search(r"\b(fatal|critical|error|err|warn|warning|debug|trace|info)\b", line, re.I)
    return normal_level(match[1]) if match else "unknown"


def normal_level(word):
    word = str(word).lower()
    return {"err": "error", "warning": "warn", "information": "info", "crit": "critical", "trc": "trace", "dbg": "debug"}.get(word, word)


def show(labels):
    return "{" + ", ".join(f'{name}="{value}"' for name, value in sorted(labels.items())) + "}"


def stamp(nanoseconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(nanoseconds / 1e9))
