import pytest

from assessments.charts import svg


def test_element_escapes_text_and_attributes() -> None:
    drawn = svg.element(
        "text", svg.words("<b> & \x00"), class_='a"b', x=1, y=None, text_anchor="end"
    )

    assert drawn == '<text class=\'a"b\' x="1" text-anchor="end">&lt;b&gt; &amp; </text>'


def test_number_is_short() -> None:
    written = [svg.number(v) for v in (0, -0.001, 1 / 3, 720.0, 1234.567, -12.5)]

    assert written == ["0", "0", "0.33", "720", "1234.57", "-12.5"]


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_number_refuses_what_cannot_be_drawn(value: float) -> None:
    with pytest.raises(ValueError, match="cannot be drawn"):
        svg.number(value)


def test_shorten_says_that_something_is_missing() -> None:
    assert svg.shorten("Governance", 200) == "Governance"
    assert svg.shorten("Adaptability and governance", 80) == "Adaptabili…"


def test_wrap_breaks_at_spaces_and_shortens_the_last_line() -> None:
    label = "Adaptability and governance of the joint programme office"

    assert svg.wrap(label, 150) == ["Adaptability and", "governance of the jo…"]
    assert svg.wrap("Passion", 150) == ["Passion"]
    assert svg.wrap("", 150) == []
