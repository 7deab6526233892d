#!/usr/bin/env python3
"""Stand-in for Traefik: a small reverse proxy with Traefik's metrics, ping and JSON access log.

    traefik [--FLAG=VALUE ...]      traefik healthcheck --ping      traefik version

LAB_TRAEFIK_SERVICES: routes by path prefix, longest first: "/=backend@docker=http://backend:3000 ...".
Requests on entry point web (80); metrics and /ping on entry point traefik (8080).
"""

import http.client
import json
import os
import pathlib
import signal
import sys
import time
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram

from service import BaseHTTPRequestHandler, Server, Service, background, log

prometheus_client.disable_created_metrics()
VERSION = "3.7.11-stand-in"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "proxy-authorization", "content-length", "server", "date"}


def family(kind):
    """Requests, durations and bytes of one kind of thing: an entry point or a service."""
    labels = ["code", "method", "protocol", kind]
    return (
        Counter(f"traefik_{kind}_requests_total", "Requests.", labels),
        Histogram(f"traefik_{kind}_request_duration_seconds", "Time to answer.", labels, buckets=BUCKETS),
        Counter(f"traefik_{kind}_requests_bytes_total", "Bytes in.", labels),
        Counter(f"traefik_{kind}_responses_bytes_total", "Bytes out.", labels),
    )


entrypoints, services = family("entrypoint"), family("service")
open_connections = Gauge("traefik_open_connections", "Open connections.", ["entrypoint", "protocol"])
server_up = Gauge("traefik_service_server_up", "Whether a server answers.", ["service", "url"])
certificates = Gauge("traefik_tls_certs_not_after", "When certificates end.", ["cn", "sans", "serial"])
Gauge("traefik_config_last_reload_success", "Last reload.").set_to_current_time()
Counter("traefik_config_reloads_total", "Reloads.").inc()


def routes():
    """(prefix, service name, url), longest prefix first."""
    given = [entry.split("=", 2) for entry in os.environ.get("LAB_TRAEFIK_SERVICES", "").split()]
    return sorted(given, key=lambda route: -len(route[0]))


class Proxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    table = routes()

    def handle_any(self):
        began = time.perf_counter()
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), 16 << 20))
        route = next((route for route in self.table if self.path.startswith(route[0])), None)
        if route:
            status, headers, answer = self.forward(route[2], body)
        else:
            status, headers, answer = 404, {"Content-Type": "text/plain; charset=utf-8"}, b"404 page not found\n"
        self.measure(route, status, time.perf_counter() - began, len(body), len(answer))
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer)

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = handle_any

    def forward(self, url, body):
        target = urllib.parse.urlsplit(url)
        connection = http.client.HTTPConnection(target.hostname, target.port or 80, timeout=30)
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        headers["X-Forwarded-For"] = self.client_address[0]
        try:
            connection.request(self.command, self.path, body or None, headers)
            answer = connection.getresponse()
            kept = {name: value for name, value in answer.getheaders() if name.lower() not in HOP_BY_HOP}
            return answer.status, kept, answer.read()
        except (OSError, http.client.HTTPException):
            return 502, {"Content-Type": "text/plain; charset=utf-8"}, b"Bad Gateway"
        finally:
            connection.close()

    def measure(self, route, status, seconds, received, sent):
        things = [(entrypoints, "web")] + ([(services, route[1])] if route else [])
        for (requests, durations, bytes_in, bytes_out), name in things:
            labels = (str(status), self.command, "http", name)
            requests.labels(*labels).inc()
            durations.labels(*labels).observe(seconds)
            bytes_in.labels(*labels).inc(received)
            bytes_out.labels(*labels).inc(sent)
        entry = {"RequestMethod": self.command, "RequestPath": self.path, "DownstreamStatus": status, "Duration": int(seconds * 1e9),
                 "ServiceName": route[1] if route else "-", "entryPointName": "web", "level": "info", "msg": "",
                 "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        sys.stdout.write(json.dumps(entry) + "\n")
        sys.stdout.flush()

    def setup(self):
        open_connections.labels("web", "TCP").inc()
        super().setup()

    def finish(self):
        open_connections.labels("web", "TCP").dec()
        super().finish()

    def log_message(self, *arguments):
        pass


def watch_servers():
    """Asks every server for anything, as a load balancer's health check does."""
    while True:
        for _, name, url in Proxy.table:
            target = urllib.parse.urlsplit(url)
            try:
                connection = http.client.HTTPConnection(target.hostname, target.port or 80, timeout=5)
                connection.request("GET", "/metrics")
                server_up.labels(name, url).set(1 if connection.getresponse().status < 500 else 0)
                connection.close()
            except (OSError, http.client.HTTPException):
                server_up.labels(name, url).set(0)
        time.sleep(10)


def main(arguments):
    if arguments[:1] == ["version"]:
        print(f"Version: {VERSION}")
        return 0
    if arguments[:1] == ["healthcheck"]:
        try:
            with urllib.request.urlopen("http://127.0.0.1:8080/ping", timeout=5):
                return 0
        except OSError as error:
            print(f"Error calling healthcheck: {error}", file=sys.stderr)
            return 1
    open_connections.labels("web", "TCP").set(0)
    certificates.labels("lab.example", "lab.example", "1").set(time.time() + 80 * 86400)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    background(Server(("", 80), Proxy).serve_forever)
    background(watch_servers)
    log("info", "Traefik (lab stand-in) is running", version=VERSION)
    inner = Service()
    inner.route("GET", "/ping", lambda r: "OK")
    inner.route("GET", "/metrics", lambda r: (200, prometheus_client.generate_latest(), {"Content-Type": prometheus_client.CONTENT_TYPE_LATEST}))
    inner.serve("", 8080)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
