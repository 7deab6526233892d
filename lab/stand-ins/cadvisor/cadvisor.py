#!/usr/bin/env python3
"""Stand-in for cAdvisor: container_* and machine_* metrics of the running containers, from Docker's API.

    cadvisor [-port 8080] [-listen_ip ''] [cAdvisor's other flags]

Flags are checked as cAdvisor's are: an unknown one, or an unknown name in -disable_metrics, ends it.
"""

import datetime
import http.client
import os
import pathlib
import signal
import sys
import time
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from docker_api import Docker
from service import Service, background, go_flags, log

VERSION = "0.60.5-stand-in"
FLAGS = {
    "port": True, "listen_ip": True, "docker": True, "docker_only": False, "housekeeping_interval": True, "max_housekeeping_interval": True,
    "global_housekeeping_interval": True, "storage_duration": True, "store_container_labels": False, "whitelisted_container_labels": True,
    "disable_metrics": True, "enable_metrics": True, "logtostderr": False, "v": True, "prometheus_endpoint": True, "raw_cgroup_prefix_whitelist": True,
    "disable_root_cgroup_stats": False, "allow_dynamic_housekeeping": False, "env_metadata_whitelist": True, "containerd": True, "http_auth_file": True,
    "application_metrics_count_limit": True, "event_storage_event_limit": True, "perf_events_config": True, "profiling": False, "url_base_prefix": True,
}
KINDS = {
    "advtcp", "app", "cpu", "cpuLoad", "cpu_topology", "cpuset", "disk", "diskIO", "hugetlb", "memory", "memory_numa", "network", "oom_event",
    "percpu", "perf_event", "pressure", "process", "referenced_memory", "resctrl", "sched", "tcp", "udp",
}


class Metrics:
    """The text exposition, built anew at each reading."""

    def __init__(self):
        self.families = {}

    def add(self, name, kind, help_text, labels, value):
        text = ",".join(f'{key}="{escape(val)}"' for key, val in labels.items())
        self.families.setdefault(name, (kind, help_text, []))[2].append(f"{name}{{{text}}} {value}")

    def text(self):
        lines = []
        for name, (kind, help_text, samples) in self.families.items():
            lines += [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}", *samples]
        return "\n".join(lines) + "\n"


def escape(value):
    return str(value).replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")


def seconds(stamp):
    try:
        return datetime.datetime.fromisoformat(stamp[:19] + "+00:00").timestamp()
    except ValueError:
        return 0


class Collector:
    """Reads all containers every housekeeping interval; a page is always the last complete reading."""

    def __init__(self, flags):
        self.docker = Docker(flags.get("docker", "unix:///var/run/docker.sock"))
        self.disabled = set(filter(None, flags.get("disable_metrics", "").split(",")))
        self.labels = [name for name in flags.get("whitelisted_container_labels", "").split(",") if name]
        self.all_labels = flags.get("store_container_labels", "true") != "false"
        self.page = ""

    def run(self):
        while True:
            try:
                self.page = self.read()
            except (OSError, http.client.HTTPException, ValueError) as error:
                log("error", "reading containers failed", error=str(error))
            time.sleep(5)

    def read(self):
        out = Metrics()
        out.add("cadvisor_version_info", "gauge", "Version.", {"cadvisorVersion": VERSION, "dockerVersion": "", "kernelVersion": os.uname().release, "osVersion": ""}, 1)
        out.add("machine_cpu_cores", "gauge", "Processors.", {}, os.cpu_count())
        out.add("machine_memory_bytes", "gauge", "Memory.", {}, os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"))
        with ThreadPoolExecutor(8) as pool:
            for details, stats in pool.map(self.look, [container["Id"] for container in self.docker.containers()]):
                if details:
                    self.container(out, details, stats)
        return out.text()

    def look(self, identity):
        """(inspect, stats); both None if the container went away meanwhile."""
        try:
            return self.docker.inspect(identity), self.docker.stats(identity)
        except OSError:
            return None, None

    def container(self, out, details, stats):
        labels = {"id": f"/docker/{details['Id']}", "image": details["Config"]["Image"], "name": details["Name"].lstrip("/")}
        for name, value in (details["Config"]["Labels"] or {}).items():
            if self.all_labels or name in self.labels:
                labels["container_label_" + "".join(c if c.isalnum() else "_" for c in name)] = value
        add = lambda name, kind, value, **more: out.add(f"container_{name}", kind, "See cAdvisor.", {**labels, **more}, value)
        host, state = details["HostConfig"], details["State"]
        add("last_seen", "gauge", time.time())
        add("start_time_seconds", "gauge", seconds(state["StartedAt"]))
        add("health_state", "gauge", {"healthy": 1, "unhealthy": 0, "starting": 0}.get((state.get("Health") or {}).get("Status"), -1))
        add("spec_memory_limit_bytes", "gauge", host.get("Memory") or 0)
        add("spec_cpu_shares", "gauge", host.get("CpuShares") or 1024)
        add("spec_cpu_period", "gauge", 100000)
        if host.get("NanoCpus"):
            add("spec_cpu_quota", "gauge", host["NanoCpus"] // 10000)
        if "oom_event" not in self.disabled:
            add("oom_events_total", "counter", 1 if state.get("OOMKilled") else 0)
        self.processor(add, stats)
        self.memory(add, stats.get("memory_stats") or {})
        if "network" not in self.disabled:
            self.network(add, stats.get("networks") or {})
        if "diskIO" not in self.disabled:
            self.disk(add, stats.get("blkio_stats") or {})

    def processor(self, add, stats):
        usage, throttling = stats["cpu_stats"]["cpu_usage"], stats["cpu_stats"].get("throttling_data") or {}
        add("cpu_usage_seconds_total", "counter", usage["total_usage"] / 1e9, cpu="total")
        add("cpu_user_seconds_total", "counter", usage["usage_in_usermode"] / 1e9)
        add("cpu_system_seconds_total", "counter", usage["usage_in_kernelmode"] / 1e9)
        add("cpu_cfs_periods_total", "counter", throttling.get("periods", 0))
        add("cpu_cfs_throttled_periods_total", "counter", throttling.get("throttled_periods", 0))
        add("cpu_cfs_throttled_seconds_total", "counter", throttling.get("throttled_time", 0) / 1e9)
        add("threads", "gauge", (stats.get("pids_stats") or {}).get("current", 0))

    def memory(self, add, stats):
        detail = stats.get("stats") or {}
        usage = stats.get("usage", 0)
        inactive = detail.get("total_inactive_file", detail.get("inactive_file", 0))
        add("memory_usage_bytes", "gauge", usage)
        add("memory_working_set_bytes", "gauge", max(usage - inactive, 0))
        add("memory_rss", "gauge", detail.get("total_rss", detail.get("anon", 0)))
        add("memory_cache", "gauge", detail.get("total_cache", detail.get("file", 0)))
        add("memory_max_usage_bytes", "gauge", stats.get("max_usage", usage))
        add("memory_failcnt", "counter", stats.get("failcnt", 0))

    def network(self, add, interfaces):
        for interface, counts in interfaces.items():
            for direction, short in (("receive", "rx"), ("transmit", "tx")):
                for what in ("bytes", "packets", "errors", "dropped"):
                    unit = {"dropped": "packets_dropped"}.get(what, what)
                    add(f"network_{direction}_{unit}_total", "counter", counts.get(f"{short}_{what}", 0), interface=interface)

    def disk(self, add, blkio):
        """Docker reports nothing for a container that did no I/O; cAdvisor has the series all the same."""
        totals = {"read": 0, "write": 0}
        for row in blkio.get("io_service_bytes_recursive") or []:
            if row["op"].lower() in totals:
                totals[row["op"].lower()] += row["value"]
        add("fs_reads_bytes_total", "counter", totals["read"], device="/dev/root")
        add("fs_writes_bytes_total", "counter", totals["write"], device="/dev/root")


def main(arguments):
    flags, _ = go_flags(arguments, FLAGS)
    for name in ("disable_metrics", "enable_metrics"):
        for kind in filter(None, flags.get(name, "").split(",")):
            if kind not in KINDS:
                print(f'invalid value "{flags[name]}" for flag -{name}: unsupported metric "{kind}" specified in {name}', file=sys.stderr)
                return 2
    collector = Collector(flags)
    background(collector.run)
    service = Service()
    service.route("GET", "/healthz", lambda r: "ok")
    service.route("GET", "/metrics", lambda r: (200, collector.page, {"Content-Type": "text/plain; version=0.0.4; charset=utf-8"}))
    service.route("GET", "/", lambda r: "cAdvisor (lab stand-in)\n")
    signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
    log("info", "cAdvisor (lab stand-in) is running", version=VERSION)
    service.serve(flags.get("listen_ip", ""), int(flags.get("port", "8080")))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
