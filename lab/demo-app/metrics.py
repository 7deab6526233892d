"""Every metric of the demo app, by the system that asks for its name.

One program speaks for five monitoring systems (S0 BarberPro, S1 Koprogo, S2 ClientForge, S3 cluster,
S4 analytics). All names are exported unless DEMO_METRICS names systems, as in DEMO_METRICS=S2,S4.
DEMO_ROUTE_LABEL and DEMO_STATUS_LABEL rename two labels, which differ between frameworks.
"""

import os

from prometheus_client import GC_COLLECTOR, PLATFORM_COLLECTOR, REGISTRY, Counter, Gauge, Histogram, disable_created_metrics

disable_created_metrics()
for collector in (GC_COLLECTOR, PLATFORM_COLLECTOR):
    REGISTRY.unregister(collector)

ROUTE = os.environ.get("DEMO_ROUTE_LABEL", "route")
STATUS = os.environ.get("DEMO_STATUS_LABEL", "status")
LATENCY = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

# All systems
http_requests = Counter("http_requests_total", "Requests answered.", ["method", ROUTE, STATUS])
http_errors = Counter("http_request_errors_total", "Requests answered with 5xx.", ["method", ROUTE, STATUS])
http_duration = Histogram("http_request_duration_seconds", "Time to answer.", ["method", ROUTE, STATUS], buckets=LATENCY)
http_in_flight = Gauge("http_requests_in_flight", "Requests being answered.")
# A failed request has a series before the first one happens, so that a rate of zero is zero.
http_errors.labels("GET", "/work", "500")

# S0 BarberPro
bookings = Counter("booking_created_total", "Bookings made.")
payments = Counter("payment_processed_total", "Payments taken.", ["status"])

# S1 Koprogo
last_backup = Gauge("koprogo_last_backup_timestamp_seconds", "When the last backup ended.")

# S2 ClientForge (a Node program; here the heap is this process's own simulated one)
heap_used = Gauge("nodejs_heap_size_used_bytes", "Heap in use.")
heap_total = Gauge("nodejs_heap_size_total_bytes", "Heap reserved.")
tenant_requests = Counter("clientforge_tenant_requests_total", "Requests by tenant.", ["tenantId", "endpoint"])
forge_queue_depth = Gauge("clientforge_queue_depth", "Jobs waiting.", ["queue"])

# S4 analytics
events_received = Counter("events_received_total", "Events taken in.")
queue_depth = Gauge("queue_depth", "Events waiting.", ["queue"])
queue_capacity = Gauge("queue_capacity", "Most events that may wait.", ["queue"])
queue_operations = Counter("queue_operations_total", "Queue operations.", ["queue", "operation"])
worker_events = Counter("worker_events_processed_total", "Events processed.", ["status"])
worker_errors = Counter("worker_errors_total", "Failed events by reason.", ["error_type"])
worker_batch_size = Histogram("worker_batch_size", "Events per batch.", buckets=(1, 5, 10, 25, 50, 100, 250, 500, 1000))
worker_batch_duration = Histogram("worker_batch_duration_seconds", "Time per batch.", buckets=LATENCY)
db_queries = Histogram("db_query_duration_seconds", "Time per query.", ["operation", "table"], buckets=LATENCY)
db_pool = Gauge("db_pool_connections", "Connections of the pool.", ["state"])
db_pool_max = Gauge("db_pool_max_connections", "Size of the pool.")
cache_operations = Counter("cache_operations_total", "Cache look-ups.", ["operation", "result"])
last_event = Gauge("last_event_processed_timestamp_seconds", "When the newest event was stored.")

_COMMON = [
    "http_requests_total", "http_request_errors_total", "http_request_duration_seconds", "http_requests_in_flight",
    "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds",
]
_SYSTEMS = {
    "S0": ["booking_created_total", "payment_processed_total"],
    "S1": ["koprogo_last_backup_timestamp_seconds"],
    "S2": [
        "nodejs_heap_size_used_bytes", "nodejs_heap_size_total_bytes",
        "clientforge_tenant_requests_total", "clientforge_queue_depth",
    ],
    "S3": [],
    "S4": [
        "events_received_total", "queue_depth", "queue_capacity", "queue_operations_total", "worker_events_processed_total",
        "worker_errors_total", "worker_batch_size", "worker_batch_duration_seconds", "db_query_duration_seconds",
        "db_pool_connections", "db_pool_max_connections", "cache_operations_total", "last_event_processed_timestamp_seconds",
    ],
}
# A worker serves no requests of its own: these are what its target is scraped for.
_WORKER = _SYSTEMS["S4"] + ["clientforge_queue_depth", "process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds"]


def registry(role, systems=""):
    """The part of the registry that a role exports, for the named systems ('' is all of them)."""
    if role == "worker":
        return REGISTRY.restricted_registry(_samples(_WORKER))
    wanted = [name.strip() for name in systems.split(",") if name.strip()] or list(_SYSTEMS)
    names = _COMMON + [metric for system in wanted for metric in _SYSTEMS[system]]
    return REGISTRY.restricted_registry(_samples(names))


def _samples(names):
    """A restricted registry selects by sample name, and a histogram has three."""
    return [name + suffix for name in names for suffix in ("", "_bucket", "_count", "_sum")]
