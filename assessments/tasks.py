"""What runs beside the pages. Only the beat starts it; what is due stands in tables.

A message carries no work: it says "look". Lost, doubled or late, it changes nothing.
"""

import time
from collections.abc import Sequence
from typing import Any

from celery import shared_task
from django.utils import timezone

from assessments.operations import cycles, jobs, quality, scores, scoring_jobs, signals

MOST_TASKS = 8
SECONDS_A_TASK = 60.0
HANDS = 2  # while the database reads for the one, the other computes


@shared_task(name="assessments.tick", expires=60)
def tick(**_later: Any) -> None:  # noqa: ANN401
    """Do what is due by the calendar, and wake a worker for each chunk of scorings."""
    now = timezone.now()
    cycles.close_due(now=now)
    cycles.open_due(now=now)
    scoring_jobs.plan_nightly(now=now)
    scoring_jobs.give_up_lost(now=now)
    scoring_jobs.delete_done(now=now)
    for _number in range(scoring_jobs.chunks_due(now=now, most=MOST_TASKS)):
        score_due.apply_async(expires=60)
    if signals.is_due(now=now):
        watch.apply_async(expires=60)
    if quality.is_due():
        measure_quality.apply_async(expires=60)
    jobs.note_tick(now=now)


@shared_task(name="assessments.score_due")
def score_due(**_later: Any) -> None:  # noqa: ANN401
    """Score what is due and what no other worker has taken, for a minute at most."""
    ends_at = time.monotonic() + SECONDS_A_TASK
    progress = jobs.ProgressLog()

    def tell(keys: Sequence[int]) -> None:
        progress.after_chunk(keys, now=timezone.now())

    def work() -> int:
        # Each chunk has an instant of its own: what fails is due again so long after it failed.
        scored = 0
        while number := scores.score_due(
            now=timezone.now(),
            limit=scoring_jobs.CHUNK,
            go_on=lambda: time.monotonic() < ends_at,
            tell=tell,
        ):
            scored += number
        return scored

    scores.side_by_side(work, hands=HANDS)


@shared_task(name="assessments.watch")
def watch(**_later: Any) -> None:  # noqa: ANN401
    """Watch the alliances that nobody has watched tonight, for a minute at most."""
    ends_at = time.monotonic() + SECONDS_A_TASK
    signals.watch_due(now=timezone.now(), go_on=lambda: time.monotonic() < ends_at)


@shared_task(name="assessments.measure_quality")
def measure_quality(**_later: Any) -> None:  # noqa: ANN401
    """Measure how well the questionnaire of a closed cycle measured; seconds for a large one."""
    quality.measure_due(now=timezone.now())
