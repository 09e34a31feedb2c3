"""Stored scorings in the database: each once, within bounds, and facts for good."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models

from assessments.models import Change, Gap, NodeKind, Score, ScoreRun
from tests.assessments.models.refusals import refused_as, refused_by
from tests.factories.assessments import (
    ChangeFactory,
    CycleFactory,
    GapFactory,
    RoutineFactory,
    ScoreFactory,
    ScoreRunFactory,
    ScoringJobFactory,
    alliance_of,
    small_rubric,
)

pytestmark = pytest.mark.django_db

A_FACT = "Cannot update or delete rows"


def test_scoring_is_due_once_for_a_day_and_a_reason() -> None:
    job = ScoringJobFactory()
    ScoringJobFactory(assessment=job.assessment, reason="nightly")

    with refused_by("scoring_job_once"):
        ScoringJobFactory(assessment=job.assessment)


def test_scoring_is_due_for_a_reason_that_is_known() -> None:
    with refused_by("scoring_job_reason_is_known"):
        ScoringJobFactory(reason="whim")


def test_run_is_there_once_for_a_day_and_a_reason() -> None:
    run = ScoreRunFactory()
    ScoreRunFactory(assessment=run.assessment, reason="rescore")

    with refused_by("score_run_once_for_job"):
        ScoreRunFactory(assessment=run.assessment)


def test_routine_is_there_once() -> None:
    RoutineFactory()

    with refused_by("assessments_routine_name_key"):
        RoutineFactory()


@pytest.mark.parametrize("of_a_side", [False, True])
def test_number_is_there_once_in_a_run(of_a_side: bool) -> None:
    run = ScoreRunFactory()
    organisation = run.assessment.alliance.organisations.all()[0]
    ScoreFactory(run=run, side=None)
    ScoreFactory(run=run, side=organisation)

    with refused_by("score_once_in_run"):
        ScoreFactory(run=run, side=organisation if of_a_side else None, value=1)


@pytest.mark.parametrize("value", [-0.001, 100.001, float("inf"), float("nan")])
def test_number_lies_between_0_and_100(value: float) -> None:
    run = ScoreRunFactory()
    ScoreFactory(run=run, value=0)
    ScoreFactory(run=run, node_kind=NodeKind.PILLAR, value=100)
    ScoreFactory(run=run, node_kind=NodeKind.DIMENSION, value=None, low=None, high=None, band="")

    with refused_by("score_between_0_and_100"):
        ScoreFactory(run=run, node_key="other", value=value, low=0, high=100, band="red")


def test_gap_is_there_once_in_a_run() -> None:
    gap = GapFactory()

    with refused_by("gap_once_in_run"):
        GapFactory(run=gap.run, side=gap.side, points=1)


def test_change_is_there_once_in_a_run() -> None:
    change = _change()

    with refused_by("change_once_in_run"):
        ChangeFactory(run=change.run, before=change.before, points=1)


def _change() -> Change:
    alliance = alliance_of("Cobalt", "Arno", "Brix")
    version = small_rubric()
    now, before = (
        ScoreRunFactory(
            assessment__alliance=alliance,
            assessment__cycle=CycleFactory(rubric_version=version, closed=True),
        )
        for _quarter in ("now", "before")
    )
    change: Change = ChangeFactory(run=now, before=before)
    return change


FACTS: list[tuple[type[models.Model], Callable[[], Any], dict[str, Any]]] = [
    (ScoreRun, ScoreRunFactory, {"inputs_digest": "f" * 64}),
    (Score, ScoreFactory, {"value": 99.0}),
    (Gap, GapFactory, {"points": 0.0}),
    (Change, _change, {"verdict": "improved"}),
]


@pytest.mark.parametrize(
    ("fact", "make", "change"), FACTS, ids=[fact.__name__ for fact, _make, _change_of_it in FACTS]
)
def test_stored_fact_refuses_to_be_changed(
    fact: type[models.Model], make: Callable[[], models.Model], change: dict[str, Any]
) -> None:
    row = make()
    rows = fact._default_manager
    [(field, value)] = change.items()
    before = list(rows.order_by("pk").values())

    with refused_as(A_FACT):
        setattr(row, field, value)
        row.save()
    with refused_as(A_FACT):
        rows.update(**change)
    with refused_as(A_FACT):
        rows.bulk_update([row], [field])
    with refused_as(A_FACT):
        rows.update_or_create(pk=row.pk, defaults=change)
    with refused_as(A_FACT), connection.cursor() as cursor:
        cursor.execute(f"UPDATE {fact._meta.db_table} SET {field} = %s", [value])  # noqa: S608

    assert list(rows.order_by("pk").values()) == before
    assert before


@pytest.mark.parametrize(
    ("fact", "make"),
    [(fact, make) for fact, make, _change_of_it in FACTS],
    ids=[fact.__name__ for fact, _make, _change_of_it in FACTS],
)
def test_stored_fact_refuses_to_be_deleted(
    fact: type[models.Model], make: Callable[[], models.Model]
) -> None:
    row = make()
    rows = fact._default_manager
    number = rows.count()

    with refused_as(A_FACT):
        row.delete()
    with refused_as(A_FACT):
        rows.filter(pk=row.pk).delete()
    with refused_as(A_FACT), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {fact._meta.db_table} WHERE id = %s", [row.pk])  # noqa: S608

    assert rows.count() == number > 0
