"""What is entered about a touchpoint."""

from collections.abc import Mapping
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Noted
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries.choices import Options


class DescribeTouchpoint(Noted):
    """What a sponsor did, when, with whom."""

    kind = fields.choice(
        _("What"), choices.KINDS_OF_TOUCHPOINT, empty=_("Choose what the sponsor did.")
    )
    on = fields.day(_("Day"), empty=_("Enter the day it took place."))
    participants = fields.SomeRecords(
        label=_("Who took part"), help_text=_("Needed for a sponsor meeting.")
    )
    stakeholder = fields.text(
        _("To which stakeholder"),
        longest=200,
        help_text=_("Needed for advocacy: before whom the sponsor spoke for the alliance."),
    )

    field_order = ("organisation", "kind", "on", "participants", "stakeholder")

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        people: Options,
        organisations: Options,
        own: int | None,
    ) -> None:
        super().__init__(data, initial, organisations=organisations, own=own)
        self.offer("participants", people)

    def clean(self) -> dict[str, Any]:
        """Say beside the field that advocacy names its stakeholder."""
        found = super().clean()
        if found.get("kind") == choices.ADVOCACY and not found.get("stakeholder"):
            self.add_error("stakeholder", _("Enter to whom the advocacy was made."))
        return found


class RecordTouchpoint(DescribeTouchpoint):
    """A new touchpoint; an administrator says for which organisation."""

    organisation = fields.OneRecord(
        label=_("Recorded by"), empty=_("Choose the organisation that records it.")
    )

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        people: Options,
        organisations: Options,
        own: int | None,
    ) -> None:
        super().__init__(data, initial, people=people, organisations=organisations, own=own)
        self.offer_or_settle("organisation", organisations)
