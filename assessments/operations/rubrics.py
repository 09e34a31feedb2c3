"""Rubric versions: loaded from their files and published; from then on they never change."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from alliance_health.accounts.models import User
from assessments import scoring
from assessments.models import (
    Dimension,
    EvidenceMeasure,
    Pillar,
    Question,
    Rubric,
    RubricVersion,
    VersionState,
)
from assessments.operations.rubric_documents import DimensionPart, RubricDocument
from assessments.queries import trees as specs


class RubricRefused(Exception):
    """A rubric version cannot be loaded; the message says why and what to do."""


@transaction.atomic
def load_rubric(*, document: RubricDocument, by: User | None, now: datetime) -> RubricVersion:
    """Publish a rubric version from its document; the same document twice changes nothing.

    Args:
        document: the checked document.
        by: who publishes it; None for the system.
        now: the instant.

    Raises:
        RubricRefused: this version was published with another content, or cannot be scored.
    """
    content = document.model_dump(mode="json")
    rubric, _made = Rubric.objects.select_for_update().get_or_create(
        key=document.rubric, defaults={"name": document.name}
    )
    there = RubricVersion.objects.filter(rubric=rubric, number=document.version).first()
    if there is not None:
        if _told(there.document) == _told(content):
            return there
        raise RubricRefused(
            _(
                "Version %(number)d of %(rubric)s is published and never changes; this file "
                "differs from it. Raise `version` in the file and load it again."
            )
            % {"number": document.version, "rubric": rubric.name}
        )
    version = RubricVersion.objects.create(
        rubric=rubric,
        number=document.version,
        description=document.description,
        parameters=content["parameters"],
        document=content,
        named_roles=[role.value for role in document.named_roles],
        protected_minimum=document.parameters.protected_minimum,
    )
    _add_parts(version, document)
    _check_scoring(version)
    version.state = VersionState.PUBLISHED
    version.published_at, version.published_by = now, by
    version.save(update_fields=["state", "published_at", "published_by"])
    return version


def _told(content: Any) -> Any:  # noqa: ANN401
    """Return what a document says, without what it leaves open: a later schema may name more."""
    if isinstance(content, dict):
        parts = {key: _told(value) for key, value in content.items()}
        return {key: value for key, value in parts.items() if value not in (None, {}, [])}
    return [_told(value) for value in content] if isinstance(content, list) else content


def _add_parts(version: RubricVersion, document: RubricDocument) -> None:
    questions: list[Question] = []
    measures: list[EvidenceMeasure] = []
    for place, part in enumerate(document.pillars):
        pillar = Pillar.objects.create(
            version=version, key=part.key, name=part.name, weight=part.weight, position=place
        )
        for own_place, own in enumerate(part.dimensions):
            dimension = Dimension.objects.create(
                version=version,
                pillar=pillar,
                key=own.key,
                name=own.name,
                about=own.about,
                weight=own.weight,
                evidence_percent=own.evidence.share if own.evidence else 0,
                position=own_place,
            )
            questions += _questions(dimension, own)
            measures += _measures(dimension, own, document)
    Question.objects.bulk_create(questions)
    EvidenceMeasure.objects.bulk_create(measures)


def _questions(dimension: Dimension, part: DimensionPart) -> list[Question]:
    return [
        Question(
            version=dimension.version,
            dimension=dimension,
            key=one.key,
            label=one.label,
            text=one.text,
            levels=[text for _number, text in sorted(one.levels.items())],
            roles=[role.value for role in one.roles],
            target=one.target,
            is_core=one.core,
            is_reversed=one.reverse,
            may_not_have_occurred=one.not_applicable,
            minimum_organisations=one.minimum_organisations,
            weight=one.weight,
            position=place,
        )
        for place, one in enumerate(part.questions)
    ]


def _measures(
    dimension: Dimension, part: DimensionPart, document: RubricDocument
) -> list[EvidenceMeasure]:
    shares: list[Any] = part.evidence.measures if part.evidence else []
    return [
        EvidenceMeasure(
            version=dimension.version,
            dimension=dimension,
            key=share.key,
            name=document.measure_name(share.key),
            weight=share.weight,
            floor=share.floor,
            target=share.target,
            position=place,
        )
        for place, share in enumerate(shares)
    ]


def _check_scoring(version: RubricVersion) -> None:
    """Refuse a version that the arithmetic would refuse later, when it is in use."""
    try:
        specs.parameters_of(version)
        for question_set in ("core", "full"):
            specs.version_trees([version.pk])[version.pk].spec(question_set, [1, 2])
    except scoring.SpecProblem as problem:
        raise RubricRefused(
            _("%(rubric)s %(number)d cannot be scored: %(reason)s")
            % {"rubric": version.rubric, "number": version.number, "reason": problem}
        ) from problem
