"""From side means to dimensions, pillars and the overall score (part 4.3 to 4.5).

Every parent is the weighted mean of those of its children that have a number.
"""

from dataclasses import dataclass

import numpy as np

from assessments.scoring.batch import Shape
from assessments.scoring.columns import Floats, Marks, exact, in_turn
from assessments.scoring.evidence import Evidence
from assessments.scoring.spec import FEWEST_SIDES
from assessments.scoring.weights import weighted_mean


@dataclass(frozen=True, slots=True)
class Outline:
    """Which parts of the rubric have a number, and from what.

    Attributes:
        sides: by dimension, assessment and side, the side's share; 0 where it does not count.
        there: by node and assessment, whether it has a number.
        shares: by node, for each of its dimensions its share of the node by assessment; 0 where it
            does not count.
    """

    sides: Floats
    there: Marks
    shares: tuple[Floats, ...]


def outline(
    shape: Shape,
    present: Marks,
    *,
    side_shares: tuple[int, ...] | None = None,
    fewest_sides: int = FEWEST_SIDES,
) -> Outline:
    """Return which parts of the rubric have a number.

    Args:
        shape: weights of pillars, dimensions and sides.
        present: by dimension, assessment and side, whether the side has a mean.
        side_shares: by place, instead of the shape's.
        fewest_sides: sides that a dimension needs; 1 for a side's own numbers.
    """
    dimensions, size, _sides = present.shape
    weights = np.array(side_shares or shape.side_shares, dtype=np.float64)
    weighed = present * weights
    total = in_turn(np.moveaxis(weighed, -1, 0))
    enough = present.sum(axis=-1) >= fewest_sides
    sides = np.where(enough[..., np.newaxis], weighed / total[..., np.newaxis], 0.0)
    there = np.zeros((len(shape.dimensions_of), size), dtype=np.bool_)
    there[:dimensions] = enough
    shares = [enough[place : place + 1].astype(np.float64) for place in range(dimensions)]
    for node, pillar in zip(shape.pillars, shape.rubric.pillars, strict=True):
        numbers = tuple(pillar.dimension_shares.values())
        whole = exact(numbers, 2 * sum(numbers))
        counted = [
            share * enough[place].astype(whole.dtype)
            for share, place in zip(whole, shape.dimensions_of[node], strict=True)
        ]
        found = sum(counted[1:], start=counted[0])
        there[node] = np.asarray(2 * found > sum(numbers), dtype=np.bool_)
        parts = np.asarray(np.array(counted) / np.where(found > 0, found, 1), dtype=np.float64)
        shares.append(np.where(there[node], parts, 0.0))
    there[-1] = there[list(shape.pillars)].all(axis=0)
    numbers = tuple(shape.rubric.pillar_shares.values())
    overall = [
        shares[node] * (part / sum(numbers))
        for node, part in zip(shape.pillars, numbers, strict=True)
    ]
    shares.append(np.where(there[-1], np.concatenate(overall), 0.0))
    return Outline(sides=sides, there=there, shares=tuple(shares))


def people_say(found: Outline, means: Floats) -> Floats:
    """Return what people say by dimension: the mean of the sides, whatever their numbers.

    Args:
        found: what has a number.
        means: by dimension, assessment and side.
    """
    value = weighted_mean(list(np.moveaxis(means, -1, 0)), list(np.moveaxis(found.sides, -1, 0)))
    return np.where(found.there[: len(means)], value, np.nan)


def node_values(
    shape: Shape, found: Outline, survey: Floats, evidence: Evidence | None = None
) -> Floats:
    """Return the value of every node, by assessment; not a number where it has none.

    Args:
        shape: the tree.
        found: what has a number.
        survey: what people say, by dimension.
        evidence: without it a dimension is what people say.
    """
    values = np.full(found.there.shape, np.nan)
    dimensions = values[: len(survey)]
    dimensions[:] = survey
    if evidence is not None:
        mixed = weighted_mean([survey, evidence.value], [1 - evidence.share, evidence.share])
        dimensions[:] = np.where(found.there[: len(survey)], mixed, np.nan)
    for node in shape.pillars:
        places = list(shape.dimensions_of[node])
        values[node] = weighted_mean(list(dimensions[places]), list(found.shares[node]))
    pillars = [values[node] for node in shape.pillars]
    parts = [
        np.where(found.there[-1], float(part), 0.0) for part in shape.rubric.pillar_shares.values()
    ]
    values[-1] = weighted_mean(pillars, parts)
    return np.where(found.there, values, np.nan)


def coefficients(
    shape: Shape, found: Outline, evidence_share: Floats | None = None
) -> tuple[Floats, ...]:
    """Return how much each side's mean in each dimension moves each node's value.

    Args:
        shape: the tree.
        found: what has a number.
        evidence_share: by dimension and assessment, the part of it that is evidence, if any.

    Returns:
        By node, for each of its dimensions by segment (assessment and side): the product of the
        weights down the tree, the part that is not evidence, and the side's share.
    """
    dimensions, size, sides = found.sides.shape
    own = found.sides.reshape(dimensions, size * sides)
    weights = []
    for shares, places in zip(found.shares, shape.dimensions_of, strict=True):
        people = shares
        if evidence_share is not None:
            people = shares * (1 - evidence_share[list(places)])
        weights.append(people.repeat(sides, axis=-1) * own[list(places)])
    return tuple(weights)
