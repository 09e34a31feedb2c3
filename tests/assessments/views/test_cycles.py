"""Cycles as pages: who may do what, and that answers never show."""

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from assessments.models import Cycle, CycleState, Response
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    alliance_of,
    person_of,
    seat_of,
    small_rubric,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator(client: Client) -> User:
    user = User.objects.create_user("ada@example.com", name="Ada", is_staff=True)
    client.force_login(user)
    return user


@pytest.fixture
def stranger(client: Client) -> User:
    user = User.objects.create_user("sam@example.com", name="Sam")
    client.force_login(user)
    return user


@pytest.mark.usefixtures("administrator")
def test_cycle_is_drafted_opened_and_closed(client: Client) -> None:
    rubric = small_rubric()
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    for organisation in cobalt.organisations.all():
        seat_of(cobalt, person_of(organisation))
    entered = {
        "name": "2026 Q4",
        "rubric_version": rubric.pk,
        "question_set": "core",
        "starts_on": "2026-10-01",
        "ends_on": "2026-12-31",
        "opens_on": "2026-11-01",
        "closes_on": "2026-12-15",
    }

    client.post(reverse("assessments:new_cycle"), entered)
    drafted = Cycle.objects.get()
    client.get(reverse("assessments:open_cycle", args=[drafted.pk]))
    assert drafted.state == CycleState.DRAFT
    client.post(reverse("assessments:open_cycle", args=[drafted.pk]), {"alliances": [cobalt.pk]})
    board = client.get(reverse("assessments:cycle", args=[drafted.pk])).content.decode()
    drafted.refresh_from_db()
    assert (drafted.state, Response.objects.count()) == (CycleState.OPEN, 2)
    assert "0 of 2 have answered" in board
    client.get(reverse("assessments:close_cycle", args=[drafted.pk]))
    drafted.refresh_from_db()
    assert drafted.state == CycleState.OPEN
    client.post(reverse("assessments:close_cycle", args=[drafted.pk]))
    drafted.refresh_from_db()
    assert drafted.state == CycleState.CLOSED


@pytest.mark.usefixtures("administrator")
def test_new_cycle_keeps_what_was_entered_and_says_what_is_missing(client: Client) -> None:
    rubric = small_rubric()

    page = client.post(
        reverse("assessments:new_cycle"),
        {"name": "2026 Q4", "rubric_version": rubric.pk, "starts_on": "2026-10-01"},
    ).content.decode()

    assert 'value="2026 Q4"' in page
    assert "Enter the last day of the quarter." in page
    assert page.count('class="error-summary"') == 1
    assert page.partition("<main")[2].count('name="csrfmiddlewaretoken"') == 1
    assert Cycle.objects.count() == 0


@pytest.mark.usefixtures("stranger")
def test_cycle_pages_are_closed_to_a_stranger(client: Client) -> None:
    draft = CycleFactory(name="Draft")
    ResponseFactory()
    seen = Cycle.objects.exclude(pk=draft.pk).get()

    assert client.get(reverse("assessments:new_cycle")).status_code == 403
    for name in ("cycle", "open_cycle", "close_cycle"):
        for cycle in (draft, seen):
            assert client.get(reverse(f"assessments:{name}", args=[cycle.pk])).status_code == 404
    assert (
        client.post(reverse("assessments:send_link", args=[Response.objects.get().pk])).status_code
        == 404
    )
    assert "No cycle yet" in client.get(reverse("assessments:cycles")).content.decode()


def test_closing_is_refused_to_a_seat_holder(client: Client, stranger: User) -> None:
    assessment = AssessmentFactory()
    alliance = assessment.alliance
    seat_of(alliance, person_of(alliance.organisations.first(), user=stranger))

    board = reverse("assessments:cycle", args=[assessment.cycle.pk])
    close = reverse("assessments:close_cycle", args=[assessment.cycle.pk])

    assert client.get(board).status_code == 200
    assert close not in client.get(board).content.decode()
    assert client.post(close).status_code == 403


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("people", [1, 3])
def test_cycle_board_takes_the_same_queries_for_1_and_3_people(
    people: int,
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    assessment = AssessmentFactory()
    for _number in range(people):
        ResponseFactory(assessment=assessment, role="team")

    with django_assert_num_queries(5):
        client.get(reverse("assessments:cycle", args=[assessment.cycle.pk]))
