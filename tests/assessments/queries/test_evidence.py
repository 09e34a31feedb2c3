"""Measures from the register's rows: each as of a day, for many alliances with the same queries."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import (
    Action,
    Alliance,
    Membership,
    Objective,
    Obstacle,
    Organisation,
    Person,
    Plan,
    Seat,
    Touchpoint,
)
from assessments.queries import evidence
from tests.factories.alliances import (
    ActionFactory,
    CheckInFactory,
    ConfirmationFactory,
    ObjectiveFactory,
    ObstacleFactory,
    ParticipationFactory,
    PersonFactory,
    PlanFactory,
    SeatFactory,
    TouchpointFactory,
)
from tests.factories.assessments import alliance_of

pytestmark = pytest.mark.django_db

ON = date(2026, 9, 30)
TOMORROW = ON + timedelta(days=1)
NOTHING_RECORDED = {
    "attainment": None,
    "check_ins_up_to_date": None,
    "actions_on_time": None,
    "commitments_kept": None,
    "sponsor_contact": 0.0,
    "sponsor_match": 0.0,
    "advocacy": 0.0,
    "obstacles_in_time": None,
}


def back(days: int) -> date:
    return ON - timedelta(days=days)


def sides(alliance: Alliance) -> tuple[Organisation, Organisation]:
    north, south = alliance.organisations.order_by("name")
    return north, south


def promise(alliance: Alliance, **row: object) -> Objective:
    """An objective from 0 to 100, half of whose time is over on ON."""
    objective: Objective = ObjectiveFactory(alliance=alliance, plan=None, **row)
    plan(objective, agreed_on=back(60))
    return objective


def plan(objective: Objective, *, agreed_on: date, target: int = 100) -> None:
    PlanFactory(
        objective=objective,
        agreed_on=agreed_on,
        target=target,
        starts_on=back(50),
        due_on=back(-50),
    )


def check_in(objective: Objective, on: date, value: int) -> None:
    CheckInFactory(objective=objective, on=on, value=value)


def action(
    alliance: Alliance, due_on: date, done_on: date | None, *, kind: str = "action"
) -> Action:
    made: Action = ActionFactory(
        alliance=alliance, kind=kind, agreed_on=back(120), due_on=due_on, done_on=done_on
    )
    return made


def sponsor(organisation: Organisation, alliance: Alliance, **seat: object) -> Person:
    """Somebody who holds the sponsor's seat from the alliance's first day."""
    person: Person = PersonFactory(organisation=organisation)
    SeatFactory(alliance=alliance, person=person, role="sponsor", **seat)
    return person


def meeting(alliance: Alliance, on: date, people: Sequence[Person]) -> Touchpoint:
    touchpoint: Touchpoint = TouchpointFactory(alliance=alliance, on=on)
    for person in people:
        ParticipationFactory(touchpoint=touchpoint, person=person, organisation=person.organisation)
    return touchpoint


def advocacy(alliance: Alliance, organisation: Organisation, on: date) -> None:
    TouchpointFactory(
        alliance=alliance, organisation=organisation, kind="advocacy", on=on, stakeholder="Board"
    )


def obstacle(alliance: Alliance, escalated_on: date | None, resolved_on: date | None) -> None:
    sponsors = sides(alliance)[0]
    ObstacleFactory(
        alliance=alliance,
        raised_on=back(200),
        escalated_on=escalated_on,
        escalated_to=PersonFactory(organisation=sponsors) if escalated_on else None,
        resolved_on=resolved_on,
    )


def busy_alliance(name: str = "Cobalt") -> Alliance:
    """An alliance that has something for every measure."""
    alliance = alliance_of(name, "Arno", "Brix")
    Alliance.objects.filter(pk=alliance.pk).update(
        sponsor_meetings_per_quarter=2, advocacy_per_quarter=2
    )
    north, south = sides(alliance)
    sponsors = [sponsor(north, alliance, level=2), sponsor(south, alliance, level=3)]
    check_in(promise(alliance), back(5), 40)
    action(alliance, back(10), back(12))
    action(alliance, back(20), back(19))
    action(alliance, back(30), back(30), kind="commitment")
    meeting(alliance, back(10), sponsors)
    advocacy(alliance, north, back(15))
    obstacle(alliance, back(60), back(40))
    obstacle(alliance, back(50), None)
    return alliance


BUSY = {
    "attainment": 80.0,  # .4 of the way, .5 was expected
    "check_ins_up_to_date": 100.0,
    "actions_on_time": 50.0,
    "commitments_kept": 100.0,
    "sponsor_contact": 50.0,  # one meeting of two
    "sponsor_match": 75.0,  # one step apart
    "advocacy": 25.0,  # one act of two by one side of two
    "obstacles_in_time": 50.0,
}


def measured(alliance: Alliance, on: date = ON) -> dict[str, float | None]:
    return evidence.measured([alliance.pk], on)[alliance.pk]


def test_measured_takes_every_measure_from_the_register() -> None:
    assert measured(busy_alliance()) == BUSY
    assert BUSY.keys() == evidence.MEASURE_KEYS


def test_measured_keeps_alliances_apart() -> None:
    busy = busy_alliance()
    idle = alliance_of("Idle", "Arno", "Brix")

    found = evidence.measured([idle.pk, busy.pk], ON)

    assert found == {idle.pk: NOTHING_RECORDED, busy.pk: BUSY}


def test_measured_of_no_alliance_is_empty() -> None:
    assert evidence.measured([], ON) == {}


@pytest.mark.parametrize("alliances", [1, 3])
def test_measured_takes_the_same_queries_for_1_and_3_alliances(
    alliances: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = [busy_alliance(f"Alliance {number}").pk for number in range(alliances)]

    with django_assert_num_queries(11):
        evidence.measured(keys, ON)


# --- what is dated after the day does not count -----------------------------------------------


def test_measured_knows_nothing_of_later_days() -> None:
    alliance = busy_alliance()
    _north, south = sides(alliance)
    objective = alliance.objectives.get()
    check_in(objective, TOMORROW, 100)
    plan(objective, agreed_on=TOMORROW, target=40)
    Objective.objects.filter(pk=objective.pk).update(ended_on=TOMORROW)
    action(alliance, TOMORROW, None)
    Action.objects.filter(kind="commitment").update(due_on=ON, done_on=ON)
    late = action(alliance, back(1), TOMORROW, kind="commitment")
    meeting(alliance, TOMORROW, [seat.person for seat in alliance.seats.all()])
    advocacy(alliance, south, TOMORROW)
    obstacle(alliance, TOMORROW, None)
    Obstacle.objects.filter(resolved_on__isnull=True).update(resolved_on=TOMORROW)
    Seat.objects.filter(organisation=south).update(ends_on=ON)
    sponsor(south, alliance, level=6, starts_on=TOMORROW)

    today, tomorrow = measured(alliance), measured(alliance, TOMORROW)

    assert today == {**BUSY, "commitments_kept": 50.0}
    assert tomorrow == {
        "attainment": 100.0,
        "check_ins_up_to_date": None,  # it ended
        "actions_on_time": pytest.approx(100 / 3),
        "commitments_kept": 50.0,
        "sponsor_contact": 50.0,  # he who took part for the south was no sponsor any more
        "sponsor_match": 0.0,
        "advocacy": 50.0,
        "obstacles_in_time": pytest.approx(200 / 3),
    }
    assert late.done_on == TOMORROW


# --- objectives -------------------------------------------------------------------------------


def test_attainment_goes_by_the_plan_in_force_on_the_day() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    objective = promise(alliance)
    check_in(objective, back(40), 5)
    plan(objective, agreed_on=back(10), target=20)

    before, after = measured(alliance, back(11)), measured(alliance, back(10))

    assert before["attainment"] == pytest.approx(100 * 0.05 / 0.39)
    assert after["attainment"] == pytest.approx(100 * 0.25 / 0.4)


def test_attainment_goes_by_the_last_check_in() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    objective = promise(alliance)
    for days, value in ((9, 40), (30, 50), (3, 10)):
        check_in(objective, back(days), value)

    assert measured(alliance)["attainment"] == 20.0


def test_objective_without_a_plan_on_the_day_is_not_promised_yet() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    objective = promise(alliance)
    Plan.objects.filter(objective=objective).update(agreed_on=TOMORROW)

    assert measured(alliance) == NOTHING_RECORDED


def test_attainment_weighs_objectives() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    check_in(promise(alliance), back(1), 50)
    promise(alliance, weight=3)

    assert measured(alliance)["attainment"] == 25.0
    assert measured(alliance)["check_ins_up_to_date"] == 50.0


# --- actions and commitments ------------------------------------------------------------------


@pytest.mark.parametrize(("due", "found"), [(90, None), (89, 0.0), (0, 0.0), (-1, None)])
def test_promises_are_those_due_in_90_days(due: int, found: float | None) -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    action(alliance, back(due), None)
    action(alliance, back(due), None, kind="commitment")

    assert measured(alliance)["actions_on_time"] == found
    assert measured(alliance)["commitments_kept"] == found


# --- sponsors ---------------------------------------------------------------------------------


def test_sponsor_contact_counts_who_held_the_seat_that_day() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    north, south = sides(alliance)
    former, steady = sponsor(north, alliance, ends_on=back(31)), sponsor(south, alliance)
    meeting(alliance, back(31), [former, steady])
    meeting(alliance, back(30), [former, steady])
    Alliance.objects.filter(pk=alliance.pk).update(sponsor_meetings_per_quarter=4)

    assert measured(alliance)["sponsor_contact"] == 25.0


def test_sponsor_contact_needs_sponsors_of_two_sides_of_this_alliance() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    other = alliance_of("Other", "Arno", "Brix")
    north, south = sides(alliance)
    ours, theirs = sponsor(north, alliance), sponsor(south, other)
    manager = SeatFactory(
        alliance=alliance, person=PersonFactory(organisation=south), role="manager"
    ).person
    meeting(alliance, back(5), [ours, theirs, manager])

    assert measured(alliance)["sponsor_contact"] == 0.0


def test_guidance_is_neither_contact_nor_advocacy() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    people = [sponsor(side, alliance) for side in sides(alliance)]
    Touchpoint.objects.filter(pk=meeting(alliance, back(5), people).pk).update(kind="guidance")

    assert measured(alliance) == {**NOTHING_RECORDED, "sponsor_match": 100.0}


@pytest.mark.parametrize(("day", "points"), [(90, 0.0), (89, 100.0)])
def test_contact_and_advocacy_look_at_90_days(day: int, points: float) -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    meeting(alliance, back(day), [sponsor(side, alliance) for side in sides(alliance)])
    for side in sides(alliance):
        advocacy(alliance, side, back(day))

    assert measured(alliance)["sponsor_contact"] == points
    assert measured(alliance)["advocacy"] == points


def test_sponsor_match_of_three_sides_with_a_vacant_seat() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix", "Cass")
    north, south, _west = alliance.organisations.order_by("name")
    sponsor(north, alliance, level=1)
    sponsor(south, alliance, level=3)

    assert measured(alliance)["sponsor_match"] == pytest.approx(50 / 3)


def test_who_left_the_alliance_counts_no_more() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix", "Cass")
    for side in alliance.organisations.all():
        sponsor(side, alliance)
        advocacy(alliance, side, back(60))
    leaver = Membership.objects.filter(alliance=alliance, organisation__short_name="Cass")
    leaver.update(ends_on=back(1))
    Seat.objects.filter(organisation__short_name="Cass").update(ends_on=back(1))

    assert measured(alliance)["sponsor_match"] == 100.0
    assert measured(alliance)["advocacy"] == 100.0


# --- obstacles --------------------------------------------------------------------------------


def test_obstacle_that_was_never_escalated_is_nobodys_failure() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    obstacle(alliance, None, None)

    assert measured(alliance)["obstacles_in_time"] is None


# --- what gates look at -------------------------------------------------------------------------


def test_gate_records_of_a_day() -> None:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    north, south = sides(alliance)
    SeatFactory(
        alliance=alliance, person=PersonFactory(organisation=north), role="sponsor", level=2
    )
    runs, ended = promise(alliance), promise(alliance)
    Objective.objects.filter(pk=ended.pk).update(ended_on=back(1))
    for objective, organisation, day in (
        (runs, north, back(50)),
        (runs, north, back(20)),
        (runs, south, back(30)),
        (runs, south, TOMORROW),
        (ended, north, back(30)),
    ):
        ConfirmationFactory(objective=objective, organisation=organisation, on=day)

    assert evidence.gate_records([alliance.pk], ON) == {
        alliance.pk: evidence.GateRecords(
            sides=(north.pk, south.pk),
            sponsored=frozenset({north.pk}),
            confirmed=({north.pk: back(20), south.pk: back(30)},),
        )
    }


@pytest.mark.parametrize("alliances", [1, 3])
def test_gate_records_take_4_queries(
    alliances: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    keys = [busy_alliance(f"Alliance {number}").pk for number in range(alliances)]

    with django_assert_num_queries(4):
        evidence.gate_records(keys, ON)
