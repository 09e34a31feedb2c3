"""Scoring what is due: found in tables, worked under a row's lock, written once."""

import json
import logging
import math
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import Exists, Min, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Stage
from assessments import permissions, scoring
from assessments.models import (
    Assessment,
    Cycle,
    CycleState,
    Reason,
    Routine,
    ScoreRun,
    ScoringJob,
)
from assessments.operations import jobs as told
from assessments.operations import score_rows
from assessments.queries import batches, figures
from assessments.queries.batches import Gathered

logger = logging.getLogger(__name__)

MOST_DAYS_BEHIND = 31
RETRY_AFTER = timedelta(seconds=20)
LONGEST_RETRY = timedelta(minutes=5)  # longer than a task may run, so that what is due is not held
CLAIM_LOCK = 7_301  # any number that no other advisory lock of this database has
LOST = "The worker was lost in the last attempt: look for what ended it, memory first."
NULL = r"\N"  # as COPY reads it
CHUNK = 1_000  # assessments that are scored together, in one transaction
KEPT_DAYS = 30  # that a job stays after it was done
DELETED_AT_ONCE = 10_000


class ScoringRefused(Exception):
    """An assessment cannot be scored yet; the message says why."""


@transaction.atomic
def plan_nightly(*, now: datetime) -> int:
    """Make tonight's scoring due: the last closed assessment of each alliance that has not ended.

    Once for each day, from the hour NIGHTLY_HOUR on; days that were missed are made up for.

    Args:
        now: the instant.

    Returns:
        How many scorings became due.
    """
    local = timezone.localtime(now)
    today = local.date() if local.hour >= settings.NIGHTLY_HOUR else local.date() - timedelta(1)
    yesterday = today - timedelta(days=1)
    Routine.objects.get_or_create(name=Routine.NIGHTLY_SCORES, defaults={"done_through": yesterday})
    if Routine.objects.filter(name=Routine.NIGHTLY_SCORES, done_through__gte=today).exists():
        return 0
    routine = Routine.objects.select_for_update().get(name=Routine.NIGHTLY_SCORES)
    first = max(routine.done_through, today - timedelta(days=MOST_DAYS_BEHIND))
    days = [first + timedelta(days=n) for n in range(1, (today - first).days + 1)]
    planned = sum(_plan_night(day, now) for day in days)
    if days:
        routine.done_through = today
        routine.save(update_fields=["done_through"])
    return planned


def _plan_night(day: date, now: datetime) -> int:
    day_is_over = timezone.make_aware(datetime.combine(day + timedelta(days=1), time.min))
    latest = (
        Assessment.objects.filter(cycle__state=CycleState.CLOSED, cycle__closed_at__lt=day_is_over)
        .exclude(alliance__stage=Stage.ENDED)
        .order_by("alliance_id", "-cycle__starts_on", "-pk")
        .distinct("alliance_id")
        .values_list("pk", "cycle")
    )
    cycles = Cycle.objects.filter(state=CycleState.CLOSED)
    expiry = figures.cycles_to_expiry(cycles.values_list("rubric_version", flat=True))
    # Nobody acts on a score that is out of date, so it need not follow the evidence any more.
    old = {
        cycle.pk
        for cycle in cycles
        if figures.is_out_of_date(cycle, expiry[cycle.rubric_version_id], day)
    }
    jobs = [
        ScoringJob(assessment_id=key, as_of=day, reason=Reason.NIGHTLY, due_at=now)
        for key, cycle in latest
        if cycle not in old
    ]
    ScoringJob.objects.bulk_create(jobs, ignore_conflicts=True, batch_size=5_000)
    return len(jobs)


def due(now: datetime) -> QuerySet[ScoringJob]:
    """Return the scorings that are due and not done, the earliest day first.

    A day waits for the days of its alliance before it: its bands rest on theirs, and what it is
    compared with; out of order a stored run could not be made again.

    Args:
        now: the instant.
    """
    waiting = ScoringJob.objects.filter(done_at__isnull=True, attempts__lt=ScoringJob.MAX_ATTEMPTS)
    earlier = waiting.filter(
        assessment__alliance=OuterRef("assessment__alliance"), as_of__lt=OuterRef("as_of")
    )
    return waiting.filter(~Exists(earlier), due_at__lte=now).order_by("as_of", "due_at", "pk")


def retry_after(attempts: int) -> timedelta:
    """Return how long a job waits after an attempt: 20 s, 40 s, 80 s, and so on, 5 min at most.

    Args:
        attempts: how often it was tried, 1 or more.
    """
    return min(RETRY_AFTER * 2 ** (attempts - 1), LONGEST_RETRY)


def chunks_due(*, now: datetime, most: int) -> int:
    """Return for how many workers there is something to score, each a chunk; `most` at most.

    More than that are not counted, so it costs the same with any number due. Counted is the
    earliest day alone, as long as anything of it is due: the others wait for it, as a rule.

    Args:
        now: the instant.
        most: where the counting ends.
    """
    enough = most * CHUNK
    found = _of_earliest_day(now).order_by("due_at", "pk")[:enough].count()
    found = found or due(now)[:enough].count()
    return math.ceil(found / CHUNK)


def _of_earliest_day(now: datetime) -> QuerySet[ScoringJob]:
    """Return what is due of the earliest day on which anything is left to do.

    Of that day nothing waits for another day: the index alone finds the next.
    """
    left = ScoringJob.objects.filter(done_at__isnull=True, attempts__lt=ScoringJob.MAX_ATTEMPTS)
    return left.filter(as_of=left.aggregate(day=Min("as_of"))["day"], due_at__lte=now)


@transaction.atomic
def retry_given_up(*, by: User | None, now: datetime, job_id: int | None = None) -> int:
    """Make scorings that were given up due again, as if they had never been tried.

    Args:
        by: who asks for it; None for the system.
        now: the instant.
        job_id: of one job; None for all that were given up.

    Returns:
        How many are due again; 0 where somebody was quicker.

    Raises:
        PermissionDenied: `by` may not.
    """
    if by is not None and (reason := permissions.why_cannot_retry_scorings(by)):
        raise PermissionDenied(reason)
    jobs = ScoringJob.objects.filter(done_at=None, attempts__gte=ScoringJob.MAX_ATTEMPTS)
    # One whose last attempt is under way is not given up yet: it is due again only after that.
    jobs = jobs.filter(due_at__lte=now)
    if job_id is not None:
        jobs = jobs.filter(pk=job_id)
    return jobs.update(attempts=0, due_at=now, last_error="")


@transaction.atomic
def give_up_lost(*, now: datetime) -> int:
    """Say of each scoring whose last attempt ended with its worker that it is given up.

    A worker that is killed tells nothing; this tells it once.

    Args:
        now: the instant.

    Returns:
        Of how many it was said.
    """
    lost = ScoringJob.objects.filter(
        done_at=None, attempts__gte=ScoringJob.MAX_ATTEMPTS, last_error="", due_at__lte=now
    )
    jobs = list(lost.select_for_update(skip_locked=True, of=("self",)).select_related("assessment"))
    for job in jobs:
        job.last_error = LOST
        told.given_up(job)
    ScoringJob.objects.bulk_update(jobs, ["last_error"])
    return len(jobs)


@transaction.atomic
def delete_done(*, now: datetime) -> int:
    """Delete jobs that were done long ago, some at each call, until the day's are gone.

    The runs and scores stay: they are the facts. Days that the nightly scoring could still make up
    for stay too, so that none of them becomes due a second time.

    Args:
        now: the instant.

    Returns:
        How many were deleted.
    """
    today = timezone.localdate(now)
    yesterday = today - timedelta(days=1)
    Routine.objects.get_or_create(name=Routine.DONE_JOBS, defaults={"done_through": yesterday})
    routines = Routine.objects.filter(name=Routine.DONE_JOBS, done_through__lt=today)
    if not (routine := routines.select_for_update(skip_locked=True).first()):
        return 0
    old = ScoringJob.objects.filter(
        done_at__lt=now - timedelta(days=KEPT_DAYS),
        as_of__lt=today - timedelta(days=MOST_DAYS_BEHIND),
    )
    keys = list(old.values_list("pk", flat=True)[:DELETED_AT_ONCE])
    ScoringJob.objects.filter(pk__among=keys).delete()
    if len(keys) < DELETED_AT_ONCE:
        routine.done_through = today
        routine.save(update_fields=["done_through"])
    return len(keys)


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
        keys = _claim(now, CHUNK if limit is None else min(CHUNK, limit - scored))
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
    fresh = _of_earliest_day(now).filter(attempts=0)
    keys = _lock(fresh.order_by("due_at", "pk"), most)
    keys = keys or _lock(due(now).filter(attempts=0), most)
    if keys:
        _count_attempt(keys, 1, now)
    elif again := _lock(due(now), 1):
        keys = again
        tried = ScoringJob.objects.values_list("attempts", flat=True).get(pk=keys[0])
        _count_attempt(keys, tried + 1, now)
    return keys


def _lock(jobs: QuerySet[ScoringJob], most: int) -> list[int]:
    free = jobs.select_for_update(skip_locked=True, of=("self",))
    return list(free.values_list("pk", flat=True)[:most])


def _count_attempt(keys: Sequence[int], attempts: int, now: datetime) -> None:
    counted: dict[str, Any] = {"attempts": attempts, "due_at": now + retry_after(attempts)}
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
        version = assessment.cycle.rubric_version_id
        found.append(
            Beside(
                left_out={str(side): n for side, n in sides if n},
                too_few=too_few.get(place, {}),
                straight_lining=straight[place],
                is_rebased=before is not None and before.rubric_version_id != version,
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
