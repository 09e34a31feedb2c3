from collections.abc import Sequence

import numpy as np
import pytest

from assessments.scoring import AgreementWord, DimensionSpec, Rater, score
from assessments.scoring.agreement import WORDS, agreement_word, chance_limits
from assessments.scoring.results import Agreement
from tests.assessments.scoring.examples import (
    PARAMETERS,
    column,
    dimension,
    near,
    raters,
    rubric,
)

TOO_FEW = Agreement(
    within_sides=None,
    mean_item_variance=None,
    all_raters=None,
    all_raters_j=None,
    mean_deviation=None,
    word=AgreementWord.TOO_FEW,
    could_be_chance=False,
    raters=0,
    items=0,
)


def agreement(dimension: DimensionSpec, people: Sequence[Rater]) -> Agreement:
    """Return the agreement of north and south in a dimension."""
    return score(PARAMETERS, rubric(dimension), ("north", "south"), people).agreement["a"]


def test_agreement_by_hand() -> None:
    # North 4, 4, 3: squares 2/3; south 2, 3: squares 1/2; 3 residual degrees: 7/18.
    # All: mean 3.2, squares 2.8, 4 degrees: 0.7; deviations .8 .8 .2 1.2 .2.
    found = agreement(
        dimension("a", 1),
        [*raters("north", "4", "4", "3"), *raters("south", "2", "3")],
    )

    assert found == Agreement(
        within_sides=near(1 - 7 / 36),
        mean_item_variance=near(7 / 18),
        all_raters=near(0.65),
        all_raters_j=near(0.65),
        mean_deviation=near(0.64),
        word=AgreementWord.STRONG,
        could_be_chance=True,  # noise of five raters on one item reaches 0.75
        raters=5,
        items=1,
    )


def test_agreement_within_sides_sees_through_a_gap_between_them() -> None:
    found = agreement(
        dimension("a"),
        [*raters("north", "555", "555", "555"), *raters("south", "111", "111", "111")],
    )

    assert (found.within_sides, found.mean_item_variance) == (1, 0)
    assert found.all_raters == pytest.approx(1 - 4.8 / 2)
    assert found.all_raters_j == 0
    assert found.could_be_chance is True


def test_agreement_is_the_same_for_a_reversed_item() -> None:
    people = [*raters("north", "443", "352"), *raters("south", "234", "143")]

    assert agreement(dimension("a", reverse=[2]), people) == agreement(dimension("a"), people)


def test_agreement_takes_answers_of_raters_who_do_not_count_in_the_score() -> None:
    few = [*raters("north", "4--", "4--", "4--"), *raters("south", "2--")]

    found = agreement(dimension("a"), few)

    assert (found.within_sides, found.raters, found.items) == (1, 4, 1)


@pytest.mark.parametrize(
    "people",
    [
        (),
        raters("north", "444", "333"),
        (*raters("north", "444", "333"), *raters("south", "222")),
    ],
)
def test_agreement_needs_two_residual_degrees_of_freedom(people: tuple[Rater, ...]) -> None:
    assert agreement(dimension("a"), people) == TOO_FEW


@pytest.mark.parametrize(
    ("within", "word"),
    [
        (1, "strong"),
        (0.7, "strong"),
        (0.69, "moderate"),
        (0.5, "moderate"),
        (0.49, "weak"),
        (0.3, "weak"),
        (0.29, "lacking"),
        (-1, "lacking"),
    ],
)
def test_agreement_word(within: float, word: str) -> None:
    [found] = agreement_word(column(within))

    assert WORDS[found] == word


@pytest.mark.parametrize(
    ("people", "items", "limit"),
    [
        (2, 3, 0.92),
        (8, 10, 0.26),
        (7, 5, 0.355),  # between six and eight raters
        (5, 4, 0.485),  # between three and five items
        (40, 20, 0.18),  # beyond the table its end counts
    ],
)
def test_chance_limit_reads_the_table(people: int, items: int, limit: float) -> None:
    assert chance_limits(np.array([people]), np.array([items])) == pytest.approx(limit)
