"""The few calls of Docker's HTTP API that the stand-ins need, over its Unix socket."""

import http.client
import json
import socket
import urllib.parse


class Connection(http.client.HTTPConnection):
    def __init__(self, path, timeout):
        super().__init__("docker", timeout=timeout)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class Docker:
    """Errors are OSError or http.client.HTTPException, as they come."""

    def __init__(self, host="unix:///var/run/docker.sock"):
        self.socket = host.removeprefix("unix://")

    def open(self, path, timeout=10, **query):
        connection = Connection(self.socket, timeout)
        connection.request("GET", f"{path}?{urllib.parse.urlencode(query)}")
        answer = connection.getresponse()
        if answer.status != 200:
            raise OSError(f"docker answered {answer.status} to {path}: {answer.read(500).decode('utf-8', 'replace').strip()}")
        return answer

    def json(self, path, **query):
        with self.open(path, **query) as answer:
            return json.loads(answer.read())

    def containers(self, everything=False):
        return self.json("/containers/json", all="1" if everything else "0")

    def inspect(self, identity):
        return self.json(f"/containers/{identity}/json")

    def stats(self, identity):
        return self.json(f"/containers/{identity}/stats", **{"stream": "false", "one-shot": "true"})

    def logs(self, identity, since):
        """Endless (stream name, line with time stamp) from a container, from SINCE (seconds) on."""
        tty = self.inspect(identity)["Config"]["Tty"]
        # No time limit: a container may be silent for hours; the answer ends when the container does.
        answer = self.open(f"/containers/{identity}/logs", timeout=None, follow="1", stdout="1", stderr="1", timestamps="1", since=since)
        yield from (raw_lines if tty else framed_lines)(answer)


def raw_lines(answer):
    for line in answer:
        yield "stdout", line.decode("utf-8", "replace").rstrip("\r\n")


def framed_lines(answer):
    """Frames of 8 bytes (1 or 2, three zeros, length) and text; a frame may hold part of a line."""
    partial = {}
    while len(header := answer.read(8)) == 8:
        name = {1: "stdout", 2: "stderr"}.get(header[0], "stdout")
        text = partial.pop(name, b"") + answer.read(int.from_bytes(header[4:], "big"))
        *lines, rest = text.split(b"\n")
        if rest:
            partial[name] = rest
        for line in lines:
            yield name, line.decode("utf-8", "replace")
