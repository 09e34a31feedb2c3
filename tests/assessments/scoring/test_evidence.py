import math
from decimal import Decimal

import numpy as np
import pytest

from assessments.scoring import EvidenceSpec, MetricSpec
from assessments.scoring.evidence import disagrees, gather_evidence, metric_points
from tests.assessments.scoring.examples import (
    MEETINGS,
    SCHEDULE,
    column,
    dimension,
    near,
    rubric,
)

BOTH = rubric(dimension("a", evidence=EvidenceSpec(Decimal("0.2"), (SCHEDULE, MEETINGS))))
NOTHING = float("nan")


def told(**values: float) -> tuple[float, dict[str, float], float]:
    """Return share, metrics and value of the dimension, by the measures' first words."""
    by_id = {"schedule": SCHEDULE.id, "meetings": MEETINGS.id}
    given = {by_id[name]: column(value) for name, value in values.items()}
    with np.errstate(invalid="ignore"):
        found = gather_evidence(BOTH, given, 1)
    metrics = {metric: float(points[0]) for metric, points in found.metrics["a"].items()}
    return float(found.share[0, 0]), metrics, float(found.value[0, 0])


@pytest.mark.parametrize(("value", "points"), [(72, 80), (90, 100), (120, 100), (0, 0), (-5, 0)])
def test_metric_points_are_cut_to_0_and_100(value: float, points: float) -> None:
    assert metric_points(SCHEDULE, column(value)).tolist() == [points]


@pytest.mark.parametrize(("value", "points"), [(35, 50), (10, 100), (5, 100), (60, 0), (70, 0)])
def test_metric_points_less_is_better_when_the_floor_is_above_the_target(
    value: float, points: float
) -> None:
    metric = MetricSpec("days to clear", floor=60, target=10)

    assert metric_points(metric, column(value)).tolist() == [points]


def test_dimension_evidence_is_the_weighted_mean() -> None:
    assert told(schedule=72, meetings=5) == (
        0.2,
        {SCHEDULE.id: 80, MEETINGS.id: 75},
        near(78.333333),
    )


def test_dimension_evidence_goes_by_the_measures_that_are_there() -> None:
    share, metrics, value = told(meetings=5)

    assert (share, metrics[MEETINGS.id], value) == (0.2, 75, 75)
    assert math.isnan(metrics[SCHEDULE.id])


def test_dimension_evidence_without_any_measure_is_none() -> None:
    share, _metrics, value = told(schedule=NOTHING)

    assert share == 0
    assert math.isnan(value)


@pytest.mark.parametrize(
    ("people_say", "flagged"), [(80, True), (79, False), (40, True), (41, False), (None, False)]
)
def test_disagrees_from_20_points_on(people_say: float | None, flagged: bool) -> None:
    said = column(NOTHING if people_say is None else people_say)

    assert disagrees(said, column(60)).tolist() == [flagged]
