"""Which early warnings hold on a day, for many alliances at once.

They rest on what every member of an alliance may see: records of the register without their notes,
how many have answered, and the published numbers of the whole and of the pillars.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from alliance_health.alliances.models import (
    Alliance,
    Membership,
    Obstacle,
    Organisation,
    Role,
    Seat,
    Touchpoint,
    TouchpointKind,
)
from alliance_health.alliances.models.periods import running_on
from assessments import scoring
from assessments.models import (
    Assessment,
    CycleState,
    NodeKind,
    Pillar,
    Response,
    ResponseState,
    RubricVersion,
    Score,
    ScoreRun,
    SignalKind,
    VersionState,
)
from assessments.queries import among as _among  # noqa: F401  makes the lookup known
from assessments.queries import evidence, figures
from assessments.queries.rules import CYCLES_TO_EXPIRY, WarningRule, rules_of
from assessments.scoring import warnings
from assessments.scoring.warnings import SponsorTerm

DEFAULT_RUBRIC = "alliance-health"
SHOWN_NODES = (NodeKind.OVERALL, NodeKind.PILLAR)
FEWEST_CYCLES = 2  # a gap is new against the cycle before

About = tuple[SignalKind, str]
"""What a warning is about: the rule that holds, and the subject in the alliance."""

Facts = dict[str, Any]
"""Numbers and names that a warning's sentence is made of, as JSON keeps them."""

Rules = Mapping[SignalKind, WarningRule]
Limits = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class _Member:
    """An organisation that is a member on the day."""

    key: int
    name: str
    since: date


@dataclass(frozen=True, slots=True)
class _Asked:
    """How many of an organisation were asked in an open cycle and have answered."""

    organisation: int
    name: str
    cycle: str
    closes_on: date
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class _Quarter:
    """The latest scoring of a closed cycle; no scores where it was not scored."""

    run: ScoreRun | None
    scores: Mapping[str, Score]  # by subject


@dataclass(slots=True)
class _Records:
    """What one alliance's warnings rest on."""

    rules: Rules
    cycles_to_expiry: float
    began_on: date
    meetings_a_quarter: int
    members: list[_Member] = field(default_factory=list)
    terms: dict[int, list[SponsorTerm]] = field(default_factory=lambda: defaultdict(list))
    meetings: list[tuple[date, frozenset[int]]] = field(default_factory=list)
    attainment: dict[date, float | None] = field(default_factory=dict)
    obstacles: list[Obstacle] = field(default_factory=list)
    asked: list[_Asked] = field(default_factory=list)
    quarters: list[_Quarter] = field(default_factory=list)  # the latest first
    pillars: Mapping[str, str] = field(default_factory=dict)  # names of the latest, by subject
    organisations: Mapping[int, str] = field(default_factory=dict)


Found = Mapping[int, _Records]


def holding(alliances: Collection[int], on: date) -> dict[int, dict[About, Facts]]:
    """Return the warnings that hold on a day, by alliance; only alliances that have not ended.

    A fixed number of queries, however many alliances there are: 21, and 4 for each further number
    of days over which the rubrics in use watch attainment.

    Args:
        alliances: keys.
        on: the day; what was recorded for later days does not count.
    """
    found = _begin(alliances)
    for read in _READERS:
        read(found, on)
    return {key: dict(_holding(records, on)) for key, records in found.items()}


def _holding(records: _Records, on: date) -> Iterator[tuple[About, Facts]]:
    for kind, rule in records.rules.items():
        for subject, facts in _RULES[kind](records, rule.limits, on):
            yield (kind, subject), {"rule": rule.name, **facts}


# --- the rules ----------------------------------------------------------------------------------
def _seats_vacant(records: _Records, limits: Limits, on: date) -> Iterator[tuple[str, Facts]]:
    for member in records.members:
        since = warnings.seat_vacant_since(
            member.since, records.terms[member.key], on, days=limits["days"]
        )
        if since:
            yield (
                f"organisation:{member.key}",
                {"organisation": member.name, "since": since.isoformat()},
            )


def _silence(records: _Records, limits: Limits, on: date) -> Iterator[tuple[str, Facts]]:
    silence = warnings.sponsor_silence(
        records.began_on,
        records.meetings,
        on,
        meetings_a_quarter=records.meetings_a_quarter,
        cadences=limits["cadences"],
    )
    if silence:
        every = max(1, int(warnings.meeting_every(records.meetings_a_quarter)))
        yield (
            "",
            {"since": silence.since.isoformat(), "have_met": silence.have_met, "every": every},
        )


def _falling(records: _Records, limits: Limits, on: date) -> Iterator[tuple[str, Facts]]:
    days = int(limits["days"])
    fall = warnings.fall(
        records.attainment[on - timedelta(days)], records.attainment[on], points=limits["points"]
    )
    if fall:
        told = {
            "before": figures.whole_points(fall.before),
            "now": figures.whole_points(fall.now),
        }
        yield "", {**told, "days": days}


def _obstacles(records: _Records, limits: Limits, on: date) -> Iterator[tuple[str, Facts]]:
    for obstacle in records.obstacles:
        if warnings.is_open_too_long(
            obstacle.raised_on, obstacle.resolved_on, on, days=limits["days"]
        ):
            yield (
                f"obstacle:{obstacle.pk}",
                {"title": obstacle.title, "since": obstacle.raised_on.isoformat()},
            )


def _declines(records: _Records, limits: Limits, _on: date) -> Iterator[tuple[str, Facts]]:
    declines = int(limits["declines"])
    quarters = records.quarters[:declines]
    for subject, score in quarters[0].scores.items() if quarters else ():
        verdicts = [
            quarter.scores[subject].change_verdict if subject in quarter.scores else ""
            for quarter in quarters
        ]
        if warnings.declines_in_a_row(verdicts, declines=declines):
            points = figures.whole_points(-(score.change_points or 0.0))
            yield (
                subject,
                {"pillar": records.pillars.get(subject, ""), "cycles": declines, "points": points},
            )


def _gaps(records: _Records, _limits: Limits, _on: date) -> Iterator[tuple[str, Facts]]:
    if len(records.quarters) < FEWEST_CYCLES:
        return
    latest, before = records.quarters[:FEWEST_CYCLES]
    if latest.run is None or before.run is None:
        return
    for subject, score in latest.scores.items():
        now = score.side_gaps(latest.run.sides)
        earlier = before.scores.get(subject)
        then = earlier.side_gaps(before.run.sides) if earlier else ()
        if not warnings.is_newly_clear([gap.verdict for gap in now], [gap.verdict for gap in then]):
            continue
        widest = max(
            (gap for gap in now if gap.verdict == scoring.GapVerdict.CLEAR),
            key=lambda gap: abs(gap.points),
        )
        side = records.organisations[widest.side]
        other = records.organisations[widest.other] if widest.other else ""  # all the others
        higher, lower = (side, other) if widest.points > 0 else (other, side)
        yield (
            subject,
            {
                "pillar": records.pillars.get(subject, ""),
                "higher": higher,
                "lower": lower,
                "points": abs(figures.whole_points(widest.points)),
            },
        )


def _few_answers(records: _Records, limits: Limits, on: date) -> Iterator[tuple[str, Facts]]:
    for asked in reversed(records.asked):  # of two open cycles the one that closes first stays
        if warnings.has_few_answers(
            asked.asked,
            asked.answered,
            asked.closes_on,
            on,
            share=limits["share"],
            days_before_close=limits["days_before_close"],
        ):
            yield (
                f"organisation:{asked.organisation}",
                {
                    "organisation": asked.name,
                    "cycle": asked.cycle,
                    "closes_on": asked.closes_on.isoformat(),
                    "asked": asked.asked,
                    "answered": asked.answered,
                },
            )


_Rule = Callable[[_Records, Limits, date], Iterator[tuple[str, Facts]]]

# A new rule is a line here, a kind of signal, a function in assessments.scoring.warnings, and a
# sentence in assessments.queries.signals.
_RULES: Mapping[SignalKind, _Rule] = {
    SignalKind.SPONSOR_SEAT_VACANT: _seats_vacant,
    SignalKind.SPONSOR_SILENCE: _silence,
    SignalKind.ATTAINMENT_FALLING: _falling,
    SignalKind.OBSTACLE_OPEN: _obstacles,
    SignalKind.DECLINES_IN_A_ROW: _declines,
    SignalKind.GAP_NEWLY_CLEAR: _gaps,
    SignalKind.LOW_RESPONSE: _few_answers,
}


# --- what they rest on --------------------------------------------------------------------------
def _begin(alliances: Collection[int]) -> dict[int, _Records]:
    """Read the alliances that have not ended, each with the rules that it is watched by."""
    version_of = dict(
        Assessment.objects.filter(alliance__among=alliances)
        .order_by("alliance_id", "-cycle__starts_on", "-pk")
        .distinct("alliance_id")
        .values_list("alliance_id", "cycle__rubric_version_id")
    )
    used = Q(pk__in=set(version_of.values()))
    default = Q(rubric__key=DEFAULT_RUBRIC, state=VersionState.PUBLISHED)
    versions = list(
        RubricVersion.objects.filter(used | default)
        .select_related("rubric")
        .only("document", "number", "state", "rubric__key")
        .order_by("number")
    )
    rules: dict[int | None, tuple[Rules, float]] = {None: ({}, CYCLES_TO_EXPIRY)}
    for version in versions:
        told = rules_of(version)
        own = {rule.kind: rule for rule in told.warnings}
        rules[version.pk] = (own, told.cycles_to_expiry)
        if version.rubric.key == DEFAULT_RUBRIC and version.state == VersionState.PUBLISHED:
            rules[None] = rules[version.pk]  # of an alliance never assessed: the newest stands last
    active = Alliance.objects.active().filter(pk__among=alliances)
    return {
        key: _Records(*rules[version_of.get(key)], began_on, meetings)
        for key, began_on, meetings in active.values_list(
            "pk", "starts_on", "sponsor_meetings_per_quarter"
        )
    }


def _read_members(found: Found, on: date) -> None:
    members = Membership.objects.filter(running_on(on), alliance__among=found)
    for alliance, organisation, name, since in members.order_by(
        "organisation__short_name"
    ).values_list("alliance", "organisation", "organisation__short_name", "starts_on"):
        found[alliance].members.append(_Member(organisation, name, since))


def _read_terms(found: Found, on: date) -> None:
    seats = Seat.objects.filter(alliance__among=found, role=Role.SPONSOR, starts_on__lte=on)
    for alliance, organisation, starts_on, ends_on in seats.values_list(
        "alliance", "organisation", "starts_on", "ends_on"
    ):
        found[alliance].terms[organisation].append(SponsorTerm(starts_on, ends_on))


def _read_meetings(found: Found, on: date) -> None:
    """Read all meetings with the sides whose sponsors of that day took part."""
    held = "participants__seats__"
    on_that_day = Q(**{f"{held}starts_on__lte": F("on")}) & (
        Q(**{f"{held}ends_on__isnull": True}) | Q(**{f"{held}ends_on__gte": F("on")})
    )
    meetings = Touchpoint.objects.filter(
        on_that_day,
        alliance__among=found,
        kind=TouchpointKind.MEETING,
        on__lte=on,
        participants__seats__role=Role.SPONSOR,
        participants__seats__alliance=F("alliance"),
    ).annotate(sides=ArrayAgg(f"{held}organisation", distinct=True))
    for alliance, day, sides in meetings.order_by().values_list("alliance", "on", "sides"):
        found[alliance].meetings.append((day, frozenset(sides)))


def _read_attainment(found: Found, on: date) -> None:
    rules = [records.rules.get(SignalKind.ATTAINMENT_FALLING) for records in found.values()]
    days = {timedelta(back) for rule in rules if rule for back in (0, int(rule.limits["days"]))}
    for back in sorted(days):
        for key, values in evidence.measured(found, on - back, only={"attainment"}).items():
            found[key].attainment[on - back] = values["attainment"]


def _read_obstacles(found: Found, on: date) -> None:
    is_open = Q(resolved_on__isnull=True) | Q(resolved_on__gt=on)
    # Without its note, which an organisation may keep to itself.
    obstacles = Obstacle.objects.filter(is_open, alliance__among=found, raised_on__lte=on).only(
        "alliance_id", "title", "raised_on", "resolved_on"
    )
    for obstacle in obstacles.order_by("pk"):
        found[obstacle.alliance_id].obstacles.append(obstacle)


def _read_asked(found: Found, on: date) -> None:
    rows = (
        Response.objects.filter(
            assessment__alliance__among=found,
            assessment__cycle__state=CycleState.OPEN,
            assessment__cycle__closes_on__gte=on,
        )
        .values_list(
            "assessment__alliance",
            "organisation",
            "organisation__short_name",
            "assessment__cycle__name",
            "assessment__cycle__closes_on",
        )
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(state=ResponseState.SUBMITTED)))
        .order_by("assessment__cycle__closes_on", "assessment", "organisation")
    )
    for alliance, organisation, name, cycle, closes_on, asked, answered in rows:
        found[alliance].asked.append(_Asked(organisation, name, cycle, closes_on, asked, answered))


def _read_quarters(found: Found, on: date) -> None:
    """Read the latest scorings of the last closed cycles, as many as the rules look back on."""
    rules = [records.rules.get(SignalKind.DECLINES_IN_A_ROW) for records in found.values()]
    most = max([FEWEST_CYCLES, *(int(rule.limits["declines"]) for rule in rules if rule)])
    closed = (
        Assessment.objects.filter(alliance__among=found, cycle__state=CycleState.CLOSED)
        .annotate(
            place=Window(
                RowNumber(), partition_by="alliance", order_by=["-cycle__starts_on", "-pk"]
            )
        )
        .filter(place__lte=most)
        .select_related("cycle")
        .order_by("alliance", "place")
    )
    # Nobody acts on a score that is out of date, so no warning rests on it either.
    is_current: dict[int, bool] = {}
    for one in closed:
        expiry = found[one.alliance_id].cycles_to_expiry
        is_old = figures.is_out_of_date(one.cycle, expiry, on)
        is_current.setdefault(one.alliance_id, not is_old)  # the latest stands first
    alliance_of = {one.pk: one.alliance_id for one in closed if is_current[one.alliance_id]}
    runs = {
        run.assessment_id: run
        for run in ScoreRun.objects.filter(assessment__among=alliance_of, as_of__lte=on)
        .only("assessment", "rubric_version", "sides")
        .order_by("assessment", "-as_of", "-computed_at", "-pk")
        .distinct("assessment")
    }
    scores: dict[int, dict[str, Score]] = defaultdict(dict)
    for score in (
        Score.objects.filter(run__among=[run.pk for run in runs.values()])
        .filter(node_kind__in=SHOWN_NODES)
        .only("run", "node_kind", "node_key", "change_points", "change_verdict", "sides", "gaps")
        .order_by("run", "pk")
    ):
        scores[score.run_id][_subject(score.node_kind, score.node_key)] = score
    pillars = _pillar_names(runs.values())
    names = dict(
        Organisation.objects.filter(
            pk__among={side for run in runs.values() for side in run.sides}
        ).values_list("pk", "short_name")
    )
    for assessment, alliance in alliance_of.items():
        run = runs.get(assessment)
        records = found[alliance]
        if not records.quarters and run:
            records.pillars = pillars[run.rubric_version_id]
        records.organisations = names
        records.quarters.append(_Quarter(run, scores[run.pk] if run else {}))


def _subject(kind: str, key: str) -> str:
    return "" if kind == NodeKind.OVERALL else f"{kind}:{key}"


def _pillar_names(runs: Collection[ScoreRun]) -> Mapping[int, Mapping[str, str]]:
    """Return the names of pillars by rubric version and subject."""
    names: dict[int, dict[str, str]] = defaultdict(dict)
    versions = {run.rubric_version_id for run in runs}
    for version, key, name in Pillar.objects.filter(version__in=versions).values_list(
        "version", "key", "name"
    ):
        names[version][_subject(NodeKind.PILLAR, key)] = name
    return names


_READERS: Sequence[Callable[[Found, date], None]] = (
    _read_members,
    _read_terms,
    _read_meetings,
    _read_attainment,
    _read_obstacles,
    _read_asked,
    _read_quarters,
)
