"""loki.process, loki.relabel, loki.echo, loki.write: what happens to a line, and where it goes."""

import base64
import json
import queue
import time
import urllib.error
import urllib.parse
import urllib.request

import metrics
import relabel
from component import Component, check
from service import background, duration, log
from stages import STAGES, Multiline
from syntax import AlloyError


class Process(Component):
    ARGUMENTS, REQUIRED = {"forward_to"}, {"forward_to"}
    BLOCKS = {f"stage.{name}": None for name in STAGES}

    def build(self):
        self.apply = self.chain(self.block.blocks)

    def chain(self, blocks):
        """One function for a list of stage blocks, which stage.match may hold more of."""
        stages = []
        for index, block in enumerate(blocks):
            build, attributes, required = STAGES[block.name.removeprefix("stage.")]
            nested = self.BLOCKS if block.name == "stage.match" else {inner.name: None for inner in block.blocks if block.name == "stage.metrics"}
            check(block, attributes, required, nested)
            try:
                if build is Multiline:
                    rest = self.chain(blocks[index + 1:])
                    stages.append(Multiline(self.values(block), lambda item, rest=rest: self.finish(rest(item))))
                else:
                    stages.append(build(self.values(block), self.chain(block.blocks) if nested and block.name == "stage.match" else None))
            except (ValueError, KeyError, TypeError) as error:
                raise AlloyError(block.place, f"invalid {block.name}: {error}") from None

        def run(item):
            for stage in stages:
                item = stage(item)
                if item is None:
                    return None
            return item

        return run

    def export(self, name):
        if name != "receiver":
            raise KeyError(name)
        return self

    def receive(self, item):
        self.finish(self.apply(item))

    def finish(self, item):
        if item is not None:
            self.forward(item)


class Relabel(Component):
    ARGUMENTS, REQUIRED, BLOCKS = {"forward_to", "max_cache_size"}, {"forward_to"}, {"rule": (relabel.ATTRIBUTES, {})}

    def build(self):
        self.compiled = self.rules()

    def export(self, name):
        return {"receiver": self, "rules": self.compiled}[name]

    def receive(self, item):
        labels = relabel.relabel(item.labels, self.compiled)
        if labels is not None:
            item.labels = labels
            self.forward(item)


class Echo(Component):
    def export(self, name):
        return {"receiver": self}[name]

    def receive(self, item):
        log("info", "echo", labels=item.labels, line=item.line)


class Write(Component):
    """loki.write: batches per endpoint, tries again with growing pauses, then gives up and counts it."""

    ARGUMENTS = {"max_streams", "external_labels"}
    ENDPOINT = {
        "url", "name", "headers", "batch_wait", "batch_size", "remote_timeout", "tenant_id", "min_backoff_period", "max_backoff_period",
        "max_backoff_retries", "retry_on_http_429", "bearer_token", "bearer_token_file", "follow_redirects", "enable_http2", "proxy_url",
    }
    BLOCKS = {
        "endpoint": (ENDPOINT, {"basic_auth": ({"username", "password", "password_file"}, {}), "tls_config": None, "queue_config": None, "authorization": None}),
        "wal": None,
    }

    def build(self):
        self.external = self.value("external_labels", {})
        self.endpoints = [Endpoint(self, block) for block in self.block.all("endpoint")]

    def run(self):
        for endpoint in self.endpoints:
            background(endpoint.run)

    def export(self, name):
        return {"receiver": self}[name]

    def receive(self, item):
        for endpoint in self.endpoints:
            endpoint.put(item)


class Endpoint:
    def __init__(self, component, block):
        values = component.values(block)
        if not values.get("url"):
            raise AlloyError(block.place, 'missing required attribute "url"')
        self.component, self.url, self.headers = component, values["url"], dict(values.get("headers") or {})
        self.wait, self.retries = duration(values.get("batch_wait", "1s")), int(values.get("max_backoff_retries", 10))
        self.pause, self.longest_pause = duration(values.get("min_backoff_period", "500ms")), duration(values.get("max_backoff_period", "5m"))
        self.queue = queue.Queue(50_000)
        for auth in block.all("basic_auth"):
            login = component.values(auth)
            password = login.get("password") or open(login["password_file"], encoding="utf-8").read().strip()
            self.headers["Authorization"] = "Basic " + base64.b64encode(f"{login.get('username', '')}:{password}".encode()).decode()
        if values.get("tenant_id"):
            self.headers["X-Scope-OrgID"] = values["tenant_id"]
        self.labels = (component.id, "/", urllib.parse.urlsplit(self.url).netloc)
        metrics.sent_entries.labels(*self.labels)
        metrics.dropped_entries.labels(*self.labels, "ingester_error")

    def put(self, item):
        try:
            self.queue.put_nowait(item)
        except queue.Full:
            metrics.dropped_entries.labels(*self.labels, "queue_is_full").inc()

    def run(self):
        while not self.component.stopped:
            batch = [self.queue.get()]
            time.sleep(self.wait)
            while len(batch) < 5000 and not self.queue.empty():
                batch.append(self.queue.get_nowait())
            self.send(batch)

    def send(self, batch):
        streams = {}
        for item in batch:
            labels = {**{k: str(v) for k, v in self.component.external.items()}, **item.labels}
            value = [str(item.at), item.line] + ([item.metadata] if item.metadata else [])
            streams.setdefault(tuple(sorted(labels.items())), []).append(value)
        body = json.dumps({"streams": [{"stream": dict(labels), "values": values} for labels, values in streams.items()]}).encode()
        for attempt in range(self.retries):
            status, answer = self.post(body)
            if status < 300:
                metrics.sent_entries.labels(*self.labels).inc(len(batch))
                metrics.sent_bytes.labels(*self.labels).inc(len(body))
                self.component.error = None
                return
            if 400 <= status < 500 and status != 429:
                break
            self.component.error = answer
            time.sleep(min(self.pause * 2**attempt, self.longest_pause))
        log("error", "final error sending batch", component=self.component.id, status=status, error=answer)
        metrics.dropped_entries.labels(*self.labels, "ingester_error").inc(len(batch))

    def post(self, body):
        """(status, text); 599 when there was no answer."""
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json", **self.headers})
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read(500).decode("utf-8", "replace").strip()
        except OSError as error:
            return 599, str(error)
