"""Portfolio and alliance as pages: what is said, and who is turned away."""

import pytest
from django.test import Client

from alliance_health.accounts.models import User
from tests.factories.assessments import (
    CycleFactory,
    alliance_of,
    person_of,
    scored,
    seat_of,
    small_rubric,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines(client: Client) -> User:
    user = User.objects.create_user("ines@example.com", name="Ines")
    client.force_login(user)
    return user


def test_portfolio_asks_a_visitor_to_sign_in(client: Client) -> None:
    response = client.get("/portfolio/")

    assert (response.status_code, response["Location"]) == (
        302,
        "/accounts/login/?next=/portfolio/",
    )


@pytest.mark.usefixtures("ines")
def test_portfolio_says_why_it_is_empty(client: Client) -> None:
    response = client.get("/portfolio/")

    assert "No alliance to show" in response.content.decode()


def test_portfolio_says_a_band_in_words(client: Client, ines: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(cobalt, person_of(cobalt.organisations.all()[0], user=ines))
    scored(cobalt, CycleFactory(closed=True), 42.4, {"objectives": 42.4})

    page = client.get("/portfolio/").content.decode()

    assert "1 alliance is at risk." in page
    assert f'href="/alliances/{cobalt.pk}/"' in page
    assert "42.4" not in page


def test_alliance_shows_an_alliance_of_another_rubric_with_its_own_dimensions(
    client: Client, ines: User
) -> None:
    unit = alliance_of("Unit 1", "Arno", "Brix")
    seat_of(unit, person_of(unit.organisations.all()[0], user=ines))
    climate = small_rubric("Leadership climate")
    scored(unit, CycleFactory(rubric_version=climate, closed=True), 60.0, {"objectives": 60.0})

    page = client.get(f"/alliances/{unit.pk}/").content.decode()

    assert "Rubric: Leadership climate 1" in page
    assert "Shared objectives" in page
    assert "This is the first scored quarter" in page


def test_alliance_without_scores_says_when_they_come(client: Client, ines: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(cobalt, person_of(cobalt.organisations.all()[0], user=ines))

    page = client.get(f"/alliances/{cobalt.pk}/").content.decode()

    assert "No scores yet" in page


@pytest.mark.usefixtures("ines")
def test_alliance_is_not_there_for_a_stranger(client: Client) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")

    assert client.get(f"/alliances/{cobalt.pk}/").status_code == 404
