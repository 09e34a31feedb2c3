from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from assessments.models import RubricVersion
from tests.factories.scenes import RUBRICS

pytestmark = pytest.mark.django_db


def load(file: Path) -> str:
    printed = StringIO()
    call_command("load_rubric", str(file), stdout=printed)
    return printed.getvalue()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("default", "Alliance health 1 is published: 33 questions.\n"),
        ("leadership_climate", "Leadership climate 1 is published: 11 questions.\n"),
    ],
)
def test_load_rubric_publishes_a_shipped_file(name: str, said: str) -> None:
    assert load(RUBRICS / f"{name}.yaml") == said

    assert [version.state for version in RubricVersion.objects.all()] == ["published"]


def test_load_rubric_again_says_the_same_and_changes_nothing() -> None:
    first = load(RUBRICS / "default.yaml")

    assert load(RUBRICS / "default.yaml") == first

    assert RubricVersion.objects.count() == 1


def test_load_rubric_refuses_a_file_that_differs_from_what_is_published(tmp_path: Path) -> None:
    load(RUBRICS / "default.yaml")
    changed = tmp_path / "changed.yaml"
    text = (RUBRICS / "default.yaml").read_text(encoding="utf-8")
    changed.write_text(text.replace("Work matches promises", "Promises kept"), encoding="utf-8")

    with pytest.raises(CommandError, match="Raise `version` in the file and load it again"):
        load(changed)

    assert RubricVersion.objects.get().questions.get(key="OA-2").label == "Work matches promises"


def test_load_rubric_says_every_fault_with_its_place(tmp_path: Path) -> None:
    faulty = tmp_path / "faulty.yaml"
    text = (RUBRICS / "leadership_climate.yaml").read_text(encoding="utf-8")
    faulty.write_text(
        text.replace("weight: 100", "weight: 90").replace("core: true", "core: maybe", 1),
        encoding="utf-8",
    )

    with pytest.raises(CommandError) as refused:
        load(faulty)

    assert str(refused.value).splitlines()[0] == f"{faulty} does not fit a rubric:"
    assert "- pillars.0.dimensions.0.questions.0.core: Input should be" in str(refused.value)
    assert RubricVersion.objects.count() == 0


def test_load_rubric_says_that_there_is_no_such_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file or directory"):
        load(tmp_path / "absent.yaml")

    assert RubricVersion.objects.count() == 0
