from collections.abc import Sequence
from decimal import Decimal

import pytest

from assessments.scoring import EvidenceSpec, InputProblem, Rater, RubricSpec
from assessments.scoring.inputs import check_evidence, check_raters, check_sides
from tests.assessments.scoring.examples import MEETINGS, PARAMETERS, dimension, raters, rubric

RUBRIC = rubric(dimension("a"))


def test_check_raters_takes_levels_blanks_and_cannot_tell() -> None:
    check_raters(PARAMETERS, RUBRIC, ("north", "south"), raters("north", "15N", "-33"))


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        (raters("north", "333") * 2, "Rater north1 is there twice."),
        (raters("west", "333"), "Rater west1 is on the side west, which is unknown."),
        (raters("north", "6"), "Rater north1 answered 6 to a1; a level is a whole number"),
        (raters("north", "0"), "from 1 to 5"),
        ([Rater("n", "north", {"a1": True})], "Rater n answered True to a1"),
        ([Rater("n", "north", {"b1": 3})], "Rater n answered b1, not in the rubric."),
        (
            [Rater("n", "north", {"a1": 3}, asked=frozenset({"a2"}))],
            "Rater n answered a1 without being asked.",
        ),
        (
            [Rater("n", "north", {}, asked=frozenset({"b1"}))],
            "Rater n was asked b1, not in the rubric.",
        ),
    ],
)
def test_check_raters_refuses(entered: Sequence[Rater], sentence: str) -> None:
    with pytest.raises(InputProblem) as refused:
        check_raters(PARAMETERS, RUBRIC, ("north", "south"), entered)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("sides", "sentence"),
    [
        (["north"], "An alliance has two sides or more; there are 1."),
        (["north", "north"], "A side is there twice."),
    ],
)
def test_check_sides_refuses(sides: list[str], sentence: str) -> None:
    with pytest.raises(InputProblem, match=sentence):
        check_sides(sides)


def test_check_evidence_refuses_what_is_not_in_the_rubric_and_what_is_no_number() -> None:
    with pytest.raises(InputProblem, match="There is evidence for meetings held, not in"):
        check_evidence(RUBRIC, {MEETINGS.id: 1.0})
    with pytest.raises(InputProblem, match="is inf; it must be a number"):
        check_evidence(_with_meetings(), {MEETINGS.id: float("inf")})


def test_check_evidence_takes_missing_values() -> None:
    check_evidence(_with_meetings(), {MEETINGS.id: None})


def _with_meetings() -> RubricSpec:
    return rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (MEETINGS,))))
