"""A cycle's life: drafted, opened, closed. Its scores follow from what closing leaves due."""

import logging
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.formats import date_format
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
from assessments.queries import cycles as queries
from assessments.scoring.spec import FEWEST_SIDES

logger = logging.getLogger(__name__)

LONGEST_NAME = 80
ROWS_AT_ONCE = 5_000  # written by one statement


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
    opens_itself: bool = False,
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
        opens_itself: whether the system opens it on `opens_on`.
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
        raise _name_is_taken(name)
    cycle = Cycle(
        name=name,
        rubric_version=rubric_version,
        question_set=question_set,
        starts_on=starts_on,
        ends_on=ends_on,
        opens_on=opens_on,
        closes_on=closes_on,
        opens_itself=opens_itself,
        named_roles=rubric_version.named_roles,
        protected_minimum=rubric_version.protected_minimum,
    )
    try:
        cycle.full_clean(exclude=["named_roles"])  # a rubric may name no role
    except ValidationError as problem:
        raise CycleRefused(" ".join(problem.messages)) from problem
    try:
        with transaction.atomic():
            cycle.save()
    except IntegrityError as problem:
        # Somebody else drafts one of this name in the same moment.
        if Cycle.objects.filter(name=name).exists():
            raise _name_is_taken(name) from problem
        raise
    return cycle


def _name_is_taken(name: str) -> CycleRefused:
    return CycleRefused(
        _("There is a cycle called %(name)s. Choose another name.") % {"name": name}
    )


@transaction.atomic
def set_opens_itself(*, cycle: Cycle, opens_itself: bool, by: User | None, now: datetime) -> Cycle:
    """Let a draft open by itself on its day, or leave it to an administrator.

    Args:
        cycle: a draft.
        opens_itself: whether the system opens it.
        by: who decides; None for the system.
        now: the instant.

    Raises:
        PermissionDenied: `by` may not, also where it has been opened meanwhile.
        CycleRefused: it is no draft.
    """
    kept = Cycle.objects.select_for_update().get(pk=cycle.pk)
    if by is not None and (reason := permissions.why_cannot_open_cycle(by, kept)):
        raise PermissionDenied(reason)
    if kept.state != CycleState.DRAFT:
        raise CycleRefused(_("%(cycle)s has been opened before.") % {"cycle": kept})
    if kept.opens_itself != opens_itself:
        kept.opens_itself, kept.opening_problem = opens_itself, ""
        kept.save()
    return kept


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
    kept.opening_problem = ""
    kept.named_roles = kept.rubric_version.named_roles
    kept.protected_minimum = kept.rubric_version.protected_minimum
    kept.save()
    assessments = Assessment.objects.bulk_create(
        [Assessment(cycle=kept, alliance=alliance) for alliance in alliances],
        batch_size=ROWS_AT_ONCE,
    )
    Side.objects.bulk_create(
        [
            Side(assessment=assessment, organisation_id=organisation, position=position)
            for assessment in assessments
            for position, organisation in enumerate(members[assessment.alliance_id])
        ],
        batch_size=ROWS_AT_ONCE,
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
        ],
        batch_size=ROWS_AT_ONCE,
    )
    return kept


def _members(alliances: Sequence[Alliance], on: date) -> Mapping[int, list[int]]:
    """Return the organisations that are members on a day, by alliance, in order of name."""
    found: dict[int, list[int]] = defaultdict(list)
    for alliance, organisation in (
        Membership.objects.filter(running_on(on), alliance__among=[one.pk for one in alliances])
        .order_by("alliance", "organisation__short_name")
        .values_list("alliance", "organisation")
    ):
        found[alliance].append(organisation)
    return found


def _seats(members: Mapping[int, list[int]], on: date) -> Mapping[int, list[Seat]]:
    """Return the seats that somebody holds on a day for a member, by alliance."""
    found: dict[int, list[Seat]] = defaultdict(list)
    for seat in Seat.objects.held_on(on).filter(alliance__among=members):
        if seat.organisation_id in members[seat.alliance_id]:
            found[seat.alliance_id].append(seat)
    return found


def open_due(*, now: datetime) -> int:
    """Open the drafts that open by themselves and whose day has come; return how many.

    Each is opened with every alliance that can be asked today. Where it cannot be opened, the
    cycle keeps the sentence that says why, and it is tried again at the next call.

    Args:
        now: the instant.
    """
    keys = Cycle.objects.filter(
        state=CycleState.DRAFT, opens_itself=True, opens_on__lte=timezone.localdate(now)
    ).order_by("opens_on", "pk")
    return sum(_open_by_itself(key, now) for key in list(keys.values_list("pk", flat=True)))


def _open_by_itself(key: int, now: datetime) -> bool:
    """Open one draft, or let it keep why that cannot be done; one must not keep the others."""
    try:
        return _open_with_all(key, now)
    except CycleRefused as refusal:
        _keep_problem(key, str(refusal))
    except Exception as problem:
        said = _(
            "It could not be opened because of a fault of the product: %(fault)s. The log of the "
            "worker says more. It can still be opened by hand."
        ) % {"fault": f"{type(problem).__name__}: {problem}"}
        if _keep_problem(key, said):
            logger.exception("cycle %s could not open by itself", key)
    return False


@transaction.atomic
def _open_with_all(key: int, now: datetime) -> bool:
    """Open a draft with every alliance that can be asked; False if somebody was quicker.

    Raises:
        CycleRefused: its days are over, or no alliance can be asked.
    """
    today = timezone.localdate(now)
    # Who finds it locked waits, and then finds it opened, or left to an administrator.
    cycle = (
        Cycle.objects.select_for_update()
        .filter(pk=key, state=CycleState.DRAFT, opens_itself=True)
        .first()
    )
    if cycle is None:
        return False
    if cycle.closes_on < today:
        raise CycleRefused(
            _(
                "Its last day of answering, %(day)s, was over before it was opened, so nobody is "
                "asked. Draft a new cycle with later days."
            )
            % {"day": date_format(cycle.closes_on, "j F Y")}
        )
    alliances = list(queries.can_be_asked(today))
    if not alliances:
        raise CycleRefused(
            _(
                "No alliance can be asked today: each has ended, has fewer than two member "
                "organisations, or has nobody in a seat. Mend that in the register; the cycle "
                "then opens within seconds."
            )
        )
    open_cycle(cycle=cycle, alliances=alliances, by=None, now=now)
    logger.info("cycle %s (%s) opened by itself with %s alliances", key, cycle, len(alliances))
    return True


@transaction.atomic
def _keep_problem(key: int, said: str) -> bool:
    """Keep why a draft could not be opened; False if that is known already.

    Nothing is written then: the attempt is made every few seconds, and each write is history.
    """
    drafts = Cycle.objects.filter(pk=key, state=CycleState.DRAFT, opens_itself=True)
    if drafts.filter(opening_problem=said).exists():
        return False
    if cycle := drafts.select_for_update().first():
        cycle.opening_problem = said
        cycle.save(update_fields=["opening_problem"])
        logger.warning("cycle %s (%s) did not open by itself: %s", key, cycle, said)
    return cycle is not None


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
