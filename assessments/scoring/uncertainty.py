"""How sure a score is: a moderated t, which stays honest with two or three raters (part 6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.polynomial import Chebyshev
from scipy.special import stdtr, stdtrit

from assessments.scoring.answers import Points
from assessments.scoring.batch import Shape
from assessments.scoring.columns import Floats, Marks, Segments, in_turn
from assessments.scoring.spec import Parameters

LEAST_DF = 1
CURVE_DEGREE = 24


@dataclass(frozen=True, slots=True)
class Heads:
    """Which raters contribute to which node.

    Attributes:
        counts: by node and rater.
        raters: how many, by node and segment.
    """

    counts: Marks
    raters: Floats


@dataclass(frozen=True, slots=True)
class Spreads:
    """How the raters of each side make each node's number uncertain: the workings of a receipt.

    Attributes:
        coefficient_sum: A, the sum of the side's coefficients; by node and segment, like the rest.
        z: by node and rater, how far the rater moves the number, in points; they add up to 0.
        variance: V, of one rater's part, moderated by the prior.
        se2: V / n, the side's part of the squared standard error; 0 where nobody contributes.
        df: degrees of freedom of V.
        raters: n, how many contribute.
    """

    coefficient_sum: Floats
    z: Floats
    variance: Floats
    se2: Floats
    df: Floats
    raters: Floats


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where the true value probably lies: single numbers, or columns of them."""

    low: Floats
    high: Floats

    @property
    def width(self) -> Floats:
        return self.high - self.low

    def within(self, points: float) -> Marks:
        """Return whether the interval lies within so many points of zero, either way."""
        return (-points <= self.low) & (self.high <= points)

    def cut(self) -> "Interval":
        """Return the interval cut to 0 and 100, as a score's is."""
        return Interval(low=np.maximum(self.low, 0.0), high=np.minimum(self.high, 100.0))


@dataclass(frozen=True, slots=True)
class Error:
    """Standard errors and their degrees of freedom."""

    se: Floats
    df: Floats


def heads(shape: Shape, found: Points, there: Marks, segments: Segments) -> Heads:
    """Return who contributes to each node.

    Args:
        shape: the tree.
        found: who counts in which dimension.
        there: by dimension and segment, whether the side counts in what lies above it.
        segments: the sides.
    """
    counts = np.zeros((len(shape.dimensions_of), found.counts.shape[1]), dtype=np.bool_)
    counts[: shape.dimensions] = found.counts
    upwards = found.counts & segments.spread(there)
    for node in shape.pillars:
        counts[node] = upwards[list(shape.dimensions_of[node])].any(axis=0)
    counts[-1] = counts[list(shape.pillars)].any(axis=0)
    return Heads(counts=counts, raters=segments.count(counts))


def prior_variance(parameters: Parameters, coefficient_sum: Floats) -> Floats:
    """Return the variance to expect of one rater's part of a score, before any answer is seen."""
    expected = coefficient_sum * parameters.prior_sd
    return expected * expected


def spreads(
    shape: Shape, coefficients: Sequence[Floats], found: Points, who: Heads, segments: Segments
) -> Spreads:
    """Return how much each side's raters make each node's number uncertain.

    V = (nu0 (A s0)^2 + sum z^2) / (nu0 + n - 1). One rater alone, or raters who all say the same,
    leave the prior to keep the width honest.

    Args:
        shape: the tree and the prior.
        coefficients: by node, for each of its dimensions by segment.
        found: the raters' points.
        who: which raters contribute to which node.
        segments: the sides.
    """
    parameters = shape.parameters
    coefficient_sum = np.zeros((len(shape.dimensions_of), segments.size))
    z = np.empty((len(coefficient_sum), found.counts.shape[1]))
    # A dimension that fewer raters answered leans more on each of them.
    lean = np.where(found.raters > 0, 1 / found.raters, 0.0)
    for node, places in enumerate(shape.dimensions_of):
        coefficient_sum[node] = in_turn(coefficients[node])
        z[node] = in_turn(
            segments.spread(part * (who.raters[node] * lean[place])) * found.centred[place]
            for part, place in zip(coefficients[node], places, strict=True)
        )
    n = np.where(coefficient_sum > 0, who.raters, 0.0)
    df = parameters.prior_df + n - 1
    variance = (
        parameters.prior_df * prior_variance(parameters, coefficient_sum) + segments.total(z * z)
    ) / df
    return Spreads(
        coefficient_sum=coefficient_sum,
        z=z,
        variance=variance,
        se2=np.where(n > 0, variance / n, 0.0),
        df=df,
        raters=n,
    )


def combine(se2: Floats, df: Floats) -> Error:
    """Return the errors of sums of independent parts (Satterthwaite).

    Args:
        se2: the squared standard error of each part, the parts along the first axis; 0 where
            there is no such part.
        df: degrees of freedom of each.
    """
    total = in_turn(se2)
    freedom = total * total / in_turn(np.where(se2 > 0, se2 * se2 / df, 0.0))
    return Error(se=np.sqrt(total), df=freedom)


def interval(value: Floats, error: Error, level: float) -> Interval:
    """Return the intervals of that level round values, not cut."""
    half = quantile(error.df, (1 + level) / 2) * error.se
    return Interval(low=value - half, high=value + half)


def p_value(value: Floats, error: Error) -> Floats:
    """Return how often chance alone would bring a value at least so far from zero."""
    return 2 * cumulative(-np.abs(value) / error.se, error.df)


def cumulative(t: Floats, df: Floats) -> Floats:
    """Return the share of the t distribution below t."""
    found: Floats = stdtr(df, t)
    return found


def quantile(df: Floats, share: float) -> Floats:
    """Return the t below which that share of the distribution lies, to 14 digits.

    For one share it is a smooth curve over 1 / df, so it is worked out at a few points only and
    read off the polynomial through them: ten times faster than working out every one.
    """
    found: Floats = _curve(share)(1 / df)
    is_beyond = df < LEAST_DF
    if is_beyond.any():
        found = np.where(is_beyond, stdtrit(df, share), found)
    return found


@lru_cache(maxsize=64)
def _curve(share: float) -> Chebyshev:
    return Chebyshev.interpolate(
        lambda inverse: stdtrit(1 / inverse, share), CURVE_DEGREE, domain=[0, 1 / LEAST_DF]
    )
