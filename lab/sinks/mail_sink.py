#!/usr/bin/env python3
"""A real SMTP server that delivers to a directory: STARTTLS and AUTH (PLAIN, LOGIN) required.

    MAIL_SINK_USER, MAIL_SINK_PASSWORD (or MAIL_SINK_PASSWORD_FILE)   who may send
    MAIL_SINK_DIRECTORY (/mails)   one .eml file per message, complete when it has that name
    MAIL_SINK_CERTIFICATE, MAIL_SINK_KEY   PEM files

SMTP on 2525 (STARTTLS) and 4465 (implicit TLS). HTTP on 8025: GET /messages lists the mails as JSON with
headers, text and HTML; GET /messages/ID is the raw mail; DELETE /messages forgets them; GET /health;
GET /certificate is the PEM certificate to trust.
"""

import email
import email.policy
import json
import os
import pathlib
import ssl
import time
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword

# What other servers ask, and Alertmanager insists on.
SMTP.AuthLoginUsernameChallenge = "Username:"
SMTP.AuthLoginPasswordChallenge = "Password:"

DIRECTORY = pathlib.Path(os.environ.get("MAIL_SINK_DIRECTORY", "/mails"))


def password():
    if path := os.environ.get("MAIL_SINK_PASSWORD_FILE"):
        return pathlib.Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get("MAIL_SINK_PASSWORD", "mail-password")


def authenticate(server, session, envelope, mechanism, login):
    """Whether the SMTP user and password are the ones this sink knows."""
    expected = (os.environ.get("MAIL_SINK_USER", "alerts"), password())
    accepted = isinstance(login, LoginPassword) and (login.login.decode(), login.password.decode()) == expected
    return AuthResult(success=accepted, handled=accepted)


class Delivery:
    """Writes each accepted message to the directory: temporary name first, then its own."""

    def __init__(self, implicit_tls):
        self.implicit_tls = implicit_tls

    async def handle_DATA(self, server, session, envelope):
        name = f"{time.time_ns()}-{uuid.uuid4().hex[:8]}"
        head = f"X-Lab-From: {envelope.mail_from}\r\nX-Lab-To: {', '.join(envelope.rcpt_tos)}\r\n"
        head += f"X-Lab-TLS: {'yes' if session.ssl or self.implicit_tls else 'no'}\r\n"
        temporary = DIRECTORY / f".{name}"
        temporary.write_bytes(head.encode() + envelope.original_content)
        temporary.rename(DIRECTORY / f"{name}.eml")
        print(json.dumps({"level": "info", "message": "mail stored", "id": name, "to": envelope.rcpt_tos}), flush=True)
        return "250 OK"


def describe(path):
    """A stored mail as JSON: envelope, headers, and its text and HTML parts decoded."""
    mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    parts = {kind: mail.get_body((kind,)) for kind in ("plain", "html")}
    return {
        "id": path.stem,
        "from": mail["X-Lab-From"],
        "to": [address.strip() for address in str(mail["X-Lab-To"]).split(",")],
        "tls": mail["X-Lab-TLS"] == "yes",
        "subject": mail["Subject"],
        "headers": {name: str(value) for name, value in mail.items()},
        "text": parts["plain"].get_content() if parts["plain"] else None,
        "html": parts["html"].get_content() if parts["html"] else None,
    }


class Listing(BaseHTTPRequestHandler):
    certificate = ""

    def do_GET(self):
        if self.path == "/health":
            return self.send(200, "application/json", b'{"status":"ok"}\n')
        if self.path == "/certificate":
            return self.send(200, "application/x-pem-file", pathlib.Path(self.certificate).read_bytes())
        if self.path == "/messages":
            mails = [describe(path) for path in sorted(DIRECTORY.glob("*.eml"))]
            return self.send(200, "application/json", json.dumps({"messages": mails}, indent=1).encode() + b"\n")
        raw = DIRECTORY / f"{pathlib.PurePath(self.path).name}.eml"
        if self.path.startswith("/messages/") and raw.is_file():
            return self.send(200, "message/rfc822", raw.read_bytes())
        return self.send(404, "application/json", b'{"error":"not found"}\n')

    def do_DELETE(self):
        if self.path != "/messages":
            return self.send(404, "application/json", b'{"error":"not found"}\n')
        for path in DIRECTORY.glob("*.eml"):
            path.unlink(missing_ok=True)
        return self.send(200, "application/json", b'{"status":"ok"}\n')

    def send(self, status, kind, body):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


def main():
    DIRECTORY.mkdir(parents=True, exist_ok=True)
    pair = os.environ["MAIL_SINK_CERTIFICATE"], os.environ["MAIL_SINK_KEY"]
    Listing.certificate = pair[0]
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*pair)
    common = {"hostname": "0.0.0.0", "authenticator": authenticate, "auth_required": True, "ident": "lab mail sink", "server_hostname": "mail-sink"}
    Controller(Delivery(False), port=2525, tls_context=tls, require_starttls=True, **common).start()
    Controller(Delivery(True), port=4465, ssl_context=tls, auth_require_tls=False, **common).start()
    print(json.dumps({"level": "info", "message": "listening", "smtp": [2525, 4465], "http": 8025}), flush=True)
    ThreadingHTTPServer(("", 8025), Listing).serve_forever()


if __name__ == "__main__":
    main()
