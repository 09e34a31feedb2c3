"""Every address of the register against every kind of visitor."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from alliance_health.alliances import urls
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    ActionFactory,
    Cast,
    MembershipFactory,
    ObjectiveFactory,
    ObstacleFactory,
    PersonFactory,
    SeatFactory,
    TouchpointFactory,
    user_of,
)

VISITORS: dict[str, Callable[[Cast], User]] = {
    "administrator": lambda cast: cast.administrator,
    "manager": lambda cast: user_of(cast.arno.manager),
    "sponsor": lambda cast: user_of(cast.arno.sponsor),
    "member": lambda cast: user_of(cast.arno.member),
    "other manager": lambda cast: user_of(cast.brix.manager),
    "viewer": lambda cast: cast.viewer,
    "stranger": lambda cast: cast.stranger,
}
EVERYBODY = set(VISITORS)
SEES = EVERYBODY - {"stranger"}
ADMINISTRATOR = {"administrator"}
MANAGERS = {"administrator", "manager"}
SPONSORS = {"administrator", "manager", "sponsor"}


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may open a page of Arno's side; who sees the record at all but may not is told why."""

    opens: set[str]
    sees: set[str]


RULES = {
    "register": Rule(EVERYBODY, EVERYBODY),
    "organisations": Rule(EVERYBODY, EVERYBODY),
    "people": Rule(EVERYBODY, EVERYBODY),
    "new_organisation": Rule(ADMINISTRATOR, EVERYBODY),
    "new_person": Rule(ADMINISTRATOR, EVERYBODY),
    "new_alliance": Rule(ADMINISTRATOR, EVERYBODY),
    "organisation": Rule(SEES, SEES),
    "edit_organisation": Rule(ADMINISTRATOR, SEES),
    "grant_portfolio": Rule(ADMINISTRATOR, SEES),
    "revoke_portfolio": Rule(ADMINISTRATOR, SEES),
    "edit_person": Rule(ADMINISTRATOR, SEES),
    "alliance": Rule(SEES, SEES),
    "edit_alliance": Rule(ADMINISTRATOR, SEES),
    "history": Rule(ADMINISTRATOR, SEES),
    "add_member": Rule(ADMINISTRATOR, SEES),
    "end_membership": Rule(ADMINISTRATOR, SEES),
    "appoint": Rule(MANAGERS | {"other manager"}, SEES),
    "end_seat": Rule(MANAGERS, SEES),
    "new_objective": Rule(MANAGERS | {"other manager"}, SEES),
    "objective": Rule(SEES, SEES),
    "edit_objective": Rule(MANAGERS, SEES),
    "check_in": Rule(MANAGERS, SEES),
    "confirm": Rule(MANAGERS | {"other manager"}, SEES),
    "rebase": Rule(MANAGERS, SEES),
    "end_objective": Rule(MANAGERS, SEES),
    "new_touchpoint": Rule(SPONSORS | {"other manager"}, SEES),
    "edit_touchpoint": Rule(SPONSORS, SEES),
    "remove_touchpoint": Rule(SPONSORS, SEES),
    "new_obstacle": Rule(SPONSORS | {"member", "other manager"}, SEES),
    "edit_obstacle": Rule(SPONSORS, SEES),
    "escalate_obstacle": Rule(SPONSORS, SEES),
    "resolve_obstacle": Rule(SPONSORS, SEES),
    "reopen_obstacle": Rule(SPONSORS, SEES),
    "new_action": Rule(SPONSORS | {"other manager"}, SEES),
    "edit_action": Rule(SPONSORS, SEES),
    "mark_done": Rule(SPONSORS | {"member"}, SEES),
    "undo_done": Rule(SPONSORS | {"member"}, SEES),
}


def _address(name: str, cast: Cast) -> str:
    own = {"alliance": cast.alliance, "organisation": cast.arno.organisation}
    keys: dict[str, Callable[[], list[int]]] = {
        "organisations": lambda: [cast.arno.organisation.pk],
        "people": lambda: [cast.arno.member.pk],
        "alliances": lambda: [cast.alliance.pk],
        "memberships": lambda: [
            cast.alliance.memberships.get(organisation=cast.arno.organisation).pk
        ],
        "seats": lambda: [cast.arno.member.seats.get().pk],
        "objectives": lambda: [
            ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation).pk
        ],
        "touchpoints": lambda: [TouchpointFactory(**own).pk],
        "obstacles": lambda: [ObstacleFactory(**own).pk],
        "actions": lambda: [ActionFactory(alliance=cast.alliance, owner=cast.arno.member).pk],
    }
    pattern = next(p for p in urls.urlpatterns if p.name == name)
    wanted = pattern.pattern.converters
    made = keys[str(pattern.pattern).split("/")[0]]() if "pk" in wanted else []
    return reverse(
        f"alliances:{name}", args=[*made, *([cast.viewer.pk] if "user_pk" in wanted else [])]
    )


def test_every_address_has_its_rule() -> None:
    assert {pattern.name for pattern in urls.urlpatterns} == set(RULES)


@pytest.mark.parametrize("name", RULES)
def test_page_opens_to_exactly_these(name: str, cast: Cast, sign_in: SignIn) -> None:
    address = _address(name, cast)
    rule = RULES[name]

    got = {
        visitor: sign_in(user(cast)).get(address).status_code for visitor, user in VISITORS.items()
    }

    assert got == {
        visitor: 200 if visitor in rule.opens else 403 if visitor in rule.sees else 404
        for visitor in VISITORS
    }


@pytest.mark.parametrize("name", [name for name, rule in RULES.items() if rule.opens < EVERYBODY])
def test_sending_is_refused_to_all_others(
    name: str, cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    address = _address(name, cast)

    with nothing_written():
        for visitor in EVERYBODY - RULES[name].opens:
            answer = sign_in(VISITORS[visitor](cast)).post(address, {})
            assert answer.status_code in (403, 404, 405)


@pytest.mark.parametrize("name", RULES)
def test_visitor_who_has_not_signed_in_is_asked_to(name: str, cast: Cast, client: Client) -> None:
    answer = client.get(_address(name, cast))

    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(reverse("account_login"))


def test_refusal_gives_its_reason(cast: Cast, sign_in: SignIn) -> None:
    page = sign_in(user_of(cast.arno.member)).get(_address("new_touchpoint", cast))

    assert "As team member you raise obstacles" in page.content.decode()


@pytest.mark.parametrize(
    "name", ["edit_touchpoint", "remove_touchpoint", "edit_obstacle", "resolve_obstacle"]
)
def test_record_with_an_internal_note_is_closed_to_the_administrator(
    name: str, cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    make = TouchpointFactory if "touchpoint" in name else ObstacleFactory
    record = make(
        alliance=cast.alliance,
        organisation=cast.arno.organisation,
        note="Not for Brix: our floor price.",
        is_internal=True,
    )
    address = reverse(f"alliances:{name}", args=[record.pk])
    administrator = sign_in(cast.administrator)

    with nothing_written():
        pages = [administrator.get(address), administrator.post(address, {"on": "2026-06-30"})]

    assert [page.status_code for page in pages] == [403, 403]
    assert not any("floor price" in page.content.decode() for page in pages)
    assert "floor price" in record.note


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize(
    ("name", "queries"),
    [
        ("new_touchpoint", 6),
        ("edit_touchpoint", 7),
        ("new_obstacle", 5),
        ("escalate_obstacle", 5),
        ("new_action", 6),
        ("appoint", 6),
        ("new_objective", 5),
        ("confirm", 5),
        ("new_alliance", 3),
        ("history", 7),
    ],
)
def test_page_takes_the_same_queries_for_1_and_3_rows(
    name: str,
    queries: int,
    rows: int,
    cast: Cast,
    sign_in: SignIn,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    address = _address(name, cast)
    for _number in range(rows):
        member = MembershipFactory(alliance=cast.alliance)
        SeatFactory(
            alliance=cast.alliance,
            person=PersonFactory(organisation=member.organisation),
            role="sponsor",
        )
    client = sign_in(cast.administrator)

    with django_assert_num_queries(queries):
        client.get(address)
