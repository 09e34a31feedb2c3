"""Evidence measures: what the register's records say, as of a day, from 0 to 100.

Each is a pure function over plain records; None where there is nothing to measure. Source: the
scoring specification, "Evidence measures".
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations

WINDOW = timedelta(days=90)
CHECK_IN_CURRENT = timedelta(days=45)
OBSTACLE_LIMIT = timedelta(days=30)
POINTS_A_LEVEL = 25


@dataclass(frozen=True, slots=True)
class ObjectiveRecord:
    """An objective with the plan in force and the last check-in on or before the day.

    Attributes:
        weight: above 0, unitless.
        baseline: the measured value at the start.
        target: the value promised by `due_on`; it may lie below the baseline.
        starts_on: first day of the plan.
        due_on: day by which the target was promised, after `starts_on`.
        value: the last measured value; None without a check-in.
        checked_on: day of that check-in.
        ended_on: day the objective ended; None while it runs.
    """

    weight: float
    baseline: float
    target: float
    starts_on: date
    due_on: date
    value: float | None = None
    checked_on: date | None = None
    ended_on: date | None = None


@dataclass(frozen=True, slots=True)
class PromiseRecord:
    """An action or a commitment: when it was due, and when it was done."""

    due_on: date
    done_on: date | None


@dataclass(frozen=True, slots=True)
class ObstacleRecord:
    """An obstacle that was escalated to a sponsor, and the day it was resolved."""

    escalated_on: date
    resolved_on: date | None


def _in_window(day: date, on: date) -> bool:
    """Whether a day is one of the 90 that end with `on`."""
    return on - WINDOW < day <= on


def _share(hits: Sequence[bool]) -> float | None:
    return 100 * sum(hits) / len(hits) if hits else None


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an objective got, and how far it was to be: shares of the way, 1 at the target."""

    made: float
    expected: float


def standing_of(one: ObjectiveRecord, on: date) -> Standing | None:
    """Return where an objective stands; None where attainment leaves it out.

    It has not started, can be expected to have got nowhere yet, or ended before the window.
    """
    if one.starts_on > on or (one.ended_on is not None and one.ended_on <= on - WINDOW):
        return None
    expected = min((on - one.starts_on).days / (one.due_on - one.starts_on).days, 1.0)
    if expected <= 0:
        return None
    made = 0.0
    if one.value is not None:
        made = (one.value - one.baseline) / (one.target - one.baseline)
    return Standing(made, expected)


def attainment(objectives: Iterable[ObjectiveRecord], on: date) -> float | None:
    """Return progress against plan: the weighted mean of progress over expected progress.

    Objectives that have not started, and those that ended before the window, are left out; one
    without a check-in has made no progress.

    Args:
        objectives: of one alliance, each as of `on`.
        on: the day.

    Returns:
        0 to 100; None where no objective can be expected to have got anywhere yet.
    """
    parts: list[tuple[float, float]] = []
    for one in objectives:
        standing = standing_of(one, on)
        if standing is not None:
            parts.append((one.weight, min(max(standing.made / standing.expected, 0.0), 1.0)))
    if not parts:
        return None
    # fsum, so that the order of the rows changes no digit; divided first, so that 1 stays 1.
    got = math.fsum(weight * part for weight, part in parts)
    return 100 * (got / math.fsum(weight for weight, _ in parts))


def check_ins_up_to_date(objectives: Iterable[ObjectiveRecord], on: date) -> float | None:
    """Return the share of running objectives with a check-in in the last 45 days."""
    return _share(
        [
            one.checked_on is not None and one.checked_on > on - CHECK_IN_CURRENT
            for one in objectives
            if one.starts_on <= on and (one.ended_on is None or one.ended_on > on)
        ]
    )


def kept_in_time(promises: Iterable[PromiseRecord], on: date) -> float | None:
    """Return the share done on or before the due day, of those due in the window.

    The measure of actions on time, and of commitments kept.
    """
    return _share(
        [
            one.done_on is not None and one.done_on <= one.due_on
            for one in promises
            if _in_window(one.due_on, on)
        ]
    )


def sponsor_contact(
    meetings: Iterable[tuple[date, frozenset[int]]], cadence: int, on: date
) -> float:
    """Return sponsor meetings in the window against the agreed number, at most 100.

    Args:
        meetings: day, and the sides whose sponsors took part; counted from two sides on.
        cadence: meetings agreed a quarter, 1 or more.
        on: the day.
    """
    held = sum(_in_window(day, on) and len(sides) > 1 for day, sides in meetings)
    return 100 * min(held / cadence, 1.0)


def advocacy(
    acts: Iterable[tuple[date, int]], sides: Sequence[int], cadence: int, on: date
) -> float | None:
    """Return acts of advocacy in the window against the agreed number: the mean over sides.

    Args:
        acts: day and side of each.
        sides: members on the day.
        cadence: acts agreed a quarter for each side, 1 or more.
        on: the day.
    """
    if not sides:
        return None
    counted = [side for day, side in acts if _in_window(day, on)]
    parts = [min(counted.count(side) / cadence, 1.0) for side in sides]
    return 100 * (math.fsum(parts) / len(parts))


def sponsor_match(levels: Mapping[int, int | None]) -> float | None:
    """Return how well the sponsors' levels match: the mean over pairs of sides.

    Args:
        levels: level of each side's sponsor in steps from the top; None where the seat is vacant.

    Returns:
        100 less 25 for each step apart, 0 for a pair with a vacant seat; None with one side.
    """
    pairs = [
        0.0
        if first is None or second is None
        else max(0.0, 100.0 - POINTS_A_LEVEL * abs(first - second))
        for first, second in combinations(levels.values(), 2)
    ]
    return sum(pairs) / len(pairs) if pairs else None


def obstacles_in_time(obstacles: Iterable[ObstacleRecord], on: date) -> float | None:
    """Return the share resolved within 30 days of their escalation.

    Of those escalated to sponsors on or before the day, and either resolved in the window or open
    for more than 30 days. How many there are is never held against anyone.
    """
    hits = []
    for one in obstacles:
        if one.escalated_on > on:
            continue
        resolved = (
            one.resolved_on if one.resolved_on is not None and one.resolved_on <= on else None
        )
        if resolved is not None:
            if _in_window(resolved, on):
                hits.append(resolved - one.escalated_on <= OBSTACLE_LIMIT)
        elif on - one.escalated_on > OBSTACLE_LIMIT:
            hits.append(False)
    return _share(hits)
