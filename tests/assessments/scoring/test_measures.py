"""Evidence measures, each against a sum on paper, at the edges of its days, and on many records."""

from datetime import date, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.measures import (
    ObjectiveRecord,
    ObstacleRecord,
    PromiseRecord,
    advocacy,
    attainment,
    check_ins_up_to_date,
    kept_in_time,
    obstacles_in_time,
    sponsor_contact,
    sponsor_match,
)

ON = date(2026, 9, 30)
NORTH, SOUTH, WEST = 1, 2, 3


def back(days: int) -> date:
    """The day so many days before ON; a negative number lies ahead."""
    return ON - timedelta(days=days)


def objective(
    value: float | None = None,
    *,
    weight: float = 1,
    baseline: float = 0,
    target: float = 100,
    started: int = 100,
    due: int = 0,
    checked: int | None = None,
    ended: int | None = None,
) -> ObjectiveRecord:
    """An objective of which everything is expected by ON; its days are counted back from ON."""
    return ObjectiveRecord(
        weight=weight,
        baseline=baseline,
        target=target,
        starts_on=back(started),
        due_on=back(due),
        value=value,
        checked_on=None if checked is None else back(checked),
        ended_on=None if ended is None else back(ended),
    )


# --- attainment -------------------------------------------------------------------------------


def test_attainment_is_the_weighted_mean_of_progress_over_what_was_expected() -> None:
    half_way = objective(40, weight=2, started=50, due=-50)  # .4 of the way where .5 was expected
    downwards = objective(17, weight=1, baseline=20, target=10)  # .3 of the way where all was

    found = attainment([half_way, downwards], ON)

    assert found == pytest.approx(100 * (2 * 0.8 + 1 * 0.3) / 3)


@pytest.mark.parametrize(
    ("value", "points"), [(-10, 0), (0, 0), (25, 50), (50, 100), (90, 100), (None, 0)]
)
def test_attainment_of_one_objective_stays_between_0_and_100(
    value: float | None, points: float
) -> None:
    assert attainment([objective(value, started=50, due=-50)], ON) == points


@pytest.mark.parametrize(("value", "points"), [(25, 0), (20, 0), (15, 50), (10, 100), (4, 100)])
def test_attainment_of_a_target_below_the_baseline_works_the_same_way(
    value: float, points: float
) -> None:
    assert attainment([objective(value, baseline=20, target=10)], ON) == points


def test_attainment_expects_everything_once_the_due_day_is_past() -> None:
    assert attainment([objective(75, started=100, due=40)], ON) == 75


@pytest.mark.parametrize(
    ("started", "found"),
    [
        (-1, None),  # tomorrow
        (0, None),  # today: nothing can be expected of it yet
        (1, 100),  # a hundredth was expected
    ],
)
def test_attainment_leaves_out_what_cannot_have_got_anywhere_yet(
    started: int, found: float | None
) -> None:
    assert attainment([objective(1, started=started, due=started - 100)], ON) == found


def test_attainment_of_the_others_is_not_touched_by_one_that_has_not_started() -> None:
    assert attainment([objective(60), objective(0, weight=9, started=-1, due=-90)], ON) == 60


@pytest.mark.parametrize(
    ("ended", "found"),
    [
        (90, None),  # before the window
        (89, 40),  # its first day
        (0, 40),  # today
        (-1, 40),  # tomorrow: it runs
    ],
)
def test_attainment_counts_an_objective_until_90_days_after_its_end(
    ended: int, found: float | None
) -> None:
    assert attainment([objective(40, started=200, ended=ended)], ON) == found


def test_attainment_without_objectives_is_nothing() -> None:
    assert attainment([], ON) is None


# --- check-ins up to date ---------------------------------------------------------------------


def test_check_ins_up_to_date_is_the_share_of_running_objectives() -> None:
    fresh, stale, never = objective(1, checked=3), objective(1, checked=60), objective()

    assert check_ins_up_to_date([fresh, stale, never, fresh], ON) == 50


@pytest.mark.parametrize(("checked", "points"), [(45, 0), (44, 100), (0, 100)])
def test_check_ins_up_to_date_looks_at_45_days_with_today(checked: int, points: float) -> None:
    assert check_ins_up_to_date([objective(1, checked=checked)], ON) == points


@pytest.mark.parametrize(
    ("started", "ended", "found"),
    [
        (0, None, 100),  # began today
        (-1, None, None),  # begins tomorrow
        (100, -1, 100),  # ends tomorrow
        (100, 0, None),  # ended today
    ],
)
def test_check_ins_up_to_date_looks_at_what_runs_on_the_day(
    started: int, ended: int | None, found: float | None
) -> None:
    one = objective(1, started=started, due=started - 90, checked=0, ended=ended)

    assert check_ins_up_to_date([one], ON) == found


# --- actions on time, commitments kept --------------------------------------------------------


def test_kept_in_time_is_the_share_done_by_the_due_day() -> None:
    promises = [
        PromiseRecord(back(10), back(20)),  # early
        PromiseRecord(back(10), back(10)),  # on the day
        PromiseRecord(back(10), back(9)),  # a day late
        PromiseRecord(back(10), None),  # open and past due
    ]

    assert kept_in_time(promises, ON) == 50


@pytest.mark.parametrize(("due", "found"), [(90, None), (89, 100), (0, 100), (-1, None)], ids=str)
def test_kept_in_time_looks_at_what_was_due_in_90_days_with_today(
    due: int, found: float | None
) -> None:
    assert kept_in_time([PromiseRecord(back(due), back(100))], ON) == found


def test_kept_in_time_without_promises_is_nothing() -> None:
    assert kept_in_time([], ON) is None


# --- sponsor contact --------------------------------------------------------------------------


def test_sponsor_contact_is_meetings_of_two_sides_against_the_cadence() -> None:
    meetings = [
        (back(80), frozenset({NORTH, SOUTH})),
        (back(40), frozenset({NORTH, SOUTH, WEST})),
        (back(20), frozenset({NORTH})),  # one side alone is no contact
        (back(10), frozenset[int]()),
    ]

    assert sponsor_contact(meetings, 4, ON) == 50


@pytest.mark.parametrize(("held", "points"), [(0, 0), (1, 100 / 3), (3, 100), (7, 100)])
def test_sponsor_contact_is_100_at_most(held: int, points: float) -> None:
    meetings = [(back(day), frozenset({NORTH, SOUTH})) for day in range(held)]

    assert sponsor_contact(meetings, 3, ON) == pytest.approx(points)


@pytest.mark.parametrize(("day", "points"), [(90, 0), (89, 100), (0, 100), (-1, 0)])
def test_sponsor_contact_looks_at_90_days_with_today(day: int, points: float) -> None:
    assert sponsor_contact([(back(day), frozenset({NORTH, SOUTH}))], 1, ON) == points


# --- advocacy ---------------------------------------------------------------------------------


def test_advocacy_is_the_mean_over_the_sides_each_at_most_100() -> None:
    acts = [(back(day), NORTH) for day in (1, 2, 3, 4, 5)] + [(back(6), SOUTH)]

    assert advocacy(acts, [NORTH, SOUTH, WEST], 2, ON) == 100 * (1 + 0.5 + 0) / 3


def test_advocacy_of_who_is_no_member_does_not_count() -> None:
    acts = [(back(1), WEST), (back(1), SOUTH)]

    assert advocacy(acts, [NORTH, SOUTH], 1, ON) == 50


@pytest.mark.parametrize(("day", "points"), [(90, 0), (89, 100), (0, 100), (-1, 0)])
def test_advocacy_looks_at_90_days_with_today(day: int, points: float) -> None:
    assert advocacy([(back(day), NORTH)], [NORTH], 1, ON) == points


def test_advocacy_without_members_is_nothing() -> None:
    assert advocacy([(back(1), NORTH)], [], 1, ON) is None


# --- sponsor match ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("levels", "points"),
    [
        ((2, 2), 100),
        ((2, 3), 75),
        ((4, 2), 50),
        ((1, 5), 0),
        ((1, 6), 0),  # five steps apart are no less than none
        ((2, None), 0),
        ((None, None), 0),
        ((1, 2, 4), 50),  # (75 + 25 + 50) / 3
        ((1, 2, None), 25),  # one pair of three has two sponsors
        ((3, None, None), 0),
    ],
)
def test_sponsor_match_is_the_mean_over_pairs(
    levels: tuple[int | None, ...], points: float
) -> None:
    assert sponsor_match(dict(enumerate(levels))) == points


@pytest.mark.parametrize("levels", [{}, {NORTH: 2}, {NORTH: None}])
def test_sponsor_match_of_one_side_is_nothing(levels: dict[int, int | None]) -> None:
    assert sponsor_match(levels) is None


# --- obstacles in time ------------------------------------------------------------------------


def test_obstacles_in_time_is_the_share_resolved_within_30_days() -> None:
    obstacles = [
        ObstacleRecord(back(40), back(20)),
        ObstacleRecord(back(80), back(10)),  # 70 days
        ObstacleRecord(back(50), None),  # open, and too long
        ObstacleRecord(back(10), None),  # open, and still in time
    ]

    assert obstacles_in_time(obstacles, ON) == pytest.approx(100 / 3)


@pytest.mark.parametrize(("took", "points"), [(0, 100), (30, 100), (31, 0)])
def test_obstacles_in_time_allows_30_days(took: int, points: float) -> None:
    assert obstacles_in_time([ObstacleRecord(back(5 + took), back(5))], ON) == points


@pytest.mark.parametrize(("open_for", "found"), [(30, None), (31, 0)])
def test_obstacles_in_time_holds_an_open_one_against_it_after_30_days(
    open_for: int, found: float | None
) -> None:
    assert obstacles_in_time([ObstacleRecord(back(open_for), None)], ON) == found


@pytest.mark.parametrize(("resolved", "found"), [(90, None), (89, 100), (0, 100)])
def test_obstacles_in_time_looks_at_those_resolved_in_90_days_with_today(
    resolved: int, found: float | None
) -> None:
    assert obstacles_in_time([ObstacleRecord(back(resolved + 20), back(resolved))], ON) == found


@pytest.mark.parametrize(("escalated", "found"), [(-1, None), (10, None), (40, 0)])
def test_obstacles_in_time_takes_one_resolved_later_as_open(
    escalated: int, found: float | None
) -> None:
    assert obstacles_in_time([ObstacleRecord(back(escalated), back(-2))], ON) == found


def test_obstacles_in_time_without_obstacles_is_nothing() -> None:
    assert obstacles_in_time([], ON) is None


# --- what holds for all records ---------------------------------------------------------------

days = st.integers(-40, 200).map(back)
maybe_days = st.none() | days
numbers = st.decimals(-1000, 1000, places=2).map(float)


@st.composite
def objectives(draw: st.DrawFn) -> ObjectiveRecord:
    """Draw an objective that the register would take."""
    baseline, target = draw(st.lists(numbers, min_size=2, max_size=2, unique=True))
    starts_on = draw(days)
    value = draw(st.none() | numbers)
    return ObjectiveRecord(
        weight=draw(st.integers(1, 999)) / 100,
        baseline=baseline,
        target=target,
        starts_on=starts_on,
        due_on=starts_on + timedelta(days=draw(st.integers(1, 400))),
        value=value,
        checked_on=None if value is None else draw(days),
        ended_on=draw(maybe_days),
    )


promises = st.builds(PromiseRecord, days, maybe_days)
obstacles = st.builds(ObstacleRecord, days, maybe_days)
meetings = st.tuples(days, st.frozensets(st.integers(1, 4)))
acts = st.tuples(days, st.integers(1, 4))


@given(st.lists(objectives(), max_size=8), st.randoms(use_true_random=False))
def test_measures_of_objectives_lie_between_0_and_100_in_any_order(
    records: list[ObjectiveRecord], chance: object
) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    for measure in (attainment, check_ins_up_to_date):
        found = measure(records, ON)
        assert found is None or 0 <= found <= 100
        assert measure(shuffled, ON) == found


@given(st.lists(objectives(), min_size=1, max_size=8))
def test_attainment_is_the_same_sum_in_exact_fractions(records: list[ObjectiveRecord]) -> None:
    above, below = Fraction(0), Fraction(0)
    for one in records:
        too_long_ago = one.ended_on is not None and one.ended_on <= back(90)
        if one.starts_on >= ON or too_long_ago:
            continue
        gone, whole = (ON - one.starts_on).days, (one.due_on - one.starts_on).days
        expected = Fraction(min(gone, whole), whole)
        made = Fraction(0)
        if one.value is not None:
            made = (Fraction(one.value) - Fraction(one.baseline)) / (
                Fraction(one.target) - Fraction(one.baseline)
            )
        below += Fraction(one.weight)
        above += Fraction(one.weight) * min(max(made / expected, Fraction(0)), Fraction(1))

    found = attainment(records, ON)

    assert found == (None if below == 0 else pytest.approx(float(100 * above / below)))


@given(st.lists(promises, max_size=8), st.randoms(use_true_random=False))
def test_kept_in_time_lies_between_0_and_100_in_any_order(
    records: list[PromiseRecord], chance: object
) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    found = kept_in_time(records, ON)

    assert found is None or 0 <= found <= 100
    assert kept_in_time(shuffled, ON) == found


@given(st.lists(obstacles, max_size=8), st.randoms(use_true_random=False))
def test_obstacles_in_time_lies_between_0_and_100_in_any_order(
    records: list[ObstacleRecord], chance: object
) -> None:
    shuffled = list(records)
    chance.shuffle(shuffled)  # type: ignore[attr-defined]

    found = obstacles_in_time(records, ON)

    assert found is None or 0 <= found <= 100
    assert obstacles_in_time(shuffled, ON) == found


@given(
    st.lists(meetings, max_size=8),
    st.lists(acts, max_size=12),
    st.permutations([1, 2, 3, 4]),
    st.integers(1, 7),
    st.randoms(use_true_random=False),
)
def test_measures_of_sponsors_acts_lie_between_0_and_100_in_any_order(
    met: list[tuple[date, frozenset[int]]],
    said: list[tuple[date, int]],
    sides: list[int],
    cadence: int,
    chance: object,
) -> None:
    shuffled_met, shuffled_said = list(met), list(said)
    chance.shuffle(shuffled_met)  # type: ignore[attr-defined]
    chance.shuffle(shuffled_said)  # type: ignore[attr-defined]

    contact = sponsor_contact(met, cadence, ON)
    advocated = advocacy(said, sides, cadence, ON)

    assert 0 <= contact <= 100
    assert advocated is not None
    assert 0 <= advocated <= 100
    assert sponsor_contact(shuffled_met, cadence, ON) == contact
    assert advocacy(shuffled_said, sorted(sides), cadence, ON) == advocated


@given(st.lists(st.none() | st.integers(1, 6), min_size=2, max_size=6), st.data())
def test_sponsor_match_lies_between_0_and_100_in_any_order(
    levels: list[int | None], data: st.DataObject
) -> None:
    by_side = dict(enumerate(levels))
    shuffled = {side: by_side[side] for side in data.draw(st.permutations(list(by_side)))}

    found = sponsor_match(by_side)

    assert found is not None
    assert 0 <= found <= 100
    assert sponsor_match(shuffled) == found
