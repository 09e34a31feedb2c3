"""The lists: what stands there for whom, searching, paging, and words where nothing is."""

import pytest
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.queries import alliances, organisations, people
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    AllianceFactory,
    Cast,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    SeatFactory,
    UserFactory,
    user_of,
)

LISTS = ("register", "organisations", "people")


def _page(sign_in: SignIn, user: object, name: str, **query: str | int) -> str:
    client = sign_in(user)  # type: ignore[arg-type]
    return client.get(reverse(f"alliances:{name}"), query).content.decode()


def test_lists_show_what_the_reader_may_see(cast: Cast, sign_in: SignIn) -> None:
    outside = SeatFactory(alliance=AllianceFactory(name="Delta"))
    manager = user_of(cast.arno.manager)

    register = _page(sign_in, manager, "register")
    organisation_list = _page(sign_in, manager, "organisations")
    person_list = _page(sign_in, manager, "people")

    assert "Cobalt" in register
    assert "Arno, Brix" in register
    assert "Delta" not in register
    assert "Brix Group" in organisation_list
    assert outside.organisation.name not in organisation_list
    assert "Cobalt: executive sponsor" in person_list
    assert outside.person.name not in person_list
    assert outside.person.name in _page(sign_in, cast.administrator, "people")


def test_addresses_of_people_are_not_shown_to_the_other_side(cast: Cast, sign_in: SignIn) -> None:
    assert cast.brix.manager.email == "bea@example.com"

    page = _page(sign_in, user_of(cast.arno.manager), "people")

    assert "Bea" in page
    assert "bea@example.com" not in page


@pytest.mark.parametrize(
    ("name", "sought", "shown", "hidden"),
    [
        ("register", "COB", "Cobalt", "Delta"),
        ("organisations", "arn", "Arno Group", "Brix Group"),
        ("people", "bo", "Boris", "Alba"),
    ],
)
def test_search_keeps_what_has_the_words_in_its_name(
    name: str, sought: str, shown: str, hidden: str, cast: Cast, sign_in: SignIn
) -> None:
    AllianceFactory(name="Delta", members=[OrganisationFactory(), OrganisationFactory()])

    page = _page(sign_in, cast.administrator, name, q=sought)

    assert shown in page
    assert hidden not in page
    assert f'value="{sought}"' in page


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("sought", ["zzz", "\x00zzz", "%", "'; --", "<b>"])
def test_search_that_finds_nothing_says_so(
    name: str, sought: str, cast: Cast, sign_in: SignIn
) -> None:
    page = _page(sign_in, cast.administrator, name, q=sought)

    assert "Nothing found" in page
    assert "<b>" not in page


@pytest.mark.parametrize("name", LISTS)
def test_list_is_paged_and_keeps_the_search(
    name: str, cast: Cast, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (alliances, organisations, people):
        monkeypatch.setattr(module, "ROWS_A_PAGE", 1)
    AllianceFactory(name="Cobalt Two")

    first = _page(sign_in, cast.administrator, name, q="a")
    last = _page(sign_in, cast.administrator, name, q="a", page=2)

    assert "Page 1 of" in first
    assert 'href="?q=a&amp;page=2"' in first
    assert "Page 2 of" in last
    assert 'href="?q=a&amp;page=1"' in last


@pytest.mark.parametrize("page", ["0", "-1", "99", "x", "\x00"])
def test_page_that_is_not_there_shows_one_that_is(page: str, cast: Cast, sign_in: SignIn) -> None:
    assert "Cobalt" in _page(sign_in, cast.administrator, "register", page=page)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("register", "No alliance to show"),
        ("organisations", "No organisation to show"),
        ("people", "Nobody to show"),
    ],
)
def test_empty_list_says_what_it_is_and_who_can_help(
    name: str, said: str, cast: Cast, sign_in: SignIn
) -> None:
    page = _page(sign_in, cast.stranger, name)

    assert said in page
    assert "An administrator of this site can give you a seat or a right." in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "leads_to"),
    [
        ("register", "new_organisation"),
        ("organisations", "new_organisation"),
        ("people", "new_person"),
    ],
)
def test_empty_list_leads_an_administrator_to_the_first_step(
    name: str, leads_to: str, sign_in: SignIn
) -> None:
    page = _page(sign_in, UserFactory(is_staff=True), name)

    assert f'href="{reverse(f"alliances:{leads_to}")}"' in page
    assert 'type="search"' not in page


def test_buttons_for_new_records_are_for_administrators(cast: Cast, sign_in: SignIn) -> None:
    for name, leads_to in zip(
        LISTS, ("new_alliance", "new_organisation", "new_person"), strict=True
    ):
        link = f'href="{reverse(f"alliances:{leads_to}")}"'

        assert link in _page(sign_in, cast.administrator, name)
        assert link not in _page(sign_in, user_of(cast.arno.manager), name)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"), [("register", 5), ("organisations", 5), ("people", 5)]
)
def test_list_takes_the_same_queries_for_1_and_3_rows(
    name: str,
    queries: int,
    rows: int,
    cast: Cast,
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    user = user_of(cast.arno.manager)
    for _number in range(rows):
        alliance = AllianceFactory(members=[cast.arno.organisation, OrganisationFactory()])
        MembershipFactory(alliance=alliance)
        SeatFactory(alliance=alliance, person=cast.arno.manager)
        PersonFactory(organisation=cast.arno.organisation)
    client = sign_in(user)

    with django_assert_num_queries(queries):
        client.get(reverse(f"alliances:{name}"))
