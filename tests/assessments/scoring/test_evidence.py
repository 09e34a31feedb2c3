from decimal import Decimal

import pytest

from assessments.scoring import EvidenceSpec, MetricSpec
from assessments.scoring.evidence import Evidence, dimension_evidence, disagrees, metric_points
from tests.assessments.scoring.examples import MEETINGS, SCHEDULE, near

BOTH = EvidenceSpec(Decimal("0.2"), (SCHEDULE, MEETINGS))


@pytest.mark.parametrize(("value", "points"), [(72, 80), (90, 100), (120, 100), (0, 0), (-5, 0)])
def test_metric_points_are_cut_to_0_and_100(value: float, points: float) -> None:
    assert metric_points(SCHEDULE, value) == points


@pytest.mark.parametrize(("value", "points"), [(35, 50), (10, 100), (5, 100), (60, 0), (70, 0)])
def test_metric_points_less_is_better_when_the_floor_is_above_the_target(
    value: float, points: float
) -> None:
    assert metric_points(MetricSpec("days to clear", floor=60, target=10), value) == points


def test_dimension_evidence_is_the_weighted_mean() -> None:
    found = dimension_evidence(BOTH, {SCHEDULE.id: 72, MEETINGS.id: 5})

    assert found == Evidence(
        share=0.2,
        metrics={SCHEDULE.id: 80, MEETINGS.id: 75},
        value=near(78.333333),
    )


def test_dimension_evidence_goes_by_the_measures_that_are_there() -> None:
    found = dimension_evidence(BOTH, {MEETINGS.id: 5})

    assert found == Evidence(share=0.2, metrics={SCHEDULE.id: None, MEETINGS.id: 75}, value=75)


def test_dimension_evidence_without_any_measure_is_none() -> None:
    assert dimension_evidence(BOTH, {SCHEDULE.id: None}) is None


@pytest.mark.parametrize(
    ("people_say", "flagged"), [(80, True), (79, False), (40, True), (41, False), (None, False)]
)
def test_disagrees_from_20_points_on(people_say: float | None, flagged: bool) -> None:
    assert disagrees(people_say, 60) is flagged
