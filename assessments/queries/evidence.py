"""The register's records as evidence measures, for many alliances at once."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q

from alliance_health.alliances.models import (
    Action,
    ActionKind,
    Alliance,
    CheckIn,
    Confirmation,
    Membership,
    Objective,
    Obstacle,
    Participation,
    Plan,
    Role,
    Seat,
    Touchpoint,
    TouchpointKind,
)
from alliance_health.alliances.models.periods import running_on
from assessments.queries import among as _among  # noqa: F401  makes the lookup known
from assessments.scoring import measures
from assessments.scoring.measures import ObjectiveRecord, ObstacleRecord, PromiseRecord


@dataclass(slots=True)
class _Records:
    """One alliance's records as of a day."""

    meetings_a_quarter: int
    advocacy_a_quarter: int
    sides: list[int] = field(default_factory=list)
    sponsor_levels: dict[int, int | None] = field(default_factory=dict)
    objectives: list[ObjectiveRecord] = field(default_factory=list)
    actions: list[PromiseRecord] = field(default_factory=list)
    commitments: list[PromiseRecord] = field(default_factory=list)
    meetings: list[tuple[date, frozenset[int]]] = field(default_factory=list)
    advocacy: list[tuple[date, int]] = field(default_factory=list)
    obstacles: list[ObstacleRecord] = field(default_factory=list)


# Key of a measure in a rubric, and how it is taken. A new measure is a line here and a function
# in assessments.scoring.measures.
_MEASURES: Mapping[str, Callable[[_Records, date], float | None]] = {
    "attainment": lambda found, on: measures.attainment(found.objectives, on),
    "check_ins_up_to_date": lambda found, on: measures.check_ins_up_to_date(found.objectives, on),
    "actions_on_time": lambda found, on: measures.kept_in_time(found.actions, on),
    "commitments_kept": lambda found, on: measures.kept_in_time(found.commitments, on),
    "sponsor_contact": lambda found, on: measures.sponsor_contact(
        found.meetings, found.meetings_a_quarter, on
    ),
    "sponsor_match": lambda found, _on: measures.sponsor_match(
        {side: found.sponsor_levels.get(side) for side in found.sides}
    ),
    "advocacy": lambda found, on: measures.advocacy(
        found.advocacy, found.sides, found.advocacy_a_quarter, on
    ),
    "obstacles_in_time": lambda found, on: measures.obstacles_in_time(found.obstacles, on),
}

MEASURE_KEYS = frozenset(_MEASURES)
"""Keys of the measures that a rubric may score."""


def measured(
    alliances: Iterable[int], on: date, only: Collection[str] = MEASURE_KEYS
) -> dict[int, dict[str, float | None]]:
    """Return measures of some alliances as of a day, by alliance and key of the measure.

    At most 11 queries, whatever the number of alliances: only the records that are needed are read.

    Args:
        alliances: their keys.
        on: the day; what was recorded for later days does not count.
        only: keys of the measures that are wanted.
    """
    wanted = {name: measure for name, measure in _MEASURES.items() if name in only}
    found = {
        key: _Records(meetings, advocacy)
        for key, meetings, advocacy in Alliance.objects.filter(pk__among=alliances).values_list(
            "pk", "sponsor_meetings_per_quarter", "advocacy_per_quarter"
        )
    }
    for read, needed_by in _READERS:
        if needed_by & wanted.keys():
            read(found, on)
    return {
        key: {name: measure(records, on) for name, measure in wanted.items()}
        for key, records in found.items()
    }


@dataclass(frozen=True, slots=True)
class GateRecords:
    """What gates look at, of one alliance on a day.

    Attributes:
        sides: members.
        sponsored: the sides whose sponsor's seat somebody holds.
        confirmed: of each running objective, the last confirmation by side.
    """

    sides: tuple[int, ...]
    sponsored: frozenset[int]
    confirmed: tuple[Mapping[int, date], ...]


def gate_records(alliances: Iterable[int], on: date) -> dict[int, GateRecords]:
    """Return what gates look at, by alliance; 4 queries, whatever the number of alliances.

    Args:
        alliances: their keys.
        on: the day; what was recorded for later days does not count.
    """
    found = {key: _Records(0, 0) for key in alliances}
    _read_sides(found, on)
    running = (
        Objective.objects.filter(
            Q(ended_on__isnull=True) | Q(ended_on__gt=on),
            Exists(Plan.objects.filter(objective=OuterRef("pk"), agreed_on__lte=on)),
            alliance__among=found,
        )
        .order_by("pk")
        .values_list("pk", "alliance")
    )
    confirmed: dict[int, dict[int, dict[int, date]]] = defaultdict(dict)
    alliance_of = {}
    for objective, alliance in running:
        alliance_of[objective] = alliance
        confirmed[alliance][objective] = {}
    words = Confirmation.objects.filter(objective__among=alliance_of, on__lte=on).order_by("on")
    for objective, side, day in words.values_list("objective", "organisation", "on"):
        confirmed[alliance_of[objective]][objective][side] = day
    return {
        key: GateRecords(
            sides=tuple(records.sides),
            sponsored=frozenset(records.sponsor_levels),
            confirmed=tuple(confirmed[key].values()),
        )
        for key, records in found.items()
    }


def _read_sides(found: Mapping[int, _Records], on: date) -> None:
    members = Membership.objects.filter(running_on(on), alliance__among=found).order_by(
        "organisation"
    )
    for alliance, organisation in members.values_list("alliance", "organisation"):
        found[alliance].sides.append(organisation)
    sponsors = Seat.objects.filter(running_on(on), alliance__among=found, role=Role.SPONSOR)
    for alliance, organisation, level in sponsors.values_list("alliance", "organisation", "level"):
        found[alliance].sponsor_levels[organisation] = level


def _read_objectives(found: Mapping[int, _Records], on: date) -> None:
    plans = Plan.objects.filter(agreed_on__lte=on).order_by("objective_id", "-agreed_on")
    check_ins = CheckIn.objects.filter(on__lte=on).order_by("objective_id", "-on")
    objectives = Objective.objects.filter(alliance__among=found).prefetch_related(
        Prefetch("plans", plans.distinct("objective_id")),
        Prefetch("check_ins", check_ins.distinct("objective_id")),
    )
    for objective in objectives:
        plan = next(iter(objective.plans.all()), None)
        if plan is None:
            continue  # not promised yet on that day
        found[objective.alliance_id].objectives.append(objective_record(objective, plan))


def objective_record(objective: Objective, plan: Plan) -> ObjectiveRecord:
    """Return an objective as the measures take it.

    Args:
        objective: with the last check-in that counts, prefetched.
        plan: in force on the day.
    """
    last = next(iter(objective.check_ins.all()), None)
    return ObjectiveRecord(
        weight=float(objective.weight),
        baseline=float(plan.baseline),
        target=float(plan.target),
        starts_on=plan.starts_on,
        due_on=plan.due_on,
        value=float(last.value) if last else None,
        checked_on=last.on if last else None,
        ended_on=objective.ended_on,
    )


def is_held(seat: Seat, on: date) -> bool:
    """Return whether somebody holds a seat on a day; for seats that are read already."""
    return seat.starts_on <= on and (seat.ends_on is None or seat.ends_on >= on)


def _read_promises(found: Mapping[int, _Records], on: date) -> None:
    due = Action.objects.filter(
        alliance__among=found, due_on__gt=on - measures.WINDOW, due_on__lte=on
    )
    for action in due.order_by("pk"):
        done_on = action.done_on if action.done_on and action.done_on <= on else None
        records = found[action.alliance_id]
        kept = records.commitments if action.kind == ActionKind.COMMITMENT else records.actions
        kept.append(PromiseRecord(action.due_on, done_on))


def _read_touchpoints(found: Mapping[int, _Records], on: date) -> None:
    touchpoints = list(
        Touchpoint.objects.filter(
            alliance__among=found,
            kind__in=[TouchpointKind.MEETING, TouchpointKind.ADVOCACY],
            on__gt=on - measures.WINDOW,
            on__lte=on,
        ).order_by("pk")
    )
    sponsors_at = _sponsors_at(touchpoints)
    for touchpoint in touchpoints:
        records = found[touchpoint.alliance_id]
        if touchpoint.kind == TouchpointKind.MEETING:
            records.meetings.append((touchpoint.on, frozenset(sponsors_at[touchpoint.pk])))
        else:
            records.advocacy.append((touchpoint.on, touchpoint.organisation_id))


def _sponsors_at(touchpoints: Iterable[Touchpoint]) -> Mapping[int, set[int]]:
    """Return the sides whose sponsors of that day took part, by touchpoint."""
    meetings = {t.pk: t for t in touchpoints if t.kind == TouchpointKind.MEETING}
    there = Participation.objects.filter(touchpoint__among=meetings).values_list(
        "touchpoint", "person"
    )
    alliances = {meeting.alliance_id for meeting in meetings.values()}
    held: dict[tuple[int, int], list[Seat]] = defaultdict(list)
    for seat in Seat.objects.filter(alliance__among=alliances, role=Role.SPONSOR):
        held[(seat.alliance_id, seat.person_id)].append(seat)
    sides: dict[int, set[int]] = defaultdict(set)
    for key, person in there:
        meeting = meetings[key]
        for seat in held[(meeting.alliance_id, person)]:
            if is_held(seat, meeting.on):
                sides[key].add(seat.organisation_id)
    return sides


def _read_obstacles(found: Mapping[int, _Records], on: date) -> None:
    escalated = Obstacle.objects.filter(alliance__among=found, escalated_on__lte=on).order_by("pk")
    for alliance, escalated_on, resolved_on in escalated.values_list(
        "alliance", "escalated_on", "resolved_on"
    ):
        assert escalated_on is not None  # noqa: S101  the filter says so; tells the checker
        found[alliance].obstacles.append(ObstacleRecord(escalated_on, resolved_on))


_READERS: tuple[tuple[Callable[[Mapping[int, _Records], date], None], frozenset[str]], ...] = (
    (_read_sides, frozenset({"sponsor_match", "advocacy"})),
    (_read_objectives, frozenset({"attainment", "check_ins_up_to_date"})),
    (_read_promises, frozenset({"actions_on_time", "commitments_kept"})),
    (_read_touchpoints, frozenset({"sponsor_contact", "advocacy"})),
    (_read_obstacles, frozenset({"obstacles_in_time"})),
)
