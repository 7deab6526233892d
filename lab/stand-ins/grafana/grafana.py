#!/usr/bin/env python3
"""Stand-in for Grafana: settings, provisioning, users and API as Grafana 12 has them; no user interface.

    grafana server [--homepath DIR] [--config FILE]
    grafana cli [--homepath DIR] admin reset-admin-password [--password-from-stdin | PASSWORD]
    grafana --version
"""

import os
import pathlib
import signal
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

import prometheus_client
from prometheus_client import Gauge, Histogram

prometheus_client.disable_created_metrics()

import provisioning
from api import VERSION, Api
from database import Database
from service import background, log
from settings import Settings, SettingsError

requests = Histogram("grafana_http_request_duration_seconds", "Time to answer.", ["handler", "method", "status_code", "status_source", "slo_group"])
Gauge("grafana_build_info", "Version.", ["version", "revision", "branch", "goversion", "edition"]).labels(VERSION, "stand-in", "lab", "none", "oss").set(1)
dashboards = Gauge("grafana_stat_totals_dashboard", "Dashboards.")
data_sources = Gauge("grafana_stat_total_datasources", "Data sources.")


def observe(method, route, status, seconds):
    requests.labels(route, method, str(status), "server" if status >= 500 else "downstream", "none").observe(seconds)


class Grafana:
    """Settings, database and providers of one process."""

    def __init__(self, settings):
        self.settings = settings
        self.database = Database(settings.get("paths", "data"))
        self.database.create_admin(settings.get("security", "admin_user"), settings.get("security", "admin_password"))
        directory = settings.get("paths", "provisioning")
        provisioning.provision_data_sources(directory, self.database)
        self.providers = provisioning.providers(directory)
        provisioning.provision_dashboards(self.providers, self.database)
        dashboards.set_function(lambda: len(self.database.dashboards()))
        data_sources.set_function(lambda: len(self.database.data_sources()))


def option(arguments, name, default):
    """The value of --name=value or --name value."""
    for index, word in enumerate(arguments):
        if word.startswith(f"--{name}="):
            return word.partition("=")[2]
        if word == f"--{name}" and index + 1 < len(arguments):
            return arguments[index + 1]
    return default


def serve(settings):
    grafana = Grafana(settings)
    background(provisioning.keep_dashboards_fresh, grafana)
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    host, port = settings.get("server", "http_addr"), int(settings.get("server", "http_port"))
    log("info", "Grafana (lab stand-in) is running", version=VERSION, port=port, dashboards=len(grafana.database.dashboards()))
    Api(grafana, observe).service.serve(host, port)


def reset_admin_password(settings, arguments):
    words = [word for word in arguments[arguments.index("reset-admin-password") + 1:] if not word.startswith("-")]
    password = sys.stdin.readline().rstrip("\n") if "--password-from-stdin" in arguments else (words or [""])[0]
    if len(password) < 4:
        raise SettingsError("New password is too short")
    database = Database(settings.get("paths", "data"))
    admin = database.one("SELECT * FROM user WHERE admin = 1 ORDER BY id")
    if not admin:
        raise SettingsError("could not read user from database. Error: user not found")
    database.set_password(admin["id"], password)
    print("\nAdmin password changed successfully ✔")


def main(arguments):
    if arguments[:1] in (["--version"], ["-v"]):
        print(f"grafana version {VERSION} (lab stand-in)")
        return 0
    try:
        settings = Settings(option(arguments, "config", os.environ.get("GF_PATHS_CONFIG", "/etc/grafana/grafana.ini")))
        if arguments[:1] == ["server"]:
            serve(settings)
        elif arguments[:1] == ["cli"] and "reset-admin-password" in arguments:
            reset_admin_password(settings, arguments)
        else:
            raise SettingsError("the stand-in has: server, cli admin reset-admin-password, --version")
    except (SettingsError, provisioning.ProvisioningError, OSError) as error:
        log("error", "Stopped background service", error=str(error))
        print(f"Error: ✗ {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
