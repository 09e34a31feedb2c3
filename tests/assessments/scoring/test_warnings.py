"""Early warnings: each rule on both sides of its limit, worked by hand."""

from datetime import date, timedelta

import pytest

from assessments.scoring import warnings
from assessments.scoring.warnings import Fall, Silence, SponsorTerm

ON = date(2026, 10, 31)
BOTH, ONE = frozenset({1, 2}), frozenset({1})


def ago(days: int) -> date:
    """So many days before the day."""
    return ON - timedelta(days)


# --- a sponsor's seat is vacant ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("terms", "since"),
    [
        ([], date(2026, 1, 1)),  # never held: since the membership began
        ([SponsorTerm(ago(200), ago(31))], ago(31)),  # 31 days: more than 30
        ([SponsorTerm(ago(200), ago(30))], None),  # 30 days: not more
        ([SponsorTerm(ago(200), ago(100)), SponsorTerm(ago(99), ago(40))], ago(40)),
        ([SponsorTerm(ago(200), None)], None),  # held
        ([SponsorTerm(ago(200), ON)], None),  # its last day
        ([SponsorTerm(ago(200), ago(90)), SponsorTerm(ago(2), None)], None),  # held again
        ([SponsorTerm(ago(200), ago(90)), SponsorTerm(ON + timedelta(1), None)], ago(90)),  # soon
        ([SponsorTerm(ago(500), ago(400))], date(2026, 1, 1)),  # of an earlier membership
    ],
)
def test_seat_is_vacant_since_the_last_sponsor_or_the_membership(
    terms: list[SponsorTerm], since: date | None
) -> None:
    assert warnings.seat_vacant_since(date(2026, 1, 1), terms, ON, days=30) == since


def test_seat_of_a_new_member_may_be_vacant_for_a_while() -> None:
    assert warnings.seat_vacant_since(ago(30), [], ON, days=30) is None
    assert warnings.seat_vacant_since(ago(31), [], ON, days=30) == ago(31)


# --- sponsors do not meet ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("meetings", "silence"),
    [
        ([], Silence(date(2024, 1, 1), have_met=False)),
        # Two a quarter: one every 45.5 days; 1.5 times that is 68.25.
        ([(ago(69), BOTH)], Silence(ago(69), have_met=True)),
        ([(ago(68), BOTH)], None),
        ([(ago(100), BOTH), (ago(5), ONE)], Silence(ago(100), have_met=True)),  # one side alone
        ([(ago(100), BOTH), (ON + timedelta(1), BOTH)], Silence(ago(100), have_met=True)),
        ([(ON, frozenset({3, 4, 5})), (ago(100), BOTH)], None),
    ],
)
def test_sponsors_are_silent_after_one_and_a_half_intervals(
    meetings: list[tuple[date, frozenset[int]]], silence: Silence | None
) -> None:
    found = warnings.sponsor_silence(
        date(2024, 1, 1), meetings, ON, meetings_a_quarter=2, cadences=1.5
    )

    assert found == silence


def test_sponsors_of_a_young_alliance_have_time() -> None:
    # One a quarter: one every 91 days; twice that is 182, and a silence of so long is too long.
    def silence(began_on: date) -> Silence | None:
        return warnings.sponsor_silence(began_on, [], ON, meetings_a_quarter=1, cadences=2)

    assert silence(ago(181)) is None
    assert silence(ago(182)) == Silence(ago(182), have_met=False)
    assert silence(ON + timedelta(5)) is None


# --- objectives fall behind -------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "now", "fall"),
    [
        (70.0, 60.0, Fall(70.0, 60.0)),
        (70.0, 60.1, None),
        (60.0, 70.0, None),
        (10.0 + 0.1 + 0.3, 0.4, Fall(10.0 + 0.1 + 0.3, 0.4)),  # 10, whatever the last digit says
        (None, 60.0, None),
        (70.0, None, None),
    ],
)
def test_measure_falls_by_ten_points_or_more(
    before: float | None, now: float | None, fall: Fall | None
) -> None:
    assert warnings.fall(before, now, points=10) == fall


# --- an obstacle stays ------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("raised_on", "resolved_on", "too_long"),
    [
        (ago(31), None, True),
        (ago(30), None, False),
        (ago(60), ON, False),
        (ago(60), ON + timedelta(1), True),
        (ON + timedelta(1), None, False),
    ],
)
def test_obstacle_is_open_for_more_than_thirty_days(
    raised_on: date, resolved_on: date | None, *, too_long: bool
) -> None:
    assert warnings.is_open_too_long(raised_on, resolved_on, ON, days=30) is too_long


# --- a score declines -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("verdicts", "holds"),
    [
        (["declined", "declined"], True),
        (["declined", "declined", "improved"], True),
        (["declined", "possible"], False),
        (["improved", "declined", "declined"], False),
        (["declined", "", "declined"], False),
        (["declined"], False),
        ([], False),
    ],
)
def test_score_declines_in_the_last_two_cycles(verdicts: list[str], *, holds: bool) -> None:
    assert warnings.declines_in_a_row(verdicts, declines=2) is holds


# --- organisations differ ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "before", "is_new"),
    [
        (["clear"], ["possible"], True),
        (["aligned", "clear", "aligned"], ["aligned"] * 3, True),
        (["clear"], [], True),  # scored, but nothing could be told
        (["clear"], ["clear"], False),
        (["clear", "aligned"], ["aligned", "clear"], False),
        (["possible"], ["aligned"], False),
        ([], [], False),
    ],
)
def test_gap_is_new_where_none_was_clear_before(
    now: list[str], before: list[str], *, is_new: bool
) -> None:
    assert warnings.is_newly_clear(now, before) is is_new


# --- few answer -------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("asked", "answered", "closes_in", "too_few"),
    [
        (8, 3, 7, True),  # 3 of 8 are 37.5 %
        (8, 4, 7, False),  # half
        (8, 3, 8, False),  # there is time
        (8, 0, 0, True),  # the last day
        (8, 0, -1, False),  # over
        (0, 0, 3, False),  # nobody was asked
        (1, 0, 3, True),
    ],
)
def test_few_have_answered_in_the_last_week(
    asked: int, answered: int, closes_in: int, *, too_few: bool
) -> None:
    found = warnings.has_few_answers(
        asked, answered, ON + timedelta(closes_in), ON, share=0.5, days_before_close=7
    )

    assert found is too_few
