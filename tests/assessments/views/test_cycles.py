"""Cycles as pages: who may do what, and that answers never show."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership
from assessments.models import Cycle, CycleState, Response
from assessments.operations import cycles as operations
from assessments.queries import cycles as queries
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


# --- opens by itself --------------------------------------------------------------------------


def itself(**row: Any) -> Cycle:
    day = timezone.localdate()
    made: Cycle = CycleFactory(
        opens_itself=True, opens_on=day, closes_on=day + timedelta(days=9), **row
    )
    return made


def board_of(cycle: Cycle, client: Client) -> str:
    page = client.get(reverse("assessments:cycle", args=[cycle.pk])).content.decode()
    return " ".join(re.sub(r"<[^>]*>", " ", page).split())


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("ticked", [True, False])
def test_new_cycle_opens_itself_only_if_that_is_ticked(ticked: bool, client: Client) -> None:
    entered = {
        "name": "2026 Q4",
        "rubric_version": small_rubric().pk,
        "question_set": "core",
        "starts_on": "2026-10-01",
        "ends_on": "2026-12-31",
        "opens_on": "2026-11-01",
        "closes_on": "2026-12-15",
        **({"opens_itself": "on"} if ticked else {}),
    }

    page = client.post(reverse("assessments:new_cycle"), entered, follow=True).content.decode()

    assert Cycle.objects.get().opens_itself == ticked
    assert ("It opens by itself when the day has come" in page) == ticked
    assert ("by itself on 1 November 2026, with every alliance" in page) == ticked
    listed = client.get(reverse("assessments:cycles")).content.decode()
    assert ("opens by itself" in listed) == ticked


@pytest.mark.usefixtures("administrator")
def test_draft_is_let_open_by_itself_and_not_any_more(client: Client) -> None:
    cycle = itself()
    address = reverse("assessments:opens_itself", args=[cycle.pk])

    page = client.post(address, follow=True).content.decode()
    assert Cycle.objects.filter(opens_itself=False).exists()
    assert "does not open by itself any more" in page
    assert "Let it open by itself" in page
    page = client.post(address, {"opens_itself": "1"}, follow=True).content.decode()
    assert Cycle.objects.filter(opens_itself=True).exists()
    assert "Do not open by itself" in page


def test_opens_itself_is_refused_to_others_and_after_opening(client: Client) -> None:
    draft = itself()
    opened = CycleFactory(opened=True)
    client.force_login(User.objects.create_user("sam@example.com", name="Sam"))
    address = reverse("assessments:opens_itself", args=[draft.pk])
    assert client.post(address).status_code == 404
    client.force_login(User.objects.create_user("ada@example.com", name="Ada", is_staff=True))
    address = reverse("assessments:opens_itself", args=[opened.pk])
    assert client.post(address, {"opens_itself": "1"}).status_code == 403
    assert client.get(address).status_code == 405
    assert set(Cycle.objects.values_list("opens_itself", flat=True)) == {True, False}


@pytest.mark.usefixtures("administrator")
def test_draft_says_why_it_did_not_open_and_whom_it_would_leave_out(client: Client) -> None:
    cycle = itself()
    alliance_of("Cobalt", "Arno", "Brix")
    left = alliance_of("Delta", "Arno", "Brix")
    Membership.objects.filter(alliance=left, organisation__short_name="Brix").update(
        ends_on=timezone.localdate() - timedelta(days=1)
    )
    ended = alliance_of("Echo", "Arno", "Brix")
    Alliance.objects.filter(pk=ended.pk).update(stage="ended", ends_on=timezone.localdate())
    operations.open_due(now=timezone.now())

    board = board_of(cycle, client)

    assert "It has not opened by itself No alliance can be asked today" in board
    assert "Cobalt Nobody holds a seat in it today." in board
    assert "Delta It has fewer than two member organisations today." in board
    assert "Echo" not in board
    listed = client.get(reverse("assessments:cycles")).content.decode()
    assert "did not open by itself" in listed


@pytest.mark.usefixtures("administrator")
def test_cycle_that_opened_itself_names_whom_it_left_out(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST_LEFT_OUT", 2)
    cycle = itself()
    asked = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(asked, person_of(asked.organisations.all()[0]))
    for name in ("Delta", "Echo", "Foxtrot"):
        alliance_of(name, "Arno", "Brix")
    operations.open_due(now=timezone.now())
    delta = Alliance.objects.get(name="Delta")
    seat_of(delta, person_of(delta.organisations.all()[0]))

    board = board_of(cycle, client)

    assert "Alliances that are not asked" in board
    assert "Delta It can be asked today, but could not when the cycle opened." in board
    assert "Echo Nobody holds a seat in it today." in board
    assert "And 1 more." in board


def test_whom_a_cycle_leaves_out_is_for_administrators(client: Client, stranger: User) -> None:
    cycle = itself()
    asked = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(asked, person_of(asked.organisations.all()[0], user=stranger))
    alliance_of("Delta", "Arno", "Brix")
    operations.open_due(now=timezone.now())

    board = board_of(cycle, client)

    assert "Cobalt" in board
    assert "Delta" not in board
    assert "not asked" not in board


@pytest.mark.usefixtures("administrator")
@pytest.mark.parametrize("number", [1, 3])
def test_draft_takes_the_same_queries_for_1_and_3_alliances_left_out(
    number: int, client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cycle = itself()
    for name in ("Cobalt", "Delta", "Echo")[:number]:
        alliance_of(name, "Arno", "Brix")

    with django_assert_num_queries(6):
        client.get(reverse("assessments:cycle", args=[cycle.pk]))
