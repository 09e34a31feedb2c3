"""From answers to points: each rater in each dimension, and each side's mean (parts 3 and 4)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assessments.scoring.inputs import NOT_APPLICABLE, Answer, Rater
from assessments.scoring.spec import DimensionSpec, ItemSpec, Parameters, RubricSpec
from assessments.scoring.weights import weighted_mean


@dataclass(frozen=True, slots=True)
class Survey:
    """What the raters of one quarter said, in points from 0 to 100.

    Attributes:
        raters: points by rater and dimension; only where the rater counts.
        sides: points by side, dimension and rater; only where a side has a rater.
        means: the plain mean by side and dimension; only where a side has a rater.
    """

    raters: Mapping[str, Mapping[str, float]]
    sides: Mapping[str, Mapping[str, Mapping[str, float]]]
    means: Mapping[str, Mapping[str, float]]


def level(answer: Answer) -> int | None:
    """Return the level of an answer, None for a blank or "NA": neither is an answer."""
    return None if answer is None or answer == NOT_APPLICABLE else answer


def item_points(parameters: Parameters, item: ItemSpec, answered: int) -> float:
    """Return the points of a level: 1, 2, 3, 4, 5 give 0, 25, 50, 75, 100; reversed, 100 less."""
    span = parameters.scale_max - parameters.scale_min
    steps = answered - parameters.scale_min
    return 100 * (span - steps if item.reverse else steps) / span


def rater_points(parameters: Parameters, dimension: DimensionSpec, rater: Rater) -> float | None:
    """Return a rater's points in a dimension: the weighted mean of the answered items.

    Returns:
        Points from 0 to 100; None if the rater does not count in the dimension, because the
        answered weight is not more than the share that the parameters ask for (of the weight of
        the items that were put to this rater).
    """
    points: list[float] = []
    shares: list[int] = []
    asked = 0
    for item, share in zip(dimension.items, dimension.item_shares, strict=True):
        if rater.asked is not None and item.id not in rater.asked:
            continue
        asked += share
        answered = level(rater.answers.get(item.id))
        if answered is not None:
            points.append(item_points(parameters, item, answered))
            shares.append(share)
    part, whole = parameters.answered_ratio
    if not points or sum(shares) * whole <= part * asked:
        return None
    return weighted_mean(points, shares)


def survey(
    parameters: Parameters, rubric: RubricSpec, sides: Sequence[str], raters: Sequence[Rater]
) -> Survey:
    """Return the points of every rater and the means of every side, by dimension.

    Args:
        parameters: the scale and the share that must be answered.
        rubric: dimensions and items.
        sides: ids of all sides of the alliance.
        raters: checked, each once, in order of id.
    """
    by_rater: dict[str, dict[str, float]] = {}
    by_side: dict[str, dict[str, dict[str, float]]] = {side: {} for side in sides}
    for rater in raters:
        by_rater[rater.id] = {}
        for dimension in rubric.dimensions:
            points = rater_points(parameters, dimension, rater)
            if points is not None:
                by_rater[rater.id][dimension.id] = points
                by_side[rater.side].setdefault(dimension.id, {})[rater.id] = points
    return Survey(raters=by_rater, sides=by_side, means=plain_means(by_side))


def plain_means(
    sides: Mapping[str, Mapping[str, Mapping[str, float]]],
) -> dict[str, dict[str, float]]:
    """Return the plain mean of the raters' points by side and dimension."""
    return {
        side: {
            dimension: weighted_mean(list(points.values()), [1] * len(points))
            for dimension, points in dimensions.items()
        }
        for side, dimensions in sides.items()
    }
