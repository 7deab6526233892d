"""What Grafana keeps in grafana.db: users, login attempts, data sources, dashboards."""

import hashlib
import json
import os
import pathlib
import sqlite3
import threading
import time

SCHEMA = """
CREATE TABLE IF NOT EXISTS user (id INTEGER PRIMARY KEY, login TEXT UNIQUE, email TEXT, name TEXT, salt BLOB, hash BLOB, role TEXT, admin INTEGER);
CREATE TABLE IF NOT EXISTS login_attempt (login TEXT, at REAL);
CREATE TABLE IF NOT EXISTS data_source (id INTEGER PRIMARY KEY, name TEXT UNIQUE, uid TEXT UNIQUE, json TEXT, provisioned INTEGER);
CREATE TABLE IF NOT EXISTS dashboard (id INTEGER PRIMARY KEY, uid TEXT UNIQUE, title TEXT, folder TEXT, file TEXT, provider TEXT, json TEXT, version INTEGER);
CREATE TABLE IF NOT EXISTS annotation (id INTEGER PRIMARY KEY, json TEXT);
"""
ATTEMPTS, WINDOW = 5, 300


class Database:
    """One SQLite file, shared with `grafana cli`. Each thread has its own connection."""

    def __init__(self, directory):
        self.path = pathlib.Path(directory) / "grafana.db"
        self.local = threading.local()
        self.execute("PRAGMA journal_mode = WAL")
        for statement in SCHEMA.split(";"):
            self.execute(statement)

    def execute(self, statement, arguments=()):
        """Rows as dictionaries; committed at once."""
        if not hasattr(self.local, "connection"):
            self.local.connection = sqlite3.connect(self.path, timeout=10, isolation_level=None)
            self.local.connection.row_factory = sqlite3.Row
        return [dict(row) for row in self.local.connection.execute(statement, arguments).fetchall()]

    def one(self, statement, arguments=()):
        return next(iter(self.execute(statement, arguments)), None)

    # Users

    def create_admin(self, login, password):
        """Only in an empty database: later changes of the setting do nothing, as in Grafana."""
        if not self.one("SELECT id FROM user WHERE admin = 1"):
            self.create_user(login, f"{login}@localhost", "", password, "Admin", True)

    def create_user(self, login, email, name, password, role="Viewer", admin=False):
        salt = os.urandom(16)
        self.execute("INSERT INTO user (login, email, name, salt, hash, role, admin) VALUES (?, ?, ?, ?, ?, ?, ?)",
                     (login, email, name, salt, digest(password, salt), role, int(admin)))
        return self.one("SELECT id FROM user WHERE login = ?", (login,))["id"]

    def set_password(self, identity, password):
        salt = os.urandom(16)
        self.execute("UPDATE user SET salt = ?, hash = ? WHERE id = ?", (salt, digest(password, salt), identity))

    def authenticate(self, login, password, protected=True):
        """The user, or None. Five failures in five minutes refuse a name whatever the password."""
        failures = self.one("SELECT count(*) AS n FROM login_attempt WHERE login = ? AND at > ?", (login, time.time() - WINDOW))["n"]
        if protected and failures >= ATTEMPTS:
            return None
        user = self.one("SELECT * FROM user WHERE login = ? OR email = ?", (login, login))
        if user and digest(password, user["salt"]) == user["hash"]:
            return user
        self.execute("INSERT INTO login_attempt VALUES (?, ?)", (login, time.time()))
        return None

    # Data sources and dashboards

    def data_sources(self):
        return [{"id": row["id"], **json.loads(row["json"]), "readOnly": bool(row["provisioned"])} for row in self.execute("SELECT * FROM data_source ORDER BY name")]

    def save_data_source(self, source):
        row = self.one("SELECT id FROM data_source WHERE name = ?", (source["name"],))
        if row:
            self.execute("UPDATE data_source SET uid = ?, json = ? WHERE id = ?", (source["uid"], json.dumps(source), row["id"]))
        else:
            self.execute("INSERT INTO data_source (name, uid, json, provisioned) VALUES (?, ?, ?, ?)",
                         (source["name"], source["uid"], json.dumps(source), int(not source.get("editable"))))

    def dashboards(self):
        return self.execute("SELECT * FROM dashboard ORDER BY title")

    def save_dashboard(self, dashboard, folder, file, provider):
        text = json.dumps(dashboard, sort_keys=True)
        old = self.one("SELECT * FROM dashboard WHERE uid = ?", (dashboard["uid"],))
        if not old:
            self.execute("INSERT INTO dashboard (uid, title, folder, file, provider, json, version) VALUES (?, ?, ?, ?, ?, ?, 1)",
                         (dashboard["uid"], dashboard["title"], folder, file, provider, text))
        elif (old["json"], old["folder"], old["file"]) != (text, folder, file):
            self.execute("UPDATE dashboard SET title = ?, folder = ?, file = ?, provider = ?, json = ?, version = version + 1 WHERE id = ?",
                         (dashboard["title"], folder, file, provider, text, old["id"]))


def digest(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password.encode(), salt, 10_000)
