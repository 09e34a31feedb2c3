from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from assessments.charts import DumbbellRow, SideValue, dumbbell
from tests.assessments.charts.reading import SVG, assert_sound, count, drawings, texts

names = st.text(st.characters(codec="utf-8"), max_size=60)
rows = st.lists(
    st.builds(
        DumbbellRow,
        label=names,
        sides=st.lists(
            st.builds(SideValue, side=names, value=st.none() | st.floats(0, 100)),
            min_size=1,
            max_size=6,
        ).map(tuple),
    ),
    max_size=6,
)


def _row(label: str, *values: float | None) -> DumbbellRow:
    sides = ("Halden Rail", "Kestrel Signalling", "Porto Sul", "Ferro Cranes")
    return DumbbellRow(label, tuple(SideValue(s, v) for s, v in zip(sides, values, strict=False)))


def test_dumbbell_picture(picture: SnapshotAssertion) -> None:
    drawn = dumbbell(
        [
            _row("Sponsor presence and relationship", 71, 40),
            _row("Benefits and delivery", 50, 50),
            _row("Influence and impact", 62, None),
            _row("Passion", None, None),
        ],
        title="How the two sides see it",
    )
    [wide, *_others] = drawn.split("</svg>")

    assert wide + "</svg>" == picture


@settings(max_examples=60)
@given(rows)
def test_dumbbell_is_sound_whatever_it_is_given(given_rows: list[DumbbellRow]) -> None:
    assert_sound(dumbbell(given_rows, title="Gaps"), title="Gaps")


def test_dumbbell_writes_the_gap_in_whole_points() -> None:
    [wide, _middle, _narrow] = drawings(dumbbell([_row("Passion", 70.6, 39.5)], title="Gaps"))

    assert texts(wide)[-1] == "31"
    assert wide.findtext(f"{SVG}desc") == "Passion: Halden Rail 71, Kestrel Signalling 40"


def test_dumbbell_shows_no_gap_where_one_side_is_missing() -> None:
    [wide, *_others] = drawings(dumbbell([_row("Passion", 70, None)], title="Gaps"))

    assert texts(wide)[-1] == "–"
    assert count(wide, "ch-gap") == 0


def test_dumbbell_says_when_nobody_can_be_shown() -> None:
    [wide, *_others] = drawings(dumbbell([_row("Passion", None, None)], title="Gaps"))

    assert "Too few answers to show" in texts(wide)


def test_dumbbell_sets_equal_sides_apart() -> None:
    [wide, *_others] = drawings(dumbbell([_row("Passion", 50, 50, 50, 50)], title="Gaps"))
    tips = [n for n in wide.iter() if (n.findtext(f"{SVG}title") or "").endswith(": 50")]

    places = {(n.attrib.get("cy") or n.attrib.get("y")) for n in tips}
    assert len(tips) == len(places) == 4
