"""Seats: who holds which role for which organisation, from when to when."""

from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, Membership, Person, Seat
from alliance_health.alliances.models.periods import running_on
from alliance_health.alliances.operations import checks


@transaction.atomic
def appoint(
    *,
    alliance: Alliance,
    person: Person,
    role: str,
    starts_on: date,
    level: int | None = None,
    ends_on: date | None = None,
    by: User | None,
    now: datetime,
) -> Seat:
    """Give somebody a seat in an alliance for his own organisation.

    Args:
        alliance: where.
        person: of an organisation that is a member throughout the seat's period.
        role: manager, sponsor or team.
        starts_on: the seat's first day; may be still to come.
        level: of a sponsor, and only of one.
        ends_on: the seat's last day, if it is known.
        by: who appoints; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not appoint to this role of this organisation.
        ValidationError: the organisation is not a member then, somebody else holds the seat, the
            person holds another one, or the level does not go with the role.
    """
    who = permissions.standing(by, alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_appoint(who, role, person.organisation_id))
    seat = Seat(
        alliance=alliance,
        organisation=person.organisation,
        person=person,
        role=role,
        level=level,
        starts_on=starts_on,
        ends_on=ends_on,
    )
    checks.one_at_a_time(alliance)
    _lies_in_membership(seat)
    checks.save(seat)
    return seat


@transaction.atomic
def end_seat(*, seat: Seat, ends_on: date, by: User | None, now: datetime) -> Seat:
    """End a seat; its holder sees the alliance until that day.

    Raises:
        PermissionDenied: `by` may not end a seat of this role of this organisation.
        ValidationError: the day is before the seat's first day or after the membership's last.
    """
    who = permissions.standing(by, seat.alliance, timezone.localdate(now))
    permissions.require(permissions.why_cannot_appoint(who, seat.role, seat.organisation_id))
    seat.ends_on = ends_on
    checks.one_at_a_time(seat.alliance)
    _lies_in_membership(seat)
    checks.save(seat)
    return seat


def _lies_in_membership(seat: Seat) -> None:
    """Refuse a seat outside its organisation's membership: its holder would go on seeing."""
    checks.is_member("starts_on", seat.alliance, seat.organisation, seat.starts_on)
    membership = Membership.objects.get(
        running_on(seat.starts_on), alliance=seat.alliance, organisation=seat.organisation
    )
    last = membership.ends_on
    if last and (seat.ends_on is None or seat.ends_on > last):
        raise ValidationError(
            {
                "ends_on": _(
                    "%(organisation)s is a member until %(day)s. Enter that day or an earlier one."
                )
                % {"organisation": seat.organisation, "day": date_format(last, "j F Y")}
            }
        )
