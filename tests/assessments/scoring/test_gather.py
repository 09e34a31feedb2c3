import numpy as np
import pytest

from assessments.scoring import countable
from assessments.scoring.gather import LimitTooLow


def counted(sides: str, protected: str, *minimum: int) -> tuple[list[bool], list[int]]:
    """Return who counts and how many are left out, of raters such as "aabb", "+" in confidence."""
    names = sorted(set(sides))
    found = countable(
        np.array([names.index(side) for side in sides], dtype=np.int64),
        np.array([sign == "+" for sign in protected], dtype=np.bool_),
        np.array(minimum, dtype=np.int64),
    )
    return found.kept.tolist(), found.left_out.tolist()


def test_countable_keeps_a_side_with_enough_protected_answers() -> None:
    assert counted("aaaaa", "+++++", 5) == ([True] * 5, [0])


def test_countable_leaves_out_all_protected_answers_of_a_side_with_too_few() -> None:
    kept, left_out = counted("bbbbaacccccc", "++++--++++++", 5, 5, 5)

    assert kept == [False] * 4 + [True] * 8
    assert left_out == [0, 4, 0]


def test_countable_keeps_who_answers_by_name_beside_left_out_colleagues() -> None:
    assert counted("aa", "-+", 3) == ([True, False], [1])


def test_countable_goes_by_each_sides_own_limit() -> None:
    assert counted("aaabbb", "++++++", 3, 4) == ([True] * 3 + [False] * 3, [0, 3])


def test_countable_refuses_a_limit_below_three() -> None:
    with pytest.raises(LimitTooLow, match="it cannot be below 3"):
        counted("ab", "++", 5, 2)
