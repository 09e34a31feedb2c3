"""Scoring what is due: found in tables, worked under a row's lock, written once."""

import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from assessments import scoring
from assessments.models import (
    Assessment,
    Cycle,
    CycleState,
    Reason,
    ScoreRun,
    ScoringJob,
)
from assessments.operations import jobs as told
from assessments.operations import score_rows, scoring_jobs
from assessments.queries import batches
from assessments.queries.batches import Gathered

logger = logging.getLogger(__name__)

CLAIM_LOCK = 7_301  # any number that no other advisory lock of this database has
NULL = r"\N"  # as COPY reads it


class ScoringRefused(Exception):
    """An assessment cannot be scored yet; the message says why."""


def score_due(
    *,
    now: datetime,
    limit: int | None = None,
    go_on: Callable[[], bool] = lambda: True,
    tell: Callable[[Sequence[int]], None] = lambda _keys: None,
) -> int:
    """Score what is due, a chunk at a time, until nothing is left that nobody works on.

    Two workers never score the same: each holds the rows' locks until its scores are written. A
    worker that is killed lets go of them, and what it began is begun again.

    Args:
        now: the instant.
        limit: the most to score; None for all.
        go_on: asked before each chunk, whether there is time for another.
        tell: told after each chunk, which jobs it was.

    Returns:
        How many were scored.
    """
    scored = 0
    while (limit is None or scored < limit) and go_on():
        keys = _claim(
            now, scoring_jobs.CHUNK if limit is None else min(scoring_jobs.CHUNK, limit - scored)
        )
        if not keys:
            break
        scored += _try(keys, now)
        tell(keys)
    return scored


def side_by_side(work: Callable[[], int], *, hands: int) -> int:
    """Let several hands of one process score, each with a connection of its own.

    While PostgreSQL reads for the one, the other computes.

    Args:
        work: what each hand does; it returns how many it scored.
        hands: how many; one works with the caller's connection.

    Returns:
        How many were scored.
    """
    if hands == 1:
        return work()

    def alone() -> int:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=hands) as pool:
        working = [pool.submit(alone) for _hand in range(hands)]
    return sum(hand.result() for hand in working)


@transaction.atomic
def _claim(now: datetime, most: int) -> list[int]:
    """Count an attempt at the next jobs that nobody holds, before it is made.

    Before the work and committed, so that a job that kills its worker is not tried for ever. What
    was tried before is tried alone, so that it takes no other with it.
    """
    # One after the other, for a moment: of two at once the slower would hold, while it looks, rows
    # that the quicker has just taken and wants to work on.
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CLAIM_LOCK])
    fresh = scoring_jobs.of_earliest_day(now).filter(attempts=0)
    keys = _lock(fresh.order_by("due_at", "pk"), most)
    keys = keys or _lock(scoring_jobs.due(now).filter(attempts=0), most)
    if keys:
        _count_attempt(keys, 1, now)
    elif again := _lock(scoring_jobs.due(now), 1):
        keys = again
        tried = ScoringJob.objects.values_list("attempts", flat=True).get(pk=keys[0])
        _count_attempt(keys, tried + 1, now)
    return keys


def _lock(jobs: QuerySet[ScoringJob], most: int) -> list[int]:
    free = jobs.select_for_update(skip_locked=True, of=("self",))
    return list(free.values_list("pk", flat=True)[:most])


def _count_attempt(keys: Sequence[int], attempts: int, now: datetime) -> None:
    counted: dict[str, Any] = {
        "attempts": attempts,
        "due_at": now + scoring_jobs.retry_after(attempts),
    }
    if attempts >= ScoringJob.MAX_ATTEMPTS:
        counted["last_error"] = ""  # what stays empty tells that the worker was lost
    ScoringJob.objects.filter(pk__among=keys).update(**counted)


def _try(keys: Sequence[int], now: datetime) -> int:
    """Work on jobs together; where that fails, on each half, and let those fail that must."""
    try:
        return _work(keys, now)
    except Exception as problem:
        if len(keys) > 1:
            logger.info("%s scorings failed together, they are halved: %s", len(keys), problem)
            half = len(keys) // 2
            return _try(keys[:half], now) + _try(keys[half:], now)
        # One alliance that cannot be scored must not keep the others from it: the job tells.
        _keep_error(keys[0], problem, now)
        return 0


def _keep_error(key: int, problem: Exception, now: datetime) -> None:
    job = ScoringJob.objects.select_related("assessment").get(pk=key)
    job.last_error = f"{type(problem).__name__}: {problem}"
    logger.warning("scoring job %s failed, attempt %s", key, job.attempts, exc_info=problem)
    if job.attempts >= ScoringJob.MAX_ATTEMPTS:
        job.due_at = now  # nothing is waited for any more
        told.given_up(job)
    job.save(update_fields=["last_error", "due_at"])


@transaction.atomic
def _work(keys: Sequence[int], now: datetime) -> int:
    jobs = (
        ScoringJob.objects.select_for_update(skip_locked=True)
        .filter(pk__among=keys, done_at__isnull=True)
        .order_by("pk")
        .values_list("pk", "assessment", "as_of", "reason")
    )
    reasons: dict[date, dict[int, Reason]] = defaultdict(dict)
    held = []
    for key, assessment, as_of, reason in jobs:
        # Two reasons on one day are one scoring: the second would find the inputs of the first.
        reasons[as_of].setdefault(assessment, Reason(reason))
        held.append(key)
    for as_of in sorted(reasons):
        _score(reasons[as_of], as_of, now)
    ScoringJob.objects.filter(pk__among=held).update(done_at=now, last_error="")
    return len(held)


@transaction.atomic
def score_assessment(
    *, assessment: Assessment, as_of: date, reason: Reason, now: datetime
) -> ScoreRun:
    """Score one closed assessment with the evidence of a day, and keep it.

    Where the inputs are those of the latest scoring up to that day, nothing is written.

    Args:
        assessment: of a closed cycle.
        as_of: the day whose evidence counts.
        reason: why it is scored.
        now: the instant that the run is stamped with.

    Returns:
        The new run, or the latest where nothing has changed.

    Raises:
        ScoringRefused: the cycle is not closed.
        SpecProblem: the rubric cannot be used for scoring.
        InputProblem: stored answers do not fit the rubric.
    """
    _score({assessment.pk: reason}, as_of, now)
    return ScoreRun.objects.filter(assessment=assessment, as_of__lte=as_of)[:1].get()


def _score(reasons: dict[int, Reason], as_of: date, now: datetime) -> None:
    """Score assessments with the evidence of a day, and keep what has changed."""
    for group in batches.gather(_locked(reasons), as_of):
        digests = scoring.digests(group.batch, group.side_ids)
        changed = [
            place
            for place, (latest, digest) in enumerate(zip(group.latest, digests, strict=True))
            if latest is None or latest.inputs_digest != digest
        ]
        if not changed:
            continue
        batch = group.batch
        if len(changed) < batch.size:
            batch = batch.only(np.array(changed, dtype=np.int64))
        runs = _add_runs(group, changed, digests, reasons, as_of, now)
        score_rows.keep(runs, scoring.score_batch(batch))


def _locked(keys: dict[int, Reason]) -> list[Assessment]:
    """Lock assessments, always in the same order.

    Raises:
        ScoringRefused: a cycle is not closed.
    """
    assessments = list(
        Assessment.objects.select_for_update(of=("self",)).filter(pk__among=keys).order_by("pk")
    )
    cycles = Cycle.objects.filter(pk__in={one.cycle_id for one in assessments})
    by_key = {cycle.pk: cycle for cycle in cycles.select_related("rubric_version__rubric")}
    for assessment in assessments:
        assessment.cycle = by_key[assessment.cycle_id]
        if assessment.cycle.state != CycleState.CLOSED:
            raise ScoringRefused(_("%(cycle)s is not closed.") % {"cycle": assessment.cycle})
    return assessments


def _add_runs(
    group: Gathered,
    places: Sequence[int],
    digests: Sequence[str],
    reasons: dict[int, Reason],
    as_of: date,
    now: datetime,
) -> list[int]:
    """Write the runs of some assessments of a group; return their keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('assessments_scorerun', 'id'))"
            " FROM generate_series(1, %s)",
            [len(places)],
        )
        keys = [int(row[0]) for row in cursor.fetchall()]
        wrapped: Any = cursor
        with wrapped.copy(
            "COPY assessments_scorerun (id, assessment_id, rubric_version_id, before_id,"
            " bands_from_id, is_rebased, as_of, reason, computed_at, code_version, inputs_digest,"
            " sides, evidence, left_out, gates, too_few, straight_lining) FROM STDIN"
        ) as copy:
            copy.write("".join(_run_rows(group, places, keys, digests, reasons, as_of, now)))
    return keys


def _run_rows(
    group: Gathered,
    places: Sequence[int],
    keys: Sequence[int],
    digests: Sequence[str],
    reasons: dict[int, Reason],
    as_of: date,
    now: datetime,
) -> Iterator[str]:
    """Return the rows of runs as COPY reads them; none of their texts needs to be escaped."""
    evidence = {name: values.tolist() for name, values in group.batch.evidence.items()}
    beside, instant = kept_beside(group), now.isoformat()
    for key, place in zip(keys, places, strict=True):
        assessment, told = group.assessments[place], beside[place]
        measured = {name: _number(values[place]) for name, values in evidence.items()}
        yield (
            f"{key}\t{assessment.pk}\t{assessment.cycle.rubric_version_id}"
            f"\t{_key(group.before[place])}\t{_key(group.bands_from[place])}"
            f"\t{told.is_rebased}"
            f"\t{as_of}\t{reasons[assessment.pk].value}\t{instant}"
            f"\t{scoring.CODE_VERSION}\t{digests[place]}"
            f"\t{{{','.join(map(str, group.sides[place]))}}}"
            f"\t{json.dumps(measured)}\t{_json(told.left_out)}"
            f"\t{{{','.join(group.gates[place])}}}\t{_json(told.too_few)}"
            f"\t{told.straight_lining}\n"
        )


@dataclass(frozen=True, slots=True)
class Beside:
    """What a run keeps beside its numbers, named as its columns are."""

    left_out: dict[str, int]
    too_few: dict[str, list[int]]
    straight_lining: int
    is_rebased: bool


def kept_beside(group: Gathered) -> list[Beside]:
    """Return what the runs of a group keep beside their numbers, in the group's order."""
    left_out, too_few = group.left_out.tolist(), _too_few(group)
    straight = group.straight_lining.tolist()
    found = []
    for place, (assessment, before) in enumerate(zip(group.assessments, group.before, strict=True)):
        sides = zip(group.sides[place], left_out[place], strict=True)
        found.append(
            Beside(
                left_out={str(side): n for side, n in sides if n},
                too_few=too_few.get(place, {}),
                straight_lining=straight[place],
                is_rebased=batches.is_rebased(assessment, before),
            )
        )
    return found


def _json(told: Mapping[str, object]) -> str:
    """Write what is nearly always empty."""
    return json.dumps(told) if told else "{}"


def _key(run: ScoreRun | None) -> str:
    return str(run.pk) if run else NULL


def _too_few(group: Gathered) -> dict[int, dict[str, list[int]]]:
    """Return by place and dimension the sides of which too few could speak in confidence."""
    names = [dimension.id for dimension in group.batch.shape.rubric.dimensions]
    found: dict[int, dict[str, list[int]]] = defaultdict(dict)
    for dimension, place, side in np.argwhere(group.too_few).tolist():
        found[place].setdefault(names[dimension], []).append(group.sides[place][side])
    return found


def _number(value: float) -> float | None:
    return None if value != value else value
