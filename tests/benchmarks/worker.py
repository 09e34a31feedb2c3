"""One worker process: scores what is due once a line comes in, and tells how long it took."""

import json
import os
import resource
import sys
import time

import django

if __name__ == "__main__":
    django.setup()
    from django.db import connection
    from django.utils import timezone

    from assessments.operations import scores

    connection.ensure_connection()
    print("ready", flush=True)
    sys.stdin.readline()
    began_at = time.monotonic()
    scored = scores.side_by_side(
        lambda: scores.score_due(now=timezone.now()), hands=int(sys.argv[1])
    )
    told = {
        "scored": scored,
        "seconds": time.monotonic() - began_at,
        "cpu_seconds": sum(os.times()[:2]),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told), flush=True)
