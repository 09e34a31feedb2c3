"""Appointing and ending seats."""

from datetime import date

import pytest
from django.urls import reverse

from alliance_health.alliances.models import Seat
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import Cast, PersonFactory, user_of


def _appoint(cast: Cast) -> str:
    return reverse("alliances:appoint", args=[cast.alliance.pk])


def test_administrator_fills_a_vacant_seat(cast: Cast, sign_in: SignIn) -> None:
    Seat.objects.filter(person=cast.brix.sponsor).update(ends_on=date(2026, 5, 31))
    person = PersonFactory(organisation=cast.brix.organisation)
    administrator = sign_in(cast.administrator)

    asked = administrator.get(_appoint(cast), {"role": "sponsor"}).content.decode()
    administrator.post(
        _appoint(cast),
        {"role": "sponsor", "person": person.pk, "level": "3", "starts_on": "2026-06-01"},
    )

    assert 'value="sponsor"' in asked
    assert asked[asked.index('value="sponsor"') :].split(">")[0].endswith("checked")
    seat = Seat.objects.get(person=person)
    assert (seat.role, seat.level, seat.starts_on) == ("sponsor", 3, date(2026, 6, 1))


def test_manager_is_asked_only_for_team_members_of_his_own_organisation(
    cast: Cast, sign_in: SignIn
) -> None:
    own = PersonFactory(organisation=cast.arno.organisation, name="Adil")
    PersonFactory(organisation=cast.brix.organisation, name="Boran")

    page = sign_in(user_of(cast.arno.manager)).get(_appoint(cast)).content.decode()

    assert own.name in page
    assert "Boran" not in page
    assert "Team member" in page
    assert "Executive sponsor" not in page
    assert 'name="level"' not in page


@pytest.mark.parametrize("changed", [{"role": "sponsor"}, {"role": "manager"}, {"person": "other"}])
def test_what_was_not_on_offer_is_refused(
    changed: dict[str, str], cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    own = PersonFactory(organisation=cast.arno.organisation)
    other = PersonFactory(organisation=cast.brix.organisation)
    entered = {"role": "team", "person": str(own.pk), "starts_on": "2026-06-01", **changed}
    if entered["person"] == "other":
        entered["person"] = str(other.pk)

    with nothing_written():
        page = sign_in(user_of(cast.arno.manager)).post(_appoint(cast), entered)

    assert page.status_code == 200
    assert "Choose from the list." in page.content.decode()


def test_taken_seat_is_said_beside_the_day(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    person = PersonFactory(organisation=cast.arno.organisation)

    with nothing_written():
        page = (
            sign_in(cast.administrator)
            .post(
                _appoint(cast),
                {"role": "manager", "person": person.pk, "starts_on": "2026-06-01"},
            )
            .content.decode()
        )

    beside = page[page.index('id="div_id_starts_on"') : page.index('id="div_id_ends_on"')]
    assert "Somebody else holds this seat in that period." in beside


def test_seat_ends_after_asking(cast: Cast, sign_in: SignIn) -> None:
    seat = cast.arno.member.seats.get()
    address = reverse("alliances:end_seat", args=[seat.pk])
    manager = sign_in(user_of(cast.arno.manager))

    asked = manager.get(address).content.decode()
    answer = manager.post(address, {"ends_on": "2026-06-30"})

    seat.refresh_from_db()
    assert "Abel is team member of Cobalt for Arno Group." in asked
    assert seat.ends_on == date(2026, 6, 30)
    assert answer.headers["Location"].endswith("#members")


def test_who_loses_his_seat_no_longer_sees_the_alliance(cast: Cast, sign_in: SignIn) -> None:
    page = reverse("alliances:alliance", args=[cast.alliance.pk])
    member = sign_in(user_of(cast.arno.member))
    assert member.get(page).status_code == 200

    sign_in(user_of(cast.arno.manager)).post(
        reverse("alliances:end_seat", args=[cast.arno.member.seats.get().pk]),
        {"ends_on": "2026-06-30"},
    )

    assert member.get(page).status_code == 404
