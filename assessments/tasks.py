"""What runs beside the pages. Only the beat starts it; what is due stands in tables.

A message carries no work: it says "look". Lost, doubled or late, it changes nothing.
"""

import math
import time
from typing import Any

from celery import shared_task
from django.utils import timezone

from assessments.operations import cycles, quality, scores

JOBS_A_TASK = 100
MOST_TASKS = 8
SECONDS_A_TASK = 60.0
HANDS = 2  # while the database reads for the one, the other computes


@shared_task(name="assessments.tick", expires=60)
def tick(**_later: Any) -> None:  # noqa: ANN401
    """Close what is due to close, make tonight's scorings due, and wake workers for what is due."""
    now = timezone.now()
    cycles.close_due(now=now)
    scores.plan_nightly(now=now)
    for _number in range(min(MOST_TASKS, math.ceil(scores.due(now).count() / JOBS_A_TASK))):
        score_due.apply_async(expires=60)
    if quality.is_due():
        measure_quality.apply_async(expires=60)


@shared_task(name="assessments.score_due")
def score_due(**_later: Any) -> None:  # noqa: ANN401
    """Score what is due and what no other worker has taken, for a minute at most."""
    ends_at = time.monotonic() + SECONDS_A_TASK

    def work() -> int:
        # Each chunk has an instant of its own: what fails is due again so long after it failed.
        scored = 0
        while number := scores.score_due(
            now=timezone.now(), limit=scores.CHUNK, go_on=lambda: time.monotonic() < ends_at
        ):
            scored += number
        return scored

    scores.side_by_side(work, hands=HANDS)


@shared_task(name="assessments.measure_quality")
def measure_quality(**_later: Any) -> None:  # noqa: ANN401
    """Measure how well the questionnaire of a closed cycle measured; seconds for a large one."""
    quality.measure_due(now=timezone.now())
