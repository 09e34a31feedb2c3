"""Members and seats of an alliance over time; a vacant seat is said plainly."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import QuerySet

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import (
    SINGLE_HOLDER_ROLES,
    Alliance,
    Membership,
    Role,
    Seat,
)


@dataclass(frozen=True, slots=True)
class SeatRow:
    """A seat and who holds it; without a holder it is vacant, since a day."""

    role_key: str
    role: str
    id: int | None
    holder: str
    job_title: str
    level: str
    since: date | None
    until: date | None
    is_to_come: bool
    may_appoint: bool
    may_end: bool

    @property
    def is_vacant(self) -> bool:
        return self.id is None


@dataclass(frozen=True, slots=True)
class MemberRow:
    """A member organisation with its seats of today and those to come.

    `leads` are the manager's and the sponsor's, the vacant among them.
    """

    membership_id: int
    name: str
    since: date
    until: date | None
    is_to_come: bool
    leads: tuple[SeatRow, ...]
    team: tuple[SeatRow, ...]


@dataclass(frozen=True, slots=True)
class PastSeat:
    """A seat that was held."""

    holder: str
    role: str
    organisation: str
    starts_on: date
    ends_on: date | None


@dataclass(frozen=True, slots=True)
class Members:
    """Who is and was in an alliance."""

    now: tuple[MemberRow, ...]
    past: tuple[MemberRow, ...]
    past_seats: tuple[PastSeat, ...]


def visible_memberships(user: User, on: date) -> QuerySet[Membership]:
    """Return the memberships of the alliances that a user may see; nothing is read yet."""
    return Membership.objects.filter(
        alliance__in=Alliance.objects.visible_to(user, on)
    ).select_related("alliance", "organisation")


def visible_seats(user: User, on: date) -> QuerySet[Seat]:
    """Return the seats of the alliances that a user may see; nothing is read yet."""
    return Seat.objects.filter(alliance__in=Alliance.objects.visible_to(user, on)).select_related(
        "alliance", "organisation", "person"
    )


def members(alliance: Alliance, who: permissions.Standing, on: date) -> Members:
    """Return an alliance's members and seats over time; 2 queries.

    Args:
        alliance: taken from the reader's scope.
        who: the reader, for what he may change.
        on: today.
    """
    seats = list(
        alliance.seats.select_related("person", "organisation").order_by(
            "starts_on", "person__name"
        )
    )
    memberships = alliance.memberships.select_related("organisation").order_by(
        "organisation__name", "starts_on"
    )
    rows = [_member(membership, seats, who, on) for membership in memberships]
    past = [seat for seat in seats if seat.ends_on and seat.ends_on < on]
    return Members(
        now=tuple(row for row in rows if row.until is None or row.until >= on),
        past=tuple(row for row in rows if row.until is not None and row.until < on),
        past_seats=tuple(
            PastSeat(
                holder=seat.person.name,
                role=seat.get_role_display(),
                organisation=seat.organisation.name,
                starts_on=seat.starts_on,
                ends_on=seat.ends_on,
            )
            for seat in sorted(past, key=lambda seat: seat.ends_on or on, reverse=True)
        ),
    )


def _member(
    membership: Membership, seats: Sequence[Seat], who: permissions.Standing, on: date
) -> MemberRow:
    own = [seat for seat in seats if seat.organisation_id == membership.organisation_id]
    return MemberRow(
        membership_id=membership.pk,
        name=membership.organisation.name,
        since=membership.starts_on,
        until=membership.ends_on,
        is_to_come=membership.starts_on > on,
        leads=tuple(
            row for role in SINGLE_HOLDER_ROLES for row in _seats(membership, role, own, who, on)
        ),
        team=tuple(_seats(membership, Role.TEAM, own, who, on)),
    )


def _seats(
    membership: Membership, role: Role, own: Sequence[Seat], who: permissions.Standing, on: date
) -> list[SeatRow]:
    held = [seat for seat in own if seat.role == role]
    running = [seat for seat in held if seat.ends_on is None or seat.ends_on >= on]
    may = permissions.why_cannot_appoint(who, role, membership.organisation_id) is None
    rows = [_held(seat, on, may=may) for seat in running]
    if role in SINGLE_HOLDER_ROLES and not any(seat.starts_on <= on for seat in running):
        rows.insert(0, _vacant(membership, role, held, on, may=may))
    return rows


def _held(seat: Seat, on: date, *, may: bool) -> SeatRow:
    return SeatRow(
        role_key=seat.role,
        role=seat.get_role_display(),
        id=seat.pk,
        holder=seat.person.name,
        job_title=seat.person.job_title,
        level=seat.get_level_display() or "" if seat.level else "",
        since=seat.starts_on,
        until=seat.ends_on,
        is_to_come=seat.starts_on > on,
        may_appoint=False,
        may_end=may,
    )


def _vacant(
    membership: Membership, role: Role, held: Sequence[Seat], on: date, *, may: bool
) -> SeatRow:
    ends = [seat.ends_on for seat in held if seat.ends_on and seat.ends_on < on]
    since = max(ends) + timedelta(days=1) if ends else membership.starts_on
    return SeatRow(
        role_key=role.value,
        role=str(role.label),
        id=None,
        holder="",
        job_title="",
        level="",
        since=since,
        until=None,
        is_to_come=False,
        may_appoint=may,
        may_end=False,
    )
