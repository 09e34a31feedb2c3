"""Touchpoints as pages."""

from datetime import date

import pytest
from django.urls import reverse

from alliance_health.alliances.models import Touchpoint
from tests.alliance_health.alliances.conftest import NothingWritten
from tests.alliance_health.alliances.views.conftest import SignIn
from tests.factories.alliances import (
    Cast,
    ParticipationFactory,
    PersonFactory,
    SeatFactory,
    TouchpointFactory,
    user_of,
)


def _new(cast: Cast) -> str:
    return reverse("alliances:new_touchpoint", args=[cast.alliance.pk])


def _meeting(cast: Cast, **changed: object) -> dict[str, object]:
    return {
        "kind": "meeting",
        "on": "2026-06-30",
        "participants": [cast.arno.sponsor.pk, cast.brix.sponsor.pk],
        "note": "France first.",
        **changed,
    }


def test_sponsor_records_a_meeting_for_his_own_organisation_whatever_the_body_says(
    cast: Cast, sign_in: SignIn
) -> None:
    answer = sign_in(user_of(cast.arno.sponsor)).post(
        _new(cast),
        _meeting(cast, organisation=cast.brix.organisation.pk, is_internal="on"),
    )

    made = Touchpoint.objects.get()
    assert answer.headers["Location"].endswith("#touchpoints")
    assert (made.organisation, made.is_internal) == (cast.arno.organisation, True)
    assert set(made.participants.all()) == {cast.arno.sponsor, cast.brix.sponsor}


def test_administrator_chooses_the_organisation_and_writes_no_internal_note(
    cast: Cast, sign_in: SignIn
) -> None:
    administrator = sign_in(cast.administrator)
    entered = _meeting(cast, organisation=cast.brix.organisation.pk, is_internal="on")

    asked = administrator.get(_new(cast)).content.decode()
    administrator.post(_new(cast), entered)

    made = Touchpoint.objects.get()
    assert 'name="is_internal"' not in asked
    assert (made.organisation, made.is_internal) == (cast.brix.organisation, False)


def test_administrator_of_one_side_writes_no_internal_note_of_the_other(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    PersonFactory(organisation=cast.arno.organisation, user=cast.administrator)
    entered = _meeting(cast, organisation=cast.brix.organisation.pk, is_internal="on")

    with nothing_written():
        page = sign_in(cast.administrator).post(_new(cast), entered).content.decode()

    assert "Only people of Brix Group can write a note that only they may read." in page
    assert "France first." in page


def test_participant_from_outside_is_refused(
    cast: Cast, sign_in: SignIn, nothing_written: NothingWritten
) -> None:
    outsider = SeatFactory().person

    with nothing_written():
        page = sign_in(user_of(cast.arno.sponsor)).post(
            _new(cast), _meeting(cast, participants=[outsider.pk])
        )

    assert page.status_code == 200
    assert "Choose from the list." in page.content.decode()
    assert outsider.name not in page.content.decode()


@pytest.mark.parametrize(
    ("changed", "field", "said"),
    [
        ({"kind": ""}, "kind", "Choose what the sponsor did."),
        ({"on": ""}, "on", "Enter the day it took place."),
        ({"on": "2026-07-02"}, "on", "This day is still to come."),
        ({"participants": []}, "participants", "Choose who took part in the meeting."),
        ({"kind": "advocacy"}, "stakeholder", "Enter to whom the advocacy was made."),
        ({"note": "x" * 2001}, "note", "Note must be 2000 characters or less."),
        ({"note": "x\x00"}, "note", "Null characters are not allowed."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    changed: dict[str, object],
    field: str,
    said: str,
    cast: Cast,
    sign_in: SignIn,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written():
        page = (
            sign_in(user_of(cast.arno.sponsor))
            .post(_new(cast), _meeting(cast, **changed))
            .content.decode()
        )

    assert said in page[page.index(f'id="div_id_{field}"') :]


def test_edit_starts_from_what_is_there_and_keeps_who_took_part(
    cast: Cast, sign_in: SignIn
) -> None:
    touchpoint = TouchpointFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, note="Old."
    )
    unseated = PersonFactory(organisation=cast.brix.organisation, name="Boran")
    ParticipationFactory(
        touchpoint=touchpoint, person=unseated, organisation=cast.brix.organisation
    )
    sponsor = sign_in(user_of(cast.arno.sponsor))
    address = reverse("alliances:edit_touchpoint", args=[touchpoint.pk])

    asked = sponsor.get(address).content.decode()
    sponsor.post(address, _meeting(cast, participants=[unseated.pk], note="New."))

    touchpoint.refresh_from_db()
    assert "Old." in asked
    assert asked[asked.index(f'value="{unseated.pk}"') :].split(">")[0].endswith("checked")
    assert (touchpoint.note, touchpoint.on) == ("New.", date(2026, 6, 30))
    assert set(touchpoint.participants.all()) == {unseated}


def test_touchpoint_is_removed_after_asking(cast: Cast, sign_in: SignIn) -> None:
    touchpoint = TouchpointFactory(alliance=cast.alliance, organisation=cast.arno.organisation)
    kept = TouchpointFactory(alliance=cast.alliance, organisation=cast.arno.organisation)
    sponsor = sign_in(user_of(cast.arno.sponsor))
    address = reverse("alliances:remove_touchpoint", args=[touchpoint.pk])

    asked = sponsor.get(address).content.decode()
    assert "It cannot be brought back." in asked
    assert Touchpoint.objects.count() == 2
    sponsor.post(address)

    assert Touchpoint.objects.get() == kept
