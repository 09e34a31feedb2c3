"""Alliances: founded, edited; members come and go."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Alliance, Membership, Organisation
from alliance_health.alliances.models.periods import running_on
from alliance_health.alliances.operations import checks

FEWEST_MEMBERS = 2


@transaction.atomic
def found_alliance(
    *,
    name: str,
    purpose: str,
    members: Sequence[Organisation],
    starts_on: date,
    stage: str = "operating",
    region: str = "",
    ends_on: date | None = None,
    sponsor_meetings_per_quarter: int = 1,
    advocacy_per_quarter: int = 1,
    by: User | None,
    now: datetime,
) -> Alliance:
    """Found an alliance; its members' parts start on its first day.

    Args:
        name: unique.
        purpose: what it is for, in a sentence or two.
        members: two or more organisations; one that stands there twice counts once.
        starts_on: its first day.
        stage: where it is in its life.
        region: where it works.
        ends_on: its last day; needed for one that has ended.
        sponsor_meetings_per_quarter: the agreed cadence, 1 or more.
        advocacy_per_quarter: the agreed cadence of each side, 1 or more.
        by: who founds it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: fewer than two members, or a field is malformed.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    founders = {organisation.pk: organisation for organisation in members}
    if len(founders) < FEWEST_MEMBERS:
        raise ValidationError({"members": _("Choose two or more member organisations.")})
    alliance = Alliance(
        name=name,
        purpose=purpose,
        stage=stage,
        region=region,
        starts_on=starts_on,
        ends_on=ends_on,
        sponsor_meetings_per_quarter=sponsor_meetings_per_quarter,
        advocacy_per_quarter=advocacy_per_quarter,
    )
    checks.save(alliance)
    for organisation in founders.values():
        checks.save(Membership(alliance=alliance, organisation=organisation, starts_on=starts_on))
    return alliance


@transaction.atomic
def edit_alliance(
    *,
    alliance: Alliance,
    name: str,
    purpose: str,
    starts_on: date,
    stage: str = "operating",
    region: str = "",
    ends_on: date | None = None,
    sponsor_meetings_per_quarter: int = 1,
    advocacy_per_quarter: int = 1,
    by: User | None,
    now: datetime,
) -> Alliance:
    """Change what is said of an alliance; the founders' first day moves with the alliance's.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: a field is malformed, or seats or memberships lie before the first day.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    founders = alliance.memberships.filter(starts_on=alliance.starts_on)
    if starts_on > alliance.starts_on and (
        alliance.seats.filter(starts_on__lt=starts_on).exists()
        or alliance.memberships.filter(ends_on__lt=starts_on).exists()
        or alliance.memberships.filter(starts_on__lt=starts_on).difference(founders).exists()
    ):
        raise ValidationError(
            {
                "starts_on": _(
                    "Seats or memberships of this alliance begin or end before that day. Enter an "
                    "earlier first day."
                )
            }
        )
    founders.update(starts_on=starts_on)
    alliance.name, alliance.purpose = name, purpose
    alliance.stage, alliance.region = stage, region
    alliance.starts_on, alliance.ends_on = starts_on, ends_on
    alliance.sponsor_meetings_per_quarter = sponsor_meetings_per_quarter
    alliance.advocacy_per_quarter = advocacy_per_quarter
    checks.save(alliance)
    return alliance


@transaction.atomic
def add_member(
    *,
    alliance: Alliance,
    organisation: Organisation,
    starts_on: date,
    by: User | None,
    now: datetime,
) -> Membership:
    """Let an organisation join an alliance from a day on.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: it is a member in that period, or the day is outside the alliance's.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    said = _("The alliance begins on %(day)s. Enter that day or a later one.")
    checks.not_before("starts_on", starts_on, alliance.starts_on, said)
    if alliance.ends_on and starts_on > alliance.ends_on:
        raise ValidationError(
            {
                "starts_on": _("The alliance ends on %(day)s. Enter that day or an earlier one.")
                % {"day": date_format(alliance.ends_on, "j F Y")}
            }
        )
    membership = Membership(alliance=alliance, organisation=organisation, starts_on=starts_on)
    checks.one_at_a_time(alliance)
    checks.save(membership)
    return membership


@transaction.atomic
def end_membership(
    *,
    membership: Membership,
    ends_on: date,
    by: User | None,
    now: datetime,
) -> Membership:
    """End an organisation's part in an alliance; its running seats end on the same day.

    Args:
        membership: the part that ends.
        ends_on: its last day.
        by: who ends it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` is no administrator.
        ValidationError: the day is before the first day, fewer than two members would be left in
            an alliance that goes on, or a seat of the organisation begins after that day.
    """
    permissions.require(permissions.why_cannot_keep_register(by))
    alliance = membership.alliance
    checks.one_at_a_time(alliance)
    _leaves_two_members(alliance, membership, ends_on)
    seats = alliance.seats.filter(
        Q(ends_on__isnull=True) | Q(ends_on__gt=ends_on), organisation=membership.organisation
    )
    if seats.filter(starts_on__gt=ends_on).exists():
        raise ValidationError(
            {"ends_on": _("A seat of this organisation begins after that day. Enter a later day.")}
        )
    membership.ends_on = ends_on
    checks.save(membership)
    seats.update(ends_on=ends_on)
    return membership


def _leaves_two_members(alliance: Alliance, membership: Membership, ends_on: date) -> None:
    if alliance.ends_on and alliance.ends_on <= ends_on:
        return
    left = (
        alliance.memberships.filter(running_on(ends_on + timedelta(days=1)))
        .exclude(organisation=membership.organisation)
        .values("organisation")
        .distinct()
    )
    if left.count() < FEWEST_MEMBERS:
        raise ValidationError(
            {
                "ends_on": _(
                    "Fewer than two members would be left after that day. Add a member first, or "
                    "enter the alliance's own last day."
                )
            }
        )
