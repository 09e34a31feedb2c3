"""Cycles, and who has answered in them; never what was answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Seat
from alliance_health.alliances.models.alliance import AllianceQuerySet
from alliance_health.alliances.models.periods import running_on
from assessments.models import Assessment, Cycle, CycleState, Response, ResponseState
from assessments.queries import figures
from assessments.scoring.spec import FEWEST_SIDES

SHORT_BOARD = 3  # alliances
MOST_LEFT_OUT = 20  # alliances that are named


@dataclass(frozen=True, slots=True)
class CycleRow:
    """One cycle in the list; the counts are of the alliances that the reader may see."""

    id: int
    name: str
    rubric: str
    state: str
    state_kind: str
    opens_on: date
    closes_on: date
    opens_itself: bool
    has_problem: bool
    alliances: int
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class Respondent:
    """Somebody asked, and how far he is."""

    response_id: UUID
    name: str
    role: str
    is_protected: bool
    state: str
    state_kind: str
    link_sent_on: date | None
    is_waiting: bool


@dataclass(frozen=True, slots=True)
class BoardSide:
    """One organisation's respondents in an alliance."""

    organisation: str
    respondents: tuple[Respondent, ...]

    @property
    def asked(self) -> int:
        return len(self.respondents)

    @property
    def answered(self) -> int:
        return sum(r.state_kind == "done" for r in self.respondents)


@dataclass(frozen=True, slots=True)
class BoardAlliance:
    """One alliance on the board."""

    id: int
    name: str
    sides: tuple[BoardSide, ...]

    @property
    def asked(self) -> int:
        return sum(side.asked for side in self.sides)

    @property
    def answered(self) -> int:
        return sum(side.answered for side in self.sides)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An alliance that a cycle that opens by itself does not ask, and why."""

    id: int
    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Board:
    """All of a cycle's page."""

    id: int
    name: str
    rubric: str
    questions: str
    state: str
    state_kind: str
    is_draft: bool
    is_open: bool
    is_imported: bool
    starts_on: date
    ends_on: date
    opens_on: date
    closes_on: date
    opened_at: datetime | None
    closed_at: datetime | None
    opens_itself: bool
    opened_itself: bool
    opening_problem: str
    alliances: tuple[BoardAlliance, ...]
    left_out: tuple[LeftOut, ...]
    more_left_out: int

    @property
    def is_short(self) -> bool:
        """Whether everybody can be listed at once without the page getting too long to read."""
        return len(self.alliances) <= SHORT_BOARD

    @property
    def asked(self) -> int:
        return sum(alliance.asked for alliance in self.alliances)

    @property
    def answered(self) -> int:
        return sum(alliance.answered for alliance in self.alliances)


_CYCLE_KIND = {CycleState.OPEN: "active", CycleState.CLOSED: "done"}
_RESPONSE_KIND = {ResponseState.SUBMITTED: "done", ResponseState.STARTED: "active"}


def visible_cycles(user: User, on: date) -> QuerySet[Cycle]:
    """Return the cycles that a user may see: those with an alliance he sees; drafts are for staff.

    Args:
        user: who asks.
        on: today.

    Returns:
        A scoped queryset; nothing is read yet.
    """
    cycles = Cycle.objects.select_related("rubric_version__rubric").defer(
        "rubric_version__document"
    )
    if user.is_staff:
        return cycles
    seen = Assessment.objects.filter(
        cycle=OuterRef("pk"), alliance__in=figures.visible_alliances(user, on)
    )
    return cycles.exclude(state=CycleState.DRAFT).filter(Exists(seen))


def cycles(user: User, on: date) -> tuple[CycleRow, ...]:
    """Return the cycles a user may see, newest first; 2 queries.

    Args:
        user: who asks.
        on: today.
    """
    visible = figures.visible_alliances(user, on)
    submitted = Q(responses__state=ResponseState.SUBMITTED)
    counts = {
        row["cycle"]: row
        for row in Assessment.objects.filter(alliance__in=visible)
        .values("cycle")
        .annotate(
            alliances=Count("pk", distinct=True),
            asked=Count("responses"),
            answered=Count("responses", filter=submitted),
        )
    }
    nothing = {"alliances": 0, "asked": 0, "answered": 0}
    rows = []
    for cycle in visible_cycles(user, on):
        count = counts.get(cycle.pk, nothing)
        rows.append(
            CycleRow(
                id=cycle.pk,
                name=cycle.name,
                rubric=str(cycle.rubric_version),
                state=cycle.get_state_display(),
                state_kind=_CYCLE_KIND.get(CycleState(cycle.state), ""),
                opens_on=cycle.opens_on,
                closes_on=cycle.closes_on,
                opens_itself=cycle.state == CycleState.DRAFT and cycle.opens_itself,
                has_problem=bool(cycle.opening_problem),
                alliances=count["alliances"],
                asked=count["asked"],
                answered=count["answered"],
            )
        )
    return tuple(rows)


def board(cycle: Cycle, user: User, on: date) -> Board:
    """Return who was asked in a cycle and who has answered, by alliance and organisation.

    3 queries, whatever the number of alliances and people; 2 more for an administrator where the
    cycle opens or has opened by itself.

    Args:
        cycle: taken from `visible_cycles`.
        user: who reads; alliances outside his scope are left out.
        on: today.
    """
    assessments = list(
        Assessment.objects.filter(cycle=cycle, alliance__in=figures.visible_alliances(user, on))
        .select_related("alliance")
        .order_by("alliance__name")
    )
    responses: dict[int, list[Response]] = {}
    for response in (
        Response.objects.filter(assessment__in=assessments)
        .select_related("person", "organisation")
        .order_by("organisation__short_name", "role", "person__name")
    ):
        responses.setdefault(response.assessment_id, []).append(response)
    opens_itself = cycle.state == CycleState.DRAFT and cycle.opens_itself
    opened_itself = (
        cycle.state == CycleState.OPEN and cycle.opens_itself and cycle.opened_by_id is None
    )
    left_out: tuple[LeftOut, ...] = ()
    more_left_out = 0
    if user.is_staff and (opens_itself or opened_itself):
        left_out, more_left_out = _left_out(cycle, on)
    return Board(
        id=cycle.pk,
        name=cycle.name,
        rubric=str(cycle.rubric_version),
        questions=cycle.get_question_set_display(),
        state=cycle.get_state_display(),
        state_kind=_CYCLE_KIND.get(CycleState(cycle.state), ""),
        is_draft=cycle.state == CycleState.DRAFT,
        is_open=cycle.state == CycleState.OPEN,
        is_imported=cycle.is_imported,
        starts_on=cycle.starts_on,
        ends_on=cycle.ends_on,
        opens_on=cycle.opens_on,
        closes_on=cycle.closes_on,
        opened_at=cycle.opened_at,
        closed_at=cycle.closed_at,
        opens_itself=opens_itself,
        opened_itself=opened_itself,
        opening_problem=cycle.opening_problem if user.is_staff else "",
        alliances=tuple(
            BoardAlliance(
                id=assessment.alliance_id,
                name=assessment.alliance.name,
                sides=_sides(responses.get(assessment.pk, []), cycle),
            )
            for assessment in assessments
        ),
        left_out=left_out,
        more_left_out=more_left_out,
    )


def _left_out(cycle: Cycle, on: date) -> tuple[tuple[LeftOut, ...], int]:
    """Return the alliances that are not asked, the first by name, and how many more; 2 queries."""
    found = _seen_on(on)
    if cycle.state == CycleState.DRAFT:
        found = found.exclude(**_CAN_BE_ASKED)
    else:
        found = found.exclude(pk__in=Assessment.objects.filter(cycle=cycle).values("alliance"))
    named = tuple(
        LeftOut(alliance.pk, alliance.name, _why_left_out(alliance))
        for alliance in found.order_by("name", "pk")[:MOST_LEFT_OUT]
    )
    return named, found.count() - len(named)


def _why_left_out(alliance: Alliance) -> str:
    members, is_seated = vars(alliance)["members"], vars(alliance)["is_seated"]
    if members < FEWEST_SIDES:
        return _("It has fewer than two member organisations today.")
    if not is_seated:
        return _("Nobody holds a seat in it today.")
    return _("It can be asked today, but could not when the cycle opened.")


def _seen_on(on: date) -> AllianceQuerySet:
    """Return the active alliances with what decides whether they can be asked on a day."""
    members = Membership.objects.filter(running_on(on), alliance=OuterRef("pk"))
    of_member = Membership.objects.filter(
        running_on(on), alliance=OuterRef("alliance"), organisation=OuterRef("organisation")
    )
    held = Seat.objects.held_on(on).filter(Exists(of_member), alliance=OuterRef("pk"))
    number = members.order_by().values("alliance").annotate(number=Count("organisation"))
    return Alliance.objects.active().annotate(
        members=Coalesce(Subquery(number.values("number")), 0), is_seated=Exists(held)
    )


_CAN_BE_ASKED = {"members__gte": FEWEST_SIDES, "is_seated": True}


def can_be_asked(on: date) -> AllianceQuerySet:
    """Return the alliances that a cycle can ask on a day, for the system; nothing is read yet.

    Those that have not ended, with two members or more, where somebody holds a seat of a member.

    Args:
        on: the day.
    """
    return _seen_on(on).filter(**_CAN_BE_ASKED).order_by("pk")


def _sides(responses: Sequence[Response], cycle: Cycle) -> tuple[BoardSide, ...]:
    by_side: dict[str, list[Respondent]] = {}
    for response in responses:
        waiting = cycle.state == CycleState.OPEN and response.state in (
            ResponseState.INVITED,
            ResponseState.STARTED,
        )
        by_side.setdefault(response.organisation.name, []).append(
            Respondent(
                response_id=response.pk,
                name=response.person.name,
                role=response.get_role_display(),
                is_protected=response.is_protected,
                state=response.get_state_display(),
                state_kind=_RESPONSE_KIND.get(ResponseState(response.state), ""),
                link_sent_on=response.link_sent_on,
                is_waiting=waiting,
            )
        )
    return tuple(BoardSide(name, tuple(found)) for name, found in by_side.items())


def visible_responses(user: User, on: date) -> QuerySet[Response]:
    """Return the responses on the boards that a user sees, to send a link; nothing is read yet.

    Args:
        user: who asks.
        on: today.
    """
    return Response.objects.filter(
        assessment__alliance__in=figures.visible_alliances(user, on)
    ).select_related("assessment__cycle", "assessment__alliance", "person", "organisation")


def alliances_to_ask(user: User, on: date) -> QuerySet[Alliance]:
    """Return the active alliances that have somebody to ask on a day; nothing is read yet.

    Args:
        user: who is about to open a cycle.
        on: today.
    """
    seated = Seat.objects.held_on(on).filter(alliance=OuterRef("pk"))
    return figures.visible_alliances(user, on).active().filter(Exists(seated))
