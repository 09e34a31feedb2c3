"""How well a questionnaire measures: by hand, against scipy, and where it says nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.stats import f_oneway

from assessments.scoring import Asked, Reliability, Use, reliability, use
from assessments.scoring.columns import Floats, Whole
from assessments.scoring.reliability import (
    FEWEST_RATERS,
    FEWEST_SIDES,
    NO_LEVEL,
    alpha,
    omega,
    rater_scores,
)
from tests.assessments.scoring.examples import column, near

MANY = Asked(alliances=12, raters=60, protected=40)


def table(*rows: str) -> Floats:
    """Read "43N-" as one rater's levels (N no level, - not asked)."""
    signs = {"N": float(NO_LEVEL), "-": np.nan}
    return np.array(
        [[signs.get(sign) if sign in signs else float(sign) for sign in row] for row in rows]
    )


def answered(
    seed: int, loadings: Floats, raters: int, sides: int, apart: float
) -> tuple[Floats, Whole]:
    """Draw levels of items that one factor moves, in sides that differ by so much."""
    random = np.random.default_rng(seed)
    side = random.integers(0, sides, raters)
    factor = random.normal(0, 1, raters) + random.normal(0, apart, sides)[side]
    noise = random.normal(0, 1, (raters, loadings.size)) * np.sqrt(1 - loadings**2)
    return np.clip(np.round(3 + factor[:, np.newaxis] * loadings + noise), 1, 5), side


def test_alpha_by_hand() -> None:
    """Items' variances 1.6667 and 0.9167, covariance 1.1667: 2 (1 - 2.5833 / 4.9167) = .9492."""
    assert alpha(table("11", "22", "33", "43")) == pytest.approx(0.949153, abs=1e-6)


def test_alpha_of_items_that_say_the_same_is_1() -> None:
    assert alpha(table("111", "222", "444")) == pytest.approx(1)


def test_alpha_where_all_agree_is_none() -> None:
    assert alpha(table("345", "345", "345")) is None


def test_omega_of_three_items_by_hand() -> None:
    """Correlations .56, .48 and .42 are those of loadings .8, .7 and .6, without remainder."""
    correlation = np.array([[1, 0.56, 0.48], [0.56, 1, 0.42], [0.48, 0.42, 1]])
    levels = np.random.default_rng(1).normal(size=(50, 3))
    levels -= levels.mean(axis=0)
    levels = np.linalg.qr(levels)[0] * np.sqrt(49) @ np.linalg.cholesky(correlation).T

    # (.8 + .7 + .6)^2 = 4.41, and 0.36 + 0.51 + 0.64 = 1.51 of the items' own.
    assert omega(levels) == pytest.approx(4.41 / (4.41 + 1.51), abs=1e-6)


def test_omega_of_equally_good_items_is_alpha() -> None:
    levels, _side = answered(2, np.full(6, 0.8), 20_000, 10, 0)

    assert omega(levels) == pytest.approx(alpha(levels), abs=0.002)


def test_omega_of_unequal_items_is_above_alpha() -> None:
    levels, _side = answered(3, column(0.9, 0.8, 0.3, 0.2), 20_000, 10, 0)
    found, by_alpha = omega(levels), alpha(levels)

    assert found is not None
    assert by_alpha is not None
    assert found > by_alpha + 0.03


def test_omega_where_an_item_never_differs_is_none() -> None:
    assert omega(table("113", "223", "433", "543")) is None


def test_icc_by_hand() -> None:
    """Means 2, 3, 4 of three raters each: MSB = 3, MSW = 1, n = 3; (3-1)/(3+2) and (3-1)/3."""
    levels = np.tile(table("1", "2", "3", "2", "3", "4", "3", "4", "5"), (7, 1))
    side = np.arange(63) // 3

    found = reliability(levels, column(1), side)

    # Seven times the same three: MSB = 7 x 6 / 20 = 2.1.
    assert (found.icc1, found.icc2) == pytest.approx((1.1 / 4.1, 1.1 / 2.1))
    assert (found.raters, found.sides, found.alpha, found.omega) == (63, 21, None, None)


@pytest.mark.parametrize("seed", range(5))
def test_icc_of_unequal_sides_rests_on_the_f_of_scipy(seed: int) -> None:
    levels, side = answered(seed, np.full(4, 0.7), 150, 30, 0.6)
    sizes = np.bincount(side)
    sizes = sizes[sizes > 0]
    f = f_oneway(*(levels[side == one].mean(axis=1) for one in np.unique(side))).statistic
    size = (150 - (sizes**2).sum() / 150) / (sizes.size - 1)

    found = reliability(levels, np.ones(4), side)

    assert found.icc1 == pytest.approx((f - 1) / (f - 1 + size))
    assert found.icc2 == pytest.approx((f - 1) / f)


def test_icc_finds_how_far_sides_differ() -> None:
    levels, side = answered(4, np.full(8, 0.95), 20_000, 2_000, 0.5)

    # The sides' variance .25 in that of all, 1.25, a little less for whole levels.
    assert reliability(levels, np.ones(8), side).icc1 == pytest.approx(0.2, abs=0.02)


def test_rater_counts_who_answered_more_than_half_of_the_weight() -> None:
    score, counts = rater_scores(table("54NN", "5NNN", "5N--", "54--", "NNNN", "----"), np.ones(4))

    assert counts.tolist() == [False, False, False, True, False, False]
    assert score[3] == 4.5
    assert rater_scores(table("5N--"), column(2, 1, 1, 1))[1].tolist() == [True]


def test_too_few_raters_sides_or_items_have_no_figures() -> None:
    levels, side = answered(5, np.full(3, 0.8), FEWEST_RATERS, FEWEST_SIDES - 1, 0.5)

    sides = int((np.bincount(side[1:]) > 1).sum())
    assert reliability(levels[1:], np.ones(3), side[1:]) == Reliability(3, 29, sides)
    two = reliability(levels[:, :2], np.ones(2), side)
    assert two.alpha is not None
    assert two.omega is None
    assert two.icc1 is None
    assert reliability(levels[:, :1], np.ones(1), side).alpha is None


def test_raters_who_left_an_item_out_are_not_in_alpha_but_in_icc() -> None:
    levels, side = answered(6, np.full(3, 0.8), 100, 20, 0.5)
    holed = levels.copy()
    holed[:50, 0] = NO_LEVEL
    holed[50:60, 1] = np.nan

    found = reliability(holed, np.ones(3), side)

    assert found.raters == 40
    assert found.alpha == alpha(levels[60:])
    assert found.sides == 20


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000), st.integers(2, 6), st.floats(0, 1))
def test_figures_stay_within_their_bounds(seed: int, items: int, apart: float) -> None:
    levels, side = answered(seed, np.linspace(0.2, 0.9, items), 120, 25, apart)
    order: NDArray[np.int64] = np.random.default_rng(seed).permutation(120)

    found = reliability(levels, np.ones(items), side)
    again = reliability(levels[order], np.ones(items), side[order])

    for name in ("alpha", "omega", "icc1", "icc2"):
        figure = getattr(found, name)
        assert figure is None or figure <= 1
        assert getattr(again, name) == (None if figure is None else pytest.approx(figure, abs=1e-7))
    assert found.omega is None or found.omega >= 0


def test_use_by_hand() -> None:
    found = use(np.array([5, 2, 3, 4, 6, 5]), MANY)

    assert found == Use(
        raters=60,
        no_level=0.2,
        mean=near((2 + 6 + 12 + 24 + 25) / 20),
        sd=near(float(np.std([1] * 2 + [2] * 3 + [3] * 4 + [4] * 6 + [5] * 5, ddof=1))),
        floor=0.1,
        ceiling=0.25,
    )


@pytest.mark.parametrize(
    "asked",
    [
        Asked(alliances=4, raters=60, protected=40),
        Asked(alliances=12, raters=60, protected=9),
        Asked(alliances=12, raters=60, protected=1),
        Asked(alliances=12, raters=9, protected=0),
        Asked(alliances=12, raters=60, protected=40, are_alike=True),
    ],
)
def test_use_is_not_told_where_single_people_could_be_meant(asked: Asked) -> None:
    assert use(np.array([5, 2, 3, 4, 6, 5]), asked) == Use(raters=asked.raters)


def test_use_is_told_of_named_raters_alone_and_at_the_limits() -> None:
    levels = np.array([0, 2, 3, 4, 1, 0])

    for asked in (Asked(5, 10, 0), Asked(5, 10, 10)):
        assert use(levels, asked).mean == pytest.approx(2.4)


def test_use_with_few_levels_tells_only_that_many_could_not() -> None:
    assert use(np.array([20, 0, 3, 3, 3, 0]), MANY) == Use(raters=60, no_level=near(20 / 29))
    assert use(np.array([3, 0, 3, 3, 0, 0]), MANY) == Use(raters=60)
