"""What the register's forms have in common."""

from collections.abc import Mapping
from typing import Any

from crispy_forms.helper import FormHelper
from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.fields import OneRecord, SomeRecords
from alliance_health.alliances.queries.choices import Options


class Record(forms.Form):
    """A form about one record; alone, without fields, it asks for a confirmation."""

    use_required_attribute = False

    def __init__(self, data: QueryDict | None, initial: Mapping[str, object] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self._settled: dict[str, object] = {}
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True

    def offer(self, name: str, options: Options) -> None:
        """Set the records that can be chosen in a field."""
        field = self.fields[name]
        assert isinstance(field, OneRecord | SomeRecords)  # noqa: S101  tells the checker
        field.offer(options)

    def offer_or_settle(self, name: str, options: Options) -> None:
        """Set the records that can be chosen; where there is but one, it is taken, not asked."""
        if len(options) == 1:
            del self.fields[name]
            self._settled[name] = options[0].record
        else:
            self.offer(name, options)

    def clean(self) -> dict[str, Any]:
        """Add what was settled to what was entered."""
        return {**(super().clean() or self.cleaned_data), **self._settled}

    def take(self, refusal: ValidationError) -> None:
        """Show a refusal of the register beside the fields it is about, the rest on top."""
        found = (
            refusal.error_dict
            if hasattr(refusal, "error_dict")
            else {NON_FIELD_ERRORS: refusal.error_list}
        )
        for name, errors in found.items():
            for error in errors:
                beside = next((n for n in (name, error.code) if n in self.fields), None)
                self.add_error(beside, error)


class Noted(Record):
    """A record with a note that an organisation may keep to itself; only its own people can."""

    note = fields.text(gettext_lazy("Note"), longest=2000, lines=4)
    is_internal = forms.BooleanField(
        label=gettext_lazy("Only people of our own organisation may read the note"),
        required=False,
    )

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        organisations: Options,
        own: int | None,
    ) -> None:
        super().__init__(data, initial)
        self._own = own
        if own not in {option.key for option in organisations}:
            del self.fields["is_internal"]

    def clean(self) -> dict[str, Any]:
        """Refuse an internal note for an organisation that the reader is not of."""
        found = super().clean()
        organisation = found.get("organisation")
        if found.get("is_internal") and organisation and organisation.pk != self._own:
            self.add_error(
                "is_internal",
                _("Only people of %(organisation)s can write a note that only they may read.")
                % {"organisation": organisation},
            )
        return found
