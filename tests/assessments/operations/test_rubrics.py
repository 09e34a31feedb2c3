"""Publishing a rubric version from its document: once, whole, and never changed."""

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from alliance_health.accounts.models import User
from assessments.models import (
    Dimension,
    EvidenceMeasure,
    Pillar,
    Question,
    Rubric,
    RubricVersion,
    VersionState,
)
from assessments.operations import rubric_documents, rubrics
from assessments.operations.rubric_documents import RubricDocument
from assessments.operations.rubrics import RubricRefused
from assessments.queries import trees as specs
from tests.assessments.operations.test_rubric_documents import SMALL
from tests.factories.scenes import RUBRICS
from tests.threads import at_once

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 9, 1, 10, tzinfo=UTC)


@pytest.fixture
def small(tmp_path: Path) -> RubricDocument:
    return document(tmp_path)


def document(folder: Path, *changes: tuple[str, str]) -> RubricDocument:
    """The small rubric of the documents' tests, with texts in it changed."""
    content = SMALL
    for old, new in changes:
        assert old in content
        content = content.replace(old, new)
    file = folder / "rubric.yaml"
    file.write_text(content, encoding="utf-8")
    return rubric_documents.read(file)


def load(document: RubricDocument, by: User | None = None, now: datetime = NOW) -> RubricVersion:
    return rubrics.load_rubric(document=document, by=by, now=now)


def counts() -> tuple[int, ...]:
    return tuple(
        model.objects.count()
        for model in (Rubric, RubricVersion, Pillar, Dimension, Question, EvidenceMeasure)
    )


def test_load_rubric_publishes_what_the_document_says(small: RubricDocument) -> None:
    ada = User.objects.create_user("ada@example.com", name="Ada")

    version = load(small, by=ada)

    kept = RubricVersion.objects.select_related("rubric").get()
    assert kept == version
    assert (kept.rubric.key, kept.rubric.name, kept.number) == ("small", "Small", 1)
    assert (kept.state, kept.published_at, kept.published_by) == ("published", NOW, ada)
    assert (kept.description, kept.named_roles, kept.protected_minimum) == (
        "A small rubric.",
        ["manager"],
        5,
    )
    assert kept.parameters["bands"] == {"amber_from": 50, "green_from": 70, "margin": 3}
    pillar = Pillar.objects.get()
    assert (pillar.key, pillar.name, pillar.weight) == ("alignment", "Alignment", 100)
    assert list(Dimension.objects.values_list("key", "weight", "evidence_percent", "position")) == [
        ("objectives", 60, 0, 0),
        ("delivery", 40, 25, 1),
    ]
    question = Question.objects.get(key="A-1")
    assert (question.dimension.key, question.label, question.text) == (
        "objectives",
        "Same objectives",
        "Are they the same?",
    )
    assert question.levels == ["No.", "Hardly.", "Half.", "Mostly.", "Yes."]
    assert (question.roles, question.target, question.weight) == (["manager", "team"], "joint", 1)
    assert (question.is_core, question.is_reversed, question.may_not_have_occurred) == (
        True,
        False,
        False,
    )
    measure = EvidenceMeasure.objects.get()
    assert (measure.dimension.key, measure.key, measure.name, measure.floor, measure.target) == (
        "delivery",
        "attainment",
        "Attainment",
        0,
        100,
    )
    assert counts() == (1, 1, 1, 2, 2, 1)


def test_load_rubric_keeps_the_document_whole(small: RubricDocument) -> None:
    version = load(small)

    kept = RubricVersion.objects.get(pk=version.pk).document
    levels = kept["pillars"][0]["dimensions"][0]["questions"][0]["levels"]
    assert kept == small.model_dump(mode="json")
    assert levels == {"1": "No.", "2": "Hardly.", "3": "Half.", "4": "Mostly.", "5": "Yes."}


def test_load_rubric_again_changes_nothing(small: RubricDocument) -> None:
    version = load(small)
    before = RubricVersion.objects.values().get()

    again = load(small, now=datetime(2026, 10, 1, tzinfo=UTC))

    assert again == version
    assert RubricVersion.objects.values().get() == before
    assert counts() == (1, 1, 1, 2, 2, 1)


def test_load_rubric_with_another_content_under_the_same_number_is_refused(
    small: RubricDocument, tmp_path: Path
) -> None:
    load(small)
    other = document(tmp_path, ("Hardly", "Seldom"))

    with pytest.raises(RubricRefused, match="Version 1 of Small is published and never changes"):
        load(other)

    assert counts() == (1, 1, 1, 2, 2, 1)
    assert Question.objects.get(key="A-1").levels[1] == "Hardly."


def test_load_rubric_under_a_new_number_is_a_new_version(
    small: RubricDocument, tmp_path: Path
) -> None:
    first = load(small)
    raised = document(tmp_path, ("version: 1", "version: 2"), ("Hardly", "Seldom"))

    second = load(raised)

    assert (first.rubric, second.number) == (second.rubric, 2)
    assert counts() == (1, 2, 2, 4, 4, 2)
    levels = {q.version_id: q.levels[1] for q in Question.objects.filter(key="A-1")}
    assert levels == {first.pk: "Hardly.", second.pk: "Seldom."}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("parameters: {}", "parameters: {bands: {amber_from: 80}}", "amber below green"),
        ("core: true", "core: false", "The rubric has no pillar"),
    ],
)
def test_load_rubric_that_cannot_be_scored_is_refused(
    old: str, new: str, said: str, tmp_path: Path
) -> None:
    with pytest.raises(RubricRefused, match=f"Small 1 cannot be scored: .*{said}"):
        load(document(tmp_path, (old, new)))

    assert counts() == (0, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("name", "parts"),
    [("default", (1, 1, 3, 12, 33, 8)), ("leadership_climate", (1, 1, 1, 1, 11, 0))],
)
def test_load_rubric_takes_the_shipped_files_whole(name: str, parts: tuple[int, ...]) -> None:
    read = rubric_documents.read(RUBRICS / f"{name}.yaml")

    version = load(read)

    assert counts() == parts
    assert version.state == VersionState.PUBLISHED
    tree = specs.version_trees([version.pk])[version.pk]
    full = tree.spec("full", [1, 2, 3])
    assert sum(pillar.weight for pillar in full.pillars) == 100
    for pillar in full.pillars:
        assert sum(dimension.weight for dimension in pillar.dimensions) == Decimal(100)
    assert load(read) == version


@pytest.mark.parametrize(
    ("organisations", "role", "items"),
    [
        # Own and other are two items of one question; OA-4 is not asked of the team.
        (2, "manager", 13 + 5),
        (2, "sponsor", 9 + 4),
        (2, "team", 9 + 4),
        (3, "manager", 13 + 5 * 2 + 1),
        (4, "team", 9 + 4 * 3 + 2),
        (6, "team", 9 + 4 * 3 + 2),
    ],
)
def test_default_rubrics_core_set_becomes_so_many_items_for_a_respondent(
    organisations: int, role: str, items: int
) -> None:
    version = load(rubric_documents.read(RUBRICS / "default.yaml"))
    tree = specs.version_trees([version.pk])[version.pk]

    asked = tree.asked_of(role, 1, "rater", "core", range(1, organisations + 1))

    assert len(asked) == items
    assert asked <= tree.spec("core", range(1, organisations + 1)).item_ids


@pytest.mark.django_db(transaction=True)
def test_load_rubric_at_once_from_many_sides_publishes_it_once(small: RubricDocument) -> None:
    found = at_once(lambda: load(small), workers=4)

    assert [one for one in found if isinstance(one, Exception)] == []
    assert len({one.pk for one in found if isinstance(one, RubricVersion)}) == 1
    assert counts() == (1, 1, 1, 2, 2, 1)
