from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.alliances.models import Seat
from alliance_health.alliances.operations import seats
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import (
    Cast,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    user_of,
)

DAY = date(2026, 6, 1)


def test_appoint_gives_a_seat_for_the_persons_organisation(
    cast: Cast, now: datetime, history: History
) -> None:
    cora = MembershipFactory(alliance=cast.alliance).organisation
    person = PersonFactory(organisation=cora)

    seat = seats.appoint(
        alliance=cast.alliance,
        person=person,
        role="sponsor",
        starts_on=DAY,
        level=3,
        by=cast.administrator,
        now=now,
    )

    kept = Seat.objects.get(person=person)
    assert kept == seat
    assert (kept.organisation, kept.role, kept.level, kept.starts_on, kept.ends_on) == (
        cora,
        "sponsor",
        3,
        DAY,
        None,
    )
    assert history(seat) == ["insert"]


def test_manager_appoints_and_ends_team_members_of_his_own_organisation(
    cast: Cast, now: datetime, history: History
) -> None:
    manager = user_of(cast.arno.manager)
    person = PersonFactory(organisation=cast.arno.organisation)

    seat = seats.appoint(
        alliance=cast.alliance, person=person, role="team", starts_on=DAY, by=manager, now=now
    )
    seats.end_seat(seat=seat, ends_on=date(2026, 6, 30), by=manager, now=now)

    seat.refresh_from_db()
    assert seat.ends_on == date(2026, 6, 30)
    assert history(seat) == ["insert", "update"]


def test_manager_appoints_neither_managers_nor_the_other_sides_team(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    manager = user_of(cast.arno.manager)
    own = PersonFactory(organisation=cast.arno.organisation)
    other = PersonFactory(organisation=cast.brix.organisation)

    with nothing_written():
        for person, role in ((own, "manager"), (own, "sponsor"), (other, "team")):
            with pytest.raises(PermissionDenied):
                seats.appoint(
                    alliance=cast.alliance,
                    person=person,
                    role=role,
                    starts_on=DAY,
                    by=manager,
                    now=now,
                )
        for holder in (cast.arno.manager, cast.arno.sponsor, cast.brix.member):
            with pytest.raises(PermissionDenied):
                seats.end_seat(seat=holder.seats.get(), ends_on=DAY, by=manager, now=now)


@pytest.mark.parametrize("role", ["manager", "sponsor"])
def test_taken_seat_is_not_given_again(
    role: str, cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    person = PersonFactory(organisation=cast.arno.organisation)

    with nothing_written(), pytest.raises(ValidationError, match="Somebody else holds this seat"):
        seats.appoint(
            alliance=cast.alliance,
            person=person,
            role=role,
            level=2 if role == "sponsor" else None,
            starts_on=DAY,
            by=cast.administrator,
            now=now,
        )


def test_nobody_holds_two_seats(cast: Cast, now: datetime, nothing_written: NothingWritten) -> None:
    with nothing_written(), pytest.raises(ValidationError, match="holds a seat in that period"):
        seats.appoint(
            alliance=cast.alliance,
            person=cast.arno.manager,
            role="team",
            starts_on=DAY,
            by=cast.administrator,
            now=now,
        )


@pytest.mark.parametrize(("role", "level"), [("team", 2), ("sponsor", None)])
def test_level_goes_with_sponsors(
    role: str, level: int | None, cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    cora = MembershipFactory(alliance=cast.alliance).organisation
    person = PersonFactory(organisation=cora)

    with nothing_written(), pytest.raises(ValidationError, match="A sponsor's seat has a level"):
        seats.appoint(
            alliance=cast.alliance,
            person=person,
            role=role,
            level=level,
            starts_on=DAY,
            by=cast.administrator,
            now=now,
        )


def test_seat_lies_within_the_membership(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    cora = MembershipFactory(
        alliance=cast.alliance, starts_on=date(2025, 1, 1), ends_on=date(2026, 6, 30)
    ).organisation
    person = PersonFactory(organisation=cora)
    stranger = PersonFactory(organisation=OrganisationFactory())
    refused = [
        (person, date(2024, 12, 31), date(2026, 6, 30), "starts_on"),
        (person, date(2026, 7, 1), None, "starts_on"),
        (person, DAY, None, "ends_on"),
        (person, DAY, date(2026, 7, 1), "ends_on"),
        (stranger, DAY, None, "starts_on"),
    ]

    with nothing_written():
        for somebody, starts_on, ends_on, field in refused:
            with pytest.raises(ValidationError) as refusal:
                seats.appoint(
                    alliance=cast.alliance,
                    person=somebody,
                    role="team",
                    starts_on=starts_on,
                    ends_on=ends_on,
                    by=cast.administrator,
                    now=now,
                )
            assert list(refusal.value.error_dict) == [field]


def test_seat_does_not_end_before_it_began(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    seat = cast.arno.member.seats.get()

    with nothing_written(), pytest.raises(ValidationError, match="before the first day"):
        seats.end_seat(seat=seat, ends_on=date(2023, 1, 1), by=cast.administrator, now=now)


def test_holder_of_a_seat_that_ended_acts_no_more(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    seats.end_seat(seat=cast.arno.manager.seats.get(), ends_on=date(2026, 6, 30), by=None, now=now)
    person = PersonFactory(organisation=cast.arno.organisation)

    with nothing_written(), pytest.raises(PermissionDenied, match="no seat in this alliance"):
        seats.appoint(
            alliance=cast.alliance,
            person=person,
            role="team",
            starts_on=DAY,
            by=user_of(cast.arno.manager),
            now=now,
        )
