"""Cycles and assessments in the database: periods, states, and each thing once."""

from datetime import date
from typing import Any

import pytest
from django.db.models import ProtectedError

from assessments.models import Cycle
from tests.assessments.models.refusals import refused_as, refused_by
from tests.factories.assessments import (
    PUBLISHED_AT,
    AssessmentFactory,
    CycleFactory,
    SideFactory,
)

pytestmark = pytest.mark.django_db


def test_cycle_has_a_name_of_its_own() -> None:
    CycleFactory(name="2026 Q3")

    with refused_by("assessments_cycle_name_key"):
        CycleFactory(name="2026 Q3")


@pytest.mark.parametrize("ends_on", [date(2026, 7, 1), date(2026, 6, 30)])
def test_cycle_ends_after_it_starts(ends_on: date) -> None:
    with refused_by("cycle_period_makes_sense"):
        CycleFactory(starts_on=date(2026, 7, 1), ends_on=ends_on)


def test_cycle_closes_on_the_day_it_opens_or_later() -> None:
    CycleFactory(opens_on=date(2026, 9, 1), closes_on=date(2026, 9, 1))

    with refused_by("cycle_closes_after_opening"):
        CycleFactory(opens_on=date(2026, 9, 1), closes_on=date(2026, 8, 31))


def test_cycle_asks_for_three_answers_in_confidence_or_more() -> None:
    CycleFactory(protected_minimum=3)

    with refused_by("cycle_floor_of_three"):
        CycleFactory(protected_minimum=2)


@pytest.mark.parametrize(
    "row",
    [
        {"state": "draft", "opened_at": PUBLISHED_AT},
        {"state": "draft", "closed_at": PUBLISHED_AT},
        {"state": "open"},
        {"state": "open", "opened_at": PUBLISHED_AT, "closed_at": PUBLISHED_AT},
        {"state": "closed", "opened_at": PUBLISHED_AT},
        {"state": "closed", "closed_at": PUBLISHED_AT},
        {"state": "paused", "opened_at": PUBLISHED_AT},
    ],
    ids=lambda row: "-".join(map(str, row)),
)
def test_cycle_has_the_instants_of_its_state_and_no_others(row: dict[str, Any]) -> None:
    with refused_by("cycle_state_has_its_instants"):
        CycleFactory(**row)


def test_cycle_keeps_a_history_that_cannot_be_changed() -> None:
    cycle = CycleFactory()
    Cycle.objects.update(name="Renamed")

    events = Cycle.pgh_event_model.objects.filter(pgh_obj=cycle)  # type: ignore[attr-defined]
    assert sorted(events.values_list("name", flat=True)) == sorted([cycle.name, "Renamed"])
    with refused_as("Cannot update or delete rows"):
        events.update(name="Never was")
    with refused_as("Cannot update or delete rows"):
        events.delete()


def test_alliance_is_assessed_once_in_a_cycle() -> None:
    assessment = AssessmentFactory()
    AssessmentFactory(alliance=assessment.alliance)  # in another cycle

    with refused_by("assessment_once_a_cycle"):
        AssessmentFactory(cycle=assessment.cycle, alliance=assessment.alliance)


def test_organisation_is_one_side_of_an_assessment() -> None:
    side = SideFactory()

    with refused_by("side_once"):
        SideFactory(assessment=side.assessment, organisation=side.organisation, position=1)


def test_cycle_with_assessments_is_not_deleted() -> None:
    cycle = AssessmentFactory().cycle

    with pytest.raises(ProtectedError):
        cycle.delete()

    assert Cycle.objects.filter(pk=cycle.pk).exists()
