"""Rubric versions in the database: keys once, weights above nothing, published for good."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.db import connection, models

from assessments.models import (
    Dimension,
    EvidenceMeasure,
    Pillar,
    Question,
    RubricVersion,
    Target,
    VersionState,
)
from tests.assessments.models.refusals import refused_as, refused_by
from tests.factories.assessments import (
    PUBLISHED_AT,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricFactory,
    RubricVersionFactory,
    publish,
    small_rubric,
)

pytestmark = pytest.mark.django_db

NEVER = "A published rubric version never changes"


def test_rubric_has_a_key_of_its_own() -> None:
    RubricFactory(key="alliance-health")

    with refused_by("assessments_rubric_key_key"):
        RubricFactory(key="alliance-health")


def test_version_has_a_number_of_its_own() -> None:
    version = RubricVersionFactory(number=3)
    RubricVersionFactory(number=3)  # of another rubric

    with refused_by("rubric_version_number_once"):
        RubricVersionFactory(rubric=version.rubric, number=3)


@pytest.mark.parametrize("minimum", [0, 2])
def test_version_asks_for_three_answers_in_confidence_or_more(minimum: int) -> None:
    RubricVersionFactory(protected_minimum=3)

    with refused_by("rubric_version_floor_of_three"):
        RubricVersionFactory(protected_minimum=minimum)


def test_version_is_published_at_an_instant() -> None:
    with refused_by("rubric_version_published_at"):
        RubricVersionFactory(state=VersionState.PUBLISHED)


def test_pillar_has_a_key_of_its_own_in_its_version() -> None:
    pillar = PillarFactory(key="alignment")
    PillarFactory(key="alignment")  # of another version

    with refused_by("pillar_key_once"):
        PillarFactory(version=pillar.version, key="alignment")


def test_dimension_has_a_key_of_its_own_in_its_version() -> None:
    dimension = DimensionFactory(key="passion")
    beside = PillarFactory(version=dimension.version)

    with refused_by("dimension_key_once"):
        DimensionFactory(pillar=beside, key="passion")


def test_question_has_a_key_of_its_own_in_its_version() -> None:
    question = QuestionFactory(key="OA-1")
    beside = DimensionFactory(pillar=question.dimension.pillar)

    with refused_by("question_key_once"):
        QuestionFactory(dimension=beside, key="OA-1")


def test_measure_counts_once_in_a_dimension() -> None:
    measure = EvidenceMeasureFactory(key="attainment")
    EvidenceMeasureFactory(  # in another dimension of the version it may
        dimension=DimensionFactory(pillar=measure.dimension.pillar), key="attainment"
    )

    with refused_by("measure_once_in_dimension"):
        EvidenceMeasureFactory(dimension=measure.dimension, key="attainment")


@pytest.mark.parametrize("weight", [0, -1])
@pytest.mark.parametrize(
    ("make", "constraint"),
    [
        (PillarFactory, "pillar_weight_positive"),
        (DimensionFactory, "dimension_weight_positive"),
        (QuestionFactory, "question_weight_positive"),
        (EvidenceMeasureFactory, "measure_weight_positive"),
    ],
)
def test_weight_is_above_nothing(make: Callable[..., Any], constraint: str, weight: int) -> None:
    with refused_by(constraint):
        make(weight=weight)


@pytest.mark.parametrize("share", [-1, 25.01, 100])
def test_evidence_makes_up_a_quarter_at_most(share: float) -> None:
    DimensionFactory(evidence_percent=25)

    with refused_by("dimension_evidence_share"):
        DimensionFactory(evidence_percent=share)


def test_measure_goes_from_somewhere_to_somewhere_else() -> None:
    EvidenceMeasureFactory(floor=100, target=0)  # less is better

    with refused_by("measure_floor_is_not_target"):
        EvidenceMeasureFactory(floor=5, target=5)


@pytest.mark.parametrize("levels", [["No."] * 4, ["No."] * 6, []])
def test_question_has_five_levels(levels: list[str]) -> None:
    with refused_by("question_five_levels"):
        QuestionFactory(levels=levels)


def test_question_is_asked_of_somebody() -> None:
    with refused_by("question_asks_somebody"):
        QuestionFactory(roles=[])


def test_question_is_about_what_is_known() -> None:
    for target in Target.values:
        QuestionFactory(target=target)

    with refused_by("question_target_is_known"):
        QuestionFactory(target="everybody")


# --- published for good -----------------------------------------------------------------------


def unchanged(version: RubricVersion, before: Mapping[str, object]) -> bool:
    return RubricVersion.objects.filter(pk=version.pk).values().get() == before


def test_published_version_refuses_every_change_but_its_retirement() -> None:
    version = small_rubric()
    before = RubricVersion.objects.values().get()

    with refused_as(NEVER):
        version.protected_minimum = 3
        version.save()
    with refused_as(NEVER):
        RubricVersion.objects.update(description="Better.")
    with refused_as(NEVER):
        version.state = VersionState.DRAFT
        RubricVersion.objects.bulk_update([version], ["state"])
    with refused_as(NEVER):
        RubricVersion.objects.update(state=VersionState.RETIRED, number=2)
    with refused_as(NEVER), connection.cursor() as cursor:
        cursor.execute("UPDATE assessments_rubricversion SET parameters = '{}'")
    assert unchanged(version, before)

    RubricVersion.objects.update(state=VersionState.RETIRED)

    assert unchanged(version, {**before, "state": "retired"})
    with refused_as(NEVER):
        RubricVersion.objects.update(state=VersionState.PUBLISHED)


def test_published_version_refuses_to_be_deleted() -> None:
    version = publish(RubricVersionFactory())

    with refused_as(NEVER):
        version.delete()
    with refused_as(NEVER):
        RubricVersion.objects.all().delete()
    with refused_as(NEVER), connection.cursor() as cursor:
        cursor.execute("DELETE FROM assessments_rubricversion")

    assert RubricVersion.objects.count() == 1


PARTS: list[tuple[type[models.Model], str]] = [
    (Pillar, "name"),
    (Dimension, "name"),
    (Question, "text"),
    (EvidenceMeasure, "name"),
]


@pytest.mark.parametrize(("part", "field"), PARTS, ids=str)
def test_part_of_a_published_version_refuses_to_be_changed(
    part: type[models.Model], field: str
) -> None:
    small_rubric()
    rows = part._default_manager
    before = list(rows.order_by("pk").values())

    with refused_as(NEVER):
        row = rows.all()[0]
        setattr(row, field, "Another.")
        row.save()
    with refused_as(NEVER):
        rows.update(**{field: "Another."})
    with refused_as(NEVER):
        row = rows.all()[0]
        setattr(row, field, "Another.")
        rows.bulk_update([row], [field])
    with refused_as(NEVER), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {part._meta.db_table} SET position = 9")  # noqa: S608

    assert list(rows.order_by("pk").values()) == before
    assert before


@pytest.mark.parametrize("part", [Question, EvidenceMeasure])
def test_part_of_a_published_version_refuses_to_be_deleted(part: type[models.Model]) -> None:
    small_rubric()
    rows = part._default_manager
    number = rows.count()

    with refused_as(NEVER):
        rows.all()[0].delete()
    with refused_as(NEVER):
        rows.all().delete()
    with refused_as(NEVER), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {part._meta.db_table}")  # noqa: S608

    assert rows.count() == number > 0


def test_part_cannot_be_added_to_a_published_version() -> None:
    version = small_rubric()
    dimension = Dimension.objects.filter(version=version)[0]

    with refused_as(NEVER):
        QuestionFactory(dimension=dimension)
    with refused_as(NEVER):
        Question.objects.bulk_create([QuestionFactory.build(dimension=dimension, version=version)])


def test_part_can_neither_be_moved_into_a_published_version_nor_out_of_it() -> None:
    published, draft = small_rubric(), QuestionFactory().version

    with refused_as(NEVER):
        Question.objects.filter(version=draft).update(version=published)
    with refused_as(NEVER):
        Question.objects.filter(version=published).update(version=draft)


def test_draft_can_be_changed_and_deleted() -> None:
    question = QuestionFactory()

    Question.objects.update(text="Better?")
    RubricVersion.objects.update(description="Better.")
    question.delete()

    assert Question.objects.count() == 0
    version = RubricVersion.objects.get()
    assert (version.description, version.published_at) == ("Better.", None)
    assert publish(version).published_at == PUBLISHED_AT
