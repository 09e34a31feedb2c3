"""A cycle's life: drafted, opened, closed. Its scores follow from what closing leaves due."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Seat
from alliance_health.alliances.models.periods import running_on
from assessments import permissions
from assessments.models import (
    Assessment,
    Cycle,
    CycleState,
    Reason,
    Response,
    ResponseState,
    RubricVersion,
    ScoringJob,
    Side,
    VersionState,
)
from assessments.scoring.spec import FEWEST_SIDES

LONGEST_NAME = 80


class CycleRefused(Exception):
    """A cycle cannot be drafted, opened or closed like this; the message says why."""


@transaction.atomic
def draft_cycle(
    *,
    name: str,
    rubric_version: RubricVersion,
    question_set: str,
    starts_on: date,
    ends_on: date,
    opens_on: date,
    closes_on: date,
    by: User | None,
    now: datetime,
) -> Cycle:
    """Draft a cycle; nobody is asked yet.

    Args:
        name: as people say it, unique.
        rubric_version: a published one.
        question_set: core or full.
        starts_on: first day of the quarter.
        ends_on: last day of the quarter, after the first.
        opens_on: day it is meant to open.
        closes_on: last day of answering, not before `opens_on`.
        by: who drafts it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not.
        CycleRefused: the name is taken or too long, the days are the wrong way round, or the
            version is not published.
    """
    if by is not None and (reason := permissions.why_cannot_draft_cycle(by)):
        raise PermissionDenied(reason)
    if rubric_version.state != VersionState.PUBLISHED:
        raise CycleRefused(_("A cycle uses a published rubric. Publish it first."))
    if len(name) > LONGEST_NAME:
        raise CycleRefused(
            _("The name must be %(most)d characters or less.") % {"most": LONGEST_NAME}
        )
    if Cycle.objects.filter(name=name).exists():
        raise CycleRefused(
            _("There is a cycle called %(name)s. Choose another name.") % {"name": name}
        )
    cycle = Cycle(
        name=name,
        rubric_version=rubric_version,
        question_set=question_set,
        starts_on=starts_on,
        ends_on=ends_on,
        opens_on=opens_on,
        closes_on=closes_on,
        named_roles=rubric_version.named_roles,
        protected_minimum=rubric_version.protected_minimum,
    )
    try:
        cycle.full_clean(exclude=["named_roles"])  # a rubric may name no role
    except ValidationError as problem:
        raise CycleRefused(" ".join(problem.messages)) from problem
    cycle.save()
    return cycle


@transaction.atomic
def open_cycle(
    *, cycle: Cycle, alliances: Sequence[Alliance], by: User | None, now: datetime
) -> Cycle:
    """Open a cycle: everybody who holds a seat of one of the alliances on this day is asked.

    Makes an assessment an alliance with the organisations that are members today, and a response
    a seat. Who answers by name, and how many must answer in confidence, is frozen here.

    Args:
        cycle: a draft.
        alliances: one or more; one that stands there twice counts once.
        by: who opens it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not.
        CycleRefused: it is no draft, or an alliance has nobody to ask or fewer than two members.
    """
    kept = (
        Cycle.objects.select_for_update(of=("self",))
        .select_related("rubric_version")
        .get(pk=cycle.pk)
    )
    if by is not None and (reason := permissions.why_cannot_open_cycle(by, kept)):
        raise PermissionDenied(reason)
    if kept.state != CycleState.DRAFT:
        raise CycleRefused(_("%(cycle)s has been opened before.") % {"cycle": kept})
    if not alliances:
        raise CycleRefused(_("Choose one or more alliances."))
    alliances = list(dict.fromkeys(alliances))
    today = timezone.localdate(now)
    members = _members(alliances, today)
    seats = _seats(members, today)
    for alliance in alliances:
        if len(members[alliance.pk]) < FEWEST_SIDES:
            raise CycleRefused(
                _(
                    "%(alliance)s has fewer than two member organisations today. Mend it in the "
                    "register, or leave it out."
                )
                % {"alliance": alliance}
            )
        if not seats[alliance.pk]:
            raise CycleRefused(
                _(
                    "Nobody holds a seat in %(alliance)s today. Appoint people in the register, or "
                    "leave it out."
                )
                % {"alliance": alliance}
            )
    kept.state = CycleState.OPEN
    kept.opened_at, kept.opened_by = now, by
    kept.named_roles = kept.rubric_version.named_roles
    kept.protected_minimum = kept.rubric_version.protected_minimum
    kept.save()
    assessments = Assessment.objects.bulk_create(
        [Assessment(cycle=kept, alliance=alliance) for alliance in alliances]
    )
    Side.objects.bulk_create(
        [
            Side(assessment=assessment, organisation_id=organisation, position=position)
            for assessment in assessments
            for position, organisation in enumerate(members[assessment.alliance_id])
        ]
    )
    Response.objects.bulk_create(
        [
            Response(
                assessment=assessment,
                person_id=seat.person_id,
                organisation_id=seat.organisation_id,
                role=seat.role,
                is_protected=seat.role not in kept.named_roles,
            )
            for assessment in assessments
            for seat in seats[assessment.alliance_id]
        ]
    )
    return kept


def _members(alliances: Sequence[Alliance], on: date) -> Mapping[int, list[int]]:
    """Return the organisations that are members on a day, by alliance, in order of name."""
    found: dict[int, list[int]] = defaultdict(list)
    for alliance, organisation in (
        Membership.objects.filter(running_on(on), alliance__in=alliances)
        .order_by("alliance", "organisation__short_name")
        .values_list("alliance", "organisation")
    ):
        found[alliance].append(organisation)
    return found


def _seats(members: Mapping[int, list[int]], on: date) -> Mapping[int, list[Seat]]:
    """Return the seats that somebody holds on a day for a member, by alliance."""
    found: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.held_on(on).filter(alliance__in=members):
        if seat.organisation_id in members[seat.alliance_id]:
            found[seat.alliance_id].append(seat)
    return found


@transaction.atomic
def close_cycle(*, cycle: Cycle, by: User | None, now: datetime) -> Cycle:
    """Close a cycle: answers are not taken any more, and a scoring of each assessment is due.

    Responses that were not submitted expire; what was answered in them does not count.

    Args:
        cycle: an open one.
        by: who closes it; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not.
        CycleRefused: it is not open.
    """
    kept = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if by is not None and (reason := permissions.why_cannot_close_cycle(by, kept)):
        raise PermissionDenied(reason)
    if kept.state != CycleState.OPEN:
        raise CycleRefused(_("%(cycle)s is not open.") % {"cycle": kept})
    kept.state = CycleState.CLOSED
    kept.closed_at, kept.closed_by = now, by
    kept.save()
    assessments = Assessment.objects.filter(cycle=kept)
    # The state is asked of the row itself, not in a subquery: then one that is submitted while
    # this waits for it stays submitted.
    Response.objects.filter(
        assessment__in=assessments, state__in=[ResponseState.INVITED, ResponseState.STARTED]
    ).update(state=ResponseState.EXPIRED)
    ScoringJob.objects.bulk_create(
        [
            ScoringJob(
                assessment=assessment,
                as_of=timezone.localdate(now),
                reason=Reason.CLOSE,
                due_at=now,
            )
            for assessment in assessments
        ]
    )
    return kept


def close_due(*, now: datetime) -> int:
    """Close the open cycles whose last day of answering is over; return how many.

    Args:
        now: the instant.
    """
    over = Cycle.objects.filter(state=CycleState.OPEN, closes_on__lt=timezone.localdate(now))
    closed = 0
    for cycle in over:
        try:
            close_cycle(cycle=cycle, by=None, now=now)
        except CycleRefused:
            continue  # somebody else closed it in the meantime
        closed += 1
    return closed
