#!/usr/bin/env python3
"""Stand-in for Loki (single binary): push, query, retention and rules as Loki 3.7 answers them.

    loki -config.file=FILE [-config.expand-env=true] [-verify-config] [-print-config-stderr]
    loki -health [-health.url=URL]      loki -version

LAB_LOKI_READY_AFTER: seconds of 503 on /ready after the start (default 3; the real one takes 15).
"""

import datetime
import json
import math
import os
import pathlib
import signal
import sys
import time
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import prometheus_client
from prometheus_client import Gauge, Histogram

prometheus_client.disable_created_metrics()

import logql
from config import ConfigError, Settings, load
from ruler import Ruler
from service import Refused, Service, background, duration, go_flags, log
from store import Invalid, Store

VERSION = "3.7.6-stand-in"
FLAGS = {
    "config.file": True, "config.expand-env": False, "verify-config": False, "print-config-stderr": False, "log-config-reverse-order": False,
    "health": False, "health.url": True, "version": False, "target": True, "log.level": True, "log.format": True,
    "server.http-listen-port": True, "server.http-listen-address": True, "validation.allow-structured-metadata": False,
}
requests = Histogram("loki_request_duration_seconds", "Time to answer.", ["method", "route", "status_code", "ws"])
Gauge("loki_build_info", "Version.", ["version", "revision", "branch", "goversion"]).labels(VERSION, "stand-in", "lab", "none").set(1)


def observe(method, route, status, seconds):
    requests.labels(method, route.strip("/").replace("/", "_").replace("(.+)", "name").replace("?", "") or "root", str(status), "false").observe(seconds)


class Api:
    """Loki's HTTP endpoints over a store."""

    def __init__(self, settings):
        self.settings = settings
        self.store = Store(settings)
        self.ruler = Ruler(settings, self.store)
        self.ready_at = time.monotonic() + float(os.environ.get("LAB_LOKI_READY_AFTER", "3"))

    def service(self):
        service = Service(observe)
        for methods, path, function in (
            ("GET", "/ready", self.ready),
            ("GET", "/metrics", lambda r: (200, prometheus_client.generate_latest(), {"Content-Type": prometheus_client.CONTENT_TYPE_LATEST})),
            ("GET", "/config", lambda r: (200, self.settings.effective(), {"Content-Type": "text/plain; charset=utf-8"})),
            ("GET", "/services", lambda r: "stand-in => Running\n"),
            ("GET", "/loki/api/v1/status/buildinfo", lambda r: {"version": VERSION, "revision": "stand-in", "branch": "lab", "goVersion": "none"}),
            ("POST", "/loki/api/v1/push", self.push),
            ("GET POST", "/loki/api/v1/query", self.query),
            ("GET POST", "/loki/api/v1/query_range", self.query_range),
            ("GET POST", "/loki/api/v1/labels?", self.labels),
            ("GET POST", "/loki/api/v1/label/(.+)/values", self.label_values),
            ("GET POST", "/loki/api/v1/series", self.series),
            ("GET", "/loki/api/v1/index/stats", self.stats),
            ("GET", "/loki/api/v1/rules", self.ruler.listing),
            ("GET", "/prometheus/api/v1/rules", self.ruler.state),
            ("GET", "/prometheus/api/v1/alerts", self.ruler.alerts),
            ("POST", "/flush", lambda r: (204, "")),
        ):
            service.route(methods, path, function)
        return service

    def ready(self, request):
        if time.monotonic() < self.ready_at:
            raise Refused(503, "Ingester not ready: waiting for 15s after being ready\n")
        return "ready\n"

    def push(self, request):
        if "json" not in request.headers.get("content-type", "json"):
            raise Refused(415, "the stand-in takes JSON pushes only\n")
        try:
            streams = json.loads(request.body)["streams"]
            parsed = [(dict(stream["stream"]), [entry(*value) for value in stream["values"]]) for stream in streams]
        except (ValueError, KeyError, TypeError) as error:
            raise Refused(400, f"loghttp.PushRequest.Streams: {error}\n") from None
        problems = []
        for labels, entries in parsed:
            try:
                self.store.push({str(k): str(v) for k, v in labels.items()}, entries)
            except Invalid as invalid:
                problems.append(str(invalid))
        if problems:
            raise Refused(400, "\n".join(problems) + "\n")
        return 204, ""

    def parse(self, request):
        try:
            return logql.parse(request.query.get("query", ""))
        except logql.ParseError as error:
            raise Refused(400, str(error)) from None

    def query(self, request):
        node = self.parse(request)
        if isinstance(node, logql.Pipeline):
            raise Refused(400, "log queries are not supported as an instant query type, please change your query to a range query type")
        at = moment(request.query.get("time"), time.time())
        result = [{"metric": dict(labels), "value": [at, number(points[at])]} for labels, points in node.values(self.store, [at]).items() if at in points]
        return success("vector", result)

    def query_range(self, request):
        node = self.parse(request)
        end = moment(request.query.get("end"), time.time())
        start = moment(request.query.get("start"), end - duration(request.query.get("since", "1h")))
        if start > end:
            raise Refused(400, "end timestamp must not be before or equal to start time")
        if isinstance(node, logql.Pipeline):
            return self.log_lines(node, start, end, request)
        step = step_of(request.query.get("step"), start, end)
        if (end - start) / step > 11_000:
            raise Refused(400, "exceeded maximum resolution of 11,000 points per time series. Try increasing the value of the step parameter")
        times = [start + index * step for index in range(int((end - start) / step) + 1)]
        result = [
            {"metric": dict(labels), "values": [[time, number(points[time])] for time in times if time in points]}
            for labels, points in node.values(self.store, times).items()
        ]
        return success("matrix", result)

    def log_lines(self, pipeline, start, end, request):
        limit = int(request.query.get("limit") or 100)
        if limit > self.settings.max_entries:
            raise Refused(400, f"max entries limit per query exceeded, limit > max_entries_limit_per_query ({limit} > {self.settings.max_entries})")
        backward = request.query.get("direction", "backward").lower() != "forward"
        lines = sorted(pipeline.lines(self.store, round(start * 1e9), round(end * 1e9) + 1), key=lambda l: l[0], reverse=backward)[:limit]
        streams = {}
        for at, line, labels in lines:
            streams.setdefault(tuple(sorted(labels.items())), []).append([str(at), line])
        return success("streams", [{"stream": dict(labels), "values": values} for labels, values in streams.items()])

    def selected(self, request):
        end = moment(request.query.get("end"), time.time())
        start = moment(request.query.get("start"), end - 6 * 3600)
        selectors = request.all.get("match[]") or request.all.get("match") or ([request.query["query"]] if request.query.get("query") else [])
        try:
            pipelines = [logql.parse(selector).matchers for selector in selectors] or [[]]
        except (logql.ParseError, AttributeError) as error:
            raise Refused(400, str(error)) from None
        for matchers in pipelines:
            yield from self.store.select(matchers, round(start * 1e9), round(end * 1e9) + 1)

    def labels(self, request):
        return {"status": "success", "data": sorted({name for labels, _ in self.selected(request) for name in labels})}

    def label_values(self, request):
        name = request.match[1]
        return {"status": "success", "data": sorted({labels[name] for labels, _ in self.selected(request) if name in labels})}

    def series(self, request):
        unique = {tuple(sorted(labels.items())): labels for labels, _ in self.selected(request)}
        return {"status": "success", "data": list(unique.values())}

    def stats(self, request):
        found = list(self.selected(request))
        return {"streams": len(found), "chunks": len(found), "bytes": sum(len(e[1]) for _, es in found for e in es), "entries": sum(len(es) for _, es in found)}


def entry(at, line, metadata=None):
    return int(at), str(line), {str(k): str(v) for k, v in (metadata or {}).items()}


def success(kind, result):
    return {"status": "success", "data": {"resultType": kind, "result": result, "stats": {}}}


def number(value):
    return "NaN" if isinstance(value, float) and math.isnan(value) else f"{value:.15g}"


def moment(text, default):
    """Seconds of a time parameter: nanoseconds, seconds with a fraction, or RFC 3339."""
    if not text:
        return default
    try:
        if text.lstrip("-").isdigit():
            return int(text) / 1e9 if len(text) > 10 else float(text)
        return float(text)
    except ValueError:
        pass
    try:
        return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()
    except ValueError:
        raise Refused(400, f'could not parse timestamp: "{text}"') from None


def step_of(text, start, end):
    try:
        step = float(text) if text and text.replace(".", "", 1).isdigit() else duration(text) if text else max((end - start) // 250, 1)
    except ValueError as error:
        raise Refused(400, str(error)) from None
    if step <= 0:
        raise Refused(400, "zero or negative query resolution step widths are not accepted. Try a positive integer")
    return step


def health(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return 0 if answer.status == 200 else 1
    except OSError as error:
        print(f"health check failed: {error}", file=sys.stderr)
        return 1


def main(arguments):
    flags, _ = go_flags(arguments, FLAGS)
    if "health" in flags:
        return health(flags.get("health.url", "http://localhost:3100/ready".replace("localhost", "127.0.0.1")))
    if "version" in flags:
        print(f"loki, version {VERSION} (lab stand-in)")
        return 0
    try:
        settings = Settings(load(flags.get("config.file", "/etc/loki/local-config.yaml"), flags.get("config.expand-env") == "true"))
    except (ConfigError, ValueError, AttributeError, TypeError) as error:
        print(error if isinstance(error, ConfigError) else f"failed parsing config: {error}", file=sys.stderr)
        return 1
    if "verify-config" in flags:
        log("info", "config is valid")
        return 0
    api = Api(settings)
    background(compact, api.store, settings.compaction_interval)
    background(api.ruler.run)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    log("info", "Starting Loki (lab stand-in)", version=VERSION, port=settings.port)
    api.service().serve(settings.address, settings.port)
    return 0


def compact(store, interval):
    """First run soon after the start, then every compaction interval."""
    time.sleep(10)
    while True:
        store.apply_retention()
        time.sleep(interval)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
