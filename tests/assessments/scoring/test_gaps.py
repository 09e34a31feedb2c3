import math

import pytest

from assessments.scoring import GapVerdict
from assessments.scoring.gaps import SideView, gap_verdict, gaps, holm
from assessments.scoring.uncertainty import Error, Interval
from tests.assessments.scoring.examples import PARAMETERS


def view(value: float, se: float = 3, df: float = 10, *, is_hidden: bool = False) -> SideView:
    return SideView(
        value=value,
        se=se,
        df=df,
        shown=Interval(0, 100),
        n=4,
        is_hidden=is_hidden,
        is_incomplete=False,
    )


def test_gaps_of_two_sides_is_the_first_less_the_second() -> None:
    (found,) = gaps(
        PARAMETERS, {"north": view(83.333333, 9.052317, 7), "south": view(52.777778, 9.958763, 6)}
    )

    assert (found.name, found.side, found.other) == ("north minus south", "north", "south")
    assert found.value == pytest.approx(30.555555)
    assert found.se == pytest.approx(13.458135, abs=1e-6)
    assert found.df == pytest.approx(12.624017, abs=1e-5)
    assert found.p == pytest.approx(0.041397, abs=1e-6)
    assert (found.p_holm, found.verdict, found.is_shown) == (None, GapVerdict.CLEAR, True)


def test_gaps_of_three_sides_are_each_against_the_mean_of_the_others() -> None:
    found = gaps(PARAMETERS, {"a": view(80, 3), "b": view(50, 4), "c": view(44, 4)})

    assert [gap.name for gap in found] == ["a minus others", "b minus others", "c minus others"]
    assert [gap.value for gap in found] == [33, -12, -21]
    assert found[0].se == pytest.approx(math.sqrt(9 + (16 + 16) / 4))
    assert found[1].se == pytest.approx(math.sqrt(16 + (9 + 16) / 4))
    assert [gap.p_holm for gap in found] == holm([gap.p for gap in found])


def test_gaps_of_one_side_or_none_are_none() -> None:
    assert gaps(PARAMETERS, {"north": view(50)}) == ()
    assert gaps(PARAMETERS, {}) == ()


def test_gaps_with_a_hidden_side_are_not_shown() -> None:
    found = gaps(PARAMETERS, {"a": view(80), "b": view(50, is_hidden=True), "c": view(50)})

    assert [gap.is_shown for gap in found] == [False, False, False]


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.5, 0.9]) == [1, 1]


@pytest.mark.parametrize(
    ("value", "se", "p", "verdict"),
    [
        (20, 5, 0.01, "clear"),
        (-20, 5, 0.01, "clear"),
        (20, 12, 0.15, "possible"),
        (20, 20, 0.3, "cannot tell"),
        (9, 1, 0.001, "cannot tell"),  # surely there, yet not material; not surely within 10
        (5, 1, 0.001, "aligned"),
        (0, 2, 1, "aligned"),
        (0, 8, 1, "cannot tell"),
    ],
)
def test_gap_verdict(value: float, se: float, p: float, verdict: str) -> None:
    assert gap_verdict(PARAMETERS, value, Error(se=se, df=10), p) == verdict
