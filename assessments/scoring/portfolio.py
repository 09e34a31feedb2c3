"""Which place an alliance can have among many, and where none can be told (part 12).

Many scores in a row say more than each alone: how far alliances really differ. A score of few
answers is drawn towards the mean of all, and places overlap where the answers do not tell them
apart. It orders a portfolio; the score that a page shows stays the alliance's own.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import ndtri

from assessments.scoring.columns import Floats, Whole

FEWEST_ALLIANCES = 20
"""With fewer, how far alliances really differ is itself a guess."""

LEVEL = 0.95
GRID = 65
PRECISION = 1e-12


@dataclass(frozen=True, slots=True)
class Spread:
    """How far alliances really differ, apart from what their own uncertainty explains.

    Attributes:
        mean: mu, of the alliances' true scores, in points.
        sd: tau, their standard deviation, in points; 0 where chance explains all differences.
        mean_se: standard error of the mean.
    """

    mean: float
    sd: float
    mean_se: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """Alliances among each other, in the order in which they were given.

    Attributes:
        spread: how far they really differ.
        score: the shrunk score: drawn towards the mean, the more the less sure it is.
        sd: its standard deviation.
        low: where its interval begins.
        high: where its interval ends.
        first: the lowest place it can hold, counted from the lowest score; 1 and up.
        last: the highest place it can hold.
    """

    spread: Spread
    score: Floats
    sd: Floats
    low: Floats
    high: Floats
    first: Whole
    last: Whole

    @property
    def is_without_order(self) -> bool:
        """Whether no alliance can be told from any other."""
        return bool((self.first == 1).all() and (self.last == self.first.size).all())


def ranking(value: Floats, standard_error: Floats) -> Ranking:
    """Return the shrunk scores of alliances and the places that they can hold.

    Two alliances can be ordered where their intervals do not overlap. The same alliances give the
    same digits in whatever order they come.

    Args:
        value: scores in points, two or more.
        standard_error: of each, above 0.

    Source:
        Morris (1983), Parametric Empirical Bayes Inference, Journal of the American Statistical
        Association 78: with B = se^2 / (tau^2 + se^2), the score is mu + (1 - B)(y - mu) and its
        variance (1 - B) se^2 + B^2 var(mu). That tau is estimated too is left out: from 20
        alliances on it adds little.
    """
    spread = spread_of(value, standard_error)
    error = standard_error * standard_error
    drawn = error / (spread.sd**2 + error)
    score = spread.mean + (1 - drawn) * (value - spread.mean)
    sd = np.sqrt((1 - drawn) * error + (drawn * spread.mean_se) ** 2)
    half = ndtri((1 + LEVEL) / 2) * sd
    low, high = score - half, score + half
    return Ranking(
        spread=spread,
        score=score,
        sd=sd,
        low=low,
        high=high,
        first=1 + np.searchsorted(np.sort(high), low, side="left"),
        last=np.searchsorted(np.sort(low), high, side="right"),
    )


def spread_of(value: Floats, standard_error: Floats) -> Spread:
    """Return mu and tau of y = mu + u + e by restricted maximum likelihood (REML).

    u has the standard deviation tau, and e each alliance's known standard error. Neither scipy nor
    statsmodels has REML for known variances: statsmodels' mixed models estimate one error variance
    for all, and its `combine_effects` knows the moment estimators only.

    Args:
        value: scores in points, two or more.
        standard_error: of each, above 0.

    Source:
        Viechtbauer (2005), Bias and Efficiency of Meta-Analytic Variance Estimators in the
        Random-Effects Model, Journal of Educational and Behavioral Statistics 30; the restricted
        likelihood is its equation for REML, as in R's metafor.
    """
    # In one order, so that the sums have the same digits.
    order = np.lexsort((standard_error, value))
    y, error = value[order], standard_error[order] ** 2
    width = float(y[-1] - y[0])
    sd = _likeliest_sd(y, error, width) if width > 0 else 0.0
    weight = 1 / (sd**2 + error)
    total = float(weight.sum())
    return Spread(mean=float((weight * y).sum()) / total, sd=sd, mean_se=total**-0.5)


def _likeliest_sd(y: Floats, error: Floats, width: float) -> float:
    """Return the tau from 0 to the width of the scores at which they are likeliest."""
    # On a grid first: the likelihood may have two tops.
    grid = np.linspace(0.0, width, GRID)
    top = int(np.argmin([_unlikeliness(sd, y, error) for sd in grid]))
    ends = grid[max(top - 1, 0)], grid[min(top + 1, GRID - 1)]
    found = minimize_scalar(
        _unlikeliness,
        bounds=ends,
        args=(y, error),
        method="bounded",
        options={"xatol": PRECISION * width},
    )
    # The search never quite reaches the end of its bounds, and 0 is the answer that matters there.
    return 0.0 if found.fun >= _unlikeliness(0.0, y, error) else float(found.x)


def _unlikeliness(sd: float, y: Floats, error: Floats) -> float:
    """Return -2 times the restricted log-likelihood, but for a constant."""
    variance = sd**2 + error
    weight = 1 / variance
    total = weight.sum()
    distance = y - (weight * y).sum() / total
    return float(np.log(variance).sum() + np.log(total) + (weight * distance * distance).sum())
