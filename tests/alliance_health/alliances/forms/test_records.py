"""What the register's forms have in common."""

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.http import QueryDict

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.models import Organisation
from alliance_health.alliances.queries.choices import Option


class Entry(Record):
    """A form of the kinds of field that there are."""

    name = fields.text("Name", longest=5, empty="Enter a name.")
    value = fields.number("Value", empty="Enter a value.")
    owner = fields.OneRecord(label="Owner", empty="Choose an owner.")


ARNO = Organisation(pk=1, name="Arno")
BRIX = Organisation(pk=2, name="Brix")


def _sent(**entered: str) -> Entry:
    data = QueryDict(mutable=True)
    data.update({"name": "Cobalt"[:5], "value": "1", "owner": "2", **entered})
    form = Entry(data)
    form.offer("owner", (Option(ARNO), Option(BRIX)))
    return form


def test_form_cleans_to_what_the_operation_takes() -> None:
    form = _sent(value="45.50")

    assert form.is_valid()
    assert form.cleaned_data == {"name": "Cobal", "value": Decimal("45.50"), "owner": BRIX}


@pytest.mark.parametrize("owner", ["3", "x", "1 OR 1=1", "-1"])
def test_record_that_was_not_on_offer_is_refused(owner: str) -> None:
    assert _sent(owner=owner).errors == {"owner": ["Choose from the list."]}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("", "Enter a value."),
        *[
            (value, "Enter a number of up to 12 digits, with up to 4 after the point.")
            for value in ("ten", "NaN", "Infinity", "1e20", "0.00001", "1234567890123")
        ],
    ],
)
def test_number_that_does_not_fit_is_refused_in_our_words(value: str, said: str) -> None:
    assert _sent(value=value).errors == {"value": [said]}


def test_only_choice_is_taken_and_not_asked() -> None:
    form = _sent(owner="2")
    form.offer_or_settle("owner", (Option(ARNO),))

    assert "owner" not in form.fields
    assert form.is_valid()
    assert form.cleaned_data["owner"] == ARNO


def test_choices_stand_under_their_groups() -> None:
    form = _sent()
    form.offer("owner", (Option(ARNO, "Here"), Option(BRIX, "There")))

    assert list(form.fields["owner"].choices) == [  # type: ignore[attr-defined]
        ("", "–"),
        ("Here", [(1, "Arno")]),
        ("There", [(2, "Brix")]),
    ]


def test_number_is_shown_without_needless_digits() -> None:
    form = Entry(None, {"value": Decimal("45.5000")})

    assert 'value="45.5"' in str(form["value"])


@pytest.mark.parametrize(
    ("refusal", "name"),
    [
        (ValidationError({"name": "No."}), "name"),
        (ValidationError({"__all__": ValidationError("No.", code="value")}), "value"),
        (ValidationError({"hidden": "No."}), "__all__"),
        (ValidationError({"__all__": "No."}), "__all__"),
        (ValidationError("No."), "__all__"),
    ],
)
def test_refusal_is_shown_beside_the_field_it_is_about(refusal: ValidationError, name: str) -> None:
    form = _sent()
    assert form.is_valid()

    form.take(refusal)

    assert form.errors == {name: ["No."]}
