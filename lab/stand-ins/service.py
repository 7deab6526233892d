"""What the stand-ins share: a small HTTP server, JSON logs, and Go-style flags."""

import datetime
import gzip
import json
import re
import sys
import threading
import time
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MAX_BODY = 16 << 20


def log(level, message, **fields):
    """One JSON line on standard error."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
    sys.stderr.write(json.dumps({"ts": now, "level": level, "msg": message, **fields}, default=str) + "\n")
    sys.stderr.flush()


class Refused(Exception):
    """Ends a request with a status and a body; the body is JSON unless it is text."""

    def __init__(self, status, body, headers=None):
        super().__init__(str(body))
        self.status, self.body, self.headers = status, body, headers or {}


class Request:
    """One HTTP request: path, query and form parameters (first values and all values), headers, body."""

    def __init__(self, handler):
        url = urllib.parse.urlsplit(handler.path)
        self.method, self.path, self.headers = handler.command, url.path, handler.headers
        length = min(int(handler.headers.get("content-length") or 0), MAX_BODY)
        self.body = handler.rfile.read(length)
        if handler.headers.get("content-encoding") == "gzip":
            self.body = gzip.decompress(self.body)
        self.all = urllib.parse.parse_qs(url.query, keep_blank_values=True)
        if "form-urlencoded" in handler.headers.get("content-type", ""):
            for name, values in urllib.parse.parse_qs(self.body.decode("utf-8", "replace")).items():
                self.all.setdefault(name, []).extend(values)
        self.query = {name: values[0] for name, values in self.all.items()}
        self.match = None

    def json(self):
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Refused(400, {"message": f"bad request data: {error}"}) from None


class Service:
    """Routes requests to functions that take a Request and return a body, or (status, body[, headers]).
    A dict or list is sent as JSON, str and bytes as text."""

    def __init__(self, observe=None):
        self.routes = []
        self.observe = observe or (lambda method, route, status, seconds: None)

    def route(self, methods, pattern, function):
        """PATTERN is a regular expression for the whole path; its groups are in request.match."""
        self.routes.append((methods.split(), re.compile(pattern), pattern, function))

    def find(self, request):
        """The route and function of a request."""
        allowed = False
        for methods, pattern, route, function in self.routes:
            request.match = pattern.fullmatch(request.path)
            if not request.match:
                continue
            if request.method in methods or (request.method == "HEAD" and "GET" in methods):
                return route, function
            allowed = True
        raise Refused(405 if allowed else 404, "method not allowed\n" if allowed else "404 page not found\n")

    def handler(self):
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                began, route = time.perf_counter(), "other"
                try:
                    request = Request(self)
                    route, function = service.find(request)
                    answer = function(request)
                    status, body, headers = (*answer, {})[:3] if isinstance(answer, tuple) else (200, answer, {})
                except Refused as refused:
                    status, body, headers = refused.status, refused.body, refused.headers
                except Exception as error:
                    log("error", "request failed", path=self.path, error=repr(error))
                    status, body, headers = 500, {"message": "internal error"}, {}
                service.observe(self.command, route, status, time.perf_counter() - began)
                self.send(status, body, headers)

            do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do_HEAD = handle_any

            def send(self, status, body, headers):
                kind = "text/plain; charset=utf-8"
                if not isinstance(body, (str, bytes)):
                    body, kind = json.dumps(body), "application/json"
                data = body.encode() if isinstance(body, str) else body
                self.send_response(status)
                for name, value in {"Content-Type": kind, **headers}.items():
                    self.send_header(name, value)
                if status != 204:
                    self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                if self.command != "HEAD" and status != 204:
                    self.wfile.write(data)

            def log_message(self, *arguments):
                pass

        return Handler

    def serve(self, host, port):
        Server((host, port), self.handler()).serve_forever()


class Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that went away is nobody's error; anything else was logged where it happened."""


def background(function, *arguments):
    threading.Thread(target=function, args=arguments, daemon=True).start()


def go_flags(arguments, known):
    """Flags as Go programs take them (-name=value, --name value, -switch) and the other words.
    KNOWN maps names to whether they take a value; an unknown flag ends the program with status 2."""
    values, words, index = {}, [], 0
    while index < len(arguments):
        word = arguments[index]
        index += 1
        if not word.startswith("-") or word == "-":
            words.append(word)
            continue
        name, equals, value = word.lstrip("-").partition("=")
        if name not in known:
            sys.stderr.write(f"flag provided but not defined: -{name}\n")
            raise SystemExit(2)
        if equals or not known[name]:
            values[name] = value if equals else "true"
        elif index < len(arguments):
            values[name] = arguments[index]
            index += 1
        else:
            sys.stderr.write(f"flag needs an argument: -{name}\n")
            raise SystemExit(2)
    return values, words


_UNITS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800, "y": 31536000}


def duration(text):
    """Seconds of a duration as Prometheus, Loki and Go write it ('1h30m', '7d', '0'); ValueError if it is none."""
    text = str(text).strip()
    if text in ("0", "0.0"):
        return 0.0
    parts = re.findall(r"([0-9.]+)(ns|us|µs|ms|s|m|h|d|w|y)", text)
    if not parts or "".join(number + unit for number, unit in parts) != text:
        raise ValueError(f'not a valid duration string: "{text}"')
    return sum(float(number) * _UNITS[unit] for number, unit in parts)
