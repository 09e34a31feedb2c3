"""Responses and answers in the database: each once, and nothing that joins the two."""

from datetime import date
from typing import Any

import pytest
from django.db import models

from alliance_health.alliances.models import Person
from assessments.models import Answer, AnswerSheet, Response
from tests.assessments.models.refusals import refused_by
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    AssessmentFactory,
    ResponseFactory,
    alliance_of,
    small_rubric,
)

pytestmark = pytest.mark.django_db


def test_person_is_asked_once_in_an_assessment() -> None:
    response = ResponseFactory()

    with refused_by("response_once"):
        ResponseFactory(assessment=response.assessment, person=response.person, role="sponsor")


def test_response_has_a_role_that_is_known() -> None:
    with refused_by("response_role_is_known"):
        ResponseFactory(role="boss", is_protected=False)


@pytest.mark.parametrize(
    "row",
    [
        {"state": "submitted"},
        {"state": "invited", "submitted_on": date(2026, 9, 1)},
        {"state": "expired", "submitted_on": date(2026, 9, 1)},
    ],
    ids=lambda row: row["state"],
)
def test_response_has_the_day_it_was_submitted_and_no_other(row: dict[str, Any]) -> None:
    with refused_by("response_submitted_has_day"):
        ResponseFactory(**row)


def test_link_belongs_to_one_response() -> None:
    response = ResponseFactory(link_digest="a" * 64)
    ResponseFactory(assessment=response.assessment)
    ResponseFactory(assessment=response.assessment)  # none and none are not the same

    with refused_by("assessments_response_link_digest_key"):
        ResponseFactory(assessment=response.assessment, link_digest="a" * 64)


def test_rater_has_one_sheet_in_an_assessment() -> None:
    sheet = AnswerSheetFactory()
    other = AssessmentFactory(alliance=alliance_of("Delta", "Arno", "Brix"))
    AnswerSheetFactory(assessment=other, rater_key=sheet.rater_key)

    with refused_by("sheet_once"):
        AnswerSheetFactory(assessment=sheet.assessment, rater_key=sheet.rater_key)


@pytest.mark.parametrize("about_somebody", [False, True])
def test_item_is_answered_once_in_a_sheet(about_somebody: bool) -> None:
    sheet = AnswerSheetFactory()
    about = sheet.organisation if about_somebody else None
    AnswerFactory(sheet=sheet, about=about)
    AnswerFactory(sheet=sheet, about=None if about_somebody else sheet.organisation)

    with refused_by("answer_once"):
        AnswerFactory(sheet=sheet, about=about, level=1)


@pytest.mark.parametrize(
    "row",
    [
        {"level": 0},
        {"level": 6},
        {"level": None},
        {"level": 3, "no_level": "cannot_tell"},
        {"level": None, "no_level": "because"},
    ],
    ids=lambda row: "-".join(map(str, row.values())),
)
def test_answer_has_a_level_or_a_reason(row: dict[str, Any]) -> None:
    with refused_by("answer_level_or_reason"):
        AnswerFactory(**row)


@pytest.mark.parametrize(
    "row",
    [
        *({"level": level} for level in (1, 2, 3, 4, 5)),
        {"level": None, "no_level": "cannot_tell"},
        {"level": None, "no_level": "did_not_occur"},
    ],
    ids=lambda row: "-".join(map(str, row.values())),
)
def test_answer_that_fits_is_taken(row: dict[str, Any]) -> None:
    answer = AnswerFactory(**row)

    assert Answer.objects.filter(pk=answer.pk, **row).exists()


def test_question_that_was_answered_is_not_deleted() -> None:
    version = small_rubric()
    answer = AnswerFactory(sheet__assessment__cycle__rubric_version=version)

    with pytest.raises(models.ProtectedError):
        answer.question.delete()


def _columns(model: type[models.Model]) -> "dict[str, models.Field[Any, Any]]":
    return {
        field.name: field for field in model._meta.get_fields() if isinstance(field, models.Field)
    }


def test_sheets_and_answers_have_no_instant_no_identity_and_no_order() -> None:
    for model in (AnswerSheet, Answer):
        columns = _columns(model)
        assert isinstance(columns["id"], models.UUIDField)
        for field in columns.values():
            assert not isinstance(field, models.DateField | models.TimeField), field
            assert field.related_model not in (Person, Response), field


def test_response_has_a_day_and_nothing_finer() -> None:
    columns = _columns(Response)

    assert isinstance(columns["id"], models.UUIDField)
    assert [name for name, f in columns.items() if isinstance(f, models.DateTimeField)] == []
    assert not any(f.related_model in (AnswerSheet, Answer) for f in columns.values())
