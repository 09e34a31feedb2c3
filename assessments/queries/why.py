"""The page "Why this score": what a number is made of, why it changed, and how sure it is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from alliance_health.alliances.models import Alliance, Organisation
from assessments.models import CycleState, NodeKind, Score, ScoreRun
from assessments.queries import figures, movements, receipts, workings
from assessments.queries.figures import OVERALL, QUARTERS_SHOWN, Figure, Node, node_of
from assessments.queries.movements import Movement, Unmoved
from assessments.queries.receipts import Receipt
from assessments.queries.stored_runs import StoredRun, stored_runs
from assessments.queries.trees import parameters_of, version_trees
from assessments.queries.workings import MadeAgain, SideWorkings, Workings

DIGITS_OF_DIGEST = 12


@dataclass(frozen=True, slots=True)
class BandWhy:
    """Why a number has its band.

    Attributes:
        probability: how probable it is that the true value lies in it, in words.
        rule: where it begins and ends, and how it depends on the band before.
        gate: what holds it back, in the rubric's words; empty where nothing does.
    """

    probability: str
    rule: str
    gate: str


@dataclass(frozen=True, slots=True)
class SideWorkingsRow:
    """One side's part in how sure the number is, with its name."""

    name: str
    found: SideWorkings


@dataclass(frozen=True, slots=True)
class Certainty:
    """How sure a number is; `why_none` says why the workings are not told where they are not."""

    workings: Workings | None
    sides: tuple[SideWorkingsRow, ...]
    why_none: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a run comes from."""

    rubric: str
    rubric_id: int
    as_of: date
    computed_at: datetime
    reason: str
    code_version: str
    digest: str
    again: str
    is_same: bool


@dataclass(frozen=True, slots=True)
class OtherQuarter:
    """Another quarter's scoring of the same alliance."""

    label: str
    run_id: int
    is_this: bool


@dataclass(frozen=True, slots=True)
class WhyPage:
    """All of the page."""

    alliance_id: int
    alliance: str
    kind: str
    key: str
    run_id: int
    cycle: str
    figure: Figure
    bounds: tuple[float, float]
    sentences: tuple[str, ...]
    receipt: Receipt
    band: BandWhy | None
    movement: Movement | None
    why_unmoved: str
    certainty: Certainty | None
    provenance: Provenance
    quarters: tuple[OtherQuarter, ...]


def why_page(alliance: Alliance, node: Node = OVERALL, run_id: int | None = None) -> WhyPage | None:
    """Return why a number is what it is; None where there is no such number.

    At most 26 queries, whatever the number of dimensions, sides, objectives and quarters.

    Args:
        alliance: the alliance, within the reader's scope.
        node: which number.
        run_id: key of a scoring of the alliance; without it the latest of its last closed cycle.
    """
    if (node[0] == NodeKind.OVERALL) == bool(node[1]) or node[0] not in NodeKind.values:
        return None
    newest = list(figures.latest_runs([alliance.pk])[:QUARTERS_SHOWN])
    if run_id is None and newest:
        run_id = newest[0].pk
    run = None if run_id is None else _run(alliance, run_id)
    if run is None:
        return None
    trees = version_trees(
        {run.rubric_version_id, *([run.before.rubric_version_id] if run.before else [])}
    )
    now, *earlier = stored_runs([run, *([run.before] if run.before else [])], trees)
    if not receipts.label_of(now, node):
        return None
    then = earlier[0] if earlier else None
    sides = {
        organisation.pk: organisation.short_name
        for organisation in Organisation.objects.filter(
            pk__in={*run.sides, *(then.run.sides if then else [])}
        ).order_by("name")
    }
    again = workings.made_again(run)
    score = now.scores.get(node)
    figure = figures.figure(score)
    receipt = receipts.receipt(now, node, sides, alliance)
    moved = movements.movement(now, then, node, sides, again)
    return WhyPage(
        alliance_id=alliance.pk,
        alliance=alliance.name,
        kind=node[0],
        key=node[1],
        run_id=run.pk,
        cycle=run.assessment.cycle.name,
        figure=figure,
        bounds=figures.boundaries(run.rubric_version),
        sentences=_sentences(now, figure, receipt),
        receipt=receipt,
        band=_band(now, score) if score and score.value is not None else None,
        movement=None if isinstance(moved, Unmoved) else moved,
        why_unmoved=moved.sentence if isinstance(moved, Unmoved) else "",
        certainty=_certainty(run, score, again, sides)
        if score and score.value is not None
        else None,
        provenance=_provenance(run, score, again),
        quarters=tuple(
            OtherQuarter(one.assessment.cycle.name, one.pk, one.pk == run.pk) for one in newest
        ),
    )


def _run(alliance: Alliance, key: int) -> ScoreRun | None:
    """Return a scoring of an alliance with all that makes it again; 1 query."""
    return (
        ScoreRun.objects.filter(
            pk=key,
            assessment__alliance=alliance,
            assessment__cycle__state=CycleState.CLOSED,
        )
        .select_related(
            "assessment__cycle", "rubric_version__rubric", "before__assessment__cycle", "bands_from"
        )
        .defer("rubric_version__document", "rubric_version__description")
        .first()
    )


def _sentences(now: StoredRun, figure: Figure, receipt: Receipt) -> tuple[str, ...]:
    if figure.value is None or figure.low is None or figure.high is None:
        return ()
    sides = len(now.run.sides)
    said = [
        _("%(value)d, probably between %(low)d and %(high)d.")
        % {
            "value": figures.whole_points(figure.value),
            "low": figures.whole_points(figure.low),
            "high": figures.whole_points(figure.high),
        },
        ngettext(
            "The answers of %(count)d person are in it; each of the %(sides)d organisations counts "
            "the same.",
            "The answers of %(count)d people are in it; each of the %(sides)d organisations counts "
            "the same.",
            figure.raters,
        )
        % {"count": figure.raters, "sides": sides},
    ]
    parts = [
        term
        for _depth, term in (receipt.term.outline if receipt.term else ())
        if term.kind == NodeKind.DIMENSION
    ]
    if len(parts) > 1:
        said.append(
            _("Highest in it is %(highest)s with %(high)d, lowest %(lowest)s with %(low)d.")
            % {
                "highest": (top := max(parts, key=lambda term: term.points)).label,
                "high": figures.whole_points(top.points),
                "lowest": (bottom := min(parts, key=lambda term: term.points)).label,
                "low": figures.whole_points(bottom.points),
            }
        )
    if figure.is_incomplete:
        said.append(_("It is incomplete: a side or a dimension is missing in it."))
    return tuple(said)


def _band(now: StoredRun, score: Score) -> BandWhy:
    limits = parameters_of(now.tree.version).bands
    before = _band_before(now.run, node_of(score))
    words = {
        "amber": f"{limits.amber_from:g}",
        "green": f"{limits.green_from:g}",
        "margin": f"{limits.margin:g}",
    }
    rule = _("Watch from %(amber)s, Healthy from %(green)s.") % words
    if before:
        rule += " " + _(
            "The band before was %(before)s; a band is left only past its border by %(margin)s "
            "points or more."
        ) % {**words, "before": figures.band_word(before)}
    else:
        rule += " " + _("There was no band before.")
    return BandWhy(
        probability=_probability(score),
        rule=rule,
        gate=_gate(now, score),
    )


def _band_before(run: ScoreRun, node: Node) -> str:
    """Return the band that a node was given by the run whose bands this one's moved on from."""
    if run.bands_from_id is None:
        return ""
    found = Score.objects.filter(run=run.bands_from_id, node_kind=node[0], node_key=node[1])
    before = found.first()
    return (before.band_by_number or before.band) if before else ""


def _probability(score: Score) -> str:
    if score.band_probability is None:
        return ""
    said = figures.likely(score.band_probability)
    if score.is_provisional:
        said += " " + _(
            "It is provisional: less than 60 % likely, or the interval is wider than 40 points."
        )
    return said


def _gate(now: StoredRun, score: Score) -> str:
    """Say in the rubric's words what holds the band of a pillar back."""
    if not score.gate:
        return ""
    about = next(
        (
            rule.about
            for rule in now.tree.rules.gates
            if rule.gate == score.gate and rule.pillar == score.node_key
        ),
        "",
    )
    return _("By its number it would be %(band)s; the band is held back. %(about)s") % {
        "band": figures.band_word(score.band_by_number),
        "about": about,
    }


def _certainty(
    run: ScoreRun, score: Score, again: MadeAgain | None, sides: Mapping[int, str]
) -> Certainty:
    found = workings.workings(again, score, run) if again else None
    if found is None:
        return Certainty(None, (), workings.why_not_again(run, again) or workings.differs())
    rows = tuple(SideWorkingsRow(sides[side.side], side) for side in found.sides)
    return Certainty(
        found,
        rows,
        ""
        if rows
        else _("Too few answers to show the sides apart: only what they come to together is told."),
    )


def _provenance(run: ScoreRun, score: Score | None, again: MadeAgain | None) -> Provenance:
    is_same = again is not None and (
        again.agrees(score) if score is not None else again.has_same_inputs
    )
    return Provenance(
        rubric=str(run.rubric_version),
        rubric_id=run.rubric_version_id,
        as_of=run.as_of,
        computed_at=run.computed_at,
        reason=run.get_reason_display(),
        code_version=run.code_version,
        digest=run.inputs_digest[:DIGITS_OF_DIGEST],
        again=_("Scored again just now, it gives the same digits.")
        if is_same
        else workings.why_not_again(run, again) or workings.differs(),
        is_same=is_same,
    )
