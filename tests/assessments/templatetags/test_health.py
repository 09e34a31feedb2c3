from enum import StrEnum

import pytest
from django import forms
from django.template import Context, Template

from assessments.templatetags import health
from tests.assessments.charts.reading import assert_sound


class Colour(StrEnum):
    GREEN = "green"
    GREY = "grey"


@pytest.mark.parametrize(
    ("band", "said"),
    [
        ("green", ("Healthy", "green", "●")),
        (Colour.GREEN, ("Healthy", "green", "●")),
        ("amber", ("Watch", "amber", "▲")),
        ("red", ("At risk", "red", "◆")),
        (Colour.GREY, ("No data", "none", "–")),
        (None, ("No data", "none", "–")),
        ("", ("No data", "none", "–")),
    ],
)
def test_band_is_said_by_word_class_and_shape(band: object, said: tuple[str, str, str]) -> None:
    assert (
        health.band_label(band),
        health.band_class(band),
        health.band_glyph(band),
    ) == said


def test_band_shapes_differ_and_are_hidden_from_readers() -> None:
    shapes = [health.band_shape(band) for band in ("green", "amber", "red", None)]

    assert len(set(shapes)) == 4
    assert all('aria-hidden="true"' in shape for shape in shapes)


@pytest.mark.parametrize(
    ("value", "said"), [(None, "–"), (float("nan"), "–"), (0, "0"), (62.5, "63"), (99.4, "99")]
)
def test_points_are_whole(value: float | None, said: str) -> None:
    assert health.points(value) == said


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, ("–", "", "no earlier score")),
        (0.0, ("0", "=", "no change")),
        (0.4, ("0", "=", "no change")),
        (-0.4, ("0", "=", "no change")),
        (0.5, ("+1", "▲", "up 1 point")),
        (-0.5, ("−1", "▼", "down 1 point")),
        (4.2, ("+4", "▲", "up 4 points")),
        (-3.0, ("−3", "▼", "down 3 points")),
    ],
)
def test_change_is_said_by_sign_arrow_and_words(
    value: float | None, said: tuple[str, str, str]
) -> None:
    assert (health.delta(value), health.delta_arrow(value), health.delta_words(value)) == said


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ines Okafor", "IO"), ("Jonas Maria Halvorsen", "JH"), ("Ines", "I"), ("", "")],
)
def test_initials_are_first_and_last(name: str, letters: str) -> None:
    assert health.initials(name) == letters


def test_level_number_is_for_levels_alone() -> None:
    assert [health.level_number(v) for v in (1, "5", "cannot_tell", None)] == ["1", "5", "", ""]


def test_error_anchor_leads_to_the_control() -> None:
    class Form(forms.Form):
        name = forms.CharField()
        level = forms.ChoiceField(choices=[("1", "One")], widget=forms.RadioSelect)

    form = Form()

    assert health.error_anchor(form["name"]) == "id_name"
    assert health.error_anchor(form["level"]) == "id_level_0"


def test_picture_tags_draw() -> None:
    template = Template(
        "{% load health %}{% sparkline values title='Overall' %}"
        "{% interval_bar 65 52 78 title='Overall' %}{% trend points title='Overall' %}"
        "{% dumbbell rows title='Overall' %}"
    )

    drawn = template.render(Context({"values": [50, 60], "points": [], "rows": []}))

    assert_sound(drawn, title="Overall")


@pytest.mark.parametrize(
    ("value", "written"), [(0.834, "0.83"), (-0.031, "−0.03"), (1, "1.00"), (None, "–")]
)
def test_decimals(value: float | None, written: str) -> None:
    assert health.decimals(value) == written


@pytest.mark.parametrize(
    ("share", "written"), [(0.125, "13 %"), (0, "0 %"), (1.0, "100 %"), (None, "–")]
)
def test_percent(share: float | None, written: str) -> None:
    assert health.percent(share) == written
