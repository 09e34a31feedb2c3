"""Weights and weighted means, whose digits depend neither on order nor on the weights' scale."""

import math
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


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


def weighted_mean(values: Sequence[float], shares: Sequence[float]) -> float:
    """Return the mean of the values under the shares.

    It is worked out as a distance from the smallest value, so that equal values give exactly that
    value, and it never leaves the range of the values by a rounding.

    Args:
        values: n >= 1 points.
        shares: one per value, same order, above 0, any sum.

    Returns:
        Points, between the smallest and the largest value.
    """
    low = min(values)
    high = max(values)
    if low == high:
        return low
    above = math.fsum([w * (value - low) for value, w in zip(values, shares, strict=True)])
    return min(low + above / math.fsum(shares), high)
