"""Who may do what: every kind of person against every verb, and the reasons given."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Role
from alliance_health.alliances.permissions import ROLES, Standing
from tests.factories.alliances import (
    ActionFactory,
    Cast,
    ObjectiveFactory,
    ObstacleFactory,
    PersonFactory,
    SeatFactory,
    TouchpointFactory,
    UserFactory,
    user_of,
)

TODAY = date(2026, 7, 1)
PEOPLE: dict[str, Callable[[Cast], User]] = {
    "administrator": lambda cast: cast.administrator,
    "manager": lambda cast: user_of(cast.arno.manager),
    "sponsor": lambda cast: user_of(cast.arno.sponsor),
    "team member": lambda cast: user_of(cast.arno.member),
    "manager of the other side": lambda cast: user_of(cast.brix.manager),
    "viewer": lambda cast: cast.viewer,
    "stranger": lambda cast: cast.stranger,
}
# Each verb for the side of Arno, and who may.
OWN_MANAGER = {"administrator", "manager"}
OWN_SPONSOR = {"administrator", "manager", "sponsor"}
VERBS: dict[str, tuple[Callable[[Standing, Cast], str | None], set[str]]] = {
    "appoint a team member": (
        lambda who, cast: permissions.why_cannot_appoint(who, "team", cast.arno.organisation.pk),
        OWN_MANAGER,
    ),
    "appoint a manager": (
        lambda who, cast: permissions.why_cannot_appoint(who, "manager", cast.arno.organisation.pk),
        {"administrator"},
    ),
    "appoint a sponsor": (
        lambda who, cast: permissions.why_cannot_appoint(who, "sponsor", cast.arno.organisation.pk),
        {"administrator"},
    ),
    "promise": (
        lambda who, cast: permissions.why_cannot_promise(who, cast.arno.organisation.pk),
        OWN_MANAGER,
    ),
    "check in": (
        lambda who, cast: permissions.why_cannot_check_in(
            who, ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
        ),
        OWN_MANAGER,
    ),
    "confirm": (
        lambda who, cast: permissions.why_cannot_confirm(who, cast.arno.organisation.pk),
        OWN_MANAGER,
    ),
    "record a touchpoint": (
        lambda who, cast: permissions.why_cannot_record_touchpoint(who, cast.arno.organisation.pk),
        OWN_SPONSOR,
    ),
    "edit a touchpoint": (
        lambda who, cast: permissions.why_cannot_edit_touchpoint(
            who, TouchpointFactory(alliance=cast.alliance, organisation=cast.arno.organisation)
        ),
        OWN_SPONSOR,
    ),
    "edit a touchpoint with an internal note": (
        lambda who, cast: permissions.why_cannot_edit_touchpoint(
            who,
            TouchpointFactory(
                alliance=cast.alliance, organisation=cast.arno.organisation, is_internal=True
            ),
        ),
        {"manager", "sponsor"},
    ),
    "raise an obstacle": (
        lambda who, cast: permissions.why_cannot_raise_obstacle(who, cast.arno.organisation.pk),
        {*OWN_SPONSOR, "team member"},
    ),
    "handle an obstacle": (
        lambda who, cast: permissions.why_cannot_handle_obstacle(
            who, ObstacleFactory(alliance=cast.alliance, organisation=cast.arno.organisation)
        ),
        OWN_SPONSOR,
    ),
    "handle an obstacle with an internal note": (
        lambda who, cast: permissions.why_cannot_handle_obstacle(
            who,
            ObstacleFactory(
                alliance=cast.alliance, organisation=cast.arno.organisation, is_internal=True
            ),
        ),
        {"manager", "sponsor"},
    ),
    "agree an action": (
        lambda who, cast: permissions.why_cannot_agree_action(who, cast.arno.organisation.pk),
        OWN_SPONSOR,
    ),
    "mark another's action as done": (
        lambda who, cast: permissions.why_cannot_mark_done(
            who, ActionFactory(alliance=cast.alliance, owner=cast.arno.manager)
        ),
        OWN_SPONSOR,
    ),
    "mark the team member's action as done": (
        lambda who, cast: permissions.why_cannot_mark_done(
            who, ActionFactory(alliance=cast.alliance, owner=cast.arno.member)
        ),
        {*OWN_SPONSOR, "team member"},
    ),
}


@pytest.mark.parametrize("verb", VERBS)
def test_verb_is_open_to_exactly_these(verb: str, cast: Cast) -> None:
    why_not, allowed = VERBS[verb]

    reasons = {
        name: why_not(permissions.standing(user(cast), cast.alliance, TODAY), cast)
        for name, user in PEOPLE.items()
    }

    assert {name for name, reason in reasons.items() if reason is None} == allowed
    assert all(reason is None or reason.endswith(".") for reason in reasons.values())


def test_system_may_do_everything(cast: Cast) -> None:
    system = permissions.standing(None, cast.alliance, TODAY)

    assert [why_not(system, cast) for why_not, _allowed in VERBS.values()] == [None] * len(VERBS)
    assert permissions.why_cannot_keep_register(None) is None


def test_register_and_history_are_for_administrators(cast: Cast) -> None:
    manager = user_of(cast.arno.manager)

    assert permissions.why_cannot_keep_register(cast.administrator) is None
    assert permissions.why_cannot_read_history(cast.administrator) is None
    assert "administrator" in (permissions.why_cannot_keep_register(manager) or "")
    assert "administrator" in (permissions.why_cannot_read_history(manager) or "")


def test_every_role_has_its_sentence() -> None:
    assert set(ROLES) == set(Role)
    assert len({str(allowance.sentence) for allowance in ROLES.values()}) == len(Role)


def test_reason_says_what_the_role_is_for_and_who_does_it(cast: Cast) -> None:
    member = permissions.standing(user_of(cast.arno.member), cast.alliance, TODAY)

    assert permissions.why_cannot_record_touchpoint(member) == (
        "As team member you raise obstacles and mark your own actions as done. "
        "Touchpoints are recorded by alliance managers and executive sponsors."
    )


def test_seat_counts_on_its_own_days_only(cast: Cast) -> None:
    user = UserFactory()
    person = PersonFactory(organisation=cast.arno.organisation, user=user)
    SeatFactory(alliance=cast.alliance, person=person, ends_on=TODAY)

    today = permissions.standing(user, cast.alliance, TODAY)
    tomorrow = permissions.standing(user, cast.alliance, TODAY + timedelta(days=1))

    assert (today.role, tomorrow.role) == (Role.TEAM, None)
    assert permissions.why_cannot_raise_obstacle(today) is None
    assert "no seat" in (permissions.why_cannot_raise_obstacle(tomorrow) or "")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("administrator", "As administrator you record for every organisation."),
        ("viewer", "You can read this. To record something you need a seat in this alliance."),
        ("sponsor", str(ROLES[Role.SPONSOR].sentence)),
    ],
)
def test_standing_says_what_somebody_may_record(name: str, said: str, cast: Cast) -> None:
    who = permissions.standing(PEOPLE[name](cast), cast.alliance, TODAY)

    assert who.sentence == said


@pytest.mark.parametrize(
    ("name", "internal_is_read"),
    [
        ("manager", True),
        ("team member", True),
        ("manager of the other side", False),
        ("administrator", False),
        ("viewer", False),
    ],
)
def test_internal_note_is_read_by_its_own_organisation(
    name: str, *, internal_is_read: bool, cast: Cast
) -> None:
    who = permissions.standing(PEOPLE[name](cast), cast.alliance, TODAY)
    common = {"alliance": cast.alliance, "organisation": cast.arno.organisation}

    assert permissions.may_read_note(who, ObstacleFactory(**common, is_internal=False))
    assert (
        permissions.may_read_note(who, ObstacleFactory(**common, is_internal=True))
        is internal_is_read
    )
