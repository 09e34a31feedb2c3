"""Weights and weighted means, whose digits depend neither on order nor on the weights' scale."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np

from assessments.scoring.columns import Floats, in_turn


def whole_shares(weights: Sequence[Decimal]) -> tuple[int, ...]:
    """Return the smallest whole numbers that stand in the same ratio as the weights.

    Whole numbers make "more than half of the weight" exact, and 35 : 30 : 35 the very same as
    0.35 : 0.30 : 0.35.

    Args:
        weights: each above 0, unitless, any sum.

    Returns:
        One whole number above 0 for each weight, in the same order.
    """
    ratios = [Fraction(weight) for weight in weights]
    denominator = math.lcm(*(ratio.denominator for ratio in ratios))
    numbers = [int(ratio * denominator) for ratio in ratios]
    divisor = math.gcd(*numbers)
    return tuple(number // divisor for number in numbers)


def weighted_mean(values: Sequence[Floats], shares: Sequence[Floats]) -> Floats:
    """Return the means of columns under shares; not a number where all shares are 0.

    It is worked out as a distance from the smallest value, so that equal values give exactly that
    value, and it never leaves the range of the values by a rounding.

    Args:
        values: one column of points for each part; what it holds where its share is 0 is ignored.
        shares: of the same parts, any sum; 0 where a part is not there.

    Returns:
        Points, between the smallest and the largest value.
    """
    there = [share > 0 for share in shares]
    low = np.full(np.broadcast_shapes(values[0].shape, shares[0].shape), np.inf)
    high = np.full(low.shape, -np.inf)
    for value, is_there in zip(values, there, strict=True):
        low = np.where(is_there, np.minimum(low, value), low)
        high = np.where(is_there, np.maximum(high, value), high)
    above = in_turn(
        np.where(is_there, share * (value - low), 0.0)
        for value, share, is_there in zip(values, shares, there, strict=True)
    )
    found: Floats = np.minimum(low + above / in_turn(shares), high)
    return found
