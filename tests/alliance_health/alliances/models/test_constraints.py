"""The database's own rules: each has a row here that breaks it, written past every check."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from alliance_health.alliances.models import Alliance, Person, Role
from alliance_health.alliances.operations import checks
from tests.factories.alliances import (
    FIRST_DAY,
    ActionFactory,
    AllianceFactory,
    CheckInFactory,
    ConfirmationFactory,
    MembershipFactory,
    ObjectiveFactory,
    ObstacleFactory,
    OrganisationFactory,
    ParticipationFactory,
    PersonFactory,
    PlanFactory,
    PortfolioRightFactory,
    SeatFactory,
    TouchpointFactory,
)

pytestmark = pytest.mark.django_db

DAY_BEFORE = FIRST_DAY - timedelta(days=1)


def _twice(make: Callable[..., object], **same: object) -> None:
    make(**same)
    make(**same)


def _organisation_twice() -> None:
    OrganisationFactory(name="Arno Group")
    OrganisationFactory(name="ARNO group")


def _person_twice() -> None:
    PersonFactory(email="ana@example.com")
    PersonFactory(email="Ana@Example.com")


def _alliance_twice() -> None:
    AllianceFactory(name="Cobalt")
    AllianceFactory(name="cobalt")


def _member_twice() -> None:
    member = MembershipFactory(ends_on=date(2024, 6, 30))
    MembershipFactory(
        alliance=member.alliance, organisation=member.organisation, starts_on=date(2024, 6, 30)
    )


def _right_twice() -> None:
    right = PortfolioRightFactory()
    PortfolioRightFactory(organisation=right.organisation, user=right.user)


def _objective_twice() -> None:
    objective = ObjectiveFactory()
    ObjectiveFactory(alliance=objective.alliance, statement=objective.statement)


def _participation_twice() -> None:
    row = ParticipationFactory()
    ParticipationFactory(touchpoint=row.touchpoint, person=row.person)


def _escalated_before_raised() -> None:
    ObstacleFactory(escalated_to=PersonFactory(), escalated_on=date(2026, 6, 29))


def _two_holders(role: Role) -> None:
    first = SeatFactory(role=role, ends_on=date(2024, 6, 30))
    second = PersonFactory(organisation=first.organisation)
    SeatFactory(alliance=first.alliance, person=second, role=role, starts_on=date(2024, 6, 30))


def _two_seats() -> None:
    first = SeatFactory()
    SeatFactory(alliance=first.alliance, person=first.person, role=Role.MANAGER)


def _seat_for_another_organisation() -> None:
    alliance = AllianceFactory()
    arno, brix = alliance.organisations.all()
    SeatFactory(alliance=alliance, person=PersonFactory(organisation=arno), organisation=brix)


def _holder_changes_sides() -> None:
    seat = SeatFactory()
    other = seat.alliance.organisations.exclude(pk=seat.organisation_id).get()
    Person.objects.filter(pk=seat.person_id).update(organisation=other)


def _alone() -> None:
    Alliance.objects.create(name="Alone", purpose="None.", starts_on=FIRST_DAY)
    _check_now()


def _one_leaves_for_ever() -> None:
    alliance = AllianceFactory()
    _check_now()
    alliance.memberships.all()[0].delete()
    _check_now()


def _check_now() -> None:
    """Let the rules that wait for the end of the transaction speak."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


VIOLATIONS: list[tuple[str, Callable[[], object]]] = [
    ("organisation_name_unique", _organisation_twice),
    ("organisation_is_named", lambda: OrganisationFactory(short_name="")),
    ("portfolio_right_once", _right_twice),
    ("person_email_unique", _person_twice),
    ("person_is_named", lambda: PersonFactory(name="")),
    ("person_with_seat_stays", _holder_changes_sides),
    ("alliance_name_unique", _alliance_twice),
    ("alliance_period_makes_sense", lambda: AllianceFactory(ends_on=DAY_BEFORE)),
    ("alliance_stage_is_known", lambda: AllianceFactory(stage="dreaming")),
    ("alliance_cadence_positive", lambda: AllianceFactory(sponsor_meetings_per_quarter=0)),
    ("alliance_cadence_positive", lambda: AllianceFactory(advocacy_per_quarter=0)),
    ("alliance_ended_has_last_day", lambda: AllianceFactory(stage="ended")),
    ("alliance_has_two_members", _alone),
    ("alliance_has_two_members", _one_leaves_for_ever),
    ("membership_period_makes_sense", lambda: MembershipFactory(ends_on=DAY_BEFORE)),
    ("membership_once_at_a_time", _member_twice),
    ("seat_period_makes_sense", lambda: SeatFactory(ends_on=DAY_BEFORE)),
    ("seat_role_is_known", lambda: SeatFactory(role="king")),
    ("seat_level_for_sponsors", lambda: SeatFactory(role=Role.SPONSOR, level=None)),
    ("seat_level_for_sponsors", lambda: SeatFactory(role=Role.MANAGER, level=2)),
    ("seat_one_manager_at_a_time", lambda: _two_holders(Role.MANAGER)),
    ("seat_one_sponsor_at_a_time", lambda: _two_holders(Role.SPONSOR)),
    ("seat_once_for_a_person", _two_seats),
    ("seat_holder_of_organisation", _seat_for_another_organisation),
    ("seat_organisation_is_member", lambda: SeatFactory(person=PersonFactory())),
    ("objective_weight_positive", lambda: ObjectiveFactory(weight=0)),
    ("objective_once_in_alliance", _objective_twice),
    ("plan_once_a_day", lambda: _twice(PlanFactory, objective=ObjectiveFactory(plan=None))),
    ("plan_goes_somewhere", lambda: PlanFactory(baseline=5, target=5)),
    ("plan_due_after_start", lambda: PlanFactory(due_on=date(2026, 1, 1))),
    ("check_in_once_a_day", lambda: _twice(CheckInFactory, objective=ObjectiveFactory())),
    ("confirmation_once_a_day", lambda: _twice(ConfirmationFactory, objective=ObjectiveFactory())),
    ("touchpoint_kind_is_known", lambda: TouchpointFactory(kind="lunch")),
    ("touchpoint_advocacy_has_stakeholder", lambda: TouchpointFactory(kind="advocacy")),
    ("participation_once", _participation_twice),
    ("obstacle_severity_is_known", lambda: ObstacleFactory(severity=9)),
    ("obstacle_escalation_is_whole", lambda: ObstacleFactory(escalated_on=date(2026, 7, 1))),
    ("obstacle_escalation_is_whole", lambda: ObstacleFactory(escalated_to=PersonFactory())),
    ("obstacle_escalated_after_raised", _escalated_before_raised),
    ("obstacle_resolved_after_raised", lambda: ObstacleFactory(resolved_on=date(2026, 6, 29))),
    ("action_kind_is_known", lambda: ActionFactory(kind="wish")),
    ("action_due_after_agreed", lambda: ActionFactory(due_on=date(2026, 6, 29))),
    ("action_done_after_agreed", lambda: ActionFactory(done_on=date(2026, 6, 29))),
    ("action_effect_names_dimension", lambda: ActionFactory(expected_points=5)),
    (
        "action_effect_names_dimension",
        lambda: ActionFactory(dimension_key="delivery", expected_points=101),
    ),
]


@pytest.mark.parametrize(
    ("name", "violate"), VIOLATIONS, ids=[f"{name}-{n}" for n, (name, _) in enumerate(VIOLATIONS)]
)
def test_row_that_breaks_the_rule_is_refused(name: str, violate: Callable[[], object]) -> None:
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        violate()

    assert refusal.value.__cause__.diag.constraint_name == name  # type: ignore[union-attr]


def test_every_rule_has_a_row_that_breaks_it() -> None:
    rules = {
        constraint.name
        for model in apps.get_app_config("alliances").get_models()
        for constraint in model._meta.constraints
    }

    assert {name for name, _violate in VIOLATIONS} == rules | set(checks._TRIGGERS)


def test_seats_and_memberships_may_follow_one_another() -> None:
    member = MembershipFactory(ends_on=date(2024, 6, 30))
    again = MembershipFactory(
        alliance=member.alliance, organisation=member.organisation, starts_on=date(2024, 7, 1)
    )
    person = PersonFactory(organisation=member.organisation)
    SeatFactory(alliance=member.alliance, person=person, ends_on=date(2024, 6, 30))

    seat = SeatFactory(alliance=member.alliance, person=person, starts_on=again.starts_on)

    assert person.seats.count() == 2
    assert seat.starts_on == date(2024, 7, 1)
