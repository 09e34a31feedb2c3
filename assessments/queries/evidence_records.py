"""The records of the register behind one alliance's evidence measures, by name, as of a day."""

from collections import Counter
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from django.db.models import Prefetch
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from alliance_health.alliances.models import (
    Action,
    ActionKind,
    Alliance,
    CheckIn,
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
from assessments.queries.evidence import is_held, objective_record
from assessments.scoring import measures
from assessments.scoring.measures import ObjectiveRecord, ObstacleRecord, PromiseRecord


@dataclass(frozen=True, slots=True)
class Record:
    """A record of the register that a measure rests on; never a note, which may be internal.

    Attributes:
        label: what it is.
        says: what of it counts.
        points: what the measure would be from it alone; None where it is one of several that count
            together.
        weight: beside the others of the measure.
        objective: key of the objective that it is; None for other records.
        section: where on the alliance's page of the register it stands.
    """

    label: str
    says: str
    points: float | None
    section: str
    weight: float = 1.0
    objective: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What the register gives for a measure today, and the records behind it."""

    value: float | None
    summary: str
    records: tuple[Record, ...]


def records_of(alliance: Alliance, on: date, only: Collection[str]) -> dict[str, Measured]:
    """Return measures as of a day with the records they rest on, by the measure's key.

    At most 9 queries, whatever the number of records: only what the measures need is read. The
    rules are those of `evidence.measured`, by which scores are made; a test holds the two together.

    Args:
        alliance: taken from the reader's scope.
        on: the day; what was recorded for later days does not count.
        only: keys of the measures that are wanted.
    """
    found = _Reader(alliance, on)
    return {name: _MEASURES[name](found) for name in sorted(only) if name in _MEASURES}


class _Reader:
    """Reads an alliance's records as they are needed, each kind once."""

    def __init__(self, alliance: Alliance, on: date) -> None:
        self.alliance, self.on = alliance, on

    @cached_property
    def objectives(self) -> list[tuple[Objective, ObjectiveRecord]]:
        plans = Plan.objects.filter(agreed_on__lte=self.on).order_by("objective_id", "-agreed_on")
        check_ins = CheckIn.objects.filter(on__lte=self.on).order_by("objective_id", "-on")
        found = self.alliance.objectives.prefetch_related(
            Prefetch("plans", plans.distinct("objective_id")),
            Prefetch("check_ins", check_ins.distinct("objective_id")),
        )
        return [
            (objective, objective_record(objective, plan))
            for objective in found.order_by("pk")
            for plan in objective.plans.all()
        ]

    @cached_property
    def promises(self) -> list[Action]:
        due = self.alliance.actions.filter(
            due_on__gt=self.on - measures.WINDOW, due_on__lte=self.on
        )
        return list(due.order_by("due_on", "pk"))

    @cached_property
    def touchpoints(self) -> list[Touchpoint]:
        return list(
            self.alliance.touchpoints.filter(on__gt=self.on - measures.WINDOW, on__lte=self.on)
            .select_related("organisation")
            .prefetch_related(
                Prefetch("participations", Participation.objects.order_by("organisation_id"))
            )
            .order_by("on", "pk")
        )

    @cached_property
    def members(self) -> dict[int, str]:
        """Return the short names of the members on the day, by key."""
        found = Membership.objects.filter(running_on(self.on), alliance=self.alliance)
        return {
            one.organisation_id: one.organisation.short_name
            for one in found.select_related("organisation").order_by("organisation__name")
        }

    @cached_property
    def sponsor_seats(self) -> list[Seat]:
        found = Seat.objects.filter(alliance=self.alliance, role=Role.SPONSOR)
        return list(found.select_related("organisation"))

    @cached_property
    def obstacles(self) -> list[tuple[Obstacle, ObstacleRecord]]:
        found = self.alliance.obstacles.filter(escalated_on__lte=self.on)
        return [
            (one, ObstacleRecord(one.escalated_on, one.resolved_on))
            for one in found.order_by("escalated_on", "pk")
            if one.escalated_on is not None
        ]

    def sponsors_at(self, meeting: Touchpoint) -> dict[int, str]:
        """Return the sides whose sponsors of that day took part, with their short names."""
        there = {one.person_id for one in meeting.participations.all()}
        return {
            seat.organisation_id: seat.organisation.short_name
            for seat in self.sponsor_seats
            if seat.person_id in there and is_held(seat, meeting.on)
        }


def _day(on: date) -> str:
    return date_format(on, "j F Y")


def _attainment(found: _Reader) -> Measured:
    rows = []
    for objective, record in found.objectives:
        standing = measures.standing_of(record, found.on)
        if standing is None:
            continue
        rows.append(
            Record(
                label=objective.statement,
                says=_("%(made)d %% of the way, %(expected)d %% expected by then")
                % {"made": round(100 * standing.made), "expected": round(100 * standing.expected)},
                points=measures.attainment([record], found.on),
                section="objectives",
                weight=record.weight,
                objective=objective.pk,
            )
        )
    records = [record for _objective, record in found.objectives]
    return Measured(
        value=measures.attainment(records, found.on),
        summary=_("Progress against the plan of each objective, by its weight."),
        records=tuple(rows),
    )


def _check_ins(found: _Reader) -> Measured:
    rows = []
    for objective, record in found.objectives:
        points = measures.check_ins_up_to_date([record], found.on)
        if points is None:
            continue
        last = record.checked_on
        said = _("last check-in on %(day)s") % {"day": _day(last)} if last else _("no check-in yet")
        rows.append(Record(objective.statement, said, points, "objectives", objective=objective.pk))
    records = [record for _objective, record in found.objectives]
    return Measured(
        value=measures.check_ins_up_to_date(records, found.on),
        summary=_("Running objectives with a check-in in the last 45 days."),
        records=tuple(rows),
    )


def _promises(found: _Reader, *, commitments: bool) -> Measured:
    rows, records = [], []
    for action in found.promises:
        if (action.kind == ActionKind.COMMITMENT) != commitments:
            continue
        done_on = action.done_on if action.done_on and action.done_on <= found.on else None
        record = PromiseRecord(action.due_on, done_on)
        records.append(record)
        due = {"due": _day(action.due_on)}
        said = (
            _("due %(due)s, done %(done)s") % {**due, "done": _day(done_on)}
            if done_on
            else _("due %(due)s, not done by then") % due
        )
        points = measures.kept_in_time([record], found.on)
        rows.append(Record(action.title, said, points, "actions"))
    return Measured(
        value=measures.kept_in_time(records, found.on),
        summary=_("Done on or before the due day, of those due in the 90 days before."),
        records=tuple(rows),
    )


def _sponsor_contact(found: _Reader) -> Measured:
    rows, meetings = [], []
    for meeting in found.touchpoints:
        if meeting.kind != TouchpointKind.MEETING:
            continue
        sides = found.sponsors_at(meeting)
        meetings.append((meeting.on, frozenset(sides)))
        said = (
            _("sponsors of %(sides)s") % {"sides": ", ".join(sorted(sides.values()))}
            if len(sides) > 1
            else _("does not count: sponsors of fewer than two sides took part")
        )
        label = _("Sponsor meeting on %(day)s") % {"day": _day(meeting.on)}
        rows.append(Record(label, said, None, "touchpoints"))
    cadence = found.alliance.sponsor_meetings_per_quarter
    held = sum(len(sides) > 1 for _on, sides in meetings)
    return Measured(
        value=measures.sponsor_contact(meetings, cadence, found.on),
        summary=_("Meetings that count in the 90 days before: %(held)d of %(agreed)d agreed.")
        % {"held": held, "agreed": cadence},
        records=tuple(rows),
    )


def _advocacy(found: _Reader) -> Measured:
    acts = [t for t in found.touchpoints if t.kind == TouchpointKind.ADVOCACY]
    counted = Counter(act.organisation_id for act in acts)
    cadence = found.alliance.advocacy_per_quarter
    rows = [
        Record(
            label=name,
            says=_("%(held)d of %(agreed)d agreed in the 90 days before")
            % {"held": counted[side], "agreed": cadence},
            points=measures.advocacy(
                [(act.on, act.organisation_id) for act in acts], [side], cadence, found.on
            ),
            section="touchpoints",
        )
        for side, name in found.members.items()
    ]
    return Measured(
        value=measures.advocacy(
            [(act.on, act.organisation_id) for act in acts],
            sorted(found.members),
            cadence,
            found.on,
        ),
        summary=_("Acts of advocacy of each side, against what was agreed."),
        records=tuple(rows),
    )


def _sponsor_match(found: _Reader) -> Measured:
    held = {seat.organisation_id: seat for seat in found.sponsor_seats if is_held(seat, found.on)}
    levels = {side: held[side].level if side in held else None for side in sorted(found.members)}
    rows = [
        Record(
            label=name,
            says=held[side].get_level_display() if side in held else _("seat vacant"),
            points=None,
            section="members",
        )
        for side, name in found.members.items()
    ]
    return Measured(
        value=measures.sponsor_match(levels),
        summary=_("100 less 25 for each step between two sponsors' levels; 0 for a vacant seat."),
        records=tuple(rows),
    )


def _obstacles(found: _Reader) -> Measured:
    rows = []
    for obstacle, record in found.obstacles:
        points = measures.obstacles_in_time([record], found.on)
        if points is None:
            continue
        days = {"escalated": _day(record.escalated_on)}
        is_resolved = record.resolved_on is not None and record.resolved_on <= found.on
        said = (
            _("escalated %(escalated)s, resolved %(resolved)s")
            % {**days, "resolved": _day(record.resolved_on or found.on)}
            if is_resolved
            else _("escalated %(escalated)s, still open then") % days
        )
        rows.append(Record(obstacle.title, said, points, "obstacles"))
    return Measured(
        value=measures.obstacles_in_time([record for _one, record in found.obstacles], found.on),
        summary=_("Resolved within 30 days of their escalation."),
        records=tuple(rows),
    )


_MEASURES: Mapping[str, Callable[[_Reader], Measured]] = {
    "attainment": _attainment,
    "check_ins_up_to_date": _check_ins,
    "actions_on_time": lambda found: _promises(found, commitments=False),
    "commitments_kept": lambda found: _promises(found, commitments=True),
    "sponsor_contact": _sponsor_contact,
    "sponsor_match": _sponsor_match,
    "advocacy": _advocacy,
    "obstacles_in_time": _obstacles,
}
