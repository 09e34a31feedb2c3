"""Touchpoints: what sponsors did, recorded, edited, removed."""

from collections.abc import Sequence
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import (
    Alliance,
    Organisation,
    Participation,
    Person,
    Touchpoint,
    TouchpointKind,
)
from alliance_health.alliances.operations import checks


@transaction.atomic
def record(
    *,
    alliance: Alliance,
    organisation: Organisation,
    kind: str,
    on: date,
    participants: Sequence[Person] = (),
    stakeholder: str = "",
    note: str = "",
    is_internal: bool = False,
    by: User | None,
    now: datetime,
) -> Touchpoint:
    """Record what a sponsor did.

    Args:
        alliance: for which it was done.
        organisation: whose record it is, a member on that day.
        kind: meeting, advocacy or guidance.
        on: the day, not still to come.
        participants: people of members; a meeting needs one or more.
        stakeholder: to whom the advocacy was made; needed for advocacy.
        note: what is to be known about it.
        is_internal: whether the note is only for the people of `organisation`.
        by: who records; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not record for this organisation, or not its internal notes.
        ValidationError: the day is still to come, the organisation or a participant is not of a
            member, nobody took part in a meeting, or a field is malformed.
    """
    who = permissions.standing(by, alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_record_touchpoint(who, organisation.pk))
    touchpoint = Touchpoint(alliance=alliance, organisation=organisation)
    return _write(who, touchpoint, kind, on, participants, stakeholder, note, is_internal, now)


@transaction.atomic
def edit(
    *,
    touchpoint: Touchpoint,
    kind: str,
    on: date,
    participants: Sequence[Person] = (),
    stakeholder: str = "",
    note: str = "",
    is_internal: bool = False,
    by: User | None,
    now: datetime,
) -> Touchpoint:
    """Change a touchpoint; whose record it is stays.

    Raises:
        PermissionDenied: `by` may not edit it.
        ValidationError: as in `record`.
    """
    who = permissions.standing(by, touchpoint.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_edit_touchpoint(who, touchpoint))
    return _write(who, touchpoint, kind, on, participants, stakeholder, note, is_internal, now)


@transaction.atomic
def remove(*, touchpoint: Touchpoint, by: User | None, now: datetime) -> None:
    """Remove a touchpoint that never was; the history keeps it.

    Raises:
        PermissionDenied: `by` may not.
    """
    who = permissions.standing(by, touchpoint.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_edit_touchpoint(who, touchpoint))
    touchpoint.delete()


def _write(
    who: permissions.Standing,
    touchpoint: Touchpoint,
    kind: str,
    on: date,
    participants: Sequence[Person],
    stakeholder: str,
    note: str,
    is_internal: bool,
    now: datetime,
) -> Touchpoint:
    organisation = touchpoint.organisation
    permissions.require(
        permissions.why_cannot_keep_note(who, organisation.pk, is_internal=is_internal)
    )
    checks.day_has_come("on", on, now)
    checks.is_member("on", touchpoint.alliance, organisation, on)
    checks.are_of_members("participants", touchpoint.alliance, participants, on)
    if kind == TouchpointKind.MEETING and not participants:
        raise ValidationError({"participants": _("Choose who took part in the meeting.")})
    touchpoint.kind, touchpoint.on, touchpoint.stakeholder = kind, on, stakeholder
    touchpoint.note, touchpoint.is_internal = note, is_internal
    checks.save(touchpoint)
    _seat_participants(touchpoint, participants)
    return touchpoint


def _seat_participants(touchpoint: Touchpoint, participants: Sequence[Person]) -> None:
    wanted = {person.pk: person for person in participants}
    there = set(touchpoint.participations.values_list("person", flat=True))
    touchpoint.participations.exclude(person__in=wanted).delete()
    for key in wanted.keys() - there:
        person = wanted[key]
        checks.save(
            Participation(touchpoint=touchpoint, person=person, organisation=person.organisation)
        )
