"""Which organisations and people somebody may see, and whom a form offers."""

from datetime import date

import pytest

from alliance_health.accounts.models import User
from alliance_health.alliances import permissions
from alliance_health.alliances.models import Organisation, Person
from alliance_health.alliances.queries import choices
from alliance_health.alliances.queries.organisations import visible_organisations
from alliance_health.alliances.queries.people import user_with_address, visible_people
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

TODAY = date(2026, 7, 1)


@pytest.fixture
def elsewhere(cast: Cast) -> Person:  # noqa: ARG001  the cast is there first
    """Somebody who holds a seat in an alliance of which the cast knows nothing."""
    person: Person = SeatFactory().person
    return person


def _organisations(user: User) -> set[Organisation]:
    return set(visible_organisations(user, TODAY))


def _people(user: User) -> set[Person]:
    return set(visible_people(user, TODAY))


def _everybody(cast: Cast) -> set[Person]:
    return {
        person
        for side in (cast.arno, cast.brix)
        for person in (side.manager, side.sponsor, side.member)
    }


def test_administrator_sees_every_organisation_and_person(cast: Cast, elsewhere: Person) -> None:
    assert elsewhere.organisation in _organisations(cast.administrator)
    assert _people(cast.administrator) == {*_everybody(cast), elsewhere}


def test_seat_holder_sees_the_members_and_the_seated_of_his_alliances(
    cast: Cast, elsewhere: Person
) -> None:
    unseated = PersonFactory(organisation=cast.brix.organisation)
    manager = user_of(cast.arno.manager)

    assert _organisations(manager) == {cast.arno.organisation, cast.brix.organisation}
    assert _people(manager) == _everybody(cast)
    assert not {elsewhere, unseated} & _people(manager)


def test_own_organisation_is_seen_whole(cast: Cast) -> None:
    colleague = PersonFactory(organisation=cast.arno.organisation)
    user = UserFactory()
    PersonFactory(organisation=cast.arno.organisation, user=user)

    assert _organisations(user) == {cast.arno.organisation}
    assert colleague in _people(user)
    assert cast.brix.manager not in _people(user)


def test_viewer_sees_what_the_right_reaches_and_a_stranger_nothing(cast: Cast) -> None:
    assert _organisations(cast.viewer) == {cast.arno.organisation, cast.brix.organisation}
    assert _people(cast.viewer) == _everybody(cast)
    assert (_organisations(cast.stranger), _people(cast.stranger)) == (set(), set())


def _keys(options: choices.Options) -> set[int]:
    return {option.key for option in options}


def test_administrator_chooses_among_members_of_today_others_have_their_own(cast: Cast) -> None:
    past = MembershipFactory(alliance=cast.alliance, ends_on=date(2026, 6, 30)).organisation
    both = {cast.arno.organisation.pk, cast.brix.organisation.pk}
    administrator = permissions.standing(cast.administrator, cast.alliance, TODAY)
    manager = permissions.standing(user_of(cast.arno.manager), cast.alliance, TODAY)

    assert _keys(choices.organisations_for(administrator, cast.alliance, TODAY)) == both
    assert _keys(choices.organisations_for(manager, cast.alliance, TODAY)) == {
        cast.arno.organisation.pk
    }
    assert past.pk not in both


def test_people_on_offer_are_never_from_outside(cast: Cast, elsewhere: Person) -> None:
    unseated = PersonFactory(organisation=cast.brix.organisation)
    colleague = PersonFactory(organisation=cast.arno.organisation)
    administrator = permissions.standing(cast.administrator, cast.alliance, TODAY)
    sponsor = permissions.standing(user_of(cast.arno.sponsor), cast.alliance, TODAY)
    seated = {person.pk for person in _everybody(cast)}

    assert _keys(choices.people_to_meet(sponsor, cast.alliance, TODAY)) == {*seated, colleague.pk}
    assert _keys(choices.people_to_meet(administrator, cast.alliance, TODAY)) == {
        *seated,
        colleague.pk,
        unseated.pk,
    }
    assert _keys(choices.people_to_act(sponsor, cast.alliance, TODAY)) == {
        cast.arno.manager.pk,
        cast.arno.sponsor.pk,
        cast.arno.member.pk,
        colleague.pk,
    }
    assert _keys(choices.people_to_act(sponsor, cast.alliance, TODAY, also=unseated.pk)) >= {
        unseated.pk
    }
    assert _keys(choices.sponsors(cast.alliance, TODAY)) == {
        cast.arno.sponsor.pk,
        cast.brix.sponsor.pk,
    }
    assert elsewhere.pk in _keys(
        choices.people_to_meet(sponsor, cast.alliance, TODAY, also=[elsewhere.pk])
    )


def test_manager_is_offered_the_role_he_may_appoint_to(cast: Cast) -> None:
    administrator = permissions.standing(cast.administrator, cast.alliance, TODAY)
    manager = permissions.standing(user_of(cast.arno.manager), cast.alliance, TODAY)

    assert [key for key, _label in choices.roles(administrator)] == ["manager", "sponsor", "team"]
    assert choices.roles(manager) == [("team", "Team member")]


def test_address_finds_its_user_in_any_case(cast: Cast) -> None:
    assert user_with_address("VERA@example.com") == cast.viewer
    assert user_with_address("nobody@example.com") is None


def test_every_organisation_is_on_offer_to_an_administrator(cast: Cast) -> None:
    outside = OrganisationFactory()
    AllianceFactory(members=[outside, cast.arno.organisation])

    assert outside.pk in _keys(choices.every_organisation())
