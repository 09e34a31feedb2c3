"""One alliance's health: the whole, its pillars and dimensions, the sides, and how it moved."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Organisation
from assessments.models import (
    Assessment,
    CycleState,
    Dimension,
    EvidenceMeasure,
    Gap,
    NodeKind,
    Pillar,
    Response,
    ResponseState,
    RubricVersion,
    Score,
    ScoreRun,
)
from assessments.queries import figures, signals
from assessments.queries.figures import OVERALL, QUARTERS_SHOWN, Figure, Movement, Node
from assessments.queries.rules import Rules, rules_of
from assessments.queries.signals import AllianceWarnings

APART = 20  # points between what people say and what the evidence says that deserve a word


@dataclass(frozen=True, slots=True)
class SideFigure:
    """What one organisation's people say about a node."""

    side: str
    figure: Figure

    @property
    def value(self) -> float | None:
        return self.figure.value


@dataclass(frozen=True, slots=True)
class NodeRow:
    """A pillar or a dimension with its number, its sides and its movement."""

    key: str
    label: str
    about: str
    is_pillar: bool
    kind: str
    figure: Figure
    held_back: str
    sides: tuple[SideFigure, ...]
    change: Movement | None
    gap: str
    spread: float | None
    agreement: str


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    """People say and evidence says, for a dimension that has evidence."""

    label: str
    people: float | None
    evidence: float | None
    measures: tuple[tuple[str, float | None], ...]
    verdict: str


@dataclass(frozen=True, slots=True)
class Quarter:
    """A point of the trend."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    band: str
    rebased: bool


@dataclass(frozen=True, slots=True)
class ResponseCount:
    """How many of an organisation were asked and have answered; never what."""

    organisation: str
    asked: int
    answered: int


@dataclass(frozen=True, slots=True)
class OpenCycle:
    """The answering that goes on now."""

    cycle: str
    closes_on: date
    counts: tuple[ResponseCount, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """The latest closed cycle's scores."""

    cycle: str
    as_of: date
    rubric: str
    bounds: tuple[float, float]
    overall: Figure
    change: Movement | None
    sentences: tuple[str, ...]
    side_names: tuple[str, ...]
    sides: tuple[SideFigure, ...]
    rows: tuple[NodeRow, ...]
    evidence: tuple[EvidenceRow, ...]
    counts: tuple[ResponseCount, ...]
    left_out: tuple[tuple[str, int], ...]
    too_few: tuple[tuple[str, str], ...]
    straight_lining: int

    @property
    def gap_rows(self) -> tuple[NodeRow, ...]:
        """Dimensions that two or more sides may be shown on, the widest apart first."""
        rows = [row for row in self.rows if not row.is_pillar and row.spread is not None]
        return tuple(sorted(rows, key=lambda row: -(row.spread or 0.0)))

    @property
    def gap_headers(self) -> tuple[str, ...]:
        return (_("Dimension"), *self.side_names)

    @property
    def gap_table(self) -> tuple[tuple[str, ...], ...]:
        """The numbers of the gap chart as texts, row by row."""
        return tuple(
            (row.label, *(_whole(side.value) for side in row.sides)) for row in self.gap_rows
        )


@dataclass(frozen=True, slots=True)
class AlliancePage:
    """All of one alliance's page."""

    id: int
    name: str
    purpose: str
    stage: str
    region: str
    members: tuple[str, ...]
    result: Result | None
    trend: tuple[Quarter, ...]
    open_cycle: OpenCycle | None
    warnings: AllianceWarnings

    @property
    def trend_headers(self) -> tuple[str, ...]:
        return (_("Quarter"), _("Score"), _("From"), _("To"), _("Band"))

    @property
    def trend_table(self) -> tuple[tuple[str, ...], ...]:
        """The numbers of the trend as texts, oldest first."""
        return tuple(
            (
                point.label,
                _whole(point.value),
                _whole(point.low),
                _whole(point.high),
                figures.band_word(point.band),
            )
            for point in self.trend
        )


def _whole(value: float | None) -> str:
    return "–" if value is None else str(figures.whole_points(value))


def alliance_page(alliance: Alliance, user: User, on: date) -> AlliancePage:
    """Return the page of an alliance that the caller took from `figures.visible_alliances`.

    All readers of an alliance see the same published aggregates and the same warnings; who reads
    decides only which warnings he can answer.

    12 queries, whatever the number of quarters, sides, dimensions and warnings.

    Args:
        alliance: the alliance, within the reader's scope.
        user: who reads.
        on: today.

    Returns:
        The latest closed cycle's result, the running warnings, the trend of up to eight quarters,
        and who has answered in an open cycle.
    """
    organisations = {o.pk: o for o in alliance.organisations.distinct().order_by("name")}
    runs = list(figures.latest_runs([alliance.pk])[:QUARTERS_SHOWN])
    assessments = list(
        Assessment.objects.filter(alliance=alliance, cycle__state=CycleState.OPEN)
        .select_related("cycle")
        .order_by("-cycle__starts_on")[:1]
    )
    latest = runs[0] if runs else None
    wanted = [a.pk for a in assessments] + ([latest.assessment_id] if latest else [])
    counts = _counts(wanted)
    overalls = _overalls(runs)
    return AlliancePage(
        id=alliance.pk,
        name=alliance.name,
        purpose=alliance.purpose,
        stage=alliance.get_stage_display(),
        region=alliance.region,
        members=tuple(o.name for o in organisations.values()),
        result=_result(latest, overalls, runs, counts, on) if latest else None,
        trend=_trend(runs, overalls),
        open_cycle=(
            OpenCycle(
                cycle=assessments[0].cycle.name,
                closes_on=assessments[0].cycle.closes_on,
                counts=counts[assessments[0].pk],
            )
            if assessments
            else None
        ),
        warnings=signals.of_alliance(alliance, user, on),
    )


def _counts(assessments: Sequence[int]) -> Mapping[int, tuple[ResponseCount, ...]]:
    found: dict[int, tuple[ResponseCount, ...]] = defaultdict(tuple)
    rows = (
        Response.objects.filter(assessment__in=assessments)
        .values("assessment", "organisation__short_name")
        .annotate(asked=Count("pk"), answered=Count("pk", filter=Q(state=ResponseState.SUBMITTED)))
        .order_by("assessment", "organisation__short_name")
    )
    for row in rows:
        count = ResponseCount(row["organisation__short_name"], row["asked"], row["answered"])
        found[row["assessment"]] = (*found[row["assessment"]], count)
    return found


def _overalls(runs: Sequence[ScoreRun]) -> dict[int, Score]:
    rows = Score.objects.filter(run__in=runs, node_kind=NodeKind.OVERALL)
    return {row.run_id: row for row in rows}


def _trend(runs: Sequence[ScoreRun], overalls: Mapping[int, Score]) -> tuple[Quarter, ...]:
    quarters = []
    before: ScoreRun | None = None
    for run in reversed(runs):
        shown = figures.figure(overalls.get(run.pk))
        quarters.append(
            Quarter(
                label=run.assessment.cycle.name,
                value=shown.value,
                low=shown.low,
                high=shown.high,
                band=shown.band,
                rebased=before is not None and before.rubric_version_id != run.rubric_version_id,
            )
        )
        before = run
    return tuple(quarters)


def _result(
    run: ScoreRun,
    overalls: Mapping[int, Score],
    runs: Sequence[ScoreRun],
    counts: Mapping[int, tuple[ResponseCount, ...]],
    on: date,
) -> Result:
    scores = {figures.node_of(score): score for score in Score.objects.filter(run=run)}
    sides = {
        side.organisation_id: side.organisation
        for side in run.assessment.sides.select_related("organisation")
    }
    dimensions = list(
        Dimension.objects.filter(version=run.rubric_version_id)
        .select_related("pillar")
        .order_by("pillar__position", "position")
    )
    measures: dict[int, list[EvidenceMeasure]] = defaultdict(list)
    for measure in EvidenceMeasure.objects.filter(version=run.rubric_version_id):
        measures[measure.dimension_id].append(measure)

    version = RubricVersion.objects.get(pk=run.rubric_version_id)
    rules = rules_of(version)
    is_old = figures.is_out_of_date(run.assessment.cycle, rules.cycles_to_expiry, on)

    def row(kind: NodeKind, part: Pillar | Dimension) -> NodeRow:
        score = scores.get((kind.value, part.key))
        own = _sides(score, run, sides)
        known = [side.value for side in own if side.value is not None]
        return NodeRow(
            key=part.key,
            label=part.name,
            about=part.about if isinstance(part, Dimension) else "",
            is_pillar=kind is NodeKind.PILLAR,
            kind=kind.value,
            figure=figures.figure(score, is_out_of_date=is_old),
            held_back=_held_back(score, rules),
            sides=own,
            change=figures.movement(score, run),
            gap=_gap_words(score.side_gaps(run.sides) if score else ()),
            spread=max(known) - min(known) if len(known) > 1 else None,
            agreement=_agreement_words(score),
        )

    rows: list[NodeRow] = []
    for position, dimension in enumerate(dimensions):
        if not position or dimensions[position - 1].pillar_id != dimension.pillar_id:
            rows.append(row(NodeKind.PILLAR, dimension.pillar))
        rows.append(row(NodeKind.DIMENSION, dimension))
    before = overalls.get(runs[1].pk) if len(runs) > 1 else None
    overall = figures.figure(overalls.get(run.pk), before, is_out_of_date=is_old)
    told = scores.get(OVERALL)
    change = figures.movement(told, run)
    gaps = told.side_gaps(run.sides) if told else ()
    return Result(
        cycle=run.assessment.cycle.name,
        as_of=run.as_of,
        rubric=str(run.rubric_version),
        bounds=figures.boundaries(run.rubric_version),
        overall=overall,
        change=change,
        sentences=(
            *([_old_sentence(run, rules)] if is_old else []),
            *_sentences(overall, overalls.get(run.pk), change, gaps, sides, runs),
        ),
        side_names=tuple(side.short_name for side in sides.values()),
        sides=_sides(told, run, sides),
        rows=tuple(rows),
        evidence=_evidence(run, dimensions, measures, scores),
        counts=counts[run.assessment_id],
        left_out=_left_out(run, sides),
        too_few=_too_few(run, dimensions, sides),
        straight_lining=run.straight_lining if overall.is_shown else 0,
    )


def _old_sentence(run: ScoreRun, rules: Rules) -> str:
    return _(
        "Out of date: people were last asked in %(cycle)s, more than %(cycles)s quarters ago. "
        "Nobody should act on these numbers; ask anew."
    ) % {"cycle": run.assessment.cycle.name, "cycles": f"{rules.cycles_to_expiry:g}"}


def _held_back(score: Score | None, rules: Rules) -> str:
    """Say what holds a band back; nothing where nothing does."""
    if score is None or not score.gate:
        return ""
    rule = next((rule for rule in rules.gates if rule.gate == score.gate), None)
    about = rule.about if rule else ""
    return _("Held back from %(band)s: %(about)s") % {
        "band": figures.band_word(score.band_by_number),
        "about": about,
    }


def _too_few(
    run: ScoreRun, dimensions: Sequence[Dimension], sides: Mapping[int, Organisation]
) -> tuple[tuple[str, str], ...]:
    """Return the dimensions in which a side's answers in confidence are left out, with the side."""
    return tuple(
        (dimension.name, sides[side].short_name)
        for dimension in dimensions
        for side in run.too_few.get(dimension.key, ())
        if side in sides
    )


def _left_out(run: ScoreRun, sides: Mapping[int, Organisation]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (side.short_name, int(run.left_out[str(key)]))
        for key, side in sides.items()
        if run.left_out.get(str(key))
    )


def _sides(
    score: Score | None, run: ScoreRun, sides: Mapping[int, Organisation]
) -> tuple[SideFigure, ...]:
    own = {found.side: found for found in score.side_scores(run.sides)} if score else {}
    return tuple(
        SideFigure(side.short_name, figures.side_figure(own.get(key)))
        for key, side in sides.items()
    )


def _gap_words(gaps: Sequence[Gap]) -> str:
    """Say the strongest verdict among a node's gaps; nothing where none may be shown."""
    words = {
        "clear": _("clear gap"),
        "possible": _("possible gap"),
        "cannot tell": _("cannot tell"),
        "aligned": _("aligned"),
    }
    verdicts = {gap.verdict for gap in gaps}
    return next((word for verdict, word in words.items() if verdict in verdicts), "")


def _agreement_words(score: Score | None) -> str:
    """Say how far colleagues of one side agree in a dimension; nothing where it is not shown."""
    if score is None or not score.agreement_word:
        return ""
    words = {
        "strong": _("strong"),
        "moderate": _("moderate"),
        "weak": _("weak"),
        "lacking": _("lacking"),
        "too few": _("too few to tell"),
    }
    said = words[score.agreement_word]
    return (
        _("%(said)s, could be chance") % {"said": said} if score.agreement_could_be_chance else said
    )


def _sentences(
    overall: Figure,
    score: Score | None,
    change: Movement | None,
    gaps: Sequence[Gap],
    sides: Mapping[int, Organisation],
    runs: Sequence[ScoreRun],
) -> tuple[str, ...]:
    """Say what the overall number means: how sure its band is, its movement, the widest gap."""
    if score is None or overall.value is None:
        return (_("Too few answers to show an overall score."),)
    said = []
    if score.band_probability is not None:
        said.append(figures.likely(score.band_probability))
    if overall.is_incomplete:
        said.append(_("The score is incomplete: a side or a dimension is missing in it."))
    if change is not None:
        said.append(change.sentence)
        if returned := _returned(score, change.since):
            said.append(returned)
        if change.is_rebased:
            said.append(
                _("The rubric changed since; the earlier answers were scored again by today's.")
            )
    elif len(runs) == 1:
        said.append(_("This is the first scored quarter, so there is nothing to compare with."))
    elif runs[0].rubric_version_id != runs[1].rubric_version_id:
        said.append(_("The rubric changed since the quarter before, so the two do not compare."))
    else:
        said.append(_("Too few answers in one of the two quarters to show a change."))
    if gaps:
        said.append(_gap_sentence(max(gaps, key=lambda gap: abs(gap.points)), sides))
    return tuple(said)


def _returned(score: Score, since: str) -> str:
    """Say how those moved who answered both times; nothing where that may not be shown."""
    if score.change_returning is None or not score.change_raters_both:
        return ""
    return ngettext(
        "%(moved)s for the %(people)d person who answered both times.",
        "%(moved)s among the %(people)d people who answered both times.",
        score.change_raters_both,
    ) % {
        "moved": figures.moved(figures.whole_points(score.change_returning), since),
        "people": score.change_raters_both,
    }


def _gap_sentence(gap: Gap, sides: Mapping[int, Organisation]) -> str:
    points = figures.whole_points(gap.points)
    side = sides[gap.side].short_name
    other = sides[gap.other].short_name if gap.other else _("the others")
    if gap.verdict == "aligned":
        return _("The sides see the alliance alike.")
    if not points:
        return _("Overall, %(side)s and %(other)s are level: too few answers to tell more.") % {
            "side": side,
            "other": other,
        }
    higher, lower = (side, other) if points > 0 else (other, side)
    apart = ngettext(
        "Overall, %(higher)s and %(lower)s are %(count)d point apart, %(higher)s being higher",
        "Overall, %(higher)s and %(lower)s are %(count)d points apart, %(higher)s being higher",
        abs(points),
    ) % {"higher": higher, "lower": lower, "count": abs(points)}
    ends = {
        "clear": _("%(apart)s: a clear gap."),
        "possible": _("%(apart)s: a possible gap."),
    }
    return ends.get(gap.verdict, _("%(apart)s: too few answers to tell whether that is a gap.")) % {
        "apart": apart
    }


def _evidence(
    run: ScoreRun,
    dimensions: Sequence[Dimension],
    measures: Mapping[int, Sequence[EvidenceMeasure]],
    scores: Mapping[Node, Score],
) -> tuple[EvidenceRow, ...]:
    rows = []
    for dimension in dimensions:
        own = measures.get(dimension.pk, ())
        if not own:
            continue
        score = scores.get((NodeKind.DIMENSION.value, dimension.key))
        people = score.survey_value if score else None
        evidence = score.evidence_value if score else None
        rows.append(
            EvidenceRow(
                label=dimension.name,
                people=people,
                evidence=evidence,
                measures=tuple((m.name, run.evidence.get(m.key)) for m in own),
                verdict=_evidence_words(people, evidence),
            )
        )
    return tuple(rows)


def _evidence_words(people: float | None, evidence: float | None) -> str:
    if people is None:
        return _("too few answers to show")
    if evidence is None:
        return _("no evidence recorded; the answers count alone")
    if abs(people - evidence) < APART:
        return _("they agree")
    return _("people say more") if people > evidence else _("the evidence says more")
