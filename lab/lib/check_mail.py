"""check_mail.py ADDRESS CA_FILE: sends a mail through the lab's mail sink and finds it again."""

import json
import smtplib
import ssl
import sys
import time
import urllib.request

address, ca_file = sys.argv[1:]
tls = ssl.create_default_context(cafile=ca_file)
subject = f"lab test {time.time_ns()}"

with smtplib.SMTP(address, 2525, timeout=10) as server:
    assert server.docmd("MAIL", "FROM:<a@example.org>")[0] == 530, "accepted mail without TLS"
    server.starttls(context=tls)
    try:
        server.login("alerts", "wrong")
        raise SystemExit("accepted a wrong password")
    except smtplib.SMTPAuthenticationError:
        server.login("alerts", "mail-password")
    server.sendmail("alerts@example.org", ["ops@example.org"], f"Subject: {subject}\r\n\r\nhello\r\n")

with urllib.request.urlopen(f"http://{address}:8025/messages", timeout=10) as answer:
    mails = json.load(answer)["messages"]
assert any(mail["subject"] == subject and mail["tls"] and mail["to"] == ["ops@example.org"] for mail in mails), "the mail did not arrive"
