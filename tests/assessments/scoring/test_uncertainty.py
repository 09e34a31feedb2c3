"""The case that the specification works by hand, and the edges of its formulas."""

from decimal import Decimal

import numpy as np
import pytest
from scipy.special import stdtrit

from assessments.scoring import EvidenceSpec, MetricSpec, Rater, RubricSpec, score
from assessments.scoring.results import SideSpread
from assessments.scoring.uncertainty import Error, Interval, combine, interval, p_value, quantile
from tests.assessments.scoring.examples import (
    PARAMETERS,
    column,
    dimension,
    near,
    raters,
    rubric,
)

SIDES = ("north", "south")


def north(rubric: RubricSpec, *people: Rater, node: str = "overall") -> SideSpread:
    """Return the spread of the north in a node; the south has one rater in every dimension."""
    items = [item.id for dimension in rubric.dimensions for item in dimension.items]
    other = Rater("other", "south", dict.fromkeys(items, 3))
    found = score(PARAMETERS, rubric, SIDES, [*people, other]).nodes[node].score
    assert found is not None
    return found.spreads["north"]


def test_side_spread_by_hand() -> None:
    metric = MetricSpec("m", 0, 100)
    with_evidence = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (metric,))))
    people = (*raters("north", "443", "454", "343", "454"), *raters("south", "332"))

    overall = score(PARAMETERS, with_evidence, SIDES, people, evidence={"m": 1}).nodes["overall"]

    assert overall.score is not None
    found = overall.score.spreads["north"]
    assert found.z == pytest.approx(
        {"north1": -2.5, "north2": 4.1666667, "north3": -5.8333333, "north4": 4.1666667}
    )
    assert found.variance == pytest.approx(331 / 7)
    assert (found.se2, found.df, found.n) == (near(11.821429), 7, 4)


def test_side_spread_of_one_rater_is_the_prior() -> None:
    found = north(rubric(dimension("a", 1)), *raters("north", "2"))

    assert (found.variance, found.se2, found.df) == (100, 100, 4)


def test_side_spread_of_equal_raters_keeps_the_prior() -> None:
    found = north(rubric(dimension("a", 1)), *raters("north", "2", "2"))

    assert (found.variance, found.se2, found.df) == (4 * 100 / 5, 40, 5)


def test_side_spread_of_people_of_one_mind_is_nothing_to_the_last_digit() -> None:
    found = north(rubric(dimension("a", 3)), *raters("north", *["443"] * 7))

    assert set(found.z.values()) == {0}


def test_side_spread_leans_more_on_few_raters_of_a_dimension() -> None:
    people = [Rater("n1", "north", {"a1": 2, "b1": 4}), Rater("n2", "north", {"a1": 3})]

    found = north(rubric(dimension("a", 1), dimension("b", 1)), *people)

    # Each half of the alliance's half, 12.5 points either side of the mean in the one dimension.
    assert found.z == {"n1": -3.125, "n2": 3.125}
    assert found.coefficient_sum == 0.5


def test_combine_by_hand() -> None:
    error = combine(column(11.821428571, 14.633744856), column(7, 6))

    assert error.se == pytest.approx(5.143459, abs=1e-6)
    assert error.df == pytest.approx(12.575302, abs=1e-6)


def test_interval_by_hand() -> None:
    error = Error(se=column(5.143459), df=column(12.575302))
    found = interval(column(63.722222), error, 0.95)

    assert (found.low[0], found.high[0]) == pytest.approx((52.572186, 74.872259), abs=1e-5)


def test_score_interval_is_cut_to_0_and_100() -> None:
    found = interval(column(95, 5), Error(se=column(10, 10), df=column(5, 5)), 0.95).cut()

    assert (found.high[0], found.low[1]) == (100, 0)


def test_p_value_of_nothing_is_1_and_does_not_know_the_direction() -> None:
    error = Error(se=column(13.458135), df=column(12.624017))

    assert p_value(column(0), error) == 1
    assert p_value(column(30.555556), error) == pytest.approx(0.041397, abs=1e-6)
    assert p_value(column(-30.555556), error) == p_value(column(30.555556), error)


@pytest.mark.parametrize("share", [0.9, 0.95, 0.975, 0.995])
def test_quantile_is_that_of_the_t_distribution_to_12_digits(share: float) -> None:
    df = np.concatenate([np.linspace(0.2, 60, 5_000), np.geomspace(60, 1e6, 500)])

    assert quantile(df, share) == pytest.approx(stdtrit(df, share), rel=1e-12)


@pytest.mark.parametrize(
    ("low", "high", "inside"), [(-10, 10, True), (-10.1, 5, False), (0, 10.1, False)]
)
def test_interval_within_counts_both_ends(low: float, high: float, inside: bool) -> None:
    assert Interval(column(low), column(high)).within(10).tolist() == [inside]
