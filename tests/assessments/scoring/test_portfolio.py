"""Places among many alliances: closed forms, published figures, and what holds for all."""

import time
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from assessments.scoring import Ranking, ranking
from assessments.scoring.columns import Floats
from assessments.scoring.portfolio import spread_of
from tests.assessments.scoring.examples import column

# Thirteen trials of a vaccine, log risk ratios and their variances: the standing example of
# R's metafor (Viechtbauer 2010, Journal of Statistical Software 36), whose REML figures are known.
TRIALS = column(
    *(-0.8893, -1.5854, -1.3481, -1.4416, -0.2175, -0.7861, -1.6209),
    *(0.0120, -0.4694, -1.3713, -0.3394, 0.4459, -0.0173),
)
TRIAL_VARIANCES = column(
    *(0.3256, 0.1946, 0.4154, 0.0200, 0.0512, 0.0069, 0.2230),
    *(0.0040, 0.0564, 0.0730, 0.0124, 0.5325, 0.0714),
)

scores = st.lists(st.tuples(st.floats(0, 100), st.floats(1, 25)), min_size=2, max_size=40)


def columns(rows: list[tuple[float, float]]) -> tuple[Floats, Floats]:
    values, errors = zip(*rows, strict=True)
    return column(*values), column(*errors)


def drawn(
    seed: int, alliances: int, mean: float, sd: float
) -> tuple[Floats, Floats, NDArray[np.float64]]:
    """Draw alliances: what they score, how sure that is, and their true scores."""
    random = np.random.default_rng(seed)
    true = random.normal(mean, sd, alliances)
    error = random.uniform(3, 10, alliances)
    return true + random.normal(0, 1, alliances) * error, error, true


def test_spread_is_that_of_a_published_example() -> None:
    found = spread_of(TRIALS, np.sqrt(TRIAL_VARIANCES))

    assert found.mean == pytest.approx(-0.7145, abs=5e-5)
    assert found.sd**2 == pytest.approx(0.3132, abs=1e-4)
    assert found.mean_se == pytest.approx(0.1798, abs=5e-5)


def test_ranking_by_hand() -> None:
    """Equal errors of 3: tau^2 = 500/3 - 9 = 157.667, B = 9 / 166.667 = 0.054."""
    found = ranking(column(50, 60, 70, 80), column(3, 3, 3, 3))

    assert found.spread.mean == 65
    assert found.spread.sd**2 == pytest.approx(500 / 3 - 9, abs=1e-5)
    assert found.score == pytest.approx([50.81, 60.27, 69.73, 79.19], abs=1e-6)
    # var(mu) = 166.667 / 4; sd^2 = 0.946 x 9 + 0.054^2 x 41.667 = 8.6355
    assert found.sd == pytest.approx([8.6355**0.5] * 4, abs=1e-6)
    # Half a width is 1.959964 x 2.938622 = 5.7596: neighbours, 9.46 apart, overlap.
    assert found.low[0] == pytest.approx(50.81 - 5.759594, abs=1e-5)
    assert (found.first.tolist(), found.last.tolist()) == ([1, 1, 2, 3], [2, 3, 4, 4])
    assert not found.is_without_order


@pytest.mark.parametrize("error", [0.5, 4.0, 9.0])
def test_spread_of_equal_errors_is_the_variance_less_theirs(error: float) -> None:
    value, _errors, _true = drawn(3, 30, 60, 12)

    found = spread_of(value, np.full(30, error))

    assert found.mean == pytest.approx(value.mean())
    assert found.sd**2 == pytest.approx(value.var(ddof=1) - error**2, rel=1e-6)


def test_no_spread_beyond_chance_puts_all_at_the_mean_and_in_no_order() -> None:
    found = ranking(column(58, 60, 61, 62), column(8, 9, 8, 12))

    assert found.spread.sd == 0
    assert found.score.tolist() == [found.spread.mean] * 4
    assert found.is_without_order
    assert (found.first.tolist(), found.last.tolist()) == ([1] * 4, [4] * 4)


def test_equal_scores_have_no_spread() -> None:
    found = ranking(column(60, 60, 60), column(1, 2, 3))

    assert (found.spread.mean, found.spread.sd) == (60, 0)


def test_places_of_alliances_far_apart_are_sure() -> None:
    found = ranking(column(90, 10, 50), column(1, 1, 1))

    assert found.first.tolist() == found.last.tolist() == [3, 1, 2]


def test_less_sure_score_is_drawn_further() -> None:
    value, error, _true = drawn(5, 30, 60, 10)
    value[:2], error[:2] = 90, (3, 12)

    found = ranking(value, error)

    assert found.spread.mean < found.score[1] < found.score[0] < 90


@settings(max_examples=150, deadline=None)
@given(scores, st.randoms(use_true_random=False))
def test_order_of_rows_changes_no_digit(rows: list[tuple[float, float]], random: Random) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)

    found = ranking(*columns(rows))
    again = ranking(*columns([rows[place] for place in order]))

    assert again.spread == found.spread
    for name in ("score", "sd", "low", "high", "first", "last"):
        assert getattr(again, name).tolist() == getattr(found, name)[order].tolist()


@settings(max_examples=150, deadline=None)
@given(scores)
def test_scores_move_towards_the_mean_and_never_past_it(rows: list[tuple[float, float]]) -> None:
    value, error = columns(rows)

    found = ranking(value, error)

    before, after = value - found.spread.mean, found.score - found.spread.mean
    assert (np.abs(after) <= np.abs(before) + 1e-9).all()
    assert (before * after >= -1e-9).all()
    assert value.min() - 1e-9 <= found.spread.mean <= value.max() + 1e-9


@settings(max_examples=150, deadline=None)
@given(scores)
def test_places_are_those_of_intervals_that_do_not_overlap(rows: list[tuple[float, float]]) -> None:
    found = ranking(*columns(rows))

    for place, (low, high) in enumerate(zip(found.low, found.high, strict=True)):
        assert found.first[place] == 1 + (found.high < low).sum()
        assert found.last[place] == len(rows) - (found.low > high).sum()
    assert (found.first >= 1).all()
    assert (found.first <= found.last).all()
    assert (found.last <= len(rows)).all()


@settings(max_examples=100, deadline=None)
@given(scores, st.floats(-50, 50), st.floats(0.1, 10))
def test_scale_and_shift_are_only_that(
    rows: list[tuple[float, float]], shift: float, scale: float
) -> None:
    value, error = columns(rows)

    found, moved = spread_of(value, error), spread_of(value * scale + shift, error * scale)

    width = scale * max(float(np.ptp(value)), 1.0)
    assert moved.mean == pytest.approx(found.mean * scale + shift, abs=1e-3 * width)
    assert moved.sd == pytest.approx(found.sd * scale, abs=2e-2 * width)


def test_simulation_finds_mean_and_spread_again() -> None:
    found = [
        spread_of(value, error) for value, error, _t in (drawn(s, 60, 62, 9) for s in range(99))
    ]

    assert np.mean([one.mean for one in found]) == pytest.approx(62, abs=0.5)
    assert np.mean([one.sd for one in found]) == pytest.approx(9, abs=0.4)


def test_simulation_covers_true_scores_and_true_places() -> None:
    """In 95 of 100 the true score lies in the interval; the place nearly always in its range."""
    covered, placed = [], []
    for seed in range(100):
        value, error, true = drawn(seed, 25, 62, 9)
        found = ranking(value, error)
        place = 1 + np.argsort(np.argsort(true))
        covered.append((found.low <= true) & (true <= found.high))
        placed.append((found.first <= place) & (place <= found.last))

    assert 0.93 <= np.mean(covered) <= 0.97
    assert np.mean(placed) >= 0.97


def test_shrunk_scores_are_nearer_to_the_truth() -> None:
    def miss(found: Ranking, value: Floats, true: Floats) -> tuple[float, float]:
        return float(((found.score - true) ** 2).mean()), float(((value - true) ** 2).mean())

    misses = [
        miss(ranking(value, error), value, true)
        for value, error, true in (drawn(seed, 25, 62, 9) for seed in range(50))
    ]

    shrunk, own = np.sqrt(np.mean(misses, axis=0))
    assert shrunk < 0.85 * own


def test_a_thousand_alliances_are_placed_at_once() -> None:
    value, error, _true = drawn(1, 1_000, 62, 9)
    ranking(value, error)

    began_at = time.perf_counter()
    ranking(value, error)

    assert time.perf_counter() - began_at < 0.1
