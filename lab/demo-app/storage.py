"""PostgreSQL and Redis as the demo app uses them, measured. Both are real; an app without them
(no DEMO_DATABASE, no DEMO_REDIS) keeps a queue in memory, so that it can run alone."""

import collections
import contextlib
import os
import threading
import time

import psycopg2
import psycopg2.pool
import redis

import metrics

QUEUE = "events"
QUEUE_CAPACITY = 10_000
POOL_SIZE = 10


class Database:
    """A connection pool over one table of events. Connects at first use and again after a failure."""

    def __init__(self):
        self.dsn = os.environ.get("DEMO_DATABASE")
        self.pool = None
        self.lock = threading.Lock()
        metrics.db_pool_max.set(POOL_SIZE)
        for state in ("active", "idle"):
            metrics.db_pool.labels(state).set(0)

    def execute(self, operation, statement, rows=((),)):
        """Runs a statement for each row in one transaction; returns the last one's rows, if it has any."""
        if not self.dsn:
            with metrics.db_queries.labels(operation, "events").time():
                return []
        with self.connection() as connection, connection, connection.cursor() as cursor:
            with metrics.db_queries.labels(operation, "events").time():
                for row in rows:
                    cursor.execute(statement, row)
            return cursor.fetchall() if cursor.description else []

    @contextlib.contextmanager
    def connection(self):
        with self.lock:
            if self.pool is None:
                self.pool = self.open_pool()
        connection = self.pool.getconn()
        self.report()
        try:
            yield connection
        except psycopg2.OperationalError:
            connection.close()
            raise
        finally:
            self.pool.putconn(connection)
            self.report()

    def open_pool(self):
        password = None
        if path := os.environ.get("DEMO_DATABASE_PASSWORD_FILE"):
            with open(path, encoding="utf-8") as file:
                password = file.read().strip()
        pool = psycopg2.pool.ThreadedConnectionPool(1, POOL_SIZE, self.dsn, password=password, connect_timeout=3)
        connection = pool.getconn()
        with connection, connection.cursor() as cursor:
            # Two processes may create it at the same moment; only one lock holder does.
            cursor.execute("SELECT pg_advisory_xact_lock(1)")
            cursor.execute("CREATE TABLE IF NOT EXISTS events (id bigserial PRIMARY KEY, kind text, at timestamptz DEFAULT now())")
        pool.putconn(connection)
        return pool

    def report(self):
        # The pool has no public count of its connections; these two are what its own methods use.
        metrics.db_pool.labels("active").set(len(self.pool._used))
        metrics.db_pool.labels("idle").set(len(self.pool._pool))


class Queue:
    """Events between API and worker, and a small cache: in Redis, or in memory without one."""

    def __init__(self):
        address = os.environ.get("DEMO_REDIS")
        self.redis = redis.Redis.from_url(address, socket_timeout=3, decode_responses=True) if address else None
        self.memory = collections.deque()
        self.cached = {}
        metrics.queue_capacity.labels(QUEUE).set(QUEUE_CAPACITY)

    def push(self, kind):
        if self.redis:
            self.redis.rpush(QUEUE, kind)
        else:
            self.memory.append(kind)
        metrics.queue_operations.labels(QUEUE, "enqueue").inc()

    def take(self, most):
        if self.redis:
            batch = self.redis.lpop(QUEUE, most) or []
        else:
            batch = [self.memory.popleft() for _ in range(min(most, len(self.memory)))]
        metrics.queue_operations.labels(QUEUE, "dequeue").inc(len(batch))
        return batch

    def depth(self):
        return self.redis.llen(QUEUE) if self.redis else len(self.memory)

    def lookup(self, key, compute, seconds=5):
        """The value of key from the cache, else computed and kept for some seconds."""
        if self.redis:
            value = self.redis.get(f"cache:{key}")
        else:
            value, until = self.cached.get(key, (None, 0))
            value = value if until > time.monotonic() else None
        metrics.cache_operations.labels("get", "miss" if value is None else "hit").inc()
        if value is None:
            value = str(compute())
            if self.redis:
                self.redis.set(f"cache:{key}", value, ex=seconds)
            else:
                self.cached[key] = (value, time.monotonic() + seconds)
        return value
