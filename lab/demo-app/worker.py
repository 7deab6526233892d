"""The part of the demo app that works off the queue, and a pulse of events so that there is some work."""

import random
import threading
import time

import log
import metrics
from storage import QUEUE

BATCH = 100


class Worker:
    """Takes events in batches and stores them. Paused or failing when told to, for alerts to fire."""

    def __init__(self, queue, database, tuning):
        self.queue, self.database, self.tuning = queue, database, tuning
        for status in ("success", "error"):
            metrics.worker_events.labels(status)
        for error in ("database_insert", "aggregation_update", "batch_processing"):
            metrics.worker_errors.labels(error)

    def run(self):
        while True:
            time.sleep(0.5)
            try:
                self.measure()
                if not self.tuning.get("worker_paused"):
                    self.work()
            except Exception as error:
                metrics.worker_errors.labels("batch_processing").inc()
                log.write("error", "worker batch failed", error=str(error).strip(), component="worker")
                time.sleep(1)

    def measure(self):
        depth = self.queue.depth() + int(self.tuning.get("queue_depth", 0))
        metrics.queue_depth.labels(QUEUE).set(depth)
        metrics.forge_queue_depth.labels(QUEUE).set(depth)

    def work(self):
        batch = self.queue.take(BATCH)
        if not batch:
            return
        with metrics.worker_batch_duration.time():
            failing = [kind for kind in batch if random.random() < float(self.tuning.get("worker_error_ratio", 0))]
            self.database.execute("insert", "INSERT INTO events (kind) VALUES (%s)", [(kind,) for kind in batch])
        metrics.worker_batch_size.observe(len(batch))
        metrics.worker_events.labels("error").inc(len(failing))
        metrics.worker_events.labels("success").inc(len(batch) - len(failing))
        metrics.worker_errors.labels("aggregation_update").inc(len(failing))
        if len(failing) < len(batch):
            metrics.last_event.set_to_current_time()


def pulse(take_event, queue, database, seconds):
    """One event, one query through the cache, every so often."""
    while True:
        time.sleep(seconds)
        try:
            take_event(random.choice(("booking", "payment", "page_view")))
            queue.lookup("count", lambda: database.execute("select", "SELECT count(*) FROM events"))
        except Exception as error:
            log.write("warn", "pulse failed", error=str(error).strip())


def start(target, *arguments):
    """A background thread that ends with the process."""
    threading.Thread(target=target, args=arguments, daemon=True).start()
