"""A respondent's pages: his items by dimension, his answers so far, and what he was promised."""

from datetime import date

import pytest
from django.contrib.auth.models import AnonymousUser
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from assessments.models import Answer, AnswerSheet, Assessment, Question, Response, ResponseState
from assessments.queries import questionnaires, responses
from assessments.queries.questionnaires import Card, MyRow, Questionnaire, Section
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    SideFactory,
    person_of,
    small_rubric,
)
from tests.factories.rubrics import varied_rubric

pytestmark = pytest.mark.django_db

LEVELS = (
    ("1", "Not at all."),
    ("2", "A little."),
    ("3", "Half."),
    ("4", "Mostly."),
    ("5", "Fully."),
    ("cannot_tell", "I can't tell"),
)


@pytest.fixture
def assessment() -> Assessment:
    made = AssessmentFactory()
    for position, organisation in enumerate(made.alliance.organisations.order_by("name")):
        SideFactory(assessment=made, organisation=organisation, position=position)
    return made


@pytest.fixture
def ines() -> User:
    return User.objects.create_user("ines@example.com", name="Ines")


def asked(assessment: Assessment, user: User | None = None, role: str = "manager") -> Response:
    organisation = assessment.alliance.organisations.get(short_name="Arno")
    return ResponseFactory(
        assessment=assessment,
        organisation=organisation,
        person=person_of(organisation, user=user),
        role=role,
    )


def answer(response: Response, key: str, **given: object) -> Answer:
    sheet = AnswerSheet.objects.filter(rater_key=responses.respondents_key(response)).first()
    return AnswerFactory(
        sheet=sheet
        or AnswerSheetFactory(
            assessment=response.assessment,
            organisation=response.organisation,
            rater_key=responses.respondents_key(response),
        ),
        question=response.assessment.cycle.rubric_version.questions.get(key=key),
        **given,
    )


def card(question: Question, *, given: str = "", comment: str = "") -> Card:
    offers_none = question.may_not_have_occurred
    return Card(
        name=f"item-{question.pk}-0",
        question_id=question.pk,
        about_id=None,
        about="",
        label=question.label,
        text="How did it go in the last three months?",
        choices=(*LEVELS, ("did_not_occur", "It did not occur")) if offers_none else LEVELS,
        given=given,
        comment=comment,
    )


def test_questionnaire_has_the_items_by_dimension_with_the_answers_so_far(
    assessment: Assessment,
) -> None:
    response = asked(assessment)
    answer(response, "A-1", level=2, comment="Seen in the review.")

    found = questionnaires.questionnaire(response)

    objectives = Question.objects.get(key="A-1")
    delivery = Question.objects.get(key="A-2")
    assert found == Questionnaire(
        id=response.pk,
        alliance="Cobalt",
        cycle=assessment.cycle.name,
        organisation="Arno Group",
        role="alliance manager",
        closes_on=date(2026, 9, 30),
        promise=questionnaires.promise(response),
        is_submitted=False,
        submitted_on=None,
        sections=(
            Section(
                key="objectives",
                name="Shared objectives",
                about="Whether the work goes where it was meant to go.",
                pillar="Alignment",
                cards=(card(objectives, given="2", comment="Seen in the review."),),
            ),
            Section(
                key="delivery",
                name="Delivery",
                about="Whether the work goes where it was meant to go.",
                pillar="Alignment",
                cards=(card(delivery),),
            ),
        ),
    )
    assert (found.asked, found.answered, found.missing) == (2, 1, 1)
    assert found.next_open == found.sections[1]
    assert [found.place(key) for key in ("objectives", "delivery", "elsewhere")] == [0, 1, None]
    assert found.sections[0].cards[0].given_words == "2: A little."


def test_questionnaire_counts_a_reason_for_no_level_as_an_answer(assessment: Assessment) -> None:
    response = asked(assessment)
    answer(response, "A-1", level=5)
    answer(response, "A-2", level=None, no_level="did_not_occur")

    found = questionnaires.questionnaire(response)

    assert (found.answered, found.missing, found.next_open) == (2, 0, None)
    assert all(section.is_started and section.is_done for section in found.sections)
    assert found.sections[1].cards[0].given_words == "It did not occur"


def test_questionnaire_shows_nobody_elses_answers(assessment: Assessment) -> None:
    mine, colleague = asked(assessment), asked(assessment)
    answer(colleague, "A-1", level=1, comment="Not for others.")

    found = questionnaires.questionnaire(mine)

    assert found.answered == 0
    assert [c.comment for section in found.sections for c in section.cards] == ["", ""]
    assert questionnaires.questionnaire(colleague).answered == 1


def test_questionnaire_names_whom_an_item_is_about(assessment: Assessment) -> None:
    cycle = CycleFactory(rubric_version=varied_rubric(), opened=True)
    varied = AssessmentFactory(alliance=assessment.alliance, cycle=cycle)
    for side in assessment.sides.all():
        SideFactory(assessment=varied, organisation=side.organisation, position=side.position)
    response = asked(varied)
    brix = varied.alliance.organisations.get(short_name="Brix")
    answer(response, "B-1", about=brix, level=3)

    (views,) = questionnaires.questionnaire(response).sections

    assert [(c.about, c.given) for c in views.cards] == [
        ("", ""),
        ("Arno Group", ""),
        ("Brix Group", ""),
        ("Arno Group", ""),
        ("Brix Group", "3"),
    ]
    assert views.cards[4].name == f"item-{views.cards[4].question_id}-{brix.pk}"


@pytest.mark.parametrize("answers", [0, 2])
def test_questionnaire_takes_the_same_queries_with_and_without_answers(
    answers: int, assessment: Assessment, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked(assessment)
    response = asked(assessment)
    for key in ("A-1", "A-2")[:answers]:
        answer(response, key, level=4)
    read = questionnaires.answerable(AnonymousUser(), str(response.pk)).get()

    with django_assert_num_queries(4):
        questionnaires.questionnaire(read)


# --- whose it is ------------------------------------------------------------------------------


def test_answerable_are_ones_own_and_the_one_that_a_link_opened(
    assessment: Assessment, ines: User
) -> None:
    own, held, neither = asked(assessment, ines), asked(assessment), asked(assessment)

    def may_open(user: User | AnonymousUser, link: str | None) -> set[Response]:
        return set(questionnaires.answerable(user, link))

    assert may_open(ines, None) == {own}
    assert may_open(ines, str(held.pk)) == {own, held}
    assert may_open(AnonymousUser(), str(held.pk)) == {held}
    assert may_open(AnonymousUser(), None) == set()
    administrator = User.objects.create_superuser("ada@example.com", name="Ada")
    assert may_open(administrator, None) == set()
    assert neither in Response.objects.all()


def test_answers_as_the_signed_in_respondent_or_as_who_holds_the_link(
    assessment: Assessment, ines: User
) -> None:
    own, held = asked(assessment, ines), asked(assessment)

    assert questionnaires.answers_as(own, ines) == ines
    assert questionnaires.answers_as(held, ines) is None
    assert questionnaires.answers_as(held, AnonymousUser()) is None


def test_mine_has_open_ones_first_then_the_newest(
    assessment: Assessment, ines: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rubric = small_rubric()

    def asked_in(name: str, starts_on: date, trait: str, **row: object) -> Response:
        traits = {trait: True} if trait else {}
        cycle = CycleFactory(name=name, rubric_version=rubric, starts_on=starts_on, **traits)
        made = AssessmentFactory(alliance=assessment.alliance, cycle=cycle)
        return ResponseFactory(assessment=made, person=ines.person, **row)

    own = asked(assessment, ines)
    Response.objects.filter(pk=own.pk).update(state=ResponseState.STARTED)
    asked_in("2025 Q4", date(2025, 10, 1), "closed", state=ResponseState.EXPIRED)
    submitted = date(2026, 4, 2)
    asked_in(
        "2026 Q1",
        date(2026, 1, 1),
        "closed",
        state=ResponseState.SUBMITTED,
        submitted_on=submitted,
    )
    asked_in("2026 Q4, drafted", date(2026, 9, 1), "")
    asked(assessment)  # a colleague's

    with django_assert_num_queries(1):
        found = questionnaires.mine(ines)

    assert [(row.cycle, row.state, row.is_open) for row in found] == [
        (assessment.cycle.name, "started", True),
        ("2026 Q1", "submitted", False),
        ("2025 Q4", "not answered", False),
    ]
    assert found[0] == MyRow(
        id=own.pk,
        alliance="Cobalt",
        cycle=assessment.cycle.name,
        role="alliance manager",
        closes_on=date(2026, 9, 30),
        state="started",
        is_open=True,
        is_started=True,
        is_submitted=False,
    )


# --- what was promised ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("role", "said"),
    [
        ("manager", "As alliance manager you answer by name"),
        ("sponsor", "As executive sponsor you answer by name"),
    ],
)
def test_promise_to_who_answers_by_name(role: str, said: str, assessment: Assessment) -> None:
    found = questionnaires.promise(asked(assessment, role=role))

    assert found == (
        f"{said}: the managers and sponsors of the alliance may know what you answered."
    )


def test_promise_to_who_answers_in_confidence_names_the_number(assessment: Assessment) -> None:
    assessment.cycle.protected_minimum = 4
    assessment.cycle.save()

    found = questionnaires.promise(asked(assessment, role="team"))

    assert found == (
        "As team member you answer in confidence. Nobody is shown what you answered; your answers "
        "count only together with others', once 4 people of your organisation have answered in "
        "confidence."
    )


def test_promise_is_what_was_frozen_for_the_respondent(assessment: Assessment) -> None:
    """A role that is named today, but was asked in confidence, keeps its promise."""
    response = asked(assessment, role="manager")
    Response.objects.filter(pk=response.pk).update(is_protected=True)
    response.refresh_from_db()

    assert "you answer in confidence" in questionnaires.promise(response)
