"""The case that the specification works by hand, and the edges of its formulas."""

import pytest

from assessments.scoring.uncertainty import (
    Error,
    Interval,
    combine,
    interval,
    p_value,
    score_interval,
    side_spread,
)
from tests.assessments.scoring.examples import PARAMETERS, near


def test_side_spread_by_hand() -> None:
    points = {"a": {"n1": 66.66666667, "n2": 83.33333333, "n3": 58.33333333, "n4": 83.33333333}}

    found = side_spread(PARAMETERS, {"a": 0.4}, points, {"a": 72.91666667})

    assert found.z == pytest.approx(
        {"n1": -2.5, "n2": 4.1666667, "n3": -5.8333333, "n4": 4.1666667}
    )
    assert found.variance == pytest.approx(331 / 7)
    assert (found.se2, found.df, found.n) == (near(11.821429), 7, 4)


def test_side_spread_of_one_rater_is_the_prior() -> None:
    found = side_spread(PARAMETERS, {"a": 0.5}, {"a": {"n1": 40}}, {"a": 40})

    assert (found.variance, found.se2, found.df) == (100, 100, 4)


def test_side_spread_of_equal_raters_keeps_the_prior() -> None:
    found = side_spread(PARAMETERS, {"a": 1}, {"a": {"n1": 40, "n2": 40}}, {"a": 40})

    assert (found.variance, found.se2, found.df) == (4 * 400 / 5, 160, 5)


def test_side_spread_leans_more_on_few_raters_of_a_dimension() -> None:
    points = {"a": {"n1": 40, "n2": 60}, "b": {"n1": 70}}

    found = side_spread(PARAMETERS, {"a": 0.5, "b": 0.5}, points, {"a": 50, "b": 70})

    assert found.z == {"n1": -5, "n2": 5}
    assert found.coefficient_sum == 1


def test_combine_by_hand() -> None:
    error = combine([(11.821428571, 7), (14.633744856, 6)])

    assert error.se == pytest.approx(5.143459, abs=1e-6)
    assert error.df == pytest.approx(12.575302, abs=1e-6)


def test_interval_by_hand() -> None:
    found = interval(63.722222, Error(se=5.143459, df=12.575302), 0.95)

    assert (found.low, found.high) == pytest.approx((52.572186, 74.872259), abs=1e-5)


def test_score_interval_is_cut_to_0_and_100() -> None:
    assert score_interval(95, Error(se=10, df=5), 0.95).high == 100
    assert score_interval(5, Error(se=10, df=5), 0.95).low == 0


def test_p_value_of_nothing_is_1_and_does_not_know_the_direction() -> None:
    error = Error(se=13.458135, df=12.624017)

    assert p_value(0, error) == 1
    assert p_value(30.555556, error) == pytest.approx(0.041397, abs=1e-6)
    assert p_value(-30.555556, error) == p_value(30.555556, error)


@pytest.mark.parametrize(
    ("low", "high", "inside"), [(-10, 10, True), (-10.1, 5, False), (0, 10.1, False)]
)
def test_interval_within_counts_both_ends(low: float, high: float, inside: bool) -> None:
    assert Interval(low, high).within(10) is inside
