"""What an administrator enters to draft, open and close a cycle."""

from collections.abc import Sequence
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

QUESTION_SETS = (
    ("core", _("Core set: the questions asked every quarter")),
    ("full", _("Full set: every question of the rubric")),
)


_A_DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
_NO_DAY = _("Enter a day, for example 2026-10-01.")


class NewCycle(forms.Form):
    """A cycle's name, rubric and days."""

    use_required_attribute = False

    name = forms.CharField(
        label=_("Name"),
        help_text=_("As people say it, for example 2026 Q4."),
        max_length=80,
        error_messages={
            "required": _("Enter a name, for example 2026 Q4."),
            "max_length": _("The name must be 80 characters or less."),
        },
    )
    rubric_version = forms.TypedChoiceField(
        label=_("Rubric"),
        coerce=int,
        error_messages={
            "required": _("Choose the rubric that the cycle uses."),
            "invalid_choice": _("Choose a rubric from the list."),
        },
    )
    question_set = forms.ChoiceField(
        label=_("Questions"),
        choices=QUESTION_SETS,
        initial="core",
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose which questions are asked."),
            "invalid_choice": _("Choose the core set or the full set."),
        },
    )
    starts_on = forms.DateField(
        label=_("First day of the quarter"),
        widget=_A_DAY,
        error_messages={"required": _("Enter the first day of the quarter."), "invalid": _NO_DAY},
    )
    ends_on = forms.DateField(
        label=_("Last day of the quarter"),
        widget=_A_DAY,
        error_messages={"required": _("Enter the last day of the quarter."), "invalid": _NO_DAY},
    )
    opens_on = forms.DateField(
        label=_("Opens on"),
        widget=_A_DAY,
        error_messages={"required": _("Enter the day it opens."), "invalid": _NO_DAY},
    )
    opens_itself = forms.BooleanField(
        label=_("Open by itself on that day, with every alliance that can be asked"),
        help_text=_(
            "Asked is everybody who holds a seat on that day. Left out are alliances that have "
            "ended, that have fewer than two members, or in which nobody holds a seat. Until it "
            "opens, this can be changed on the cycle's page."
        ),
        required=False,
    )
    closes_on = forms.DateField(
        label=_("Closes on"),
        help_text=_("Until then people can answer."),
        widget=_A_DAY,
        error_messages={"required": _("Enter the day it closes."), "invalid": _NO_DAY},
    )

    def __init__(self, data: QueryDict | None, *, versions: Sequence[tuple[int, str]]) -> None:
        super().__init__(data)
        rubric = self.fields["rubric_version"]
        assert isinstance(rubric, forms.TypedChoiceField)  # noqa: S101  tells the checker
        rubric.choices = versions
        self.helper = FormHelper()
        self.helper.form_tag = False

    def clean(self) -> dict[str, Any]:
        """Refuse days that are the wrong way round, each beside the later one."""
        found = super().clean() or self.cleaned_data
        starts, ends = found.get("starts_on"), found.get("ends_on")
        if starts and ends and ends <= starts:
            self.add_error("ends_on", _("The last day of the quarter is after its first day."))
        opens, closes = found.get("opens_on"), found.get("closes_on")
        if opens and closes and closes < opens:
            self.add_error("closes_on", _("The cycle closes on or after the day it opens."))
        return found


class OpensItself(forms.Form):
    """Whether a draft opens by itself: pressed as a button, not ticked."""

    opens_itself = forms.BooleanField(required=False)


class OpenCycle(forms.Form):
    """Which alliances are asked."""

    use_required_attribute = False

    alliances = forms.TypedMultipleChoiceField(
        label=_("Alliances that take part"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": _("Choose one or more alliances."),
            "invalid_choice": _("Choose alliances from the list."),
        },
    )

    def __init__(self, data: QueryDict | None, *, alliances: Sequence[tuple[int, str]]) -> None:
        super().__init__(data, initial={"alliances": [key for key, _name in alliances]})
        field = self.fields["alliances"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101  tells the checker
        field.choices = alliances
        self.helper = FormHelper()
        self.helper.form_tag = False
