from datetime import date

import numpy as np
import pytest

from assessments.scoring import BANDS, NO_BAND, NO_CAP, Band
from assessments.scoring.gates import (
    has_vacant_sponsor,
    held_back,
    lacks_confirmed_objective,
    shown_band,
)

RED, AMBER, GREEN = range(len(BANDS))
TODAY = date(2026, 11, 24)


def test_ladder_is_as_the_names_here_say() -> None:
    assert [BANDS[place] for place in (RED, AMBER, GREEN)] == [Band.RED, Band.AMBER, Band.GREEN]


@pytest.mark.parametrize(
    ("band", "cap", "is_held", "shown"),
    [
        (GREEN, AMBER, True, AMBER),
        (GREEN, RED, True, RED),
        (AMBER, AMBER, False, AMBER),
        (RED, AMBER, False, RED),
        (GREEN, NO_CAP, False, GREEN),
        (NO_BAND, AMBER, False, NO_BAND),
    ],
)
def test_a_cap_holds_back_only_what_is_above_it(
    band: int, cap: int, is_held: bool, shown: int
) -> None:
    bands, caps = np.array([band], dtype=np.int8), np.array([cap], dtype=np.int8)

    assert held_back(bands, caps).tolist() == [is_held]
    assert shown_band(bands, caps).tolist() == [shown]


def test_has_vacant_sponsor() -> None:
    assert not has_vacant_sponsor([1, 2], {1, 2})
    assert has_vacant_sponsor([1, 2], {1})
    assert has_vacant_sponsor([1, 2], {1, 3})
    assert not has_vacant_sponsor([], set())


@pytest.mark.parametrize(
    ("confirmed", "lacks"),
    [
        ([{1: date(2026, 3, 1), 2: date(2026, 11, 24)}], False),
        ([{1: date(2026, 3, 1)}, {2: date(2026, 3, 1)}], True),  # each by one, none by both
        ([{1: date(2026, 3, 1)}, {1: date(2026, 1, 1), 2: date(2026, 1, 1)}], False),
        ([{1: date(2025, 11, 24), 2: date(2026, 3, 1)}], True),  # twelve months ago to the day
        ([{1: date(2025, 11, 25), 2: date(2026, 3, 1)}], False),
        ([{1: date(2026, 11, 25), 2: date(2026, 3, 1)}], True),  # tomorrow
        ([{}], True),
        ([], True),
    ],
)
def test_lacks_confirmed_objective(confirmed: list[dict[int, date]], lacks: bool) -> None:
    assert lacks_confirmed_objective([1, 2], confirmed, TODAY, 12) is lacks


def test_months_end_on_the_last_day_of_a_shorter_month() -> None:
    """Twelve months before 29 February is 28 February: the day after it counts."""
    leap = date(2028, 2, 29)

    assert not lacks_confirmed_objective([1], [{1: date(2027, 3, 1)}], leap, 12)
    assert lacks_confirmed_objective([1], [{1: date(2027, 2, 28)}], leap, 12)
