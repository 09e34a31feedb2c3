import pytest

from assessments.scoring import Gathered, countable
from assessments.scoring.gather import LimitTooLow
from tests.assessments.scoring.examples import raters


def test_countable_keeps_a_side_with_enough_protected_answers() -> None:
    people = raters("north", "3", "3", "3", "3", "3")

    assert countable(people[::-1], minimum_protected=5) == Gathered(kept=people, left_out={})


def test_countable_leaves_out_all_protected_answers_of_a_side_with_too_few() -> None:
    named = raters("asia", "3", "4", protected=False)
    few = raters("north", "3", "3", "3", "3")
    many = raters("south", "3", "3", "3", "3", "3", "3")

    assert countable((*few, *named, *many), minimum_protected=5) == Gathered(
        kept=(*named, *many), left_out={"north": 4}
    )


def test_countable_keeps_who_answers_by_name_beside_left_out_colleagues() -> None:
    named = raters("managers", "3", protected=False)
    in_confidence = raters("managers", "2", "2")[1:]

    assert countable((*named, *in_confidence), minimum_protected=3) == Gathered(
        kept=named, left_out={"managers": 1}
    )


def test_countable_refuses_a_limit_below_three() -> None:
    with pytest.raises(LimitTooLow, match="it cannot be below 3"):
        countable((), minimum_protected=2)
