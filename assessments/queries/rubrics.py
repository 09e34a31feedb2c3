"""Rubrics as they stand: read-only, one page a version."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db.models import Count, QuerySet

from alliance_health.alliances.models import Role
from assessments.models import (
    EvidenceMeasure,
    Pillar,
    Question,
    RubricVersion,
    VersionState,
)
from assessments.queries.reliability import CycleMeasured, cycles_measured


@dataclass(frozen=True, slots=True)
class VersionRow:
    """One version in the list."""

    id: int
    rubric: str
    number: int
    state: str
    is_published: bool
    published_at: datetime | None
    questions: int
    cycles: int


@dataclass(frozen=True, slots=True)
class QuestionPart:
    """A question with its levels, lowest first."""

    key: str
    label: str
    text: str
    levels: tuple[str, ...]
    roles: str
    about: str
    is_core: bool


@dataclass(frozen=True, slots=True)
class DimensionPart:
    """A dimension with its questions and measures."""

    name: str
    about: str
    weight: Decimal
    evidence_percent: Decimal
    questions: tuple[QuestionPart, ...]
    measures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PillarPart:
    """A pillar with its dimensions."""

    name: str
    weight: Decimal
    dimensions: tuple[DimensionPart, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """All of one version's page."""

    rubric: str
    number: int
    state: str
    description: str
    bounds: tuple[float, float]
    named_roles: str
    protected_minimum: int
    question_count: int
    pillars: tuple[PillarPart, ...]
    measured: tuple[CycleMeasured, ...]


def versions() -> tuple[VersionRow, ...]:
    """Return all versions of all rubrics, by rubric, newest first; 1 query."""
    rows = (
        RubricVersion.objects.select_related("rubric")
        .defer("document", "parameters")
        .annotate(
            question_count=Count("questions", distinct=True),
            cycle_count=Count("cycles", distinct=True),
        )
        .order_by("rubric__name", "-number")
    )
    return tuple(
        VersionRow(
            id=row.pk,
            rubric=row.rubric.name,
            number=row.number,
            state=row.get_state_display(),
            is_published=row.state == VersionState.PUBLISHED,
            published_at=row.published_at,
            questions=row.question_count,
            cycles=row.cycle_count,
        )
        for row in rows
    )


def published_versions() -> QuerySet[RubricVersion]:
    """Return the versions that a new cycle may use; nothing is read yet."""
    return (
        RubricVersion.objects.filter(state=VersionState.PUBLISHED)
        .select_related("rubric")
        .defer("document")
        .order_by("rubric__name", "-number")
    )


def all_versions() -> QuerySet[RubricVersion]:
    """Return every version, to be fetched by its key; nothing is read yet."""
    return RubricVersion.objects.select_related("rubric").defer("document")


def version_page(version: RubricVersion) -> VersionPage:
    """Return everything a version asks and weighs, and how well it measured; 5 queries.

    Args:
        version: the version, with its rubric.
    """
    questions: dict[int, list[Question]] = defaultdict(list)
    for question in Question.objects.filter(version=version).order_by("position"):
        questions[question.dimension_id].append(question)
    measures: dict[int, list[EvidenceMeasure]] = defaultdict(list)
    for measure in EvidenceMeasure.objects.filter(version=version).order_by("position"):
        measures[measure.dimension_id].append(measure)
    pillars = Pillar.objects.filter(version=version).prefetch_related("dimensions")
    dimensions = [dimension for pillar in pillars for dimension in pillar.dimensions.all()]
    bands = version.parameters["bands"]
    return VersionPage(
        rubric=version.rubric.name,
        number=version.number,
        state=version.get_state_display(),
        description=version.description,
        bounds=(float(bands["amber_from"]), float(bands["green_from"])),
        named_roles=role_words(version.named_roles),
        protected_minimum=version.protected_minimum,
        question_count=sum(len(found) for found in questions.values()),
        pillars=tuple(
            PillarPart(
                name=pillar.name,
                weight=pillar.weight,
                dimensions=tuple(
                    DimensionPart(
                        name=dimension.name,
                        about=dimension.about,
                        weight=dimension.weight,
                        evidence_percent=dimension.evidence_percent,
                        questions=tuple(map(_question, questions[dimension.pk])),
                        measures=tuple(m.name for m in measures[dimension.pk]),
                    )
                    for dimension in pillar.dimensions.all()
                ),
            )
            for pillar in pillars
        ),
        measured=cycles_measured(
            version, dimensions, [q for dimension in dimensions for q in questions[dimension.pk]]
        ),
    )


def _question(question: Question) -> QuestionPart:
    return QuestionPart(
        key=question.key,
        label=question.label,
        text=question.text.replace("{organisation}", "…").replace("{own}", "…"),
        levels=tuple(question.levels),
        roles=role_words(question.roles),
        about=question.get_target_display(),
        is_core=question.is_core,
    )


def role_words(roles: Sequence[str]) -> str:
    """Name roles in words, in the order of the register.

    Args:
        roles: keys of roles.
    """
    return ", ".join(str(role.label) for role in Role if role.value in roles)
