from decimal import Decimal

import pytest

from assessments.scoring import (
    DimensionSpec,
    ItemSpec,
    Parameters,
    Rater,
    RubricSpec,
    score,
)
from assessments.scoring.results import Survey
from tests.assessments.scoring.examples import PARAMETERS, answers_to, dimension, raters, rubric

SIDES = ("north", "south", "west")


def survey(tree: RubricSpec, *people: Rater, parameters: Parameters = PARAMETERS) -> Survey:
    return score(parameters, tree, SIDES, people).survey


def rater_points(
    tree: DimensionSpec, rater: Rater, parameters: Parameters = PARAMETERS
) -> float | None:
    """Return the rater's points in the dimension, None where he does not count."""
    return survey(rubric(tree), rater, parameters=parameters).raters[rater.id].get(tree.id)


@pytest.mark.parametrize(("answered", "points"), [(1, 0), (2, 25), (3, 50), (4, 75), (5, 100)])
def test_item_points_spread_the_levels_evenly(answered: int, points: float) -> None:
    rater = Rater("n", "north", {"a1": answered})

    assert rater_points(dimension("a", 1), rater) == points
    assert rater_points(dimension("a", 1, reverse=[1]), rater) == 100 - points


def test_item_points_follow_the_scale() -> None:
    eleven = Parameters(scale_min=0, scale_max=10)

    assert rater_points(dimension("a", 1), Rater("n", "north", {"a1": 3}), eleven) == 30


@pytest.mark.parametrize(
    ("written", "points"),
    [
        ("443", 200 / 3),
        ("3N3", 50),  # two of three are more than half
        ("3N-", None),  # one of three is not
        ("NNN", None),
        ("---", None),
        ("", None),
    ],
)
def test_rater_points_need_more_than_half(written: str, points: float | None) -> None:
    assert rater_points(dimension("a"), _rater(written)) == pytest.approx(points)


def test_rater_points_exactly_half_is_not_more_than_half() -> None:
    assert rater_points(dimension("a", 4), _rater("55--")) is None


def test_rater_points_go_by_weight_not_by_number() -> None:
    heavy_first = DimensionSpec(
        "a",
        Decimal(1),
        (
            ItemSpec("a1", Decimal("0.6")),
            ItemSpec("a2", Decimal("0.3")),
            ItemSpec("a3", Decimal("0.1")),
        ),
    )

    assert rater_points(heavy_first, _rater("5--")) == 100
    assert rater_points(heavy_first, _rater("-55")) is None
    assert rater_points(heavy_first, _rater("51-")) == pytest.approx(200 / 3)


def test_rater_points_are_exact_with_weights_of_many_digits() -> None:
    """Exactly half is not more than half, also where a floating-point number would round it."""
    long = ("0.123456789", "999999999.123456789", "999999999.000000001", "0.246913577")
    tree = DimensionSpec(
        "a", Decimal(1), tuple(ItemSpec(f"a{n}", Decimal(w)) for n, w in enumerate(long, start=1))
    )

    assert sum(map(Decimal, long[:2])) == sum(map(Decimal, long[2:]))
    assert rater_points(tree, _rater("55--")) is None
    assert rater_points(tree, _rater("--55")) is None
    assert rater_points(tree, _rater("555-")) == 100


def test_rater_points_count_only_what_was_asked() -> None:
    asked = Rater("n", "north", {"a1": 5}, asked=frozenset({"a1"}))
    not_asked = Rater("n", "north", {}, asked=frozenset())

    assert rater_points(dimension("a"), asked) == 100
    assert rater_points(dimension("a"), not_asked) is None


def test_survey_gives_raters_sides_and_plain_means() -> None:
    people = (*raters("north", "333", "5--"), *raters("south", "555", "111"))

    found = survey(rubric(dimension("a")), *people)

    assert found.raters == {
        "north1": {"a": 50},
        "north2": {},
        "south1": {"a": 100},
        "south2": {"a": 0},
    }
    assert found.sides == {
        "north": {"a": {"north1": 50}},
        "south": {"a": {"south1": 100, "south2": 0}},
        "west": {},
    }
    assert found.means == {"north": {"a": 50}, "south": {"a": 50}, "west": {}}


def _rater(written: str) -> Rater:
    return Rater("n", "north", answers_to("a", written))
