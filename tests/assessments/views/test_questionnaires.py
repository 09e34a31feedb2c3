"""Answering by plain posts: signed in, and by a personal link."""

import hashlib

import pytest
from django.test import Client
from django.urls import reverse

from alliance_health.accounts.models import User
from assessments.models import Answer, AnswerSheet, Response, ResponseState
from tests.factories.assessments import (
    AssessmentFactory,
    ResponseFactory,
    SideFactory,
    person_of,
)

pytestmark = pytest.mark.django_db
SECRET = "a-secret-that-only-the-mail-has"


@pytest.fixture
def asked() -> Response:
    """A manager's response in an open cycle, with a sign-in and a personal link."""
    assessment = AssessmentFactory()
    sides = assessment.alliance.organisations.order_by("name")
    for position, organisation in enumerate(sides):
        SideFactory(assessment=assessment, organisation=organisation, position=position)
    user = User.objects.create_user("ines@example.com", name="Ines")
    return ResponseFactory(
        assessment=assessment,
        person=person_of(sides[0], user=user),
        organisation=sides[0],
        link_digest=hashlib.sha256(SECRET.encode()).hexdigest(),
    )


@pytest.fixture
def signed_in(client: Client, asked: Response) -> Client:
    assert asked.person.user is not None
    client.force_login(asked.person.user)
    return client


def _page(asked: Response, dimension: str) -> str:
    return reverse("assessments:questionnaire", args=[asked.pk, dimension])


def _review(asked: Response) -> str:
    return reverse("assessments:questionnaire_review", args=[asked.pk])


def _receipt(asked: Response) -> str:
    return reverse("assessments:questionnaire_receipt", args=[asked.pk])


def _field(asked: Response, key: str) -> str:
    version = asked.assessment.cycle.rubric_version
    return f"item-{version.questions.get(key=key).pk}-0"


def _answers() -> list[tuple[str, int | None, str, str]]:
    rows = Answer.objects.order_by("question__key")
    return [(row.question.key, row.level, row.no_level, row.comment) for row in rows]


def test_questionnaire_is_answered_and_submitted_by_plain_posts(
    signed_in: Client, asked: Response
) -> None:
    first = {_field(asked, "A-1"): "4", f"{_field(asked, 'A-1')}-comment": "Seen in the review."}

    saved = signed_in.post(_page(asked, "objectives"), first)
    finished = signed_in.post(_page(asked, "delivery"), {_field(asked, "A-2"): "cannot_tell"})
    submitted = signed_in.post(_review(asked))

    assert (saved.status_code, saved["Location"]) == (302, _page(asked, "delivery"))
    assert (finished.status_code, finished["Location"]) == (302, _review(asked))
    assert (submitted.status_code, submitted["Location"]) == (302, _receipt(asked))
    assert _answers() == [
        ("A-1", 4, "", "Seen in the review."),
        ("A-2", None, "cannot_tell", ""),
    ]
    asked.refresh_from_db()
    assert asked.state == ResponseState.SUBMITTED
    assert "Your answers are submitted" in signed_in.get(_receipt(asked)).content.decode()


def test_questionnaire_shows_what_was_answered_before(signed_in: Client, asked: Response) -> None:
    signed_in.post(_page(asked, "objectives"), {_field(asked, "A-1"): "2"})

    page = signed_in.get(_page(asked, "objectives")).content.decode()

    assert f'value="2" id="id_{_field(asked, "A-1")}_1" checked' in page
    assert "2: A little." in signed_in.get(_review(asked)).content.decode()


def test_questionnaire_page_may_be_left_open(signed_in: Client, asked: Response) -> None:
    response = signed_in.post(_page(asked, "objectives"), {"leave": "1"})

    assert (response.status_code, response["Location"]) == (302, _review(asked))
    assert _answers() == []


def test_questionnaire_asks_for_a_level_where_there_is_a_comment(
    signed_in: Client, asked: Response
) -> None:
    comment = {f"{_field(asked, 'A-1')}-comment": "Only words."}

    response = signed_in.post(_page(asked, "objectives"), comment)

    page = response.content.decode()
    assert response.status_code == 200
    assert "for the comment on “Same objectives”" in page
    assert "Only words." in page
    assert _answers() == []


def test_questionnaire_refuses_a_level_that_is_not_offered(
    signed_in: Client, asked: Response
) -> None:
    for wrong in ("6", "0", "did_not_occur"):
        response = signed_in.post(_page(asked, "objectives"), {_field(asked, "A-1"): wrong})
        assert "Choose one of the levels shown." in response.content.decode()

    assert _answers() == []


def test_questionnaire_reading_changes_nothing(signed_in: Client, asked: Response) -> None:
    for address in (_page(asked, "objectives"), _review(asked)):
        assert signed_in.get(address).status_code == 200

    asked.refresh_from_db()
    assert (asked.state, AnswerSheet.objects.count()) == (ResponseState.INVITED, 0)


def test_questionnaire_of_somebody_else_is_not_there(client: Client, asked: Response) -> None:
    client.force_login(User.objects.create_user("sam@example.com", name="Sam", is_staff=True))

    for address in (_page(asked, "objectives"), _review(asked), _receipt(asked)):
        assert client.get(address).status_code == 404
        assert client.post(address).status_code in (404, 405)


def test_questionnaire_sends_a_visitor_without_a_link_to_sign_in(
    client: Client, asked: Response
) -> None:
    response = client.get(_review(asked))

    assert response["Location"] == f"/accounts/login/?next={_review(asked)}"


def test_questionnaire_without_such_a_dimension_is_not_there(
    signed_in: Client, asked: Response
) -> None:
    assert signed_in.get(_page(asked, "elsewhere")).status_code == 404


def test_link_opens_the_questionnaire_only_on_a_press_of_the_button(
    client: Client, asked: Response
) -> None:
    address = reverse("assessments:answer", args=[SECRET])

    visited = client.get(address)

    assert visited.status_code == 200
    assert visited["Referrer-Policy"] == "strict-origin"
    assert "no-store" in visited["Cache-Control"]
    assert "Set-Cookie" not in visited or "session" not in visited.cookies
    assert client.get(_review(asked)).status_code == 302
    asked.refresh_from_db()
    assert asked.state == ResponseState.INVITED

    pressed = client.post(address)

    assert (pressed.status_code, pressed["Location"]) == (302, _review(asked))
    assert SECRET not in pressed["Location"]
    assert client.get(_review(asked)).status_code == 200


def test_link_respondent_answers_and_submits(client: Client, asked: Response) -> None:
    client.post(reverse("assessments:answer", args=[SECRET]))

    client.post(_page(asked, "objectives"), {_field(asked, "A-1"): "5"})
    submitted = client.post(_review(asked))

    assert submitted["Location"] == _receipt(asked)
    assert _answers() == [("A-1", 5, "", "")]


def test_link_respondent_sees_nothing_else(client: Client, asked: Response) -> None:
    other = ResponseFactory(assessment=asked.assessment)
    client.post(reverse("assessments:answer", args=[SECRET]))

    assert client.get(_review(other)).status_code == 404
    assert client.get("/portfolio/").status_code == 302


def test_link_that_nobody_was_sent_opens_nothing(client: Client, asked: Response) -> None:
    address = reverse("assessments:answer", args=["another-secret"])

    assert client.get(address).status_code == 404
    assert client.post(address).status_code == 404
    assert client.get(_review(asked)).status_code == 302
