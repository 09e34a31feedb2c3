"""Several workers at once, each a thread with a connection of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

Found = TypeVar("Found")


def at_once(work: Callable[[], Found], *, workers: int = 8) -> list[Found | Exception]:
    """Run `work` in so many threads that start together; return what each gave, or raised.

    Takes a test with a database whose rows are committed: `django_db(transaction=True)`.
    """
    ready = threading.Barrier(workers)

    def one(_number: int) -> Found | Exception:
        try:
            ready.wait(timeout=30)
            return work()
        except Exception as problem:
            return problem
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=workers) as threads:
        return list(threads.map(one, range(workers)))
