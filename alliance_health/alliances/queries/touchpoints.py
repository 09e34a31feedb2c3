"""Touchpoints of an alliance; an internal note is for its own organisation alone."""

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch, QuerySet
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, Participation, Touchpoint


@dataclass(frozen=True, slots=True)
class TouchpointRow:
    """A touchpoint as the reader may see it."""

    id: int
    kind: str
    on: date
    organisation: str
    people: tuple[str, ...]
    stakeholder: str
    note: str
    is_internal: bool
    may_edit: bool


def visible_touchpoints(user: User, on: date) -> QuerySet[Touchpoint]:
    """Return the touchpoints of the alliances that a user may see; nothing is read yet.

    Their notes are among them: whoever shows one asks `permissions.may_read_note` first.
    """
    return Touchpoint.objects.filter(
        alliance__in=Alliance.objects.visible_to(user, on)
    ).select_related("alliance", "organisation")


def touchpoints(
    alliance: Alliance, who: permissions.Standing, limit: int | None = None
) -> tuple[TouchpointRow, ...]:
    """Return an alliance's touchpoints, the newest first; 2 queries.

    Args:
        alliance: taken from the reader's scope.
        who: the reader; internal notes of other organisations are left out.
        limit: the most to return; without it all.
    """
    people = Participation.objects.select_related("person", "organisation").order_by(
        "organisation__name", "person__name"
    )
    found = (
        alliance.touchpoints.select_related("organisation")
        .prefetch_related(Prefetch("participations", people))
        .order_by("-on", "-pk")[:limit]
    )
    return tuple(_row(touchpoint, who) for touchpoint in found)


def _row(touchpoint: Touchpoint, who: permissions.Standing) -> TouchpointRow:
    is_open = permissions.may_read_note(who, touchpoint)
    return TouchpointRow(
        id=touchpoint.pk,
        kind=touchpoint.get_kind_display(),
        on=touchpoint.on,
        organisation=touchpoint.organisation.name,
        people=tuple(
            _("%(person)s (%(organisation)s)")
            % {"person": row.person.name, "organisation": row.organisation.short_name}
            for row in touchpoint.participations.all()
        ),
        stakeholder=touchpoint.stakeholder,
        note=touchpoint.note if is_open else "",
        is_internal=touchpoint.is_internal and is_open,
        may_edit=permissions.why_cannot_edit_touchpoint(who, touchpoint) is None,
    )
