"""What is entered about objectives: the promise, its values, its confirmation and its end."""

from collections.abc import Mapping
from decimal import Decimal

from django.http import QueryDict
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.queries.choices import Options


class DescribeObjective(Record):
    """An objective's words, owner and weight."""

    owner = fields.OneRecord(
        label=_("Owner"), empty=_("Choose the organisation that answers for it.")
    )
    statement = fields.text(
        _("What is promised"),
        longest=300,
        lines=2,
        empty=_("Enter what is promised."),
        help_text=_("One sentence, for example: a joint offer in ten countries."),
    )
    measure = fields.text(
        _("Measure"),
        longest=200,
        empty=_("Enter what is measured."),
        help_text=_("What is counted or measured, for example countries with a signed offer."),
    )
    unit = fields.text(
        _("Unit"), longest=40, empty=_("Enter the unit, for example countries or % or EUR m.")
    )
    weight = fields.number(
        _("Weight"),
        least=Decimal("0.01"),
        empty=_("Enter a weight of 0.01 or more."),
        help_text=_("Among the objectives of this alliance. 1 is usual, 2 counts twice."),
    )

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, owners: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer_or_settle("owner", owners)


class PromiseObjective(DescribeObjective):
    """A new objective with its first plan."""

    baseline = fields.number(
        _("Baseline"),
        empty=_("Enter the value at the start."),
        help_text=_("The value at the start."),
    )
    target = fields.number(
        _("Target"),
        empty=_("Enter the value that is promised."),
        help_text=_("The value that is promised, higher or lower than the baseline."),
    )
    starts_on = fields.day(_("Start"), empty=_("Enter the day it starts."))
    due_on = fields.day(_("Due"), empty=_("Enter the day the target is due."))


class Rebase(Record):
    """A new plan and why it was needed."""

    baseline = fields.number(_("Baseline"), empty=_("Enter the value at the start."))
    target = fields.number(_("Target"), empty=_("Enter the value that is promised."))
    starts_on = fields.day(_("Start"), empty=_("Enter the day it starts."))
    due_on = fields.day(_("Due"), empty=_("Enter the day the target is due."))
    agreed_on = fields.day(
        _("Agreed on"),
        empty=_("Enter the day it was agreed."),
        help_text=_("From this day on progress is held against the new plan."),
    )
    reason = fields.text(_("Reason"), longest=300, lines=2, empty=_("Enter why the plan changes."))


class CheckIn(Record):
    """A value on a day."""

    on = fields.day(_("Day"), empty=_("Enter the day it was measured."))
    value = fields.number(
        _("Value"),
        empty=_("Enter the value."),
        help_text=_("A second value of the same day corrects the first."),
    )
    note = fields.text(_("Note"), longest=600, lines=2)

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, measure: str, unit: str
    ) -> None:
        super().__init__(data, initial)
        # In the label, which is escaped; a help text is not.
        self.fields["value"].label = format_lazy(
            _("{measure}, in {unit}"), measure=measure, unit=unit
        )


class Confirm(Record):
    """For whom and on which day an objective is confirmed."""

    organisation = fields.OneRecord(
        label=_("Organisation"), empty=_("Choose the organisation that confirms it.")
    )
    on = fields.day(_("Day"), empty=_("Enter the day it was confirmed."))

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, organisations: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer_or_settle("organisation", organisations)


class EndObjective(Record):
    """The day an objective ended."""

    ended_on = fields.day(_("Ended on"), empty=_("Enter the day it ended."))
