"""Rubric versions as the arithmetic takes them: read once for all assessments that use them."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from assessments import scoring
from assessments.models import Dimension, EvidenceMeasure, Question, RubricVersion, Target
from assessments.queries import responses
from assessments.queries.responses import MOST_OTHERS
from assessments.queries.rules import Rules, rules_of


def item_id(question_key: str, about: int | None) -> str:
    """Return the id of an item: the question's key, with the organisation that it is about."""
    return question_key if about is None else f"{question_key}:{about}"


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
    rules: Rules

    @property
    def scored_measures(self) -> list[EvidenceMeasure]:
        """Return the measures that weigh in a score."""
        return [
            measure
            for dimension in self.dimensions
            if dimension.evidence_percent > 0
            for measure in self.measures.get(dimension.pk, ())
        ]

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

    def question_keys(self, dimension_key: str) -> list[str]:
        """Return the keys of a dimension's questions."""
        return [
            question.key
            for dimension in self.dimensions
            if dimension.key == dimension_key
            for question in self.questions.get(dimension.pk, ())
        ]

    def asked_counts(self, question_set: str, sides: int) -> dict[str, list[int]]:
        """Return how many items each dimension puts to a respondent, by role.

        Args:
            question_set: the cycle's.
            sides: how many organisations.
        """
        roles = {role for asked in self.questions.values() for q in asked for role in q.roles}
        return {
            role: [
                sum(
                    _items_each(question, sides)
                    for question in self.questions.get(dimension.pk, ())
                    if role in question.roles and responses.is_asked(question, question_set, sides)
                )
                for dimension in self.dimensions
            ]
            for role in roles
        }

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
            rules=rules_of(version),
        )
        for version in RubricVersion.objects.filter(pk__in=wanted).select_related("rubric")
    }
