from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Person, Touchpoint
from alliance_health.alliances.operations import touchpoints
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import (
    Cast,
    MembershipFactory,
    ParticipationFactory,
    PersonFactory,
    TouchpointFactory,
    user_of,
)

TODAY = date(2026, 7, 1)
TOMORROW = TODAY + timedelta(days=1)


@pytest.fixture
def sponsor(cast: Cast) -> User:
    return user_of(cast.arno.sponsor)


@pytest.fixture
def meeting(cast: Cast) -> Touchpoint:
    """A meeting that Arno recorded, in which both sponsors took part."""
    made: Touchpoint = TouchpointFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation
    )
    for person in (cast.arno.sponsor, cast.brix.sponsor):
        ParticipationFactory(touchpoint=made, person=person, organisation=person.organisation)
    return made


def _recorded(cast: Cast, by: User | None, now: datetime, **changed: object) -> Touchpoint:
    values: dict[str, object] = {
        "organisation": cast.arno.organisation,
        "kind": "meeting",
        "on": TODAY,
        "participants": [cast.arno.sponsor, cast.brix.sponsor],
        **changed,
    }
    return touchpoints.record(alliance=cast.alliance, by=by, now=now, **values)  # type: ignore[arg-type]


def _people(touchpoint: Touchpoint) -> set[Person]:
    return set(touchpoint.participants.all())


def test_record_writes_the_touchpoint_and_who_took_part(
    cast: Cast, sponsor: User, now: datetime, history: History
) -> None:
    made = _recorded(cast, sponsor, now, note="France first.", is_internal=True)

    kept = Touchpoint.objects.get()
    assert (kept, kept.kind, kept.note, kept.is_internal) == (
        made,
        "meeting",
        "France first.",
        True,
    )
    assert {(p.person, p.organisation) for p in kept.participations.all()} == {
        (cast.arno.sponsor, cast.arno.organisation),
        (cast.brix.sponsor, cast.brix.organisation),
    }
    assert history(made) == ["insert"]
    assert [history(p) for p in kept.participations.all()] == [["insert"], ["insert"]]


def test_advocacy_and_guidance_need_nobody_else(cast: Cast, sponsor: User, now: datetime) -> None:
    advocacy = _recorded(
        cast, sponsor, now, kind="advocacy", stakeholder="The board", participants=[]
    )
    guidance = _recorded(cast, sponsor, now, kind="guidance", participants=[])

    assert (_people(advocacy), _people(guidance)) == (set(), set())


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"on": TOMORROW}, "on"),
        ({"on": date(2023, 12, 31)}, "on"),
        ({"participants": []}, "participants"),
        ({"kind": "lunch"}, "kind"),
        ({"kind": "advocacy"}, "__all__"),
        ({"note": "x" * 2001}, "note"),
        ({"note": "x\x00"}, "note"),
    ],
)
def test_malformed_touchpoint_is_refused_whole(
    changed: dict[str, object],
    field: str,
    cast: Cast,
    sponsor: User,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        _recorded(cast, sponsor, now, **changed)

    assert list(refusal.value.error_dict) == [field]


def test_people_of_outside_or_of_a_past_member_take_no_part(
    cast: Cast, sponsor: User, now: datetime, nothing_written: NothingWritten
) -> None:
    past = MembershipFactory(alliance=cast.alliance, ends_on=date(2026, 6, 1)).organisation
    outsider, leaver = PersonFactory(), PersonFactory(organisation=past)

    with nothing_written():
        for person in (outsider, leaver):
            with pytest.raises(ValidationError) as refusal:
                _recorded(cast, sponsor, now, participants=[cast.arno.sponsor, person])
            assert list(refusal.value.error_dict) == ["participants"]


def test_edit_changes_the_touchpoint_and_only_who_changed(
    cast: Cast, meeting: Touchpoint, sponsor: User, now: datetime, history: History
) -> None:
    stays = meeting.participations.get(person=cast.arno.sponsor)
    goes = meeting.participations.get(person=cast.brix.sponsor)

    touchpoints.edit(
        touchpoint=meeting,
        kind="meeting",
        on=TODAY,
        participants=[cast.arno.sponsor, cast.brix.manager],
        note="Moved.",
        by=sponsor,
        now=now,
    )

    meeting.refresh_from_db()
    assert (meeting.on, meeting.note) == (TODAY, "Moved.")
    assert _people(meeting) == {cast.arno.sponsor, cast.brix.manager}
    assert history(meeting) == ["insert", "update"]
    assert (history(stays), history(goes)) == (["insert"], ["insert", "delete"])


def test_remove_takes_it_away_and_leaves_its_history(
    meeting: Touchpoint, sponsor: User, now: datetime, history: History
) -> None:
    key = meeting.pk

    touchpoints.remove(touchpoint=meeting, by=sponsor, now=now)

    assert not Touchpoint.objects.exists()
    meeting.pk = key
    assert history(meeting) == ["insert", "delete"]


@pytest.mark.parametrize("name", ["member of Arno", "manager of Brix", "viewer", "stranger"])
def test_touchpoints_are_closed_to_others(
    name: str,
    cast: Cast,
    meeting: Touchpoint,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    user = {
        "member of Arno": user_of(cast.arno.member),
        "manager of Brix": user_of(cast.brix.manager),
        "viewer": cast.viewer,
        "stranger": cast.stranger,
    }[name]

    with nothing_written():
        with pytest.raises(PermissionDenied):
            _recorded(cast, user, now)
        with pytest.raises(PermissionDenied):
            touchpoints.edit(
                touchpoint=meeting,
                kind="guidance",
                on=TODAY,
                by=user,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            touchpoints.remove(touchpoint=meeting, by=user, now=now)


def test_administrator_records_for_a_side_but_not_its_internal_notes(
    cast: Cast, meeting: Touchpoint, now: datetime, nothing_written: NothingWritten
) -> None:
    made = _recorded(cast, cast.administrator, now, note="Seen by all.")
    internal = TouchpointFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, is_internal=True
    )

    assert made.organisation == cast.arno.organisation
    with nothing_written():
        with pytest.raises(PermissionDenied, match="only for the people"):
            _recorded(cast, cast.administrator, now, note="Mine.", is_internal=True)
        with pytest.raises(PermissionDenied, match="only for the people"):
            touchpoints.edit(
                touchpoint=meeting,
                kind="guidance",
                on=TODAY,
                is_internal=True,
                by=cast.administrator,
                now=now,
            )
        with pytest.raises(PermissionDenied, match="only for the people"):
            touchpoints.edit(
                touchpoint=internal, kind="guidance", on=TODAY, by=cast.administrator, now=now
            )
        with pytest.raises(PermissionDenied, match="only for the people"):
            touchpoints.remove(touchpoint=internal, by=cast.administrator, now=now)
