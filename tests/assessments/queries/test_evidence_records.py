"""The records behind a measure: the same reading as that of the scores, with names."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from alliance_health.alliances.models import Alliance
from assessments.queries import evidence, evidence_records
from assessments.queries.evidence_records import Measured
from tests.factories.alliances import (
    ActionFactory,
    CheckInFactory,
    ObjectiveFactory,
    ObstacleFactory,
    PlanFactory,
    TouchpointFactory,
)
from tests.factories.assessments import alliance_of, person_of, seat_of

pytestmark = pytest.mark.django_db

ON = date(2026, 9, 30)


def lived(name: str, many: int = 1) -> Alliance:
    """An alliance with records of every kind, some of them of later."""
    alliance = alliance_of(name, f"{name} A", f"{name} B")
    first, second = alliance.organisations.order_by("name")
    sponsor = person_of(first)
    seat_of(alliance, sponsor, "sponsor")
    for number in range(many):
        objective = ObjectiveFactory(
            alliance=alliance, plan=None, statement=f"Objective {number}", weight=2
        )
        PlanFactory(
            objective=objective,
            agreed_on=date(2026, 7, 1),
            starts_on=date(2026, 7, 1),
            due_on=date(2026, 12, 31),
            baseline=0,
            target=100,
        )
        CheckInFactory(objective=objective, on=date(2026, 9, 1), value=20)
        CheckInFactory(objective=objective, on=date(2026, 10, 1), value=100)
        ObstacleFactory(
            alliance=alliance,
            organisation=first,
            title=f"Obstacle {number}",
            note="Nobody else's business.",
            is_internal=True,
            raised_on=date(2026, 8, 1),
            escalated_to=sponsor,
            escalated_on=date(2026, 8, 2),
            resolved_on=date(2026, 8, 20),
        )
        for kind in ("action", "commitment"):
            ActionFactory(
                alliance=alliance,
                owner=sponsor,
                organisation=first,
                kind=kind,
                title=f"{kind} {number}",
                agreed_on=date(2026, 8, 1),
                due_on=date(2026, 9, 1),
                done_on=date(2026, 9, 3),
            )
        for kind in ("meeting", "advocacy"):
            TouchpointFactory(
                alliance=alliance,
                organisation=second,
                kind=kind,
                on=date(2026, 9, 5),
                stakeholder="A ministry" if kind == "advocacy" else "",
                note="Nobody else's business.",
                is_internal=True,
            )
    return alliance


def records_of(alliance: Alliance) -> dict[str, Measured]:
    return evidence_records.records_of(alliance, ON, evidence.MEASURE_KEYS)


def test_records_give_what_scores_are_made_of() -> None:
    cobalt = lived("Cobalt")

    found = records_of(cobalt)

    assert {name: one.value for name, one in found.items()} == evidence.measured([cobalt.pk], ON)[
        cobalt.pk
    ]


def test_records_say_what_counts_and_never_a_note() -> None:
    said = {
        name: [(record.label, record.says) for record in one.records]
        for name, one in records_of(lived("Cobalt")).items()
    }

    assert said == {
        "attainment": [("Objective 0", "20 % of the way, 50 % expected by then")],
        "check_ins_up_to_date": [("Objective 0", "last check-in on 1 September 2026")],
        "actions_on_time": [("action 0", "due 1 September 2026, done 3 September 2026")],
        "commitments_kept": [("commitment 0", "due 1 September 2026, done 3 September 2026")],
        "sponsor_contact": [
            (
                "Sponsor meeting on 5 September 2026",
                "does not count: sponsors of fewer than two sides took part",
            )
        ],
        "advocacy": [
            ("Cobalt A", "0 of 1 agreed in the 90 days before"),
            ("Cobalt B", "1 of 1 agreed in the 90 days before"),
        ],
        "sponsor_match": [("Cobalt A", "C-level"), ("Cobalt B", "seat vacant")],
        "obstacles_in_time": [("Obstacle 0", "escalated 2 August 2026, resolved 20 August 2026")],
    }


def test_records_of_an_alliance_without_any() -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")

    found = records_of(cobalt)

    assert found["attainment"] == Measured(
        None, "Progress against the plan of each objective, by its weight.", ()
    )
    assert {name: one.value for name, one in found.items()} == evidence.measured([cobalt.pk], ON)[
        cobalt.pk
    ]


def test_records_take_the_same_queries_for_1_and_3() -> None:
    taken = []
    for many in (1, 3):
        alliance = lived(f"Alliance {many}", many)
        with CaptureQueriesContext(connection) as queries:
            records_of(alliance)
        taken.append(len(queries))

    assert taken[0] == taken[1] <= 9
