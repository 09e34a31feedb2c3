"""What is told of the jobs: that the beat ticks, how a night gets on, what was given up."""

import logging
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core.cache import cache
from redis.exceptions import RedisError

from assessments.models import ScoringJob
from assessments.queries import jobs as queries
from assessments.queries.jobs import Progress

logger = logging.getLogger(__name__)

BETWEEN_LINES = timedelta(seconds=5)


def note_tick(*, now: datetime) -> None:
    """Remember when the last tick was done, for the page of the jobs.

    Not a row: it is worth nothing after the next tick, and nothing depends on it.

    Args:
        now: the instant.
    """
    try:
        cache.set(queries.TICKED_AT, now, timeout=None)
    except RedisError as problem:
        logger.warning("the tick could not be noted: %s", problem)


def given_up(job: ScoringJob) -> None:
    """Raise the alarm: this scoring waits for a person.

    Args:
        job: with its assessment and its last error.
    """
    logger.error(
        "scoring job %s is given up after %s attempts: alliance %s as of %s (%s): %s. See the page"
        " Jobs, and docs/operators/jobs.md for what to do",
        job.pk,
        job.attempts,
        job.assessment.alliance_id,
        job.as_of,
        job.reason,
        job.last_error,
    )


class ProgressLog:
    """Tells the log how the scorings of a day get on, for the hands of one worker.

    A line every few seconds, since to count a day costs more than to look for what is left; and
    one when a day is complete.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told_at: datetime | None = None

    def after_chunk(self, keys: Sequence[int], *, now: datetime) -> None:
        """Write what there is to say after a chunk.

        Args:
            keys: of its jobs.
            now: the instant.
        """
        is_time = self._is_time(now)
        left = queries.earliest_day_left()
        for day in queries.days_of(keys):
            is_complete = left is None or left > day
            if is_complete or is_time:
                self._tell(f"as of {day}", queries.progress(day, now), is_complete=is_complete)

    def _is_time(self, now: datetime) -> bool:
        with self._lock:
            if self._told_at and self._told_at <= now < self._told_at + BETWEEN_LINES:
                return False
            self._told_at = now
            return True

    @staticmethod
    def _tell(day: str, found: Progress, *, is_complete: bool) -> None:
        said = f"scored {found.done:,} of {found.total:,} {day}"
        if is_complete:
            said += f", complete in {found.seconds:,.0f} s"
        elif found.per_second and found.seconds_left is not None:
            said += f", {found.per_second:,.0f} a second, {found.seconds_left:,.0f} s left"
        if found.given_up:
            said += f", {found.given_up:,} given up"
        logger.info("%s", said)
