"""What answers in confidence must not tell: worked by hand."""

from decimal import Decimal

import numpy as np
import pytest

from assessments.scoring import (
    Answer,
    DimensionSpec,
    ItemSpec,
    Rater,
    RubricSpec,
    Veiled,
    batch_of_one,
)
from assessments.scoring.veil import veil
from tests.assessments.scoring.examples import PARAMETERS, dimension, raters, rubric

ONE_QUESTION = rubric(dimension("a", 1))
TWO_QUESTIONS = rubric(dimension("a", 2))


def veiled(tree: RubricSpec, *sides: tuple[Rater, ...]) -> Veiled:
    everybody = [rater for side in sides for rater in side]
    names = sorted({rater.side for rater in everybody} | {"x", "y"})
    batch = batch_of_one(PARAMETERS, tree, names, everybody)
    return veil(batch.shape, batch.sheets, batch.segments(batch.sheets))


def levels(found: Veiled) -> list[str]:
    """Return each rater's levels as they count, "N" for cannot tell and "-" for blank."""
    signs = {-1: "-", -2: "N"}
    return [
        "".join(signs.get(step, str(step + 1)) for step in rater)
        for rater in found.sheets.steps.T.tolist()
    ]


def test_people_who_differ_stay_as_they_are() -> None:
    found = veiled(TWO_QUESTIONS, raters("n", "43", "34", "45", "51"))

    assert levels(found) == ["43", "34", "45", "51"]
    assert not found.too_few.any()


def test_people_who_all_say_the_same_are_parted_with_the_mean_kept() -> None:
    assert levels(veiled(ONE_QUESTION, raters("n", "4", "4", "4", "4"))) == ["5", "3", "4", "4"]


@pytest.mark.parametrize(
    ("said", "counts"), [("5", ["5", "4", "5"]), ("1", ["2", "1", "1"])], ids=["top", "bottom"]
)
def test_people_at_an_end_of_the_scale_count_a_level_away_from_it(
    said: str, counts: list[str]
) -> None:
    assert levels(veiled(ONE_QUESTION, raters("n", said, said, said))) == counts


def test_a_reversed_question_is_parted_too() -> None:
    tree = rubric(dimension("a", 1, reverse=[1]))

    assert levels(veiled(tree, raters("n", "2", "2", "2"))) == ["3", "1", "2"]


def test_people_alike_in_one_question_only_are_parted_in_it() -> None:
    found = veiled(TWO_QUESTIONS, raters("n", "41", "42", "45"))

    assert levels(found) == ["51", "32", "45"]


def test_people_with_the_same_points_by_different_levels_are_parted() -> None:
    """Each has 7 of 10 levels; one goes up in a question and another down, so that all differ."""
    found = veiled(TWO_QUESTIONS, raters("n", "43", "34", "34"))

    said = np.array([[int(level) for level in one] for one in levels(found)])
    assert said.sum() == 21
    assert len(set(said.sum(axis=1).tolist())) > 1
    assert all(len(set(column)) > 1 for column in said.T.tolist())


def test_the_same_points_with_uneven_weights_are_parted() -> None:
    tree = rubric(DimensionSpec("a", Decimal(1), (ItemSpec("a1", Decimal(2)), ItemSpec("a2"))))

    found = veiled(tree, raters("n", "31", "23", "23"))  # 2·3 + 1 = 2·2 + 3

    said = [[int(level) for level in one] for one in levels(found)]
    assert len({2 * first + second for first, second in said}) > 1
    assert all(len({one[item] for one in said}) > 1 for item in (0, 1))


def test_fewer_than_the_limit_count_as_blank_and_are_told() -> None:
    found = veiled(ONE_QUESTION, raters("n", "4", "2", "N"), raters("s", "1", "2", "3"))

    assert levels(found) == ["-", "-", "N", "1", "2", "3"]
    assert found.too_few.tolist() == [[True, False, False, False]]


def test_a_dimension_with_too_few_leaves_the_others_alone() -> None:
    tree = rubric(dimension("a", 1), dimension("b", 1))
    answers: list[tuple[Answer, Answer]] = [(1, 2), (2, 3), ("NA", 5)]
    said = [Rater(f"n{n}", "n", {"a1": a, "b1": b}) for n, (a, b) in enumerate(answers)]

    assert levels(veiled(tree, tuple(said))) == ["-2", "-3", "N5"]


def test_those_who_answer_by_name_are_left_alone() -> None:
    found = veiled(ONE_QUESTION, raters("n", "4", "4", protected=False))

    assert levels(found) == ["4", "4"]


def test_names_do_not_hide_those_in_confidence_who_are_alike() -> None:
    named = raters("n", "1", protected=False)
    secret = tuple(Rater(f"z{n}", "n", {"a1": 4}) for n in range(3))

    assert levels(veiled(ONE_QUESTION, (*named, *secret))) == ["1", "5", "3", "4"]


def test_what_was_given_is_not_changed() -> None:
    batch = batch_of_one(PARAMETERS, ONE_QUESTION, ["n", "s"], raters("n", "4", "4", "4"))
    before = batch.sheets.steps.copy()

    veil(batch.shape, batch.sheets, batch.segments(batch.sheets))

    assert (batch.sheets.steps == before).all()


def test_a_veil_over_a_veil_changes_nothing() -> None:
    """So each published number is that of answers that could have been given as they are."""
    chance = np.random.default_rng(3)
    tree = rubric(dimension("a", 2), dimension("b", 1), dimension("c", 3))
    items = [item.id for part in tree.dimensions for item in part.items]
    for _try in range(300):
        low = int(chance.integers(1, 5))
        people = [
            Rater(f"{side}{n}", side, {item: int(chance.integers(low, low + 2)) for item in items})
            for side in ("n", "s")
            for n in range(chance.integers(3, 6))
        ]
        batch = batch_of_one(PARAMETERS, tree, ["n", "s"], people)
        segments = batch.segments(batch.sheets)

        once = veil(batch.shape, batch.sheets, segments)
        twice = veil(batch.shape, once.sheets, segments)

        assert (once.sheets.steps == twice.sheets.steps).all()
