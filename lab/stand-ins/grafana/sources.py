"""Asking the data sources: health, and the proxy."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request

from service import Refused

# What the health check of each type asks, and says when that works.
CHECKS = {
    "prometheus": ("/api/v1/query?query=1%2B1", "Successfully queried the Prometheus API."),
    "loki": ("/loki/api/v1/query?query=vector(1)%2Bvector(1)", "Data source successfully connected."),
    "alertmanager": ("/api/v2/status", "Data source successfully connected."),
}


def fetch(source, path, data=None, headers=None):
    request = urllib.request.Request(source["url"].rstrip("/") + path, data, headers or {})
    if source["basicAuth"]:
        login = f"{source['basicAuthUser']}:{source['secure'].get('basicAuthPassword', '')}"
        request.add_header("Authorization", "Basic " + base64.b64encode(login.encode()).decode())
    return urllib.request.urlopen(request, timeout=10)


def health(source):
    """Really asks the source, as Grafana's plugins do."""
    if source["type"] not in CHECKS:
        raise Refused(404, {"message": "Plugin not found", "messageId": "plugin.notRegistered", "statusCode": 404})
    path, good = CHECKS[source["type"]]
    try:
        with fetch(source, path) as answer:
            json.loads(answer.read())
            return {"status": "OK", "message": good}
    except (OSError, ValueError) as error:
        raise Refused(400, {"status": "ERROR", "message": f"{error}: unable to query {source['url']}", "details": None}) from None


def proxy(source, request):
    path = "/" + request.match[2]
    if request.method == "GET" and request.all:
        path += "?" + urllib.parse.urlencode([(name, value) for name, values in request.all.items() for value in values])
    kind = request.headers.get("content-type")
    try:
        with fetch(source, path, request.body if request.method == "POST" else None, {"Content-Type": kind} if kind else {}) as answer:
            return answer.status, answer.read(), {"Content-Type": answer.headers.get("content-type", "application/json")}
    except urllib.error.HTTPError as error:
        raise Refused(error.code, error.read(), {"Content-Type": error.headers.get("content-type", "text/plain")}) from None
    except OSError as error:
        raise Refused(502, {"message": f"Bad Gateway: {error}"}) from None
