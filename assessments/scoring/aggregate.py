"""From side means to dimensions, pillars and the overall score (part 4.3 to 4.5).

Every parent is the weighted mean of those of its children that have a number.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from assessments.scoring.evidence import Evidence
from assessments.scoring.spec import (
    FEWEST_SIDES,
    OVERALL,
    PillarSpec,
    RubricSpec,
    dimension_key,
    pillar_key,
)
from assessments.scoring.weights import weighted_mean, whole_shares

Coefficients = Mapping[str, Mapping[str, float]]
"""How much each side's mean in each dimension moves a score, by side and dimension."""


@dataclass(frozen=True, slots=True)
class Outline:
    """Which parts of the rubric have a number, and from what.

    Attributes:
        sides: by dimension, each side that counts in it and that side's share; shares add up to 1.
        pillars: by pillar, each dimension that counts in it and its share; shares add up to 1.
        overall: each pillar and its share, adding up to 1; empty if a pillar has no number.
    """

    sides: Mapping[str, Mapping[str, float]]
    pillars: Mapping[str, Mapping[str, float]]
    overall: Mapping[str, float]


def outline(
    rubric: RubricSpec,
    means: Mapping[str, Mapping[str, float]],
    *,
    fewest_sides: int = FEWEST_SIDES,
) -> Outline:
    """Return which parts of the rubric have a number.

    Args:
        rubric: weights of pillars, dimensions and sides.
        means: the side's mean by side and dimension, where there is one.
        fewest_sides: sides that a dimension needs; 1 for a side's own numbers.
    """
    sides = {}
    for dimension in rubric.dimensions:
        present = sorted(side for side, dimensions in means.items() if dimension.id in dimensions)
        if len(present) >= fewest_sides:
            sides[dimension.id] = _side_shares(rubric, present)
    pillars = {
        pillar.id: shares for pillar in rubric.pillars if (shares := _pillar_shares(pillar, sides))
    }
    overall = _fractions(rubric.pillar_shares) if len(pillars) == len(rubric.pillars) else {}
    return Outline(sides=sides, pillars=pillars, overall=overall)


def _side_shares(rubric: RubricSpec, sides: list[str]) -> dict[str, float]:
    if not rubric.side_weights:
        return dict.fromkeys(sides, 1 / len(sides))
    shares = whole_shares([rubric.side_weights.get(side, Decimal(1)) for side in sides])
    return _fractions(dict(zip(sides, shares, strict=True)))


def _pillar_shares(
    pillar: PillarSpec, available: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    there = {
        dimension: share
        for dimension, share in pillar.dimension_shares.items()
        if dimension in available
    }
    if 2 * sum(there.values()) <= sum(pillar.dimension_shares.values()):
        return {}
    return _fractions(there)


def _fractions(shares: Mapping[str, int]) -> dict[str, float]:
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def survey_values(there: Outline, means: Mapping[str, Mapping[str, float]]) -> dict[str, float]:
    """Return what people say by dimension: the mean of the sides, whatever their numbers."""
    return {
        dimension: weighted_mean([means[side][dimension] for side in shares], list(shares.values()))
        for dimension, shares in there.sides.items()
    }


def node_values(
    there: Outline, people_say: Mapping[str, float], evidence: Mapping[str, Evidence]
) -> dict[str, float]:
    """Return the value of every node that has one, by node key.

    Args:
        there: what has a number.
        people_say: the survey's value by dimension.
        evidence: by dimension; without it a dimension is what people say.
    """
    dimensions = {
        dimension: _with_evidence(value, evidence.get(dimension))
        for dimension, value in people_say.items()
    }
    pillars = {
        pillar: weighted_mean([dimensions[name] for name in shares], list(shares.values()))
        for pillar, shares in there.pillars.items()
    }
    values = {dimension_key(name): value for name, value in dimensions.items()}
    values |= {pillar_key(name): value for name, value in pillars.items()}
    if there.overall:
        values[OVERALL.key] = weighted_mean(
            [pillars[name] for name in there.overall], list(there.overall.values())
        )
    return values


def _with_evidence(people_say: float, evidence: Evidence | None) -> float:
    if evidence is None:
        return people_say
    return weighted_mean([people_say, evidence.value], [1 - evidence.share, evidence.share])


def node_coefficients(
    there: Outline, evidence_shares: Mapping[str, float]
) -> dict[str, Coefficients]:
    """Return, by node key, how much each side's mean in each dimension moves the node's value.

    Args:
        there: what has a number.
        evidence_shares: by dimension, the part of it that is evidence; none is 0.

    Returns:
        By node key, side and dimension: the product of the weights down the tree, the part that
        is not evidence, and the side's share.
    """
    shares_of_dimensions: dict[str, dict[str, float]] = {
        dimension_key(dimension): {dimension: 1.0} for dimension in there.sides
    }
    overall: dict[str, float] = {}
    for pillar, shares in there.pillars.items():
        shares_of_dimensions[pillar_key(pillar)] = dict(shares)
        for dimension, share in shares.items():
            overall[dimension] = share * there.overall.get(pillar, 0)
    if there.overall:
        shares_of_dimensions[OVERALL.key] = overall
    return {
        key: _by_side(there, dimensions, evidence_shares)
        for key, dimensions in shares_of_dimensions.items()
    }


def _by_side(
    there: Outline, dimensions: Mapping[str, float], evidence_shares: Mapping[str, float]
) -> Coefficients:
    by_side: dict[str, dict[str, float]] = {}
    for dimension, share in dimensions.items():
        people = share * (1 - evidence_shares.get(dimension, 0))
        for side, side_share in there.sides[dimension].items():
            by_side.setdefault(side, {})[dimension] = people * side_share
    return by_side


def weigh(coefficients: Coefficients, means: Mapping[str, Mapping[str, float]]) -> float:
    """Return the sum over sides and dimensions of coefficient times mean."""
    return math.fsum(
        coefficient * means[side][dimension]
        for side, dimensions in coefficients.items()
        for dimension, coefficient in dimensions.items()
    )
