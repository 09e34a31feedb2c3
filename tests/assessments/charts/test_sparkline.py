from hypothesis import given
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from assessments.charts import sparkline
from tests.assessments.charts.reading import SVG, assert_sound, count, drawings

values = st.lists(st.none() | st.floats(0, 100), max_size=12)


def test_sparkline_picture(picture: SnapshotAssertion) -> None:
    drawn = sparkline([63, 62, 58, None, 52, 50, 41], title="Overall, 7 quarters")

    assert drawn == picture


@given(values, st.text())
def test_sparkline_is_sound_whatever_it_is_given(scores: list[float | None], title: str) -> None:
    assert_sound(sparkline(scores, title=f"Overall {len(title)}"), title=f"Overall {len(title)}")
    drawings(sparkline(scores, title=title))


def test_sparkline_takes_no_number_for_missing() -> None:
    assert sparkline([float("nan"), 50], title="t") == sparkline([None, 50], title="t")


def test_sparkline_of_one_score_is_a_mark_without_a_line() -> None:
    [drawing] = drawings(sparkline([61], title="Overall"))

    assert (count(drawing, "ch-data"), count(drawing, "ch-amber")) == (0, 1)


def test_sparkline_without_scores_says_so() -> None:
    [drawing] = drawings(sparkline([None, None], title="Overall"))

    assert drawing.findtext(f"{SVG}desc") == "No scores yet."
    assert count(drawing, "ch-mark") == 0


def test_sparkline_breaks_at_a_gap() -> None:
    [drawing] = drawings(sparkline([50, 52, None, 54, 55], title="Overall"))

    assert count(drawing, "ch-data") == 2
    assert drawing.findtext(f"{SVG}desc") == "50, 52, no data, 54, 55"


def test_sparkline_ends_in_the_band_in_force() -> None:
    """A gate may hold a score of 71 at Watch; the picture follows the band, not the number."""
    [drawing] = drawings(sparkline([70, 71], title="Overall", band="amber"))

    assert (count(drawing, "ch-amber"), count(drawing, "ch-green")) == (1, 0)
