from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.charts import scale

scores = st.floats(0, 100)


def test_clean_keeps_what_can_be_drawn() -> None:
    drawn = [scale.clean(v) for v in (None, float("nan"), float("inf"), -5.0, 42, 130.0)]

    assert drawn == [None, None, None, 0.0, 42.0, 100.0]


def test_whole_rounds_halves_up() -> None:
    assert [scale.whole(v) for v in (0.49, 0.5, 62.5, 63.5, 99.99)] == [0, 1, 63, 64, 100]


def test_scale_puts_what_lies_outside_on_the_edge() -> None:
    up = scale.Scale(20, 60, 100, 0)

    assert [up(v) for v in (20, 40, 60, 0, 100)] == [100, 50, 0, 100, 0]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([], (0, 100)),
        ([50], (30, 70)),
        ([0, 2], (0, 30)),
        ([99, 100], (70, 100)),
        ([10, 95], (10, 100)),
    ],
)
def test_window_is_round_and_wide_enough(
    values: list[float], expected: tuple[float, float]
) -> None:
    assert scale.window(values) == expected


@given(st.lists(scores, min_size=1), st.sampled_from([30.0, 40.0]), st.sampled_from([1.0, 10.0]))
def test_window_holds_every_value_and_never_narrows(
    values: list[float], least: float, step: float
) -> None:
    low, high = scale.window(values, least=least, step=step)

    assert 0 <= low <= min(values)
    assert max(values) <= high <= 100
    assert high - low >= least - 1e-9


@given(st.lists(scores, min_size=1))
def test_ticks_are_even_and_within(values: list[float]) -> None:
    low, high = scale.window(values)
    marks = scale.ticks(low, high)

    assert 2 <= len(marks) <= 6
    assert low <= marks[0] < marks[-1] <= high
    assert len({b - a for a, b in pairwise(marks)}) == 1


def test_runs_break_at_gaps() -> None:
    present = [True, True, False, True, False, False, True]

    assert scale.runs(present) == [[0, 1], [3], [6]]
    assert scale.runs([False, False]) == []
