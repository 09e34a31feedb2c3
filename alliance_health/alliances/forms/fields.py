"""The kinds of field that the register's forms are made of, each with its own words."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TYPE_CHECKING

from django import forms
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.queries.choices import Options

if TYPE_CHECKING:  # the checker's own package knows what Django's fields take
    from django_stubs_ext import StrOrPromise as Words
else:
    Words = str | Promise

FROM_LIST = _("Choose from the list.")
NO_NUMBER = _("Enter a number of up to 12 digits, with up to 4 after the point.")


def text(
    label: Words, *, longest: int, empty: Words = "", help_text: Words = "", lines: int = 1
) -> forms.CharField:
    """Return a field for words; without `empty`, what to say then, it may stay empty."""
    too_long = format_lazy(
        _("{label} must be {longest} characters or less."), label=label, longest=longest
    )
    return forms.CharField(
        label=label,
        help_text=help_text,
        max_length=longest,
        required=bool(empty),
        widget=forms.Textarea(attrs={"rows": lines}) if lines > 1 else forms.TextInput,
        error_messages={"required": empty, "max_length": too_long},
    )


def address(label: Words, *, empty: Words = "", help_text: Words = "") -> forms.EmailField:
    """Return a field for an e-mail address; without `empty` it may stay empty."""
    return forms.EmailField(
        label=label,
        help_text=help_text,
        max_length=254,
        required=bool(empty),
        error_messages={
            "required": empty,
            "invalid": _("Enter an e-mail address, for example ana@example.com."),
            "max_length": _("An e-mail address is 254 characters or less."),
        },
    )


def day(label: Words, *, empty: Words = "", help_text: Words = "") -> forms.DateField:
    """Return a field for a day; without `empty` it may stay empty."""
    return forms.DateField(
        label=label,
        help_text=help_text,
        required=bool(empty),
        input_formats=["%Y-%m-%d"],
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": empty, "invalid": _("Enter a day, for example 2026-10-01.")},
    )


def number(
    label: Words, *, empty: Words, help_text: Words = "", least: Decimal | None = None
) -> forms.DecimalField:
    """Return a field for a number with up to four digits after the point."""
    return Amount(
        label=label,
        help_text=help_text,
        max_digits=16,
        decimal_places=4,
        min_value=least,
        widget=forms.NumberInput(attrs={"step": "any"}),
        error_messages={
            "required": empty,
            "invalid": NO_NUMBER,
            "max_digits": NO_NUMBER,
            "max_decimal_places": NO_NUMBER,
            "max_whole_digits": NO_NUMBER,
            "min_value": empty,
        },
    )


def whole(label: Words, *, least: int, most: int) -> forms.IntegerField:
    """Return a field for a whole number."""
    outside = format_lazy(_("Enter a whole number from {least} to {most}."), least=least, most=most)
    return forms.IntegerField(
        label=label,
        min_value=least,
        max_value=most,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), outside),
    )


def choice(
    label: Words,
    choices: Sequence[tuple[str, Words]] = (),
    *,
    empty: Words,
    widget: type[forms.Widget] = forms.RadioSelect,
) -> forms.ChoiceField:
    """Return a field of choices, with all of them in view unless the widget is another."""
    return forms.ChoiceField(
        label=label,
        choices=choices,
        widget=widget,
        error_messages={"required": empty, "invalid_choice": FROM_LIST},
    )


def step(
    label: Words, choices: Sequence[tuple[int, Words]], *, empty: Words = "", help_text: Words = ""
) -> forms.TypedChoiceField:
    """Return a field of a few steps that are kept as numbers; without `empty` none is fine."""
    return forms.TypedChoiceField(
        label=label,
        help_text=help_text,
        choices=choices if empty else [("", "–"), *choices],
        coerce=int,
        empty_value=None,
        required=bool(empty),
        widget=forms.RadioSelect if empty else forms.Select,
        error_messages={"required": empty, "invalid_choice": FROM_LIST},
    )


class Amount(forms.DecimalField):
    """A number that is shown without needless digits: 45, not 45.0000."""

    def prepare_value(self, value: object) -> object:
        return f"{value.normalize():f}" if isinstance(value, Decimal) else value


class OneRecord(forms.TypedChoiceField):
    """One of the records on offer; it cleans to the record itself."""

    def __init__(self, *, label: Words, empty: Words, help_text: Words = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            error_messages={"required": empty, "invalid_choice": FROM_LIST},
        )

    def offer(self, options: Options) -> None:
        """Set what can be chosen."""
        records = {option.key: option.record for option in options}
        self.coerce = lambda key: records[int(key)]
        self.choices = [("", "–"), *_grouped(options)]


class SomeRecords(forms.TypedMultipleChoiceField):
    """Some of the records on offer; it cleans to the records themselves."""

    def __init__(self, *, label: Words, empty: Words = "", help_text: Words = "") -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=bool(empty),
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": empty, "invalid_choice": FROM_LIST},
        )

    def offer(self, options: Options) -> None:
        """Set what can be chosen."""
        records = {option.key: option.record for option in options}
        self.coerce = lambda key: records[int(key)]
        self.choices = _grouped(options)


def _grouped(options: Options) -> list[tuple[int, str] | tuple[str, list[tuple[int, str]]]]:
    """Return the choices, under the names of their groups where they have some."""
    plain = [(option.key, option.label) for option in options if not option.group]
    groups: dict[str, list[tuple[int, str]]] = {}
    for option in options:
        if option.group:
            groups.setdefault(option.group, []).append((option.key, option.label))
    return [*plain, *groups.items()]
