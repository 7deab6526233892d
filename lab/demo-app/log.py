"""Log lines as JSON on standard output, and to DEMO_LOG_FILE when that is set."""

import datetime
import json
import os
import sys
import threading

_lock = threading.Lock()
_file = open(os.environ["DEMO_LOG_FILE"], "a", encoding="utf-8") if os.environ.get("DEMO_LOG_FILE") else None


def write(level, message, **fields):
    """One line; fields that are None are left out."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    entry = {"level": level, "timestamp": now, "message": message}
    entry.update((name, value) for name, value in fields.items() if value is not None)
    line = json.dumps(entry) + "\n"
    with _lock:
        for stream in filter(None, (sys.stdout, _file)):
            stream.write(line)
            stream.flush()
