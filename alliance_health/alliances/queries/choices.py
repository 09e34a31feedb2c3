"""What a form offers to choose from, for whom, in which alliance."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils.text import capfirst

from alliance_health.alliances.models import (
    ActionKind,
    Alliance,
    Level,
    Organisation,
    Person,
    Role,
    Seat,
    Severity,
    Stage,
    TouchpointKind,
)
from alliance_health.alliances.models.periods import running_on
from alliance_health.alliances.permissions import Standing, why_cannot_appoint

STAGES = [(key, capfirst(label)) for key, label in Stage.choices]
KINDS_OF_TOUCHPOINT = [(key, capfirst(label)) for key, label in TouchpointKind.choices]
KINDS_OF_ACTION = [(key, capfirst(label)) for key, label in ActionKind.choices]
SEVERITIES = [(key, capfirst(label)) for key, label in Severity.choices]
LEVELS = [(key, capfirst(label)) for key, label in Level.choices]
DEFAULT_STAGE = Stage.OPERATING.value
DEFAULT_SEVERITY = Severity.MEDIUM.value
DEFAULT_TOUCHPOINT = TouchpointKind.MEETING.value
ADVOCACY = TouchpointKind.ADVOCACY.value
DEFAULT_ACTION = ActionKind.ACTION.value
SPONSOR = Role.SPONSOR.value
TEAM = Role.TEAM.value


@dataclass(frozen=True, slots=True)
class Option:
    """A record that can be chosen, as the form shows it."""

    record: Organisation | Person
    group: str = ""

    @property
    def key(self) -> int:
        return self.record.pk

    @property
    def label(self) -> str:
        return str(self.record)


Options = tuple[Option, ...]


def roles(who: Standing) -> list[tuple[str, str]]:
    """Return the roles to which somebody may appoint."""
    return [
        (value, str(capfirst(label)))
        for value, label in Role.choices
        if why_cannot_appoint(who, value, who.organisation_id) is None
    ]


def every_organisation() -> Options:
    """Return all organisations, for an administrator; 1 query."""
    return tuple(Option(organisation) for organisation in Organisation.objects.all())


def organisations_for(who: Standing, alliance: Alliance, on: date) -> Options:
    """Return the organisations for which somebody may record; 1 query.

    Args:
        who: an administrator chooses among the members of that day, others have their own.
        alliance: where.
        on: today.
    """
    if not who.is_administrator:
        own = Organisation.objects.filter(people=who.person_id)
        return tuple(Option(organisation) for organisation in own)
    return tuple(Option(organisation) for organisation in _members(alliance, on))


def people_to_appoint(who: Standing, alliance: Alliance, on: date) -> Options:
    """Return the people of the organisations for which somebody may record; 1 query."""
    organisations = [option.key for option in organisations_for(who, alliance, on)]
    return _options(Person.objects.filter(organisation__in=organisations))


def people_to_act(who: Standing, alliance: Alliance, on: date, also: int | None = None) -> Options:
    """Return who may own an action that somebody agrees; `also` stays on offer; 2 queries."""
    organisations = [option.key for option in organisations_for(who, alliance, on)]
    return _options(Person.objects.filter(Q(organisation__in=organisations) | Q(pk=also)))


def people_to_meet(
    who: Standing, alliance: Alliance, on: date, also: Iterable[int] = ()
) -> Options:
    """Return who may have taken part in a touchpoint; 1 query.

    Args:
        who: an administrator chooses among all people of the members; others among the people of
            their own organisation and those who hold or held a seat in the alliance.
        alliance: where.
        on: today.
        also: keys of people who stay on offer.
    """
    seats = Seat.objects.filter(alliance=alliance)
    found = Q(pk__in=seats.values("person")) | Q(pk__in=list(also))
    found |= Q(organisation=who.organisation_id)
    if who.is_administrator:
        found = Q(pk__in=list(also)) | Q(organisation__in=_members(alliance, on))
    return _options(Person.objects.filter(found))


def sponsors(alliance: Alliance, on: date) -> Options:
    """Return the executive sponsors of an alliance on a day; 1 query."""
    seats = Seat.objects.held_on(on).filter(alliance=alliance, role=Role.SPONSOR)
    return _options(Person.objects.filter(pk__in=seats.values("person")))


def _members(alliance: Alliance, on: date) -> QuerySet[Organisation]:
    return Organisation.objects.filter(
        running_on(on, "memberships__"), memberships__alliance=alliance
    ).distinct()


def _options(people: QuerySet[Person]) -> Options:
    rows = people.select_related("organisation").order_by("organisation__name", "name")
    return tuple(Option(person, person.organisation.name) for person in rows)
