"""Stored scorings in the database: each once, within bounds, and facts for good."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, models

from assessments.models import Gap, NodeKind, Score, ScoreRun, SideScore
from tests.assessments.models.refusals import refused_as, refused_by
from tests.factories.assessments import (
    RoutineFactory,
    ScoreFactory,
    ScoreRunFactory,
    ScoringJobFactory,
    gap_of,
    side_of,
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


@pytest.mark.parametrize("kind", [NodeKind.OVERALL, NodeKind.DIMENSION])
def test_number_is_there_once_in_a_run(kind: NodeKind) -> None:
    run = ScoreRunFactory()
    ScoreFactory(run=run)
    ScoreFactory(run=run, node_kind=NodeKind.DIMENSION)
    ScoreFactory(run=run, node_kind=NodeKind.DIMENSION, node_key="other")

    with refused_by("score_once_in_run"):
        ScoreFactory(run=run, node_kind=kind, value=1)


@pytest.mark.parametrize("value", [-0.001, 100.001, float("inf"), float("nan")])
def test_number_lies_between_0_and_100(value: float) -> None:
    run = ScoreRunFactory()
    ScoreFactory(run=run, value=0)
    ScoreFactory(run=run, node_kind=NodeKind.PILLAR, value=100)
    ScoreFactory(run=run, node_kind=NodeKind.DIMENSION, value=None, low=None, high=None, band="")

    with refused_by("score_between_0_and_100"):
        ScoreFactory(run=run, node_key="other", value=value, low=0, high=100, band="red")


@pytest.mark.parametrize("band", ["red", "amber", "green", ""])
def test_word_is_kept_as_its_number_and_read_as_itself(band: str) -> None:
    made = ScoreFactory(band=band)

    kept = Score.objects.get(pk=made.pk)
    assert kept.band == band
    assert Score.objects.filter(status="ok").exclude(status="incomplete").exists()
    assert Score.objects.filter(band__isnull=not band).exists()


def test_word_that_is_none_of_the_words_is_refused() -> None:
    run = ScoreRunFactory()

    with pytest.raises(ValueError, match="not in tuple"):
        ScoreFactory(run=run, band="blue")


def test_score_tells_the_sides_that_may_be_shown() -> None:
    score = ScoreFactory(sides=[side_of(70.0), side_of(None), [40.0, 32.0, 48.0, 2, 1]])

    assert score.side_scores([11, 12, 13]) == (
        SideScore(11, 70.0, 62.0, 78.0, 3, is_incomplete=False),
        SideScore(13, 40.0, 32.0, 48.0, 2, is_incomplete=True),
    )
    nothing = ScoreFactory(run=score.run, node_kind=NodeKind.PILLAR, sides=None)
    assert nothing.side_scores([11, 12]) == ()


def test_score_tells_the_gap_of_two_sides_by_both_names() -> None:
    score = ScoreFactory(
        side_values=[70.0, None, 40.0], gaps=[gap_of(30.0, "clear"), [None] * 5, [None] * 5]
    )

    assert score.side_gaps([11, 12, 13]) == (Gap(11, 13, 30.0, 20.0, 40.0, 0.03, "clear"),)


def test_score_tells_the_gaps_of_three_sides_to_the_others() -> None:
    score = ScoreFactory(
        side_values=[70.0, 60.0, 40.0], gaps=[gap_of(points, "possible") for points in (20, 5, -25)]
    )

    found = score.side_gaps([11, 12, 13])

    assert [(gap.side, gap.other, gap.points) for gap in found] == [
        (11, None, 20),
        (12, None, 5),
        (13, None, -25),
    ]


FACTS: list[tuple[type[models.Model], Callable[[], Any], dict[str, Any]]] = [
    (ScoreRun, ScoreRunFactory, {"inputs_digest": "f" * 64}),
    (Score, ScoreFactory, {"value": 99.0}),
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
