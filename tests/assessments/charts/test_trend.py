from hypothesis import given, settings
from hypothesis import strategies as st
from syrupy.assertion import SnapshotAssertion

from assessments.charts import TrendEvent, TrendPoint, trend
from tests.assessments.charts.reading import SVG, assert_sound, count, drawings, texts

maybe = st.none() | st.floats(0, 100)
labels = st.text(st.characters(codec="utf-8"), max_size=60)
points = st.lists(
    st.builds(
        TrendPoint,
        label=labels,
        value=maybe,
        low=maybe,
        high=maybe,
        band=st.sampled_from(["green", "amber", "red", "grey", None]),
        rebased=st.booleans(),
    ),
    max_size=14,
)
QUARTERS = ["2025 Q3", "2025 Q4", "2026 Q1", "2026 Q2", "2026 Q3", "2026 Q4"]


def _story() -> list[TrendPoint]:
    values = [63.0, 58.0, None, 52.0, 50.0, 41.0]
    return [
        TrendPoint(
            label,
            value,
            low=None if value is None else value - 10,
            high=None if value is None else value + 10,
            band="red" if value == 41 else "amber",
            rebased=label == "2026 Q3",
        )
        for label, value in zip(QUARTERS, values, strict=True)
    ]


def test_trend_picture(picture: SnapshotAssertion) -> None:
    events = [TrendEvent("2025 Q4", "Sponsor left"), TrendEvent("2026 Q3", "Test track late")]
    [wide, *_others] = trend(_story(), title="Overall by quarter", events=events).split("</svg>")

    assert wide + "</svg>" == picture


@settings(max_examples=60)
@given(points, st.lists(st.builds(TrendEvent, label=labels, text=labels), max_size=4))
def test_trend_is_sound_whatever_it_is_given(
    quarters: list[TrendPoint], events: list[TrendEvent]
) -> None:
    at_a_quarter = [TrendEvent(p.label, "Sponsor left") for p in quarters[:3]]

    assert_sound(trend(quarters, title="Overall", events=[*events, *at_a_quarter]), title="Overall")


def test_trend_comes_in_three_widths_with_the_same_words() -> None:
    found = drawings(trend(_story(), title="Overall"))

    assert [d.attrib["class"] for d in found] == [
        "chart chart--wide",
        "chart chart--middle",
        "chart chart--narrow",
    ]
    assert {d.findtext(f"{SVG}desc") for d in found} == {
        (
            "2025 Q3: 63, between 53 and 73; 2025 Q4: 58, between 48 and 68; 2026 Q1: no data; "
            "2026 Q2: 52, between 42 and 62; 2026 Q3: 50, between 40 and 60; "
            "2026 Q4: 41, between 31 and 51"
        )
    }


def test_trend_breaks_at_gaps_and_where_the_rubric_changed() -> None:
    wide = drawings(trend(_story(), title="Overall"))[0]

    # Q3-Q4 of 2025 is one line; after the gap Q2 stands alone, and Q3-Q4 start anew.
    assert count(wide, "ch-data") == 2
    assert count(wide, "ch-mark") == 5
    assert "rebased" in texts(wide)


def test_trend_names_its_zones_in_words() -> None:
    wide = drawings(trend(_story(), title="Overall"))[0]

    assert {"Healthy", "Watch", "At risk"} <= set(texts(wide))


def test_trend_of_one_quarter_is_one_mark_with_whiskers() -> None:
    wide = drawings(trend([TrendPoint("2026 Q4", 61, 50, 72, "amber")], title="Overall"))[0]

    assert (count(wide, "ch-mark"), count(wide, "ch-whisker"), count(wide, "ch-data")) == (1, 3, 0)
    assert "61" in texts(wide)


def test_trend_without_scores_says_so() -> None:
    for drawing in drawings(trend([TrendPoint(q, None) for q in QUARTERS], title="Overall")):
        assert "No scores yet" in texts(drawing)
        assert count(drawing, "ch-mark") == 0


def test_trend_always_labels_the_last_quarter() -> None:
    many = [TrendPoint(f"20{n} Q4", 50.0) for n in range(10, 50)]

    for drawing in drawings(trend(many, title="Overall")):
        assert "2049 Q4" in texts(drawing)


def test_trend_numbers_events_in_the_order_given() -> None:
    events = [
        TrendEvent("2026 Q3", "Steering group paused"),
        TrendEvent("2025 Q4", "Sponsor left"),
        TrendEvent("1999 Q1", "Long before"),
    ]
    wide = drawings(trend(_story(), title="Overall", events=events))[0]

    said = [t.text for t in wide.iter(f"{SVG}title")]
    assert "2026 Q3: Steering group paused" in said
    assert "1999 Q1: Long before" not in said
    assert count(wide, "ch-note") == 2
