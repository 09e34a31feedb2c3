"""The shared parts of pages, and how a crispy form comes out."""

from types import SimpleNamespace

import pytest
from crispy_forms.bootstrap import AppendedText
from crispy_forms.helper import FormHelper
from crispy_forms.layout import Layout, Submit
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.template.loader import render_to_string
from django.utils.html import strip_tags


def _part(name: str, **context: object) -> str:
    return render_to_string(f"components/{name}.html", context)


def _words(markup: str) -> str:
    return " ".join(strip_tags(markup).split())


class Objective(forms.Form):
    use_required_attribute = False

    statement = forms.CharField(
        label="What was promised",
        help_text="One sentence.",
        error_messages={"required": "Enter what was promised"},
    )
    target = forms.DecimalField(label="Target", required=False)
    counted = forms.ChoiceField(
        label="How it is counted",
        choices=[("sum", "As a sum"), ("last", "As the newest value")],
        widget=forms.RadioSelect,
        error_messages={"required": "Select how it is counted"},
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.helper = FormHelper()
        self.helper.disable_csrf = True
        self.helper.layout = Layout("statement", AppendedText("target", "wagons"), "counted")
        self.helper.add_input(Submit("save", "Save objective"))


def _crispy(form: forms.Form) -> str:
    template = engines["django"].from_string("{% load crispy_forms_tags %}{% crispy form %}")
    return template.render({"form": form})


def test_form_marks_what_is_optional_and_nothing_else() -> None:
    markup = _crispy(Objective())

    assert "Target (optional)" in _words(markup)
    assert markup.count("(optional)") == 1
    assert "*" not in _words(markup)


def test_form_leaves_checking_to_us_and_submits_by_a_button() -> None:
    markup = _crispy(Objective())

    assert "novalidate" in markup
    assert " required" not in markup
    assert '<button type="submit" name="save"' in markup


def test_field_shows_help_and_error_before_the_control_and_ties_them_to_it() -> None:
    markup = _crispy(Objective({}))
    field = markup[markup.index('id="div_id_statement"') :]

    assert (
        field.index('id="id_statement_helptext"')
        < field.index('id="id_statement_error"')
        < field.index('<input type="text" name="statement"')
    )
    assert 'aria-describedby="id_statement_helptext id_statement_error"' in field
    assert 'aria-invalid="true"' in field
    assert "Error: Enter what was promised" in _words(field)


def test_group_of_radios_shows_its_error_once_and_no_label_red() -> None:
    markup = _crispy(Objective({}))
    group = markup[markup.index('id="div_id_counted"') :]

    assert group.count("Select how it is counted") == 1
    assert group.count('id="id_counted_error"') == 1
    assert "is-invalid" not in group
    assert '<fieldset aria-describedby="id_counted_error">' in group


def test_error_summary_leads_to_each_control() -> None:
    markup = _crispy(Objective({}))
    summary = markup[: markup.index('id="div_id_statement"')]

    assert '<a href="#id_statement">Enter what was promised</a>' in summary
    assert '<a href="#id_counted_0">Select how it is counted</a>' in summary
    assert 'id="id_counted_0"' in markup


def test_error_summary_is_silent_without_errors() -> None:
    assert _part("error_summary", form=Objective()).strip() == ""


def test_levels_are_radios_with_their_whole_sentence() -> None:
    class Question(forms.Form):
        level = forms.ChoiceField(
            label="How does a decision come?",
            widget=forms.RadioSelect,
            choices=[
                ("1", "It does not"),
                ("2", "It comes late"),
                ("cannot_tell", "I cannot tell"),
            ],
        )

    markup = _part("levels", field=Question({"level": "2"})["level"], about="About the alliance")

    assert _words(markup) == (
        "About the alliance How does a decision come? 1 It does not 2 It comes late I cannot tell"
    )
    assert markup.count('type="radio"') == 3
    assert markup.count(" checked") == 1
    assert markup.count("level--other") == 1


@pytest.mark.parametrize(
    ("context", "said", "look"),
    [
        ({"band": "red"}, "At risk", "band--red"),
        ({"band": None}, "No data", "band--none"),
        ({"band": "green", "size": "lg"}, "Healthy", "band--lg"),
        ({"band": "amber", "provisional": True}, "Watch, provisional", "is-provisional"),
        ({"band": "amber", "label": "Held at Watch"}, "Held at Watch", "band--amber"),
    ],
)
def test_band_badge_has_word_shape_and_colour(
    context: dict[str, object], said: str, look: str
) -> None:
    markup = _part("band_badge", **context)

    assert _words(markup) == said
    assert look in markup
    assert "<svg" in markup


def test_score_shows_whole_points_and_interval() -> None:
    markup = _part("score_interval", value=64.6, low=52.1, high=78.4, band="amber")

    assert "65 probably between 52–78" in _words(markup)
    assert "chart-interval" in markup


def test_score_that_is_missing_is_a_dash_with_words() -> None:
    markup = _part("score_interval", value=None, low=None, high=None)

    assert _words(markup) == "– No score"
    assert "chart-interval" not in markup


def test_delta_has_arrow_sign_and_words() -> None:
    assert _words(_part("delta", value=-3, since="since 2026 Q3")) == (
        "▼ −3down 3 points since 2026 Q3"
    )
    assert _words(_part("delta", value=None)) == "–no earlier score"


def test_heat_cell_says_its_band_without_colour() -> None:
    markup = _part("heat_cell", band="red", value=38, url="/a/1/", about="Sponsor engagement")

    assert _words(markup) == "38, At risk, Sponsor engagement"
    assert _words(_part("heat_cell", band=None, value=None)) == "No data"


def test_pagination_keeps_the_rest_of_the_address() -> None:
    page = Paginator(range(60), 20).page(2)

    markup = _part("pagination", page=page, query="sort=name")

    assert _words(markup) == "Previous Page 2 of 3 Next"
    assert 'href="?sort=name&amp;page=3"' in markup
    assert _part("pagination", page=Paginator(range(5), 20).page(1)).strip() == ""


def test_chart_repeats_its_numbers_as_a_table() -> None:
    note = SimpleNamespace(label="2026 Q3", text="Steering group paused")

    markup = _part(
        "chart",
        svg="",
        caption="Overall",
        headers=["Quarter", "Score"],
        rows=[["2026 Q4", 41]],
        notes=[note],
    )

    assert "2026 Q3 Steering group paused" in _words(markup)
    assert '<th scope="row">2026 Q4</th><td class="num">41</td>' in markup


def test_server_error_page_needs_nothing() -> None:
    assert "What was saved is safe." in _words(render_to_string("500.html"))
