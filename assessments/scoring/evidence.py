"""Evidence: what the records say beside what people say (part 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

from assessments.scoring.spec import EvidenceSpec, MetricSpec, RubricSpec
from assessments.scoring.weights import weighted_mean, whole_shares

DISAGREEMENT_POINTS = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records say in a dimension.

    Attributes:
        share: the part of the dimension's score that the evidence makes up.
        metrics: points by metric id, None where the measure is missing.
        value: their weighted mean, over those that are there.
    """

    share: float
    metrics: Mapping[str, float | None]
    value: float


def metric_points(metric: MetricSpec, value: float) -> float:
    """Return the points of a measure: 0 at its floor, 100 at its target, cut to 0 and 100."""
    points = 100 * (value - metric.floor) / (metric.target - metric.floor)
    return min(max(points, 0.0), 100.0)


def dimension_evidence(spec: EvidenceSpec, values: Mapping[str, float | None]) -> Evidence | None:
    """Return the evidence of a dimension, None where every measure is missing or stale."""
    metrics = {
        metric.id: None
        if (value := values.get(metric.id)) is None
        else metric_points(metric, value)
        for metric in spec.metrics
    }
    there = [points for points in metrics.values() if points is not None]
    if not there:
        return None
    shares = whole_shares(
        [metric.weight for metric in spec.metrics if metrics[metric.id] is not None]
    )
    return Evidence(share=float(spec.weight), metrics=metrics, value=weighted_mean(there, shares))


def gather_evidence(rubric: RubricSpec, values: Mapping[str, float | None]) -> dict[str, Evidence]:
    """Return the evidence by dimension, only where there is some."""
    found = (
        (dimension.id, dimension_evidence(dimension.evidence, values))
        for dimension in rubric.dimensions
        if dimension.evidence is not None
    )
    return {dimension: evidence for dimension, evidence in found if evidence is not None}


def disagrees(people_say: float | None, evidence_says: float) -> bool:
    """Return whether people and records are so far apart that it must be said."""
    return people_say is not None and abs(people_say - evidence_says) >= DISAGREEMENT_POINTS
