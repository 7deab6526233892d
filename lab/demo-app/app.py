#!/usr/bin/env python3
"""The lab's demo app: a small web service worth monitoring.

    GET  /                      who I am
    GET  /api/v1/health         {"status":"ok"}; 503 once /tune?unhealthy=1
    GET  /work?ms=50&status=200 answers after so many milliseconds with that status
    POST /events?kind=booking   takes an event, which a worker stores in PostgreSQL (GET lists the newest)
    POST /tune?NAME=VALUE       worker_paused, queue_depth, worker_error_ratio, heap_mb, unhealthy, metrics_as_html; 0 undoes
    GET  /metrics[?names=S0,S4] Prometheus metrics, by the official client library

Environment: DEMO_PORT (3000), DEMO_ROLE (api, worker or all), DEMO_DATABASE (libpq connection string without
a password), DEMO_DATABASE_PASSWORD_FILE, DEMO_REDIS (URL), DEMO_METRICS, DEMO_LOG_FILE, DEMO_PULSE_SECONDS (1),
DEMO_TRAFFIC_SECONDS (1; requests to itself so that graphs are never empty; 0 turns either off),
DEMO_TRAFFIC_URL (where those go: itself, or a proxy before it).
"""

import json
import os
import time
import urllib.parse
import urllib.request
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

import log
import metrics
import worker
from storage import Database, Queue

PORT = int(os.environ.get("DEMO_PORT", "3000"))
ROLE = os.environ.get("DEMO_ROLE", "all")
SYSTEMS = os.environ.get("DEMO_METRICS", "")

queue, database, tuning, ballast = Queue(), Database(), {}, []


def take_event(kind):
    """Counts an event and hands it to the worker."""
    metrics.events_received.inc()
    if kind == "booking":
        metrics.bookings.inc()
    elif kind == "payment":
        metrics.payments.labels("approved").inc()
    queue.push(kind)


def index(query):
    return 200, {"app": "opsctl lab demo app", "role": ROLE}


def health(query):
    return (503, {"status": "unhealthy"}) if tuning.get("unhealthy") else (200, {"status": "ok"})


def work(query):
    time.sleep(min(float(query.get("ms", 0)), 60_000) / 1000)
    status = int(query.get("status", 200))
    return status if 200 <= status <= 599 else 400, {"done": True}


def events(query):
    if "kind" in query:
        take_event(query["kind"][:40])
        return 202, {"accepted": 1}
    newest = database.execute("select", "SELECT id, kind FROM events ORDER BY id DESC LIMIT 10")
    return 200, {"events": [{"id": number, "kind": kind} for number, kind in newest]}


def tune(query):
    for name, value in query.items():
        tuning[name] = float(value)
    ballast[:] = [bytearray(int(tuning.get("heap_mb", 0)) << 20)]
    return 200, tuning


ROUTES = {"/": index, "/api/v1/health": health, "/work": work, "/events": events, "/tune": tune}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.discard_body()
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        if url.path == "/metrics":
            self.send_metrics(query.get("names", SYSTEMS))
        else:
            self.send_measured(url.path, query)

    do_POST = do_GET

    def discard_body(self):
        self.rfile.read(min(int(self.headers.get("content-length") or 0), 1 << 20))

    def send_metrics(self, systems):
        metrics.last_backup.set(time.time() - 3600)
        used = 48 << 20
        metrics.heap_used.set(used + sum(map(len, ballast)))
        metrics.heap_total.set((used << 1) + sum(map(len, ballast)))
        try:
            body = generate_latest(metrics.registry(ROLE, systems))
        except KeyError as name:
            return self.send(400, {"error": f"unknown system {name}"})
        self.send_bytes(200, "text/html" if tuning.get("metrics_as_html") else CONTENT_TYPE_LATEST, body)

    def send_measured(self, path, query):
        """Runs a route; then metrics and one log line, before the answer is complete, so that whoever
        got the answer finds them."""
        began = time.perf_counter()
        route = path if path in ROUTES else "unknown"
        with metrics.http_in_flight.track_inprogress():
            try:
                status, answer = ROUTES[path](query) if path in ROUTES else (404, {"error": "not found"})
            except Exception as error:
                status, answer = 500, {"error": str(error).strip()}
        seconds = time.perf_counter() - began
        self.measure(route, status, seconds)
        level = "error" if status >= 500 else "warn" if status >= 400 else "info"
        log.write(
            level, "request completed", method=self.command, path=path, status=status,
            durationMs=round(seconds * 1000, 2), duration=round(seconds * 1000, 2),
            tenantId=self.headers.get("x-tenant-id"), requestId=self.headers.get("x-request-id") or str(uuid.uuid4()),
            userAgent=self.headers.get("user-agent"), error=answer.get("error") if status >= 500 else None,
        )
        self.send(status, answer)

    def measure(self, route, status, seconds):
        labels = (self.command, route, str(status))
        metrics.http_requests.labels(*labels).inc()
        metrics.http_duration.labels(*labels).observe(seconds)
        if status >= 500:
            metrics.http_errors.labels(*labels).inc()
        if tenant := self.headers.get("x-tenant-id"):
            metrics.tenant_requests.labels(tenant[:64], route).inc()

    def send(self, status, answer):
        self.send_bytes(status, "application/json", json.dumps(answer).encode() + b"\n")

    def send_bytes(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def traffic(seconds):
    """A trickle of requests to itself, on another path and for another tenant than any check uses."""
    base = os.environ.get("DEMO_TRAFFIC_URL", f"http://127.0.0.1:{PORT}")
    while True:
        time.sleep(seconds)
        try:
            request = urllib.request.Request(f"{base}/work?ms=5", headers={"x-tenant-id": "lab"})
            urllib.request.urlopen(request, timeout=10).close()
        except OSError:
            pass


class Server(ThreadingHTTPServer):
    request_queue_size = 256
    daemon_threads = True


def main():
    if ROLE in ("worker", "all"):
        worker.start(worker.Worker(queue, database, tuning).run)
    if ROLE in ("api", "all"):
        if pulse := float(os.environ.get("DEMO_PULSE_SECONDS", "1")):
            worker.start(worker.pulse, take_event, queue, database, pulse)
        if pause := float(os.environ.get("DEMO_TRAFFIC_SECONDS", "1")):
            worker.start(traffic, pause)
    log.write("info", "listening", port=PORT, role=ROLE)
    Server(("", PORT), Handler).serve_forever()


if __name__ == "__main__":
    main()
