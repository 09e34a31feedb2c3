"""What is entered about an obstacle."""

from collections.abc import Mapping

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Noted, Record
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries.choices import Options


class DescribeObstacle(Noted):
    """What stands in the way, and how much it holds up."""

    title = fields.text(
        _("What stands in the way"), longest=200, empty=_("Enter what stands in the way.")
    )
    severity = fields.step(
        _("Severity"), choices.SEVERITIES, empty=_("Choose how much it holds up.")
    )
    raised_on = fields.day(_("Raised on"), empty=_("Enter the day it was raised."))

    field_order = ("organisation", "title", "severity", "raised_on")


class RaiseObstacle(DescribeObstacle):
    """A new obstacle; an administrator says for which organisation."""

    organisation = fields.OneRecord(
        label=_("Recorded by"), empty=_("Choose the organisation that raises it.")
    )

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        organisations: Options,
        own: int | None,
    ) -> None:
        super().__init__(data, initial, organisations=organisations, own=own)
        self.offer_or_settle("organisation", organisations)


class Escalate(Record):
    """Which sponsor is asked, and when."""

    to = fields.OneRecord(label=_("Executive sponsor"), empty=_("Choose the sponsor to ask."))
    on = fields.day(_("Day"), empty=_("Enter the day it was escalated."))

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, sponsors: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer("to", sponsors)


class Resolve(Record):
    """The day an obstacle was out of the way."""

    on = fields.day(_("Day"), empty=_("Enter the day it was out of the way."))
