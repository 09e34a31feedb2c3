"""What goes into a scoring, gathered in bulk: rubric, sides, answers, evidence, what was before."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from assessments import scoring
from assessments.models import (
    Answer,
    AnswerSheet,
    Assessment,
    Cycle,
    CycleState,
    Dimension,
    EvidenceMeasure,
    Question,
    RubricVersion,
    Score,
    ScoreRun,
    Side,
    Target,
)
from assessments.queries import evidence as records
from assessments.queries import responses
from assessments.queries.figures import Node, node_of
from assessments.queries.responses import MOST_OTHERS


@dataclass(frozen=True, slots=True)
class Inputs:
    """All that goes into the scoring of one assessment as of a day.

    Attributes:
        assessment: what is scored, with its cycle and rubric version.
        parameters: of the rubric version.
        rubric: what the cycle asks, with items by question and organisation.
        sides: keys of the organisations as texts, in the order in which they are shown.
        raters: who counts.
        left_out: protected answers that do not count, by side.
        evidence: points by measure.
        previous_bands: the band each node was shown with last, by node key.
        before: the last closed quarter's raters and evidence, on this rubric.
        before_run: the scoring that they stand for.
        is_rebased: whether that quarter was scored by another version of the rubric.
    """

    assessment: Assessment
    parameters: scoring.Parameters
    rubric: scoring.RubricSpec
    sides: tuple[str, ...]
    raters: tuple[scoring.Rater, ...]
    left_out: Mapping[str, int]
    evidence: Mapping[str, float | None]
    previous_bands: Mapping[str, scoring.Band]
    before: scoring.Quarter | None
    before_run: ScoreRun | None
    is_rebased: bool


def item_id(question_key: str, about: int | None) -> str:
    """Return the id of an item: the question's key, with the organisation that it is about."""
    return question_key if about is None else f"{question_key}:{about}"


def node_key(node: Node) -> str:
    """Return a stored node as the arithmetic names it."""
    kind, identifier = node
    return scoring.Node(scoring.NodeKind(kind), identifier).key


def parameters_of(version: RubricVersion) -> scoring.Parameters:
    """Return a version's parameters; what its document leaves out has the specification's value.

    Raises:
        SpecProblem: they cannot be used for scoring.
    """
    told = version.parameters
    prior, shown = told.get("prior", {}), told.get("shown", {})
    standard = scoring.Parameters()
    return scoring.Parameters(
        min_answered_share=Decimal(
            str(told.get("min_answered_share", standard.min_answered_share))
        ),
        prior_sd=prior.get("sd", standard.prior_sd),
        prior_df=prior.get("df", standard.prior_df),
        prior_r=prior.get("correlation", standard.prior_r),
        confidence=told.get("confidence_level", standard.confidence),
        material_points=told.get("material_points", standard.material_points),
        bands=scoring.BandLimits(**told.get("bands", {})),
        min_side_raters_shown=shown.get("side_raters", standard.min_side_raters_shown),
        min_total_raters_shown=shown.get("total_raters", standard.min_total_raters_shown),
        longstring_share=told.get("longstring_share", standard.longstring_share),
        possible_p_below=told.get("possible_below", standard.possible_p_below),
        equivalence_level=told.get("equivalence_level", standard.equivalence_level),
    )


@dataclass(frozen=True, slots=True)
class VersionTree:
    """A rubric version with its parts, read once for all assessments that use it."""

    version: RubricVersion
    dimensions: tuple[Dimension, ...]
    questions: Mapping[int, tuple[Question, ...]]
    measures: Mapping[int, tuple[EvidenceMeasure, ...]]

    def spec(self, question_set: str, sides: Sequence[int]) -> scoring.RubricSpec:
        """Return what an assessment asks, as the arithmetic takes it.

        A dimension in which the question set asks nothing is not part of it. A question's weight
        is shared equally between the items that it becomes for one respondent.

        Args:
            question_set: the cycle's.
            sides: keys of the organisations, in the order in which they are shown.
        """
        pillars: dict[int, list[scoring.DimensionSpec]] = defaultdict(list)
        parts = {dimension.pillar_id: dimension.pillar for dimension in self.dimensions}
        for dimension in self.dimensions:
            asked = [
                question
                for question in self.questions.get(dimension.pk, ())
                if responses.is_asked(question, question_set, len(sides))
            ]
            if asked:
                pillars[dimension.pillar_id].append(self._dimension(dimension, asked, sides))
        return scoring.RubricSpec(
            version=f"{self.version.rubric.key} {self.version.number}, {question_set}",
            pillars=tuple(
                scoring.PillarSpec(parts[key].key, parts[key].weight, tuple(dimensions))
                for key, dimensions in pillars.items()
            ),
        )

    def _dimension(
        self, dimension: Dimension, asked: Sequence[Question], sides: Sequence[int]
    ) -> scoring.DimensionSpec:
        per_respondent = {question.pk: _items_each(question, len(sides)) for question in asked}
        common = math.lcm(*per_respondent.values())
        items = [
            scoring.ItemSpec(
                item_id(question.key, about),
                question.weight * (common // per_respondent[question.pk]),
                reverse=question.is_reversed,
            )
            for question in asked
            for about in ([None] if question.target == Target.JOINT else sides)
        ]
        measures = self.measures.get(dimension.pk, ())
        weighs = measures and dimension.evidence_percent > 0
        return scoring.DimensionSpec(
            dimension.key,
            dimension.weight,
            tuple(items),
            evidence=scoring.EvidenceSpec(
                dimension.evidence_percent / 100,
                tuple(
                    scoring.MetricSpec(
                        measure.key, float(measure.floor), float(measure.target), measure.weight
                    )
                    for measure in measures
                ),
            )
            if weighs
            else None,
        )

    def asked_of(
        self, role: str, own: int, rater: str, question_set: str, sides: Sequence[int]
    ) -> frozenset[str]:
        """Return the ids of the items put to a rater.

        Args:
            role: the rater's role.
            own: key of the rater's organisation.
            rater: the rater's pseudonym.
            question_set: the cycle's.
            sides: keys of the organisations, in the order in which they are shown.
        """
        return frozenset(
            item_id(question.key, about)
            for questions in self.questions.values()
            for question in questions
            if role in question.roles and responses.is_asked(question, question_set, len(sides))
            for about in responses.asked_about(question, own, sides, rater)
        )


def _items_each(question: Question, sides: int) -> int:
    """Return how many items a question becomes for one respondent."""
    others = min(sides - 1, MOST_OTHERS)
    match question.target:
        case Target.JOINT | Target.OWN:
            return 1
        case Target.OTHER:
            return others
        case _:
            return 1 + others


def version_trees(versions: Iterable[int]) -> dict[int, VersionTree]:
    """Return rubric versions with their parts by key; 4 queries."""
    wanted = set(versions)
    dimensions: dict[int, list[Dimension]] = defaultdict(list)
    for dimension in (
        Dimension.objects.filter(version__in=wanted)
        .select_related("pillar")
        .order_by("pillar__position", "position")
    ):
        dimensions[dimension.version_id].append(dimension)
    questions: dict[int, list[Question]] = defaultdict(list)
    for question in Question.objects.filter(version__in=wanted).order_by("position"):
        questions[question.dimension_id].append(question)
    measures: dict[int, list[EvidenceMeasure]] = defaultdict(list)
    for measure in EvidenceMeasure.objects.filter(version__in=wanted).order_by("position"):
        measures[measure.dimension_id].append(measure)
    return {
        version.pk: VersionTree(
            version=version,
            dimensions=tuple(dimensions[version.pk]),
            questions={d.pk: tuple(questions[d.pk]) for d in dimensions[version.pk]},
            measures={d.pk: tuple(measures[d.pk]) for d in dimensions[version.pk]},
        )
        for version in RubricVersion.objects.filter(pk__in=wanted)
        .select_related("rubric")
        .defer("document")
    }


def gathered(assessments: Sequence[Assessment], as_of: date) -> list[Inputs]:
    """Return the inputs of assessments that are scored as of a day, in the order given.

    A fixed number of queries, whatever the number of assessments and answers.

    Args:
        assessments: closed, each of another alliance, with cycle and rubric version.
        as_of: the day whose evidence counts.

    Raises:
        SpecProblem: a rubric cannot be used for scoring.
    """
    alliances = [assessment.alliance_id for assessment in assessments]
    previous = _previous(assessments)
    before_runs = _latest_before([found.pk for found in previous.values()], as_of)
    trees = version_trees([a.cycle.rubric_version_id for a in [*assessments, *previous.values()]])
    everyone = [*assessments, *(found for found in previous.values() if found.pk in before_runs)]
    sides = _sides(everyone)
    raters = _raters(everyone, sides, trees)
    evidence = records.measured(alliances, as_of)
    own_runs = _latest_before([a.pk for a in assessments], as_of)
    shown = _bands([*own_runs.values(), *before_runs.values()])

    def inputs(assessment: Assessment) -> Inputs:
        cycle = assessment.cycle
        spec = trees[cycle.rubric_version_id].spec(cycle.question_set, sides[assessment.pk])
        earlier = previous.get(assessment.pk)
        before_run = before_runs.get(earlier.pk) if earlier else None
        own_run = own_runs.get(assessment.pk)
        shown_last = own_run or before_run
        names = {node.key for node in spec.nodes}
        kept = scoring.countable(raters[assessment.pk], minimum_protected=cycle.protected_minimum)
        measured = {m.id for d in spec.dimensions if d.evidence for m in d.evidence.metrics}
        return Inputs(
            assessment=assessment,
            parameters=parameters_of(cycle.rubric_version),
            rubric=spec,
            sides=tuple(map(str, sides[assessment.pk])),
            raters=kept.kept,
            left_out=kept.left_out,
            evidence={
                name: value
                for name, value in evidence[assessment.alliance_id].items()
                if name in measured
            },
            previous_bands={
                name: band
                for name, band in (shown[shown_last.pk] if shown_last else {}).items()
                if name in names
            },
            before=_as_it_was(spec, earlier, before_run, raters, sides[assessment.pk], measured)
            if earlier and before_run
            else None,
            before_run=before_run,
            is_rebased=before_run is not None
            and before_run.rubric_version_id != cycle.rubric_version_id,
        )

    return [inputs(assessment) for assessment in assessments]


def _as_it_was(
    spec: scoring.RubricSpec,
    earlier: Assessment,
    run: ScoreRun,
    raters: Mapping[int, Sequence[scoring.Rater]],
    sides: Sequence[int],
    measured: set[str],
) -> scoring.Quarter:
    """Return an earlier quarter as today's rubric reads it: its items, sides and measures only."""
    known = set(map(str, sides))
    kept = scoring.countable(
        raters[earlier.pk], minimum_protected=earlier.cycle.protected_minimum
    ).kept
    return scoring.Quarter(
        raters=tuple(
            scoring.Rater(
                id=rater.id,
                side=rater.side,
                answers={k: v for k, v in rater.answers.items() if k in spec.item_ids},
                protected=rater.protected,
                asked=(rater.asked or frozenset()) & spec.item_ids,
            )
            for rater in kept
            if rater.side in known
        ),
        evidence={name: value for name, value in run.evidence.items() if name in measured},
    )


def _previous(assessments: Sequence[Assessment]) -> dict[int, Assessment]:
    """Return the assessment before each, by its key: the same alliance, closed, same rubric."""
    candidates: dict[tuple[int, int], list[Assessment]] = defaultdict(list)
    for one in (
        Assessment.objects.filter(
            alliance__in=[a.alliance_id for a in assessments],
            cycle__state=CycleState.CLOSED,
            cycle__rubric_version__rubric__in={
                a.cycle.rubric_version.rubric_id for a in assessments
            },
        )
        .select_related("cycle__rubric_version")
        .defer("cycle__rubric_version__document")
        .order_by("-cycle__starts_on", "-pk")
    ):
        candidates[(one.alliance_id, one.cycle.rubric_version.rubric_id)].append(one)
    found = {}
    for assessment in assessments:
        cycle = assessment.cycle
        earlier = candidates[(assessment.alliance_id, cycle.rubric_version.rubric_id)]
        before = [one for one in earlier if one.cycle.starts_on < cycle.starts_on]
        if before:
            found[assessment.pk] = before[0]
    return found


def _latest_before(assessments: Sequence[int], as_of: date) -> dict[int, ScoreRun]:
    """Return the latest run of each assessment before a day, by assessment."""
    rows = (
        ScoreRun.objects.filter(assessment__in=assessments, as_of__lt=as_of)
        .order_by("assessment", "-as_of", "-computed_at", "-pk")
        .distinct("assessment")
    )
    return {run.assessment_id: run for run in rows}


def _bands(runs: Sequence[ScoreRun]) -> dict[int, dict[str, scoring.Band]]:
    """Return the bands shown by runs, by run and node key."""
    found: dict[int, dict[str, scoring.Band]] = {run.pk: {} for run in runs}
    for score in Score.objects.filter(run__in=runs, side__isnull=True).exclude(band=""):
        found[score.run_id][node_key(node_of(score))] = scoring.Band(score.band)
    return found


def _sides(assessments: Sequence[Assessment]) -> dict[int, tuple[int, ...]]:
    found: dict[int, tuple[int, ...]] = {assessment.pk: () for assessment in assessments}
    for key, organisation in (
        Side.objects.filter(assessment__in=assessments)
        .order_by("assessment", "position")
        .values_list("assessment", "organisation")
    ):
        found[key] = (*found[key], organisation)
    return found


def _raters(
    assessments: Sequence[Assessment],
    sides: Mapping[int, Sequence[int]],
    trees: Mapping[int, VersionTree],
) -> dict[int, list[scoring.Rater]]:
    """Return everybody who submitted, by assessment, with what he was asked and answered."""
    sheets = list(AnswerSheet.objects.filter(assessment__in=assessments, is_submitted=True))
    answers: dict[object, dict[str, scoring.Answer]] = defaultdict(dict)
    # By the sheets' keys, not by a join: the plan stays good where statistics are out of date.
    for key, question, about, level, no_level in Answer.objects.filter(
        sheet__in=[sheet.pk for sheet in sheets]
    ).values_list("sheet", "question__key", "about", "level", "no_level"):
        said: scoring.Answer = scoring.NOT_APPLICABLE if no_level else level
        answers[key][item_id(question, about)] = said
    cycles: Mapping[int, Cycle] = {a.pk: a.cycle for a in assessments}
    asked: dict[tuple[object, ...], frozenset[str]] = {}
    found: dict[int, list[scoring.Rater]] = {assessment.pk: [] for assessment in assessments}
    for sheet in sheets:
        cycle, own_sides = cycles[sheet.assessment_id], sides[sheet.assessment_id]
        # With four sides or fewer everybody of a role and side is asked the same.
        drawn = sheet.rater_key if len(own_sides) > MOST_OTHERS + 1 else ""
        like = (sheet.assessment_id, sheet.organisation_id, sheet.role, drawn)
        if like not in asked:
            asked[like] = trees[cycle.rubric_version_id].asked_of(
                sheet.role, sheet.organisation_id, sheet.rater_key, cycle.question_set, own_sides
            )
        found[sheet.assessment_id].append(
            scoring.Rater(
                id=sheet.rater_key,
                side=str(sheet.organisation_id),
                answers=answers[sheet.pk],
                protected=sheet.is_protected,
                asked=asked[like],
            )
        )
    return found
