"""Early warnings: raised and ended by rules each night, answered by people."""

import logging
import unicodedata
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from alliance_health.alliances.permissions import require, standing
from assessments import permissions
from assessments.models import Routine, ScoringJob, Signal, SignalKind
from assessments.queries import jobs, watched
from assessments.queries.watched import About, Facts

logger = logging.getLogger(__name__)

BLOCK = 1_000  # alliances whose keys lie together, watched in one transaction
WATCH_LOCK = 7_302  # any number that no other advisory lock of this database has
LONGEST_ANSWER = 300


@dataclass(frozen=True, slots=True)
class Watched:
    """What a watch has changed."""

    raised: int = 0
    refreshed: int = 0
    ended: int = 0

    def __add__(self, other: "Watched") -> "Watched":
        return Watched(
            self.raised + other.raised,
            self.refreshed + other.refreshed,
            self.ended + other.ended,
        )


# --- at night -----------------------------------------------------------------------------------
def is_due(*, now: datetime) -> bool:
    """Return whether tonight's watch is to be made, or gone on with; 2 queries at most.

    It waits for the night's scorings: for those that are planned and not given up.

    Args:
        now: the instant.
    """
    tonight = jobs.last_night(now)
    through = dict(
        Routine.objects.filter(
            name__in=[Routine.NIGHTLY_SCORES, Routine.NIGHTLY_SIGNALS], done_through__gte=tonight
        ).values_list("name", "done_through")
    )
    if Routine.NIGHTLY_SIGNALS in through or Routine.NIGHTLY_SCORES not in through:
        return False
    waiting = ScoringJob.objects.filter(
        done_at__isnull=True, attempts__lt=ScoringJob.MAX_ATTEMPTS, as_of__lte=tonight
    )
    return not waiting.exists()


def watch_due(*, now: datetime, go_on: Callable[[], bool] = lambda: True) -> Watched:
    """Watch all alliances once for tonight, a block at a time, until nobody has one left to do.

    Of nights that were missed only the latest is watched: a warning of a day that is over helps
    nobody, and whether it would have been raised then says nothing of today.

    Each block has a routine of its own, locked while it is watched and done in the same
    transaction. So workers share the blocks, one that is killed loses only the block it was at,
    and a message that comes twice finds nothing to do.

    Args:
        now: the instant.
        go_on: asked before each block, whether there is time for another.
    """
    changed = Watched()
    if not is_due(now=now):
        return changed
    tonight = jobs.last_night(now)
    _know_blocks(tonight)
    while go_on():
        done = _next_block(tonight)
        if done is None:
            _finish(tonight)
            break
        changed += done
    return changed


def _blocks() -> list[int]:
    numbers = Alliance.objects.order_by().annotate(block=F("pk") / Value(BLOCK))
    return sorted(numbers.values_list("block", flat=True).distinct())


def _of_block(number: int) -> range:
    return range(number * BLOCK, (number + 1) * BLOCK)


_PREFIX = f"{Routine.NIGHTLY_SIGNALS}:"


def _know_blocks(tonight: date) -> None:
    """See to it that each block has its routine; a new one has yet to be watched."""
    Routine.objects.bulk_create(
        [
            Routine(name=f"{_PREFIX}{number}", done_through=tonight - timedelta(days=1))
            for number in _blocks()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def _next_block(tonight: date) -> Watched | None:
    """Watch a block that nobody has watched tonight or works on; None if there is none."""
    routine = (
        Routine.objects.select_for_update(skip_locked=True)
        .filter(name__startswith=_PREFIX, done_through__lt=tonight)
        .order_by("pk")
        .first()
    )
    if routine is None:
        return None
    done = _watch_block(int(routine.name.removeprefix(_PREFIX)), tonight)
    routine.done_through = tonight
    routine.save(update_fields=["done_through"])
    return done


def _finish(tonight: date) -> None:
    """Call the night done, unless another worker is still at a block of it."""
    if not Routine.objects.filter(name__startswith=_PREFIX, done_through__lt=tonight).exists():
        Routine.objects.bulk_create(
            [Routine(name=Routine.NIGHTLY_SIGNALS, done_through=tonight)], ignore_conflicts=True
        )
        Routine.objects.filter(name=Routine.NIGHTLY_SIGNALS, done_through__lt=tonight).update(
            done_through=tonight
        )


# --- a watch ------------------------------------------------------------------------------------
def watch(*, on: date) -> Watched:
    """Raise, refresh and end the warnings of all alliances as of a day.

    A warning whose rule holds for the first time is raised; the facts of a running one are
    refreshed where they have changed; one whose rule holds no longer is ended, as are all of an
    alliance that has ended. Once more on the same day changes nothing.

    A transaction and a fixed number of queries for each block of alliances.

    Args:
        on: the day.
    """
    changed = Watched()
    for number in _blocks():
        with transaction.atomic():
            changed += _watch_block(number, on)
    return changed


def _watch_block(number: int, on: date) -> Watched:
    """Watch a block; where that fails, each alliance alone, and pass over those that fail."""
    with connection.cursor() as cursor:
        # One watch at a time: a slower one would end by older records what a quicker one raised.
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [WATCH_LOCK, number])
    try:
        with transaction.atomic():
            return _watch(_of_block(number), on)
    except Exception as problem:
        logger.warning("watching block %s of the alliances failed: %s", number, problem)
    changed = Watched()
    keys = _of_block(number)
    there = Alliance.objects.filter(pk__gte=keys.start, pk__lt=keys.stop).order_by("pk")
    for key in there.values_list("pk", flat=True):
        try:
            with transaction.atomic():
                changed += _watch([key], on)
        except Exception:
            # One alliance that cannot be watched must not keep the others from it.
            logger.exception("alliance %s could not be watched", key)
    return changed


def _watch(alliances: Collection[int], on: date) -> Watched:
    found = watched.holding(alliances, on)
    holds: dict[tuple[int, About], Facts] = {
        (alliance, about): facts
        for alliance, warnings in found.items()
        for about, facts in warnings.items()
    }
    running = {
        (signal.alliance_id, (SignalKind(signal.kind), signal.subject)): signal
        for signal in Signal.objects.select_for_update()
        .filter(alliance__among=alliances, ended_on__isnull=True)
        .order_by("pk")
    }
    new = [
        Signal(alliance_id=alliance, kind=kind, subject=subject, facts=facts, raised_on=on)
        for (alliance, (kind, subject)), facts in holds.items()
        if (alliance, (kind, subject)) not in running
    ]
    changed = []
    for key, signal in running.items():
        if key in holds and signal.facts != holds[key]:
            signal.facts = holds[key]
            changed.append(signal)
    over = [signal.pk for key, signal in running.items() if key not in holds]
    if new:
        Signal.objects.bulk_create(new, ignore_conflicts=True)
    if changed:
        Signal.objects.bulk_update(changed, ["facts"], batch_size=BLOCK)
    if over:
        # Not before it was raised, should a clock have been set back.
        Signal.objects.filter(pk__among=over).update(ended_on=Greatest(F("raised_on"), Value(on)))
    return Watched(raised=len(new), refreshed=len(changed), ended=len(over))


# --- by people ----------------------------------------------------------------------------------
@transaction.atomic
def acknowledge(*, signal: Signal, answer: str, by: User | None, now: datetime) -> Signal:
    """Record what is done about a warning; a new answer takes the place of an earlier one.

    Args:
        signal: a running one.
        answer: one sentence, at most 300 characters.
        by: who answers; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not, or the warning has ended.
        ValidationError: the answer is empty, too long, or has control characters.
    """
    kept = (
        Signal.objects.select_for_update(of=("self",)).select_related("alliance").get(pk=signal.pk)
    )
    who = standing(by, kept.alliance, timezone.localdate(now))
    require(permissions.why_cannot_acknowledge(who, kept))
    kept.answer = _one_line(answer)
    kept.acknowledged_at, kept.acknowledged_by = now, by
    kept.save(update_fields=["answer", "acknowledged_at", "acknowledged_by"])
    return kept


def _one_line(answer: str) -> str:
    """Return an answer as it is kept.

    Raises:
        ValidationError: it is none.
    """
    said = answer.strip()
    if not said:
        raise ValidationError({"answer": _("Enter what is done about it, in one sentence.")})
    if len(said) > LONGEST_ANSWER:
        raise ValidationError(
            {
                "answer": _("What is done about it must be %(most)d characters or less.")
                % {"most": LONGEST_ANSWER}
            }
        )
    # Controls, and halves of characters that PostgreSQL cannot keep.
    if any(unicodedata.category(letter) in ("Cc", "Cs") for letter in said):
        raise ValidationError({"answer": _("Enter one line, without control characters.")})
    return said
