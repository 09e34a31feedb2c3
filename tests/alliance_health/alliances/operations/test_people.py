from datetime import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.alliances.models import Person, PortfolioRight
from alliance_health.alliances.operations import people
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import (
    ActionFactory,
    Cast,
    ObstacleFactory,
    ParticipationFactory,
    PersonFactory,
    TouchpointFactory,
    UserFactory,
    user_of,
)


def test_add_person_writes_him_and_his_history(cast: Cast, now: datetime, history: History) -> None:
    user = UserFactory()

    made = people.add_person(
        organisation=cast.arno.organisation,
        name="Carla",
        email="carla@example.com",
        job_title="Lawyer",
        function="Legal",
        user=user,
        by=cast.administrator,
        now=now,
    )

    kept = Person.objects.get(email="carla@example.com")
    assert (kept, kept.job_title, kept.function) == (made, "Lawyer", "Legal")
    assert user_of(kept) == user
    assert history(made) == ["insert"]


def test_edit_person_changes_and_unlinks_him(cast: Cast, now: datetime, history: History) -> None:
    ana = cast.arno.manager

    people.edit_person(
        person=ana,
        organisation=ana.organisation,
        name="Ana Duarte",
        email=ana.email,
        by=cast.administrator,
        now=now,
    )

    ana.refresh_from_db()
    assert (ana.name, ana.user) == ("Ana Duarte", None)
    assert history(ana) == ["insert", "update"]


def test_somebody_without_records_can_change_organisation(cast: Cast, now: datetime) -> None:
    person = PersonFactory(organisation=cast.arno.organisation)

    people.edit_person(
        person=person,
        organisation=cast.brix.organisation,
        name=person.name,
        email=person.email,
        by=cast.administrator,
        now=now,
    )

    person.refresh_from_db()
    assert person.organisation == cast.brix.organisation


@pytest.mark.parametrize("record", ["seat", "touchpoint", "action", "obstacle", "escalation"])
def test_somebody_with_records_stays_in_his_organisation(
    record: str, cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    person: Person = PersonFactory(organisation=cast.arno.organisation)
    common = {"alliance": cast.alliance, "organisation": cast.arno.organisation}
    match record:
        case "seat":
            person = cast.arno.member
        case "touchpoint":
            ParticipationFactory(touchpoint=TouchpointFactory(**common), person=person)
        case "action":
            ActionFactory(alliance=cast.alliance, owner=person)
        case "obstacle":
            ObstacleFactory(**common, raised_by=person)
        case "escalation":
            ObstacleFactory(**common, escalated_to=person, escalated_on="2026-06-30")

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        people.edit_person(
            person=person,
            organisation=cast.brix.organisation,
            name=person.name,
            email=person.email,
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["organisation"]


def test_only_an_administrator_changes_people_and_rights(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    manager = user_of(cast.arno.manager)
    arno = cast.arno.organisation

    with nothing_written():
        with pytest.raises(PermissionDenied):
            people.add_person(
                organisation=arno, name="Carla", email="carla@example.com", by=manager, now=now
            )
        with pytest.raises(PermissionDenied):
            people.edit_person(
                person=cast.arno.member,
                organisation=arno,
                name=cast.arno.member.name,
                email=cast.arno.member.email,
                user=manager,
                by=manager,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            people.grant_portfolio(
                organisation=cast.brix.organisation, user=manager, by=manager, now=now
            )
        with pytest.raises(PermissionDenied):
            people.revoke_portfolio(organisation=arno, user=cast.viewer, by=manager, now=now)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "nowhere"}, "email"),
        ({"email": "ANA@example.com"}, "__all__"),
    ],
)
def test_malformed_person_is_refused(
    changed: dict[str, str],
    field: str,
    cast: Cast,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    entered = {"name": "Carla", "email": "carla@example.com", **changed}

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        people.add_person(
            organisation=cast.arno.organisation,
            name=entered["name"],
            email=entered["email"],
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == [field]


def test_user_signs_in_as_one_person_only(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written(), pytest.raises(ValidationError, match="Somebody else") as refusal:
        people.add_person(
            organisation=cast.brix.organisation,
            name="Carla",
            email="carla@example.com",
            user=user_of(cast.arno.manager),
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["user"]


def test_portfolio_right_is_given_once_and_taken_away(
    cast: Cast, now: datetime, history: History, nothing_written: NothingWritten
) -> None:
    arno = cast.arno.organisation

    right = people.grant_portfolio(
        organisation=arno, user=cast.stranger, by=cast.administrator, now=now
    )
    with nothing_written(), pytest.raises(ValidationError, match="has the right already"):
        people.grant_portfolio(
            organisation=arno, user=cast.stranger, by=cast.administrator, now=now
        )
    people.revoke_portfolio(organisation=arno, user=cast.stranger, by=cast.administrator, now=now)

    assert not PortfolioRight.objects.filter(user=cast.stranger).exists()
    assert PortfolioRight.objects.filter(user=cast.viewer).exists()
    assert history(right) == ["insert", "delete"]
