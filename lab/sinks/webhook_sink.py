#!/usr/bin/env python3
"""Keeps the last webhooks it got, in memory.

    POST /any/path      stored, answered 200 (with ?status=500 in the address: that status instead)
    GET  /received      all of them as JSON, oldest first: path, headers, body, receivedAt; ?path=/x selects one path
    DELETE /received    forgets them
    GET  /health
"""

import collections
import datetime
import json
import os
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

received = collections.deque(maxlen=1000)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        url = urllib.parse.urlsplit(self.path)
        body = self.rfile.read(min(int(self.headers.get("content-length") or 0), 4 << 20)).decode("utf-8", "replace")
        try:
            body = json.loads(body)
        except ValueError:
            pass  # kept as text
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        received.append({"path": url.path, "headers": dict(self.headers), "body": body, "receivedAt": now})
        self.send(int(dict(urllib.parse.parse_qsl(url.query)).get("status", 200)), {"status": "ok"})

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        path = dict(urllib.parse.parse_qsl(url.query)).get("path")
        if url.path == "/health":
            self.send(200, {"status": "ok"})
        elif url.path == "/received":
            self.send(200, {"received": [hook for hook in received if path in (None, hook["path"])]})
        else:
            self.send(404, {"error": "not found"})

    def do_DELETE(self):
        received.clear()
        self.send(200, {"status": "ok"})

    def send(self, status, answer):
        body = json.dumps(answer, indent=1).encode() + b"\n"
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("", int(os.environ.get("WEBHOOK_SINK_PORT", "8026"))), Handler).serve_forever()
