"""Scorings that are due: planned, counted, given up, tried again, and forgotten when done."""

import math
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Stage
from assessments import permissions
from assessments.models import (
    Assessment,
    Cycle,
    CycleState,
    Reason,
    Routine,
    ScoringJob,
)
from assessments.operations import jobs as told
from assessments.queries import figures
from assessments.queries import jobs as queries

MOST_DAYS_BEHIND = 31
RETRY_AFTER = timedelta(seconds=20)
LONGEST_RETRY = timedelta(minutes=5)  # longer than a task may run, so that what is due is not held
LOST = "The worker was lost in the last attempt: look for what ended it, memory first."
KEPT_DAYS = 30  # that a job stays after it was done
DELETED_AT_ONCE = 10_000
CHUNK = 1_000  # assessments that are scored together, in one transaction


@transaction.atomic
def plan_nightly(*, now: datetime) -> int:
    """Make tonight's scoring due: the last closed assessment of each alliance that has not ended.

    Once for each day, from the hour NIGHTLY_HOUR on; days that were missed are made up for.

    Args:
        now: the instant.

    Returns:
        How many scorings became due.
    """
    today = queries.last_night(now)
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
    found = of_earliest_day(now).order_by("due_at", "pk")[:enough].count()
    found = found or due(now)[:enough].count()
    return math.ceil(found / CHUNK)


def of_earliest_day(now: datetime) -> QuerySet[ScoringJob]:
    """Return what is due of the earliest day on which anything is left to do.

    Of that day nothing waits for another day: the index alone finds the next.
    """
    left = ScoringJob.objects.filter(done_at__isnull=True, attempts__lt=ScoringJob.MAX_ATTEMPTS)
    day = queries.earliest_day_left()
    return left.filter(as_of=day, due_at__lte=now) if day else left.none()


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
