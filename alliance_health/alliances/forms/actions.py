"""What is entered about an action or a commitment."""

from collections.abc import Mapping

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries.choices import Options


class AgreeAction(Record):
    """Who does what by when."""

    kind = fields.choice(
        _("Kind"),
        choices.KINDS_OF_ACTION,
        empty=_("Choose whether it is an action or a commitment."),
    )
    title = fields.text(_("What"), longest=300, lines=2, empty=_("Enter what is to be done."))
    owner = fields.OneRecord(label=_("Owner"), empty=_("Choose who does it."))
    agreed_on = fields.day(_("Agreed on"), empty=_("Enter the day it was agreed."))
    due_on = fields.day(_("Due"), empty=_("Enter the day it is due."))

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, people: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer("owner", people)


class MarkDone(Record):
    """The day an action was done."""

    on = fields.day(_("Done on"), empty=_("Enter the day it was done."))
