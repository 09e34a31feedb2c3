"""Portfolio and alliance as pages: what is said, and who is turned away."""

import pytest
from django.test import Client

from alliance_health.accounts.models import User
from assessments.models import ScoreRun
from tests.factories.assessments import (
    CycleFactory,
    ScoreFactory,
    alliance_of,
    person_of,
    scored,
    seat_of,
    side_of,
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


# --- why this score -----------------------------------------------------------------------------


def scored_cobalt(user: User) -> ScoreRun:
    """An alliance the user sees, scored 60: two dimensions, the second of them without a number."""
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(cobalt, person_of(cobalt.organisations.all()[0], user=user))
    run = scored(cobalt, CycleFactory(closed=True), 60.0, {})
    ScoreFactory(run=run, node_kind="pillar", node_key="alignment", value=60.0)
    ScoreFactory(
        run=run,
        node_kind="dimension",
        node_key="objectives",
        value=60.0,
        survey_value=60.0,
        side_values=[70.0, 50.0],
    )
    return run


def test_alliance_leads_from_each_number_to_why_it_is_so(client: Client, ines: User) -> None:
    cobalt = scored_cobalt(ines).assessment.alliance

    page = client.get(f"/alliances/{cobalt.pk}/").content.decode()

    for part, address in (
        ("", f"/alliances/{cobalt.pk}/why/"),
        (": Alignment", f"/alliances/{cobalt.pk}/why/pillar/alignment/"),
        (": Shared objectives", f"/alliances/{cobalt.pk}/why/dimension/objectives/"),
        (": Delivery", f"/alliances/{cobalt.pk}/why/dimension/delivery/"),
    ):
        assert f'href="{address}"' in page
        assert f"Why this score{part}</span></a>" in page
        assert client.get(address).status_code == 200


def test_why_shows_what_a_number_is_made_of(client: Client, ines: User) -> None:
    cobalt = scored_cobalt(ines).assessment.alliance

    page = client.get(f"/alliances/{cobalt.pk}/why/").content.decode()

    assert "60, probably between 52 and 68." in page
    assert "35 <span" in page  # Arno's 70, half of it
    assert "Delivery has no number and counts nothing; the others count for it." in page
    assert "There is no earlier quarter by this rubric to compare with." in page
    assert "it was version test" in page  # whose arithmetic is not today's
    assert "<script" not in page.split("<main")[1]


def test_why_of_a_part_without_a_number_says_why(client: Client, ines: User) -> None:
    cobalt = scored_cobalt(ines).assessment.alliance

    page = client.get(f"/alliances/{cobalt.pk}/why/dimension/delivery/").content.decode()

    assert "The questions of this cycle do not ask about it." in page


def test_why_tells_nothing_of_a_hidden_side(client: Client, ines: User) -> None:
    run = scored_cobalt(ines)
    cobalt = run.assessment.alliance
    ScoreFactory(
        run=run,
        node_kind="dimension",
        node_key="delivery",
        value=60.0,
        survey_value=60.0,
        raters=5,
        sides=[side_of(None), side_of(None)],
    )

    page = client.get(f"/alliances/{cobalt.pk}/why/dimension/delivery/").content.decode()

    assert "What people of all sides say together" in page
    assert "Arno" not in page
    assert "Brix" not in page


@pytest.mark.usefixtures("ines")
@pytest.mark.parametrize("rest", ["", "pillar/alignment/", "dimension/objectives/"])
def test_why_is_not_there_for_a_stranger(client: Client, rest: str) -> None:
    other = User.objects.create_user("other@example.com", name="Other")
    cobalt = scored_cobalt(other).assessment.alliance

    assert client.get(f"/alliances/{cobalt.pk}/why/{rest}").status_code == 404


@pytest.mark.parametrize(
    "rest",
    ["dimension/nothing/", "item/objectives/", "overall/x/", "?run=0", f"?run={10**30}"],
)
def test_why_of_what_is_not_there(client: Client, ines: User, rest: str) -> None:
    cobalt = scored_cobalt(ines).assessment.alliance

    assert client.get(f"/alliances/{cobalt.pk}/why/{rest}").status_code == 404


def test_why_of_a_run_of_another_alliance_is_not_there(client: Client, ines: User) -> None:
    cobalt = scored_cobalt(ines).assessment.alliance
    other = scored(alliance_of("Other", "Arno", "Brix"), CycleFactory(closed=True), 50.0, {})

    assert client.get(f"/alliances/{cobalt.pk}/why/?run={other.pk}").status_code == 404


def test_why_before_any_score_is_not_there(client: Client, ines: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    seat_of(cobalt, person_of(cobalt.organisations.all()[0], user=ines))

    assert client.get(f"/alliances/{cobalt.pk}/why/").status_code == 404


def test_why_asks_a_visitor_to_sign_in(client: Client) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")

    assert client.get(f"/alliances/{cobalt.pk}/why/").status_code == 302
