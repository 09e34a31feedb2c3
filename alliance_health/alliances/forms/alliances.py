"""What an administrator enters about alliances, their members and seats."""

from collections.abc import Mapping, Sequence

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from alliance_health.alliances.forms import fields
from alliance_health.alliances.forms.records import Record
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries.choices import Options


class DescribeAlliance(Record):
    """An alliance's purpose, stage, period and agreed cadence."""

    name = fields.text(_("Name"), longest=200, empty=_("Enter the name of the alliance."))
    purpose = fields.text(
        _("Purpose"),
        longest=2000,
        lines=3,
        empty=_("Enter what the alliance is for."),
        help_text=_("What the members want to reach together, in a sentence or two."),
    )
    starts_on = fields.day(_("First day"), empty=_("Enter the first day of the alliance."))
    ends_on = fields.day(
        _("Last day"), help_text=_("Of an alliance that has ended or has a date to end.")
    )
    stage = fields.choice(
        _("Stage"), choices.STAGES, empty=_("Choose the stage it is in."), widget=forms.Select
    )
    region = fields.text(_("Region"), longest=80, help_text=_("For example EMEA."))
    sponsor_meetings_per_quarter = fields.whole(
        _("Agreed sponsor meetings a quarter"), least=1, most=100
    )
    advocacy_per_quarter = fields.whole(
        _("Agreed acts of advocacy a quarter, of each side"), least=1, most=100
    )


class FoundAlliance(DescribeAlliance):
    """A new alliance, with the organisations that found it."""

    members = fields.SomeRecords(
        label=_("Founding members"),
        empty=_("Choose two or more member organisations."),
        help_text=_("Two or more. Others can join later."),
    )

    field_order = ("name", "purpose", "members")

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, organisations: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer("members", organisations)


class AddMember(Record):
    """An organisation that joins."""

    organisation = fields.OneRecord(
        label=_("Organisation"), empty=_("Choose the organisation that joins.")
    )
    starts_on = fields.day(_("First day"), empty=_("Enter the first day of the membership."))

    def __init__(
        self, data: QueryDict | None, initial: Mapping[str, object], *, organisations: Options
    ) -> None:
        super().__init__(data, initial)
        self.offer("organisation", organisations)


class EndMembership(Record):
    """The last day of a membership."""

    ends_on = fields.day(_("Last day"), empty=_("Enter the last day of the membership."))


class Appoint(Record):
    """Who takes which seat, from when."""

    role = fields.choice(_("Role"), empty=_("Choose the role of the seat."))
    person = fields.OneRecord(label=_("Person"), empty=_("Choose who takes the seat."))
    level = fields.step(
        _("Level"),
        choices.LEVELS,
        help_text=_("Of an executive sponsor. Sponsors of the sides should be close in level."),
    )
    starts_on = fields.day(_("First day"), empty=_("Enter the first day of the seat."))
    ends_on = fields.day(_("Last day"), help_text=_("If it is known."))

    def __init__(
        self,
        data: QueryDict | None,
        initial: Mapping[str, object],
        *,
        roles: Sequence[tuple[str, str]],
        people: Options,
    ) -> None:
        super().__init__(data, initial)
        self.fields["role"].choices = roles  # type: ignore[attr-defined]
        self.offer("person", people)
        if choices.SPONSOR not in dict(roles):
            del self.fields["level"]


class EndSeat(Record):
    """The last day of a seat."""

    ends_on = fields.day(_("Last day"), empty=_("Enter the last day of the seat."))
