"""From answers to points: each rater in each dimension, and each side's mean (parts 3 and 4)."""

from dataclasses import dataclass

import numpy as np

from assessments.scoring.batch import Shape, Sheets
from assessments.scoring.columns import Floats, Marks, Segments, exact


@dataclass(frozen=True, slots=True)
class Points:
    """What the raters of one quarter said, in points from 0 to 100, by dimension.

    Attributes:
        of_rater: points of each rater; not a number where the rater does not count.
        counts: whether the rater counts.
        raters: how many count, by segment.
        means: their plain mean, by segment; not a number where nobody counts.
        centred: how far each rater is from the own side's mean; 0 where the rater does not count.
    """

    of_rater: Floats
    counts: Marks
    raters: Floats
    means: Floats
    centred: Floats


def points(shape: Shape, sheets: Sheets, segments: Segments) -> Points:
    """Return the points of every rater and the means of every side, by dimension.

    Levels 1, 2, 3, 4, 5 are worth 0, 25, 50, 75, 100; reversed, 100 less. A rater's points in a
    dimension are the weighted mean of the answered items. He does not count there if the answered
    weight is not more than the share that the parameters ask for, of the weight of the items that
    were put to him.
    """
    of_rater = np.empty((shape.dimensions, sheets.segment.size))
    counts = np.empty(of_rater.shape, dtype=np.bool_)
    for place, items in enumerate(shape.items_of):
        counts[place], of_rater[place] = of_dimension(shape, sheets, place, items)
    means = plain_means(of_rater, counts, segments)
    return Points(
        of_rater=np.where(counts, of_rater, np.nan),
        counts=counts,
        raters=segments.count(counts),
        means=means,
        centred=np.where(counts, of_rater - segments.spread(means), 0.0),
    )


def plain_means(values: Floats, counts: Marks, segments: Segments) -> Floats:
    """Return the plain mean of those who count, by segment; not a number where nobody does.

    It is worked out as a distance from the smallest, so that people of one mind have exactly their
    own mean.
    """
    low = segments.least(np.where(counts, values, np.inf))
    high = segments.greatest(np.where(counts, values, -np.inf))
    above = segments.total(np.where(counts, values - segments.spread(low), 0.0))
    return np.minimum(low + above / segments.count(counts), high)


def of_dimension(shape: Shape, sheets: Sheets, place: int, items: slice) -> tuple[Marks, Floats]:
    """Return who counts in a dimension, and everybody's points in it.

    Args:
        shape: the dimensions and the scale.
        sheets: the answers.
        place: of the dimension.
        items: its rows.
    """
    parameters, dimension = shape.parameters, shape.rubric.dimensions[place]
    span = parameters.scale_max - parameters.scale_min
    part, whole = parameters.answered_ratio
    total = sum(dimension.item_shares)
    # All whole numbers: more than half is exact, and the points are rounded once, in the division.
    shares = exact(dimension.item_shares, total * max(whole, part, 100 * span))
    steps = sheets.steps[items]
    weight, worth = 0 * shares[:1], 0 * shares[:1]
    for row, item, share in zip(steps, dimension.items, shares, strict=True):
        is_answered = row >= 0
        step = np.where(is_answered, span - row if item.reverse else row, 0)
        weight = weight + share * is_answered.astype(shares.dtype)
        worth = worth + share * step.astype(shares.dtype)
    asked = np.dot(sheets.patterns[:, items].astype(shares.dtype), shares)
    counts = np.asarray(
        (weight > 0) & (weight * whole > part * asked[sheets.asked]), dtype=np.bool_
    )
    found = np.asarray(100 * worth / np.where(weight > 0, span * weight, 1), dtype=np.float64)
    return counts, found
