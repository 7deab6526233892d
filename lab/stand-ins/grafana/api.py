"""Grafana's HTTP API, as far as deploying and checking a monitoring stack goes."""

import base64
import json
import re
import secrets
import sqlite3

import prometheus_client

import provisioning
import sources
from service import Refused, Service

VERSION = "12.4.5"
COMMIT = "stand-in"


def message(status, text, identity=""):
    return Refused(status, {"message": text, "messageId": identity, "statusCode": status, "traceID": ""})


class Api:
    def __init__(self, grafana, observe):
        self.grafana, self.database, self.settings = grafana, grafana.database, grafana.settings
        self.sessions = {}
        self.service = Service(observe)
        self.open_routes()
        for methods, path, function in (
            ("GET", "/api/org/?", self.org),
            ("GET", "/api/user", lambda r, user: public(user)),
            ("PUT", "/api/user/password", self.change_password),
            ("GET", "/api/users", lambda r, user: [public(row) for row in self.database.execute("SELECT * FROM user")]),
            ("GET", "/api/users/lookup", self.look_up_user),
            ("GET", "/api/org/users", lambda r, user: [{**public(row), "userId": row["id"], "role": row["role"]} for row in self.database.execute("SELECT * FROM user")]),
            ("PATCH", "/api/org/users/([0-9]+)", self.set_role),
            ("POST", "/api/admin/users", self.add_user),
            ("PUT", "/api/admin/users/([0-9]+)/password", self.set_password),
            ("GET", "/api/datasources", lambda r, user: [shown(one) for one in self.database.data_sources()]),
            ("GET", "/api/datasources/uid/([^/]+)", lambda r, user: shown(self.source(r))),
            ("GET", "/api/datasources/name/([^/]+)", lambda r, user: shown(self.source(r, "name"))),
            ("GET", "/api/datasources/uid/([^/]+)/health", lambda r, user: sources.health(self.source(r))),
            ("GET POST", "/api/datasources/proxy/uid/([^/]+)/(.*)", lambda r, user: sources.proxy(self.source(r), r)),
            ("PUT DELETE", "/api/datasources/uid/([^/]+)", self.change_source),
            ("GET", "/api/search/?", self.search),
            ("GET", "/api/folders", lambda r, user: [folder_of(name) for name in self.folders()]),
            ("GET", "/api/dashboards/uid/([^/]+)", self.dashboard),
            ("POST", "/api/dashboards/db", self.save_dashboard),
            ("POST", "/api/admin/provisioning/datasources/reload", self.reload_sources),
            ("POST", "/api/admin/provisioning/dashboards/reload", self.reload_dashboards),
            ("GET POST", "/api/annotations", self.annotations),
            ("GET", "/api/admin/stats", lambda r, user: {"dashboards": len(self.database.dashboards()), "datasources": len(self.database.data_sources())}),
        ):
            self.service.route(methods, path, self.signed_in(function))

    def open_routes(self):
        health = json.dumps({"database": "ok", "version": VERSION, "commit": COMMIT}, indent=2)
        page = '<!DOCTYPE html><html><head><title>Grafana</title></head><body><h1>Grafana (lab stand-in)</h1><form method="post" action="/login"></form></body></html>\n'
        for methods, path, function in (
            ("GET", "/api/health", lambda r: (200, health, {"Content-Type": "application/json; charset=UTF-8"})),
            ("GET", "/healthz", lambda r: "Ok"),
            ("GET", "/login", lambda r: (200, page, {"Content-Type": "text/html; charset=UTF-8"})),
            ("POST", "/login", self.log_in),
            ("GET", "/logout", lambda r: (302, "", {"Location": "/login"})),
            ("GET", "/metrics", self.metrics),
            ("GET", "/", lambda r: (302, '<a href="/login">Found</a>.\n', {"Location": "/login", "Content-Type": "text/html; charset=utf-8"})),
            ("GET", "/robots.txt", lambda r: "User-agent: *\nDisallow: /\n"),
        ):
            self.service.route(methods, path, function)

    # Who asks

    def signed_in(self, function):
        return lambda request: function(request, self.user(request))

    def user(self, request):
        """The user of a request; a 401 without one."""
        header = request.headers.get("authorization", "")
        if header.lower().startswith("basic ") and self.settings.on("auth.basic", "enabled"):
            try:
                login, _, password = base64.b64decode(header[6:]).decode().partition(":")
            except ValueError:
                raise message(400, "Invalid Basic Auth Header", "basic-auth.invalid-header") from None
            return self.check(login, password)
        session = re.search(r"grafana_session=([0-9a-f]+)", request.headers.get("cookie", ""))
        if session and session[1] in self.sessions:
            return self.database.one("SELECT * FROM user WHERE id = ?", (self.sessions[session[1]],))
        if self.settings.on("auth.anonymous", "enabled"):
            return {"id": 0, "login": "", "email": "", "name": "Anonymous", "role": "Viewer", "admin": 0}
        raise message(401, "Unauthorized", "auth.unauthorized")

    def check(self, login, password):
        user = self.database.authenticate(login, password, not self.settings.on("security", "disable_brute_force_login_protection"))
        if not user:
            raise message(401, "Invalid username or password", "password-auth.failed")
        return user

    def admin(self, user):
        if not user["admin"]:
            raise message(403, "You'll need additional permissions to perform this action.", "accesscontrol.permission-denied")

    def log_in(self, request):
        given = request.json() or {}
        user = self.check(str(given.get("user", "")), str(given.get("password", "")))
        session = secrets.token_hex(16)
        self.sessions[session] = user["id"]
        return 200, {"message": "Logged in", "redirectUrl": "/"}, {"Set-Cookie": f"grafana_session={session}; Path=/; HttpOnly; SameSite=Lax"}

    def metrics(self, request):
        if not self.settings.on("metrics", "enabled"):
            raise Refused(404, "not found\n")
        login, password = self.settings.get("metrics", "basic_auth_username"), self.settings.get("metrics", "basic_auth_password")
        if login and request.headers.get("authorization") != "Basic " + base64.b64encode(f"{login}:{password}".encode()).decode():
            raise Refused(401, "", {"WWW-Authenticate": 'Basic realm="Grafana"'})
        return 200, prometheus_client.generate_latest(), {"Content-Type": prometheus_client.CONTENT_TYPE_LATEST}

    # Users

    def org(self, request, user):
        return {"id": 1, "name": "Main Org.", "address": {"address1": "", "address2": "", "city": "", "zipCode": "", "state": "", "country": ""}}

    def policy(self, password):
        """The password policy of [auth.basic], when it is on."""
        strong = len(password) >= 12 and all(re.search(kind, password) for kind in (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^A-Za-z0-9]"))
        if len(password) < 4:
            raise message(400, "New password is too short")
        if self.settings.on("auth.basic", "password_policy") and not strong:
            raise message(400, "New password doesn't comply with the password policy")
        return password

    def change_password(self, request, user):
        given = request.json()
        self.check(user["login"], given.get("oldPassword", ""))
        self.database.set_password(user["id"], self.policy(given.get("newPassword", "")))
        return {"message": "User password changed"}

    def set_password(self, request, user):
        self.admin(user)
        self.database.set_password(int(request.match[1]), self.policy(request.json().get("password", "")))
        return {"message": "User password updated"}

    def add_user(self, request, user):
        self.admin(user)
        given = request.json()
        login = given.get("login") or given.get("email")
        if not login:
            raise message(400, "Validation error, need specify either username or email")
        try:
            identity = self.database.create_user(login, given.get("email", ""), given.get("name", ""), self.policy(given.get("password", "")))
        except sqlite3.IntegrityError:
            raise message(412, f"User with email '{given.get('email', '')}' or username '{login}' already exists") from None
        return {"id": identity, "uid": f"u{identity}", "message": "User created"}

    def look_up_user(self, request, user):
        self.admin(user)
        name = request.query.get("loginOrEmail", "")
        found = self.database.one("SELECT * FROM user WHERE login = ? OR email = ?", (name, name))
        if not found:
            raise message(404, "user not found", "user.not-found")
        return public(found)

    def set_role(self, request, user):
        self.admin(user)
        role = request.json().get("role")
        if role not in ("Viewer", "Editor", "Admin", "None"):
            raise message(400, "Invalid role specified")
        self.database.execute("UPDATE user SET role = ? WHERE id = ?", (role, int(request.match[1])))
        return {"message": "Organization user updated"}

    # Data sources and dashboards

    def source(self, request, key="uid"):
        for one in self.database.data_sources():
            if one[key] == request.match[1]:
                return one
        raise message(404, "Data source not found")

    def change_source(self, request, user):
        self.admin(user)
        source = self.source(request)
        if source["readOnly"]:
            raise message(403, f"Cannot {'delete' if request.method == 'DELETE' else 'update'} read-only data source")
        if request.method != "DELETE":
            raise message(501, "the stand-in changes data sources only by provisioning")
        self.database.execute("DELETE FROM data_source WHERE uid = ?", (source["uid"],))
        return {"id": source["id"], "message": "Data source deleted", "name": source["name"]}

    def folders(self):
        return sorted({row["folder"] for row in self.database.dashboards() if row["folder"]})

    def search(self, request, user):
        kind, text, tag = request.query.get("type", ""), request.query.get("query", "").lower(), request.query.get("tag", "")
        found = []
        if kind in ("", "dash-folder"):
            found += [{**folder_of(name), "type": "dash-folder", "tags": []} for name in self.folders() if text in name.lower()]
        for row in self.database.dashboards() if kind in ("", "dash-db") else []:
            tags = json.loads(row["json"]).get("tags") or []
            if text in row["title"].lower() and (not tag or tag in tags):
                found.append(summary(row, tags))
        limit = int(request.query.get("limit") or 1000)
        return found[: min(limit, 5000)]

    def dashboard(self, request, user):
        row = self.database.one("SELECT * FROM dashboard WHERE uid = ?", (request.match[1],))
        if not row:
            raise message(404, "Dashboard not found")
        folder = folder_of(row["folder"]) if row["folder"] else {"uid": "", "title": "General", "url": "", "id": 0}
        editable = any(p.name == row["provider"] and p.editable for p in self.grafana.providers)
        meta = {
            "type": "db", "canSave": editable, "canEdit": True, "canAdmin": bool(user["admin"]), "canStar": True, "slug": slug(row["title"]),
            "url": f"/d/{row['uid']}/{slug(row['title'])}", "version": row["version"], "isFolder": False, "folderId": folder["id"],
            "folderUid": folder["uid"], "folderTitle": folder["title"], "folderUrl": folder["url"], "provisioned": True, "provisionedExternalId": row["file"],
        }
        return {"meta": meta, "dashboard": {**json.loads(row["json"]), "id": row["id"], "version": row["version"]}}

    def save_dashboard(self, request, user):
        given = (request.json() or {}).get("dashboard") or {}
        row = self.database.one("SELECT * FROM dashboard WHERE uid = ?", (given.get("uid", ""),))
        if row and not any(p.name == row["provider"] and p.editable for p in self.grafana.providers):
            raise message(400, "Cannot save provisioned dashboard")
        raise message(501, "the stand-in changes dashboards only by provisioning")

    def reload_sources(self, request, user):
        self.admin(user)
        try:
            provisioning.provision_data_sources(self.settings.get("paths", "provisioning"), self.database)
        except provisioning.ProvisioningError as error:
            raise message(500, str(error)) from None
        return {"message": "Datasources config reloaded"}

    def reload_dashboards(self, request, user):
        self.admin(user)
        try:
            self.grafana.providers = provisioning.providers(self.settings.get("paths", "provisioning"))
            provisioning.provision_dashboards(self.grafana.providers, self.database)
        except provisioning.ProvisioningError as error:
            raise message(500, str(error)) from None
        return {"message": "Dashboards config reloaded"}

    def annotations(self, request, user):
        if request.method == "GET":
            return [{"id": row["id"], **json.loads(row["json"])} for row in self.database.execute("SELECT * FROM annotation ORDER BY id DESC LIMIT 100")]
        self.database.execute("INSERT INTO annotation (json) VALUES (?)", (json.dumps(request.json()),))
        return {"message": "Annotation added", "id": self.database.one("SELECT max(id) AS id FROM annotation")["id"]}


def public(user):
    return {"id": user["id"], "uid": f"u{user['id']}", "login": user["login"], "email": user["email"], "name": user["name"],
            "isGrafanaAdmin": bool(user["admin"]), "orgId": 1, "isDisabled": False}


def shown(source):
    """A data source without its secrets."""
    return {key: value for key, value in source.items() if key not in ("secure", "editable", "correlations")}


def slug(title):
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")


def folder_of(name):
    uid = "f" + slug(name)
    return {"id": sum(name.encode()), "uid": uid, "title": name, "url": f"/dashboards/f/{uid}/{slug(name)}"}


def summary(row, tags):
    folder = folder_of(row["folder"]) if row["folder"] else None
    more = {"folderId": folder["id"], "folderUid": folder["uid"], "folderTitle": folder["title"], "folderUrl": folder["url"]} if folder else {}
    return {"id": row["id"], "uid": row["uid"], "orgId": 1, "title": row["title"], "uri": f"db/{slug(row['title'])}",
            "url": f"/d/{row['uid']}/{slug(row['title'])}", "slug": "", "type": "dash-db", "tags": tags, "isStarred": False, "sortMeta": 0, **more}
