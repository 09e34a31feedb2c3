"""Members and seats over time; vacancy is said plainly."""

from datetime import date

from alliance_health.alliances import permissions
from alliance_health.alliances.queries import seats
from tests.factories.alliances import (
    Cast,
    MembershipFactory,
    PersonFactory,
    SeatFactory,
    user_of,
)

TODAY = date(2026, 7, 1)


def _members(cast: Cast, by: object = None) -> seats.Members:
    user = cast.administrator if by is None else user_of(cast.arno.manager)
    return seats.members(cast.alliance, permissions.standing(user, cast.alliance, TODAY), TODAY)


def test_members_show_who_holds_each_seat(cast: Cast) -> None:
    arno, brix = _members(cast).now

    assert [(s.role, s.holder, s.level) for s in (*arno.leads, *arno.team)] == [
        ("alliance manager", "Ana", ""),
        ("executive sponsor", "Alba", "C-level"),
        ("team member", "Abel", ""),
    ]
    assert (arno.name, brix.name) == ("Arno Group", "Brix Group")
    assert not any(s.is_vacant for s in (*arno.leads, *brix.leads))


def test_seat_is_vacant_from_the_day_after_the_last_holder(cast: Cast) -> None:
    seat = cast.brix.sponsor.seats.get()
    seat.ends_on = date(2026, 5, 31)
    seat.save()
    coming = SeatFactory(
        alliance=cast.alliance,
        person=PersonFactory(organisation=cast.brix.organisation, name="Boran"),
        role="sponsor",
        starts_on=date(2026, 9, 1),
    )

    found = _members(cast)

    sponsors = [s for s in found.now[1].leads if s.role_key == "sponsor"]
    assert [(s.is_vacant, s.holder, s.since, s.is_to_come) for s in sponsors] == [
        (True, "", date(2026, 6, 1), False),
        (False, "Boran", coming.starts_on, True),
    ]
    assert [(p.holder, p.role, p.organisation) for p in found.past_seats] == [
        ("Boris", "executive sponsor", "Brix Group")
    ]


def test_seat_that_nobody_ever_held_is_vacant_since_the_member_joined(cast: Cast) -> None:
    joined = date(2026, 2, 1)
    MembershipFactory(alliance=cast.alliance, organisation__name="Cora Logistics", starts_on=joined)

    cora = _members(cast).now[2]

    assert [(s.role, s.is_vacant, s.since) for s in cora.leads] == [
        ("alliance manager", True, joined),
        ("executive sponsor", True, joined),
    ]


def test_past_and_coming_members_are_told_apart(cast: Cast) -> None:
    MembershipFactory(alliance=cast.alliance, organisation__name="Past", ends_on=date(2026, 6, 30))
    MembershipFactory(alliance=cast.alliance, organisation__name="Soon", starts_on=date(2026, 7, 2))

    found = _members(cast)

    assert [m.name for m in found.past] == ["Past"]
    assert [(m.name, m.is_to_come) for m in found.now] == [
        ("Arno Group", False),
        ("Brix Group", False),
        ("Soon", True),
    ]


def test_manager_may_end_only_his_own_teams_seats(cast: Cast) -> None:
    found = _members(cast, by="manager")

    may = [(m.name, s.role_key) for m in found.now for s in (*m.leads, *m.team) if s.may_end]
    assert may == [("Arno Group", "team")]
