"""Early warnings: whether a rule of the rubric holds on a day.

Each is a pure function over plain records, days and numbers. Source: the scoring specification,
"Gates, expiry, warnings". A rule whose numbers are not there says nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from assessments.scoring.change import ChangeVerdict
from assessments.scoring.gaps import GapVerdict
from assessments.scoring.spec import FEWEST_SIDES

QUARTER = 91  # days
AS_STORED = 6  # digits after the point: 70.0 - 60.0 of measures may come out as 9.999999999999
UNIT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class SponsorTerm:
    """Somebody's time in a sponsor's seat: its first day and its last; None while it runs."""

    starts_on: date
    ends_on: date | None


def seat_vacant_since(
    member_since: date, terms: Iterable[SponsorTerm], on: date, *, days: float
) -> date | None:
    """Return since when an organisation has had no sponsor, if that is more than so many days.

    Args:
        member_since: first day of its membership.
        terms: all times in its sponsor's seat; those that begin after the day do not count.
        on: the day.
        days: so long a seat may be vacant.

    Returns:
        The day the last sponsor's time ended, or the membership began; None while somebody holds
        the seat, or it has not been vacant for long.
    """
    begun = [term for term in terms if term.starts_on <= on]
    ends = [term.ends_on for term in begun if term.ends_on is not None and term.ends_on < on]
    if len(ends) < len(begun):
        return None
    since = max([member_since, *ends])
    return since if (on - since) / UNIT > days else None


def meeting_every(meetings_a_quarter: int) -> float:
    """Return the agreed interval between meetings of sponsors, in days."""
    return QUARTER / meetings_a_quarter


@dataclass(frozen=True, slots=True)
class Silence:
    """Since when sponsors have not met: since a meeting, or since the alliance began."""

    since: date
    have_met: bool


def sponsor_silence(
    began_on: date,
    meetings: Iterable[tuple[date, frozenset[int]]],
    on: date,
    *,
    meetings_a_quarter: int,
    cadences: float,
) -> Silence | None:
    """Return how long sponsors have had no contact, if that is so many agreed intervals or more.

    Args:
        began_on: the alliance's first day; counted from where they never met.
        meetings: day, and the sides whose sponsors took part; counted from two sides on.
        on: the day.
        meetings_a_quarter: as agreed, 1 or more.
        cadences: so many agreed intervals are too long.
    """
    held = [day for day, sides in meetings if day <= on and len(sides) >= FEWEST_SIDES]
    since = max(held, default=began_on)
    if (on - since) / UNIT < cadences * meeting_every(meetings_a_quarter):
        return None
    return Silence(since, have_met=bool(held))


@dataclass(frozen=True, slots=True)
class Fall:
    """How far a measure has fallen: its values as of the earlier day and as of the day."""

    before: float
    now: float


def fall(before: float | None, now: float | None, *, points: float) -> Fall | None:
    """Return the fall of a measure, if it is of so many points or more; both must be there.

    Args:
        before: 0 to 100, as of the earlier day.
        now: 0 to 100, as of the day.
        points: so far is too far.
    """
    if before is None or now is None or round(before - now, AS_STORED) < points:
        return None
    return Fall(before, now)


def is_open_too_long(raised_on: date, resolved_on: date | None, on: date, *, days: float) -> bool:
    """Whether an obstacle is open on a day, and has been for more than so many days."""
    is_open = resolved_on is None or resolved_on > on
    return is_open and (on - raised_on) / UNIT > days


def declines_in_a_row(verdicts: Sequence[str], *, declines: float) -> bool:
    """Whether a score has clearly declined in so many cycles in a row.

    Args:
        verdicts: on its changes in the closed cycles, the latest first; empty where none is shown.
        declines: so many are too many.
    """
    latest = verdicts[: int(declines)]
    return len(latest) >= declines and all(said == ChangeVerdict.DECLINED for said in latest)


def is_newly_clear(now: Iterable[str], before: Iterable[str]) -> bool:
    """Whether organisations clearly differ in a score in which none did in the cycle before.

    Args:
        now: verdicts on the gaps of a score in the latest closed cycle.
        before: those of the same score in the closed cycle before; both were scored.
    """
    return GapVerdict.CLEAR in now and GapVerdict.CLEAR not in before


def has_few_answers(
    asked: int, answered: int, closes_on: date, on: date, *, share: float, days_before_close: float
) -> bool:
    """Whether too few of an organisation's people have answered when a cycle is about to close.

    Args:
        asked: how many were asked.
        answered: how many have submitted.
        closes_on: last day of answering.
        on: the day; the cycle is open.
        share: less than this is too few, from 0 to 1.
        days_before_close: from so many days before the last day on.
    """
    is_time = 0 <= (closes_on - on) / UNIT <= days_before_close
    return is_time and asked > 0 and answered < share * asked
