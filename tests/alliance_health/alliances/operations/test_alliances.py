from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from alliance_health.alliances.models import Alliance, Membership, Seat
from alliance_health.alliances.operations import alliances
from tests.alliance_health.alliances.conftest import History, NothingWritten
from tests.factories.alliances import (
    FIRST_DAY,
    Cast,
    MembershipFactory,
    OrganisationFactory,
    PersonFactory,
    SeatFactory,
    user_of,
)


def _described(**changed: object) -> dict[str, object]:
    return {"name": "Delta", "purpose": "To share terminals.", "starts_on": FIRST_DAY, **changed}


def test_found_alliance_writes_it_with_its_members(
    cast: Cast, now: datetime, history: History
) -> None:
    arno, brix = cast.arno.organisation, cast.brix.organisation

    made = alliances.found_alliance(
        name="Delta",
        purpose="To share terminals.",
        members=[arno, brix, arno],
        starts_on=FIRST_DAY,
        stage="forming",
        region="EMEA",
        sponsor_meetings_per_quarter=2,
        by=cast.administrator,
        now=now,
    )

    kept = Alliance.objects.get(name="Delta")
    assert kept == made
    assert (kept.stage, kept.region, kept.sponsor_meetings_per_quarter) == ("forming", "EMEA", 2)
    assert [(m.organisation, m.starts_on) for m in kept.memberships.order_by("pk")] == [
        (arno, FIRST_DAY),
        (brix, FIRST_DAY),
    ]
    assert history(made) == ["insert"]


def test_alliance_of_one_organisation_twice_is_refused(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    arno = cast.arno.organisation

    with nothing_written(), pytest.raises(ValidationError, match="two or more") as refusal:
        alliances.found_alliance(
            name="Delta",
            purpose="To share terminals.",
            members=[arno, arno],
            starts_on=FIRST_DAY,
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["members"]


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"purpose": "x" * 2001}, "purpose"),
        ({"stage": "dreaming"}, "stage"),
        ({"stage": "ended"}, "__all__"),
        ({"name": "COBALT"}, "__all__"),
        ({"ends_on": date(2023, 12, 31)}, "ends_on"),
        ({"advocacy_per_quarter": 0}, "__all__"),
    ],
)
def test_malformed_alliance_is_refused(
    changed: dict[str, object],
    field: str,
    cast: Cast,
    now: datetime,
    nothing_written: NothingWritten,
) -> None:
    members = [cast.arno.organisation, cast.brix.organisation]

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        alliances.found_alliance(
            **_described(**changed),  # type: ignore[arg-type]
            members=members,
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == [field]


def test_edit_alliance_changes_it(cast: Cast, now: datetime, history: History) -> None:
    alliances.edit_alliance(
        alliance=cast.alliance,
        name="Cobalt Rail",
        purpose="To sell one offer.",
        starts_on=FIRST_DAY,
        stage="renewing",
        by=cast.administrator,
        now=now,
    )

    cast.alliance.refresh_from_db()
    assert (cast.alliance.name, cast.alliance.stage) == ("Cobalt Rail", "renewing")
    assert history(cast.alliance) == ["insert", "update"]


def test_first_day_moves_with_the_founders_but_not_with_who_joined_later(
    cast: Cast, now: datetime
) -> None:
    joined = MembershipFactory(alliance=cast.alliance, starts_on=date(2025, 1, 1))
    earlier = date(2023, 6, 1)

    alliances.edit_alliance(
        alliance=cast.alliance,
        **_described(starts_on=earlier),  # type: ignore[arg-type]
        by=cast.administrator,
        now=now,
    )

    joined.refresh_from_db()
    founders = cast.alliance.memberships.exclude(pk=joined.pk)
    assert {m.starts_on for m in founders} == {earlier}
    assert joined.starts_on == date(2025, 1, 1)


def test_first_day_does_not_move_past_a_seat(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written(), pytest.raises(ValidationError) as refusal:
        alliances.edit_alliance(
            alliance=cast.alliance,
            **_described(starts_on=date(2024, 2, 1)),  # type: ignore[arg-type]
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["starts_on"]
    assert Seat.objects.filter(starts_on=FIRST_DAY).exists()


def test_first_day_does_not_move_past_a_membership(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    Seat.objects.all().delete()
    MembershipFactory(alliance=cast.alliance, starts_on=date(2024, 1, 15), ends_on=date(2024, 3, 1))

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        alliances.edit_alliance(
            alliance=cast.alliance,
            **_described(starts_on=date(2024, 2, 1)),  # type: ignore[arg-type]
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["starts_on"]


def test_add_member_lets_it_join(cast: Cast, now: datetime, history: History) -> None:
    cora = OrganisationFactory()

    joined = alliances.add_member(
        alliance=cast.alliance,
        organisation=cora,
        starts_on=date(2026, 1, 1),
        by=cast.administrator,
        now=now,
    )

    assert Membership.objects.get(organisation=cora) == joined
    assert history(joined) == ["insert"]


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2027, 1, 1)])
def test_nobody_joins_outside_the_alliances_period(
    day: date, cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    cast.alliance.ends_on = date(2026, 12, 31)
    cast.alliance.save()

    with nothing_written(), pytest.raises(ValidationError) as refusal:
        alliances.add_member(
            alliance=cast.alliance,
            organisation=OrganisationFactory.build(pk=cast.arno.organisation.pk),
            starts_on=day,
            by=cast.administrator,
            now=now,
        )

    assert list(refusal.value.error_dict) == ["starts_on"]


def test_member_does_not_join_twice(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    with nothing_written(), pytest.raises(ValidationError, match="member in that period"):
        alliances.add_member(
            alliance=cast.alliance,
            organisation=cast.arno.organisation,
            starts_on=date(2026, 1, 1),
            by=cast.administrator,
            now=now,
        )


def test_end_membership_ends_its_seats_on_the_same_day(
    cast: Cast, now: datetime, history: History
) -> None:
    cora = MembershipFactory(alliance=cast.alliance)
    running = SeatFactory(
        alliance=cast.alliance, person=PersonFactory(organisation=cora.organisation)
    )
    past = SeatFactory(
        alliance=cast.alliance,
        person=PersonFactory(organisation=cora.organisation),
        ends_on=date(2025, 1, 1),
    )
    last_day = date(2026, 6, 30)

    alliances.end_membership(membership=cora, ends_on=last_day, by=cast.administrator, now=now)

    running.refresh_from_db()
    past.refresh_from_db()
    assert Membership.objects.get(pk=cora.pk).ends_on == last_day
    assert (running.ends_on, past.ends_on) == (last_day, date(2025, 1, 1))
    assert (history(cora), history(running)) == (["insert", "update"], ["insert", "update"])
    assert not Seat.objects.held_on(last_day).filter(ends_on=None, pk=running.pk).exists()
    assert Seat.objects.filter(organisation=cast.arno.organisation, ends_on=None).count() == 3


def test_membership_of_one_of_two_does_not_end_while_the_alliance_goes_on(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    membership = cast.alliance.memberships.get(organisation=cast.arno.organisation)

    with nothing_written(), pytest.raises(ValidationError, match="Fewer than two") as refusal:
        alliances.end_membership(
            membership=membership, ends_on=date(2026, 6, 30), by=cast.administrator, now=now
        )

    assert list(refusal.value.error_dict) == ["ends_on"]


def test_membership_ends_with_the_alliance(cast: Cast, now: datetime) -> None:
    cast.alliance.ends_on = date(2026, 6, 30)
    cast.alliance.save()
    membership = cast.alliance.memberships.get(organisation=cast.arno.organisation)

    alliances.end_membership(
        membership=membership, ends_on=date(2026, 6, 30), by=cast.administrator, now=now
    )

    membership.refresh_from_db()
    assert membership.ends_on == date(2026, 6, 30)


@pytest.mark.parametrize("day", [date(2023, 12, 31), date(2026, 6, 30)])
def test_membership_does_not_end_before_it_began_or_before_a_seat(
    day: date, cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    cora = MembershipFactory(alliance=cast.alliance)
    SeatFactory(
        alliance=cast.alliance,
        person=PersonFactory(organisation=cora.organisation),
        starts_on=date(2026, 9, 1),
    )

    with nothing_written(), pytest.raises(ValidationError, match="Enter a later day"):
        alliances.end_membership(membership=cora, ends_on=day, by=cast.administrator, now=now)


def test_only_an_administrator_changes_alliances(
    cast: Cast, now: datetime, nothing_written: NothingWritten
) -> None:
    manager = user_of(cast.arno.manager)
    arno, brix = cast.arno.organisation, cast.brix.organisation

    with nothing_written():
        with pytest.raises(PermissionDenied):
            alliances.found_alliance(
                name="Delta",
                purpose="To share.",
                members=[arno, brix],
                starts_on=FIRST_DAY,
                by=manager,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            alliances.edit_alliance(
                alliance=cast.alliance,
                **_described(),  # type: ignore[arg-type]
                by=manager,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            alliances.add_member(
                alliance=cast.alliance,
                organisation=brix,
                starts_on=date(2026, 1, 1),
                by=manager,
                now=now,
            )
        with pytest.raises(PermissionDenied):
            alliances.end_membership(
                membership=cast.alliance.memberships.all()[0],
                ends_on=date(2026, 1, 1),
                by=manager,
                now=now,
            )
