"""Evidence: what the records say beside what people say (part 4.4)."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assessments.scoring.columns import Floats, Marks
from assessments.scoring.spec import MetricSpec, RubricSpec
from assessments.scoring.weights import weighted_mean, whole_shares

DISAGREEMENT_POINTS = 20


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the records say, by dimension and assessment.

    Attributes:
        share: the part of the dimension's score that the evidence makes up; 0 without evidence.
        metrics: by dimension and metric, its points; not a number where the measure is missing.
        value: their weighted mean, over those that are there; not a number without any.
    """

    share: Floats
    metrics: Mapping[str, Mapping[str, Floats]]
    value: Floats


def metric_points(metric: MetricSpec, values: Floats) -> Floats:
    """Return the points of a measure: 0 at its floor, 100 at its target, cut to 0 and 100."""
    points = 100 * (values - metric.floor) / (metric.target - metric.floor)
    return np.clip(points, 0.0, 100.0)


def gather_evidence(rubric: RubricSpec, values: Mapping[str, Floats], size: int) -> Evidence:
    """Return the evidence of every dimension.

    Args:
        rubric: which measures make up which dimension.
        values: by metric, one for each assessment; not a number where missing or stale.
        size: how many assessments there are.
    """
    share = np.zeros((len(rubric.dimensions), size))
    value = np.full(share.shape, np.nan)
    metrics: dict[str, dict[str, Floats]] = {}
    for place, dimension in enumerate(rubric.dimensions):
        spec = dimension.evidence
        if spec is None:
            continue
        missing = np.full(size, np.nan)
        points = {
            metric.id: metric_points(metric, values.get(metric.id, missing))
            for metric in spec.metrics
        }
        whole = whole_shares([metric.weight for metric in spec.metrics])
        shares = [
            np.where(np.isnan(found), 0.0, float(part))
            for found, part in zip(points.values(), whole, strict=True)
        ]
        found = weighted_mean(list(points.values()), shares)
        is_there = np.isfinite(found)
        value[place] = np.where(is_there, found, np.nan)
        share[place] = np.where(is_there, float(spec.weight), 0.0)
        metrics[dimension.id] = points
    return Evidence(share=share, metrics=metrics, value=value)


def disagrees(people_say: Floats, evidence_says: Floats) -> Marks:
    """Return where people and records are so far apart that it must be said."""
    return np.abs(people_say - evidence_says) >= DISAGREEMENT_POINTS
