"""What runs by itself: what is due, how it gets on, what was given up, and who is alive."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import redis
from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Min, Q
from django.utils import timezone
from django.utils.formats import date_format, number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from assessments.models import Reason, Routine, ScoringJob

logger = logging.getLogger(__name__)

TICKED_AT = "jobs:ticked_at"  # where the last tick notes its instant
QUEUE = "celery"
SILENCE = timedelta(minutes=2)  # without a tick, then somebody should look
RATE_OVER = timedelta(minutes=1)
DAYS_SHOWN = 7
MOST_GIVEN_UP = 50  # that are named

_OPEN = Q(done_at__isnull=True)
_UNTRIED_OR_LOST = Q(attempts__lt=ScoringJob.MAX_ATTEMPTS, last_error="")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the scorings of a day are.

    Attributes:
        total: how many there are.
        done: that are done.
        fresh: that wait for a worker.
        taken: that a worker has in hand.
        failed: that failed and are tried again.
        given_up: that wait for a person.
        seconds: since the first of them was done, or until the last if all are.
        per_second: how many were done a second in the last minute; None if none was.
    """

    total: int
    done: int
    fresh: int
    taken: int
    failed: int
    given_up: int
    seconds: float
    per_second: float | None

    @property
    def left(self) -> int:
        """How many will be tried without anybody's doing."""
        return self.total - self.done - self.given_up

    @property
    def seconds_left(self) -> float | None:
        return self.left / self.per_second if self.per_second else None


@dataclass(frozen=True, slots=True)
class Day:
    """The scorings of one day for one reason, in words."""

    as_of: date
    reason: str
    progress: Progress
    done: str
    pace: str
    faults: str
    state: str
    state_kind: str


@dataclass(frozen=True, slots=True)
class Sign:
    """A sign of life, or that it is missing."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Line:
    """A term and what is said of it."""

    term: str
    text: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class GivenUp:
    """A scoring that waits for a person."""

    id: int
    alliance_id: int
    alliance: str
    cycle: str
    as_of: date
    error: str


@dataclass(frozen=True, slots=True)
class JobsPage:
    """All of the page."""

    sign: Sign
    is_busy: bool
    under_way: tuple[Day, ...]
    more_under_way: int
    over: tuple[Day, ...]
    waiting: tuple[str, ...]
    routines: tuple[Line, ...]
    given_up: tuple[GivenUp, ...]
    given_up_count: int

    @property
    def more_given_up(self) -> int:
        return self.given_up_count - len(self.given_up)


def last_night(now: datetime) -> date:
    """Return the latest day whose night has begun: from NIGHTLY_HOUR on it is today's.

    Args:
        now: the instant.
    """
    local = timezone.localtime(now)
    return local.date() - timedelta(days=local.hour < settings.NIGHTLY_HOUR)


def page(now: datetime) -> JobsPage:
    """Return what an operator watches; 3 queries, whatever the number of jobs.

    Args:
        now: the instant.
    """
    since = timezone.localdate(now) - timedelta(days=DAYS_SHOWN)
    rows: list[Any] = list(
        ScoringJob.objects.filter(Q(as_of__gte=since) | _OPEN)
        .values("as_of", "reason")
        .annotate(**_counts(now))
        .order_by("as_of", "reason")
    )
    found = [(row["as_of"], row["reason"], _progress(row, now)) for row in rows]
    under_way = [one for one in found if one[2].left]
    over = [one for one in found if not one[2].left][::-1]
    given_up_count = sum(progress.given_up for _as_of, _reason, progress in found)
    last_done = max((row["last_at"] for row in rows if row["last_at"]), default=None)
    return JobsPage(
        sign=_sign(now, last_done),
        is_busy=bool(under_way),
        under_way=tuple(_day(*one) for one in under_way[:DAYS_SHOWN]),
        more_under_way=max(0, len(under_way) - DAYS_SHOWN),
        over=tuple(_day(*one) for one in over[:DAYS_SHOWN]),
        waiting=_waiting([(as_of, progress) for as_of, _reason, progress in under_way]),
        routines=_routines(now),
        given_up=_given_up(now),
        given_up_count=given_up_count,
    )


def progress(day: date, now: datetime) -> Progress:
    """Return how far the scorings of a day are, whatever their reason; 1 query.

    Args:
        day: the day.
        now: the instant.
    """
    return _progress(ScoringJob.objects.filter(as_of=day).aggregate(**_counts(now)), now)


def days_of(keys: Sequence[int]) -> list[date]:
    """Return the days of some jobs, the earliest first; 1 query."""
    jobs = ScoringJob.objects.filter(pk__among=keys)
    return sorted(set(jobs.values_list("as_of", flat=True)))


def earliest_day_left() -> date | None:
    """Return the earliest day of which a scoring is left that was not given up; 1 query."""
    left = ScoringJob.objects.filter(_OPEN, attempts__lt=ScoringJob.MAX_ATTEMPTS)
    found: date | None = left.aggregate(day=Min("as_of"))["day"]
    return found


def _counts(now: datetime) -> dict[str, Any]:
    in_hand = Q(attempts__gt=0, last_error="", due_at__gt=now)
    tried = Q(attempts__lt=ScoringJob.MAX_ATTEMPTS)
    kinds = {
        "fresh": _UNTRIED_OR_LOST & ~in_hand,
        "taken": in_hand,
        "failed": tried & ~Q(last_error=""),
        # While its last attempt is under way, it is not given up.
        "given_up": Q(attempts__gte=ScoringJob.MAX_ATTEMPTS, due_at__lte=now),
    }
    return {
        "total": Count("pk"),
        "done": Count("done_at"),
        "recent": Count("pk", filter=Q(done_at__gt=now - RATE_OVER)),
        "first_at": Min("done_at"),
        "last_at": Max("done_at"),
        **{kind: Count("pk", filter=_OPEN & which) for kind, which in kinds.items()},
    }


def _progress(row: dict[str, Any], now: datetime) -> Progress:
    kinds = {kind: row[kind] for kind in ("total", "done", "fresh", "taken", "failed", "given_up")}
    first, last = row["first_at"], row["last_at"]
    is_over = row["total"] == row["done"] + row["given_up"]
    seconds = ((last if is_over else now) - first).total_seconds() if first else 0.0
    over = min(RATE_OVER.total_seconds(), max(1.0, seconds))
    return Progress(
        **kinds, seconds=seconds, per_second=row["recent"] / over if row["recent"] else None
    )


def _number(number: float) -> str:
    return str(number_format(round(number), force_grouping=True))


def _day(as_of: date, reason: str, found: Progress) -> Day:
    faults = []
    if found.failed:
        said = ngettext(
            "%(number)s failed and is tried again",
            "%(number)s failed and are tried again",
            found.failed,
        )
        faults.append(said % {"number": _number(found.failed)})
    if found.given_up:
        said = ngettext("%(number)s given up", "%(number)s given up", found.given_up)
        faults.append(said % {"number": _number(found.given_up)})
    state, kind = _state(found)
    return Day(
        as_of=as_of,
        reason=str(Reason(reason).label),
        progress=found,
        done=_("%(done)s of %(total)s done")
        % {"done": _number(found.done), "total": _number(found.total)},
        pace=_pace(found),
        faults=", ".join(faults),
        state=state,
        state_kind=kind,
    )


def _state(found: Progress) -> tuple[str, str]:
    if found.given_up:
        return _("needs somebody"), "error"
    if not found.left:
        return _("done"), "done"
    if found.taken or found.per_second:
        return _("under way"), "active"
    return _("waits"), ""


def _pace(found: Progress) -> str:
    if not found.left:
        return _("in %(time)s") % {"time": _duration(found.seconds)} if found.seconds >= 1 else ""
    if found.per_second is None or found.seconds_left is None:
        return _("none in the last minute") if found.done else ""
    if found.per_second >= 1:
        rate = _("%(number)s a second") % {"number": _number(found.per_second)}
    else:
        rate = _("%(number)s a minute") % {"number": _number(found.per_second * 60)}
    return _("%(rate)s, about %(time)s left") % {
        "rate": rate,
        "time": _duration(found.seconds_left),
    }


def _duration(seconds: float) -> str:
    """Return a length of time in its one fitting unit."""
    whole = max(1, round(seconds))
    minute, hour = 60, 3600
    if whole < 2 * minute:
        return ngettext("%(n)s second", "%(n)s seconds", whole) % {"n": whole}
    if whole < 2 * hour:
        return _("%(n)s minutes") % {"n": round(whole / minute)}
    return _("%(n)s hours") % {"n": _number(whole / hour)}


def _waiting(days: Sequence[tuple[date, Progress]]) -> tuple[str, ...]:
    """Say what waits, and for what."""
    if not days:
        return ()
    earliest = min(as_of for as_of, _progress in days)
    first = sum(found.fresh for as_of, found in days if as_of == earliest)
    later = sum(found.fresh for as_of, found in days if as_of > earliest)
    taken = sum(found.taken for _as_of, found in days)
    failed = sum(found.failed for _as_of, found in days)
    said = (
        (taken, _("%(n)s in the hands of a worker.")),
        (first, _("%(n)s due: the next worker that is free takes them.")),
        (later, _("%(n)s of a later day: a day waits for the days of its alliance before it.")),
        (
            failed,
            _("%(n)s failed: each is tried again, a while after it failed, five times in all."),
        ),
    )
    return tuple(sentence % {"n": _number(number)} for number, sentence in said if number)


def _given_up(now: datetime) -> tuple[GivenUp, ...]:
    jobs = (
        ScoringJob.objects.filter(_OPEN, attempts__gte=ScoringJob.MAX_ATTEMPTS, due_at__lte=now)
        .select_related("assessment__alliance", "assessment__cycle")
        .order_by("as_of", "due_at", "pk")[:MOST_GIVEN_UP]
    )
    return tuple(
        GivenUp(
            id=job.pk,
            alliance_id=job.assessment.alliance_id,
            alliance=job.assessment.alliance.name,
            cycle=job.assessment.cycle.name,
            as_of=job.as_of,
            error=job.last_error,
        )
        for job in jobs
    )


def _routines(now: datetime) -> tuple[Line, ...]:
    tonight = last_night(now)
    terms = {
        Routine.NIGHTLY_SCORES: _("Nightly scoring"),
        Routine.NIGHTLY_SIGNALS: _("Early warnings"),
        Routine.DONE_JOBS: _("Deleting of old jobs"),
    }
    # Not those of the blocks into which a night of warnings is cut.
    rows = Routine.objects.filter(name__in=terms)
    kept = dict(rows.values_list("name", "done_through"))
    lines = []
    for name, done_through in sorted(kept.items()):
        behind = (tonight - done_through).days if name != Routine.DONE_JOBS else 0
        note = ngettext("%(n)s day behind", "%(n)s days behind", behind) % {"n": behind}
        lines.append(
            Line(
                term=terms[name],
                text=_("through %(day)s") % {"day": date_format(done_through, "j F Y")},
                note=note if behind > 0 else "",
            )
        )
    return tuple(lines)


def _sign(now: datetime, last_done: datetime | None) -> Sign:
    """Return what the last tick tells of the beat and the workers: a worker takes each tick."""
    try:
        ticked_at = cache.get(TICKED_AT)
        if ticked_at and now - ticked_at <= SILENCE:
            ago = _duration((now - ticked_at).total_seconds())
            text = _("The last tick was %(time)s ago.") % {"time": ago}
            return Sign("success", _("Beat and worker are alive"), text)
        waiting = _messages_waiting()
    except RedisError as problem:
        logger.warning("Valkey does not answer: %s", problem)
        text = _("Nothing is lost. Start it again: beat and worker go on by themselves.")
        return Sign("warning", _("Valkey does not answer"), text)
    if ticked_at:
        when = date_format(timezone.localtime(ticked_at), "j F Y, H:i")
        title = _("No tick since %(when)s") % {"when": when}
    else:
        title = _("No tick yet")
    if last_done and timedelta() <= now - last_done <= SILENCE:
        return Sign("info", title, _("A worker is busy with scorings; the tick waits for it."))
    if waiting:
        text = _("Messages wait that no worker takes. Start the worker, or start it again.")
    else:
        text = _("The beat sends nothing. Start the beat, or start it again.")
    return Sign("warning", title, text)


def _messages_waiting() -> int:
    prefix = settings.CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"]
    with redis.Redis.from_url(
        settings.CELERY_BROKER_URL, socket_timeout=2, socket_connect_timeout=2
    ) as broker:
        found: Any = broker.llen(f"{prefix}{QUEUE}")
    return int(found)
