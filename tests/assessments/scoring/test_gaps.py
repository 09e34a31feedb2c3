import math
from dataclasses import dataclass

import numpy as np
import pytest

from assessments.scoring import GapVerdict, score
from assessments.scoring.gaps import VERDICTS, Gaps, gap_verdict, gaps, holm
from assessments.scoring.uncertainty import Error
from tests.assessments.scoring.examples import PARAMETERS, column, dimension, raters, rubric


@dataclass(frozen=True, slots=True)
class View:
    value: float
    se: float = 3
    df: float = 10


def found(*views: View) -> Gaps:
    """Return the gaps between sides, of one node of one alliance."""
    values, ses, dfs = (
        np.array([[getattr(view, name)] for view in views]) for name in ("value", "se", "df")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        return gaps(PARAMETERS, values, ses * ses, dfs)


def test_gaps_of_two_sides_is_the_first_less_the_second() -> None:
    two = found(View(83.333333, 9.052317, 7), View(52.777778, 9.958763, 6))

    assert (two.pairs.tolist(), two.is_there.tolist()) == ([True], [[True], [False]])
    assert two.value[0, 0] == pytest.approx(30.555555)
    assert two.error.se[0, 0] == pytest.approx(13.458135, abs=1e-6)
    assert two.error.df[0, 0] == pytest.approx(12.624017, abs=1e-5)
    assert two.p[0, 0] == pytest.approx(0.041397, abs=1e-6)
    assert two.p_holm[0, 0] == two.p[0, 0]
    assert VERDICTS[two.verdict[0, 0]] is GapVerdict.CLEAR


def test_gaps_of_three_sides_are_each_against_the_mean_of_the_others() -> None:
    three = found(View(80, 3), View(50, 4), View(44, 4))

    assert three.is_there.all()
    assert not three.pairs.any()
    assert three.value[:, 0].tolist() == [33, -12, -21]
    assert three.error.se[0, 0] == pytest.approx(math.sqrt(9 + (16 + 16) / 4))
    assert three.error.se[1, 0] == pytest.approx(math.sqrt(16 + (9 + 16) / 4))
    assert three.p_holm.tolist() == holm(three.p).tolist()


def test_gaps_of_two_sides_among_three_pass_over_the_third() -> None:
    nothing = View(math.nan, math.nan, math.nan)
    two, three = found(View(80, 3), View(50, 4)), found(View(80, 3), nothing, View(50, 4))

    assert three.is_there[:, 0].tolist() == [True, False, False]
    assert (three.value[0], three.p[0]) == (two.value[0], two.p[0])


def test_gaps_of_one_side_or_none_are_none() -> None:
    nothing = View(math.nan)

    assert not found(View(50), nothing).is_there.any()
    assert not found(nothing, nothing).is_there.any()


def test_gaps_with_a_hidden_side_are_not_shown() -> None:
    people = [*raters("a", "5", "5", "5"), *raters("b", "3", "3"), *raters("c", "3", "3", "3")]

    result = score(PARAMETERS, rubric(dimension("a", 1)), ("a", "b", "c"), people)

    assert [gap.is_shown for gap in result.nodes["overall"].gaps] == [False, False, False]


def test_holm_by_hand() -> None:
    assert holm(column(0.01, 0.04, 0.03)).tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert holm(column(0.5, 0.9)).tolist() == [1, 1]
    assert holm(column(0.01, math.nan, 0.04))[[0, 2]].tolist() == pytest.approx([0.02, 0.04])


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
    error = Error(se=column(se), df=column(10))

    [found] = gap_verdict(PARAMETERS, column(value), error, column(p))

    assert VERDICTS[found] == verdict
