import pytest
from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from assessments.charts import interval_bar
from tests.assessments.charts.reading import SVG, assert_sound, count, drawings

maybe = st.none() | st.floats(allow_nan=True, allow_infinity=True)


def test_interval_bar_picture(picture: SnapshotAssertion) -> None:
    assert interval_bar(65, 52, 78, title="Overall") == picture


@given(maybe, maybe, maybe)
def test_interval_bar_is_sound_whatever_it_is_given(
    value: float | None, low: float | None, high: float | None
) -> None:
    assert_sound(interval_bar(value, low, high, title="Overall"), title="Overall")


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ((65.4, 52.5, 78.1), "65 of 100, probably between 53 and 78."),
        ((65.4, None, 78.1), "65 of 100, without an interval."),
        ((None, 52.0, 78.0), "No score."),
    ],
)
def test_interval_bar_says_what_it_shows(
    given_: tuple[float | None, float | None, float | None], said: str
) -> None:
    [drawing] = drawings(interval_bar(*given_, title="Overall"))

    assert drawing.findtext(f"{SVG}desc") == said


def test_interval_bar_follows_the_band_in_force() -> None:
    [drawing] = drawings(interval_bar(71, 60, 80, title="Overall", band="amber"))

    assert (count(drawing, "ch-amber"), count(drawing, "ch-green")) == (1, 0)
