"""Parts add up to the last bit, and in whole points as they are shown."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessments.scoring.parts import PartsDoNotAddUp, exact_parts, whole_parts
from assessments.scoring.weights import whole_shares

weights = st.lists(st.decimals("0.01", "100", places=2), min_size=1, max_size=12)


def test_exact_parts_puts_what_rounding_left_on_the_largest() -> None:
    third = 100 / 3
    parts = [0.1 * third] * 3 + [0.7 * third]

    found = exact_parts(third, parts)

    assert found[:3] == tuple(parts[:3])
    assert found[3] == pytest.approx(parts[3], abs=1e-13)
    assert math.fsum(found) == third


def test_exact_parts_of_one_is_the_total() -> None:
    assert exact_parts(61.3, [61.3 + 1e-13]) == (61.3,)


def test_exact_parts_hands_on_what_the_largest_is_too_coarse_for() -> None:
    found = exact_parts(0.2, [50.1, -49.9, 1e-3 - 1e-3])

    assert math.fsum(found) == 0.2
    assert abs(found[2]) < 1e-14


@pytest.mark.parametrize("missing", [1e-9, -1e-9, 3.0])
def test_exact_parts_refuses_what_rounding_cannot_have_left(missing: float) -> None:
    with pytest.raises(PartsDoNotAddUp, match="and not 60"):
        exact_parts(60.0, [20.0, 40.0 - missing * 1.001])


@given(weights, st.data())
def test_exact_parts_of_a_weighted_mean_add_up_to_the_last_bit(
    given_: list[object], data: st.DataObject
) -> None:
    whole = whole_shares(given_)  # type: ignore[arg-type]
    values = data.draw(
        st.lists(st.floats(0, 100), min_size=len(whole), max_size=len(whole)), label="values"
    )
    parts = [value * share / sum(whole) for value, share in zip(values, whole, strict=True)]
    total = data.draw(st.sampled_from([math.fsum(parts), sum(parts)]), label="total")

    found = exact_parts(total, parts)

    assert math.fsum(found) == total
    assert all(abs(one - other) < 1e-9 for one, other in zip(found, parts, strict=True))


@pytest.mark.parametrize(
    ("total", "parts", "found"),
    [
        (65, [12.4, 26.4, 26.2], (13, 26, 26)),
        (10, [5.5, 4.5], (6, 4)),
        (6, [8.4, -2.3, 0.0], (8, -2, 0)),
        (-3, [-1.2, -1.4, 0.0], (-1, -2, 0)),
        (0, [], ()),
    ],
)
def test_whole_parts_add_up_to_what_is_shown(
    total: int, parts: list[float], found: tuple[int, ...]
) -> None:
    assert whole_parts(total, parts) == found


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12))
def test_whole_parts_lie_within_a_point(parts: list[float]) -> None:
    total = math.floor(math.fsum(parts) + 0.5)

    found = whole_parts(total, parts)

    assert sum(found) == total
    assert all(abs(one - other) < 1 + 1e-9 for one, other in zip(found, parts, strict=True))
