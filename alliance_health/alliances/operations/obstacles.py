"""Obstacles: raised, escalated to a sponsor, resolved, reopened."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import (
    Alliance,
    Obstacle,
    Organisation,
    Person,
    Role,
    Seat,
    Severity,
)
from alliance_health.alliances.operations import checks

_RAISED = gettext_lazy("It was raised on %(day)s. Enter that day or a later one.")
_ESCALATED = gettext_lazy("It was escalated on %(day)s. Enter that day or a later one.")


@transaction.atomic
def raise_obstacle(
    *,
    alliance: Alliance,
    organisation: Organisation,
    title: str,
    raised_on: date,
    severity: int = Severity.MEDIUM,
    note: str = "",
    is_internal: bool = False,
    raised_by: Person | None = None,
    by: User | None,
    now: datetime,
) -> Obstacle:
    """Raise what stands in the way.

    Args:
        alliance: in whose way it stands.
        organisation: whose record it is, a member on that day.
        title: what it is, in a few words.
        raised_on: the day, not still to come.
        severity: 1 low, 2 medium, 3 high.
        note: what is to be known about it.
        is_internal: whether the note is only for the people of `organisation`.
        raised_by: who raised it; without it the person behind `by`, if he is one of a member.
        by: who records; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not raise for this organisation, or not its internal notes.
        ValidationError: the day is still to come, the organisation or `raised_by` is not of a
            member, or a field is malformed.
    """
    who = permissions.standing(by, alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_raise_obstacle(who, organisation.pk))
    permissions.require(
        permissions.why_cannot_keep_note(who, organisation.pk, is_internal=is_internal)
    )
    checks.day_has_come("raised_on", raised_on, now)
    checks.is_member("raised_on", alliance, organisation, raised_on)
    if raised_by:
        checks.are_of_members("raised_by", alliance, [raised_by], raised_on)
    obstacle = Obstacle(
        alliance=alliance,
        organisation=organisation,
        title=title,
        raised_on=raised_on,
        severity=severity,
        note=note,
        is_internal=is_internal,
        raised_by_id=raised_by.pk if raised_by else who.person_id if who.role else None,
    )
    checks.save(obstacle)
    return obstacle


@transaction.atomic
def edit(
    *,
    obstacle: Obstacle,
    title: str,
    raised_on: date,
    severity: int = Severity.MEDIUM,
    note: str = "",
    is_internal: bool = False,
    by: User | None,
    now: datetime,
) -> Obstacle:
    """Change what is said of an obstacle; whose record it is and who raised it stay.

    Raises:
        PermissionDenied: `by` may not.
        ValidationError: as in `raise_obstacle`, or it would be escalated or resolved before.
    """
    who = permissions.standing(by, obstacle.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_handle_obstacle(who, obstacle))
    permissions.require(
        permissions.why_cannot_keep_note(who, obstacle.organisation_id, is_internal=is_internal)
    )
    checks.day_has_come("raised_on", raised_on, now)
    checks.is_member("raised_on", obstacle.alliance, obstacle.organisation, raised_on)
    obstacle.title, obstacle.raised_on, obstacle.severity = title, raised_on, severity
    obstacle.note, obstacle.is_internal = note, is_internal
    checks.save(obstacle)
    return obstacle


@transaction.atomic
def escalate(
    *, obstacle: Obstacle, to: Person, on: date, by: User | None, now: datetime
) -> Obstacle:
    """Ask a sponsor of the alliance to take an obstacle out of the way.

    Args:
        obstacle: one that is open.
        to: holds an executive sponsor's seat of the alliance on that day, of either side.
        on: the day, not still to come and not before it was raised.
        by: who escalates; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not.
        ValidationError: it is resolved, `to` is no sponsor, or the day does not fit.
    """
    who = permissions.standing(by, obstacle.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_handle_obstacle(who, obstacle))
    checks.day_has_come("on", on, now)
    if obstacle.resolved_on:
        raise ValidationError(_("This obstacle is resolved. Reopen it before you escalate it."))
    checks.not_before("on", on, obstacle.raised_on, _RAISED)
    sponsors = Seat.objects.held_on(on).filter(
        alliance=obstacle.alliance_id, person=to, role=Role.SPONSOR
    )
    if not sponsors.exists():
        raise ValidationError(
            {
                "to": _("%(person)s is not an executive sponsor of this alliance on that day.")
                % {"person": to}
            }
        )
    obstacle.escalated_to, obstacle.escalated_on = to, on
    checks.save(obstacle)
    return obstacle


@transaction.atomic
def resolve(*, obstacle: Obstacle, on: date, by: User | None, now: datetime) -> Obstacle:
    """Record the day an obstacle was out of the way.

    Raises:
        PermissionDenied: `by` may not.
        ValidationError: the day is still to come, or before it was raised or escalated.
    """
    who = permissions.standing(by, obstacle.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_handle_obstacle(who, obstacle))
    checks.day_has_come("on", on, now)
    checks.not_before("on", on, obstacle.raised_on, _RAISED)
    if obstacle.escalated_on:
        checks.not_before("on", on, obstacle.escalated_on, _ESCALATED)
    obstacle.resolved_on = on
    checks.save(obstacle)
    return obstacle


@transaction.atomic
def reopen(*, obstacle: Obstacle, by: User | None, now: datetime) -> Obstacle:
    """Take back that an obstacle is out of the way.

    Raises:
        PermissionDenied: `by` may not.
    """
    who = permissions.standing(by, obstacle.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_handle_obstacle(who, obstacle))
    obstacle.resolved_on = None
    checks.save(obstacle)
    return obstacle
