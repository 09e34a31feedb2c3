import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from assessments.charts import part_bar
from tests.assessments.charts.reading import SVG, assert_sound, count, drawings

number = st.floats(allow_nan=True, allow_infinity=True)


def test_part_bar_picture(picture: SnapshotAssertion) -> None:
    assert part_bar(-2.0, 3.0, title="Passion") == picture


@example(8.988465674311579e307, 8.98846567431158e307)
@given(st.none() | number, number)
def test_part_bar_is_sound_whatever_it_is_given(value: float | None, reach: float) -> None:
    assert_sound(part_bar(value, reach, title="Passion"), title="Passion")


@pytest.mark.parametrize(
    ("value", "x", "width"), [(3.0, "48", "46"), (-1.5, "25", "23"), (0.3, "48", "4.6")]
)
def test_part_bar_lies_to_the_side_of_its_sign(value: float, x: str, width: str) -> None:
    [drawing] = drawings(part_bar(value, 3.0, title="Passion"))

    [bar] = drawing.findall(f"{SVG}rect")
    assert (bar.get("x"), bar.get("width")) == (x, width)


def test_part_bar_of_nothing_is_a_line() -> None:
    for value in (0.0, None):
        [drawing] = drawings(part_bar(value, 3.0, title="Passion"))
        assert (count(drawing, "ch-dot"), count(drawing, "ch-tick")) == (0, 1)
