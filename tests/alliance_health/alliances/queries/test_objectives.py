"""How far an objective is, and where it was to be."""

from datetime import date
from decimal import Decimal

import pytest

from alliance_health.alliances import permissions
from alliance_health.alliances.models import CheckIn, Objective, Plan
from alliance_health.alliances.queries import objectives
from tests.factories.alliances import (
    Cast,
    CheckInFactory,
    ConfirmationFactory,
    ObjectiveFactory,
    PlanFactory,
    user_of,
)

TODAY = date(2026, 7, 2)  # half of the year is gone: 182 of 364 days


def _plan(baseline: str = "0", target: str = "100", **changed: date) -> Plan:
    days = {
        "agreed_on": date(2026, 1, 1),
        "starts_on": date(2026, 1, 1),
        "due_on": date(2026, 12, 31),
        **changed,
    }
    return Plan(baseline=Decimal(baseline), target=Decimal(target), **days)


def _shown(
    plan: Plan, value: str | None, ended_on: date | None = None, on: date = TODAY
) -> objectives.Progress:
    objective = Objective(unit="offers", ended_on=ended_on)
    latest = CheckIn(on=on, value=Decimal(value)) if value else None
    return objectives.progress(objective, [plan], latest, on)


@pytest.mark.parametrize(
    ("plan", "value", "done", "word"),
    [
        (_plan(), "50", 50, "on plan"),
        (_plan(), "49.99", 49, "behind plan"),
        (_plan(), "100", 100, "reached"),
        (_plan(), "130", 100, "reached"),
        (_plan(), "-20", 0, "behind plan"),
        (_plan("48", "24"), "30", 75, "on plan"),
        (_plan("48", "24"), "60", 0, "behind plan"),
        (_plan(), None, 0, "no check-in yet"),
    ],
)
def test_progress_is_held_against_the_way_from_baseline_to_target(
    plan: Plan, value: str | None, done: int, word: str
) -> None:
    shown = _shown(plan, value)

    assert (shown.done_percent, shown.expected_percent, shown.word) == (done, 50, word)


def test_progress_says_values_with_their_unit_and_no_needless_digits() -> None:
    shown = _shown(_plan("1.2500", "12500"), "1100.5000")

    assert shown.plan == "1.25 → 12,500 offers"
    assert shown.value == "1,100.5 offers"
    assert shown.expected == "6,250.62 offers"


def test_expected_is_nothing_before_the_start_and_all_after_the_due_day() -> None:
    before = _shown(_plan(), None, on=date(2025, 12, 1))
    after = _shown(_plan(), "90", on=date(2027, 3, 1))

    assert (before.expected_percent, before.word) == (0, "begins 1 Jan 2026")
    assert (after.expected_percent, after.word) == (100, "behind plan")


def test_ended_objective_says_so() -> None:
    assert _shown(_plan(), "20", ended_on=date(2026, 5, 1)).word == "ended 1 May 2026"


@pytest.mark.parametrize(
    ("day", "target"),
    [(date(2025, 6, 1), 10), (date(2026, 3, 31), 10), (date(2026, 4, 1), 8), (TODAY, 8)],
)
def test_plan_in_force_is_the_latest_agreed(day: date, target: int) -> None:
    plans = [_plan(target="10"), _plan(target="8", agreed_on=date(2026, 4, 1))]

    assert objectives.plan_in_force(plans, day).target == target


@pytest.mark.django_db
def test_objectives_show_the_last_value_and_each_sides_last_word(cast: Cast) -> None:
    objective = ObjectiveFactory(alliance=cast.alliance, owner=cast.arno.organisation)
    PlanFactory(objective=objective, agreed_on=date(2026, 5, 1), target=50)
    for month, value in ((3, 10), (6, 30), (5, 20)):
        CheckInFactory(objective=objective, on=date(2026, month, 1), value=value)
    for side in (cast.arno, cast.brix):
        for month in (2, 4):
            ConfirmationFactory(
                objective=objective, organisation=side.organisation, on=date(2026, month, 1)
            )
    ObjectiveFactory(alliance=cast.alliance, owner=cast.brix.organisation, ended_on=TODAY)
    who = permissions.standing(user_of(cast.arno.manager), cast.alliance, TODAY)

    running, ended = objectives.objectives(cast.alliance, who, TODAY)

    assert (running.progress.plan, running.progress.value) == ("0 → 50 offers", "30 offers")
    assert [(row.organisation, row.on) for row in running.confirmations] == [
        ("Arno", date(2026, 4, 1)),
        ("Brix", date(2026, 4, 1)),
    ]
    assert (running.may_check_in, ended.may_check_in) == (True, False)
    assert (running.ended_on, ended.ended_on) == (None, TODAY)
