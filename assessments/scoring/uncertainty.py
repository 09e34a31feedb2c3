"""How sure a score is: a moderated t, which stays honest with two or three raters (part 6)."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from scipy.special import stdtr, stdtrit

from assessments.scoring.spec import Parameters


@dataclass(frozen=True, slots=True)
class SideSpread:
    """How one side's raters make a score uncertain: the workings of a receipt.

    Attributes:
        coefficient_sum: A, the sum of the side's coefficients.
        z: by rater, how far the rater moves the score, in points; they add up to 0.
        variance: V, of one rater's part, moderated by the prior.
        se2: V / n, the side's part of the squared standard error.
        df: degrees of freedom of V.
    """

    coefficient_sum: float
    z: Mapping[str, float]
    variance: float
    se2: float
    df: float

    @property
    def n(self) -> int:
        """Return how many raters contribute."""
        return len(self.z)


@dataclass(frozen=True, slots=True)
class Interval:
    """From where to where the true value probably lies."""

    low: float
    high: float

    @property
    def width(self) -> float:
        return self.high - self.low

    def within(self, points: float) -> bool:
        """Return whether the interval lies within so many points of zero, either way."""
        return -points <= self.low and self.high <= points


@dataclass(frozen=True, slots=True)
class Error:
    """A standard error and its degrees of freedom."""

    se: float
    df: float


def prior_variance(parameters: Parameters, coefficient_sum: float) -> float:
    """Return the variance to expect of one rater's part of a score, before any answer is seen."""
    return (coefficient_sum * parameters.prior_sd) ** 2


def side_spread(
    parameters: Parameters,
    coefficients: Mapping[str, float],
    points: Mapping[str, Mapping[str, float]],
    means: Mapping[str, float],
) -> SideSpread:
    """Return how much one side's raters make a score uncertain.

    Args:
        parameters: the prior.
        coefficients: of the side, by dimension; at least one.
        points: of the side's raters, by dimension and rater.
        means: of the side, by dimension.

    Returns:
        V = (nu0 (A s0)^2 + sum z^2) / (nu0 + n - 1), and what it is made of. One rater alone, or
        raters who all say the same, leave the prior to keep the width honest.
    """
    raters = sorted({rater for dimension in coefficients for rater in points[dimension]})
    n = len(raters)
    parts: dict[str, list[float]] = {rater: [] for rater in raters}
    for dimension, coefficient in coefficients.items():
        # A dimension that fewer raters answered leans more on each of them.
        factor = coefficient * n / len(points[dimension])
        mean = means[dimension]
        for rater, value in points[dimension].items():
            parts[rater].append(factor * (value - mean))
    z = {rater: math.fsum(numbers) for rater, numbers in parts.items()}
    coefficient_sum = math.fsum(coefficients.values())
    df = parameters.prior_df + n - 1
    variance = (
        parameters.prior_df * prior_variance(parameters, coefficient_sum)
        + math.fsum([number * number for number in z.values()])
    ) / df
    return SideSpread(
        coefficient_sum=coefficient_sum, z=z, variance=variance, se2=variance / n, df=df
    )


def combine(parts: Iterable[tuple[float, float]]) -> Error:
    """Return the error of a sum of independent parts (Satterthwaite).

    Args:
        parts: squared standard error and degrees of freedom of each, at least one.
    """
    pairs = list(parts)
    se2 = math.fsum(part for part, _ in pairs)
    df = se2 * se2 / math.fsum(part * part / freedom for part, freedom in pairs)
    return Error(se=math.sqrt(se2), df=df)


def interval(value: float, error: Error, level: float) -> Interval:
    """Return the interval of that level round a value, not cut."""
    half = _quantile(error.df, (1 + level) / 2) * error.se
    return Interval(low=value - half, high=value + half)


def score_interval(value: float, error: Error, level: float) -> Interval:
    """Return the interval of that level round a score, cut to 0 and 100."""
    whole = interval(value, error, level)
    return Interval(low=max(whole.low, 0.0), high=min(whole.high, 100.0))


def p_value(value: float, error: Error) -> float:
    """Return how often chance alone would bring a value at least so far from zero."""
    return 2 * cumulative(-abs(value) / error.se, error.df)


def cumulative(t: float, df: float) -> float:
    """Return the share of the t distribution below t."""
    return float(stdtr(df, t))


# A side's degrees of freedom are few numbers that come again and again.
@lru_cache(maxsize=4096)
def _quantile(df: float, share: float) -> float:
    return float(stdtrit(df, share))
