"""How well a questionnaire measures, over many alliances: about a rubric, never about one alliance.

Reliability of a dimension is a fact about its questions and about how many people a side asks.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import least_squares

from assessments.scoring.columns import Floats, Marks, Whole

FEWEST_RATERS = 30
"""The 95 % interval of a correlation of .5 then still runs from .17 to .73: fewer tell nothing."""

FEWEST_SIDES = 20
"""With two raters or more, to tell how far sides differ."""

FEWEST_TOLD = 10
"""Answers, and raters in confidence where there are any, before a question's figures are told."""

FEWEST_ALLIANCES_TOLD = 5
"""With fewer, who knows the own alliance's answers could work out those of another."""

FEWEST_ITEMS = 2
FEWEST_ITEMS_OF_A_FACTOR = 3
NO_LEVEL = 0
"""Stands where a rater was asked and gave no level: could not tell, or it did not occur."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """How well a dimension was measured; None where there is too little to tell.

    Attributes:
        items: questions; one about the own and another organisation is two.
        raters: those who gave a level to every item: alpha and omega rest on them.
        sides: sides with two raters or more: the ICCs rest on them.
        alpha: Cronbach's: do the items rise and fall together? From 2 items and 30 raters.
        omega: McDonald's total of one factor: the same without taking the items for equally good.
            From 3 items and 30 raters.
        icc1: the share of the differences between raters that lies between sides. From 20 sides.
        icc2: how far a side's mean would come out again with other raters. From 20 sides.
    """

    items: int
    raters: int
    sides: int
    alpha: float | None = None
    omega: float | None = None
    icc1: float | None = None
    icc2: float | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """Of whom a question was asked.

    Attributes:
        alliances: in which somebody was asked.
        raters: how many were asked.
        protected: how many of them answer in confidence.
        are_alike: whether all answers in confidence are the same: then telling them tells each.
    """

    alliances: int
    raters: int
    protected: int
    are_alike: bool = False

    @property
    def may_be_told(self) -> bool:
        """Whether the answers tell nothing of anybody."""
        return (
            not self.are_alike
            and self.alliances >= FEWEST_ALLIANCES_TOLD
            and self.raters >= FEWEST_TOLD
            and (self.protected == 0 or self.protected >= FEWEST_TOLD)
        )


@dataclass(frozen=True, slots=True)
class Use:
    """How a question was answered; None where too few were asked or answered to tell.

    Attributes:
        raters: how many were asked.
        no_level: share of the answers without a level: cannot tell, or did not occur. A question
            that was left blank has no answer.
        mean: of the levels given.
        sd: their standard deviation.
        floor: share of them at the lowest level.
        ceiling: share of them at the highest.
    """

    raters: int
    no_level: float | None = None
    mean: float | None = None
    sd: float | None = None
    floor: float | None = None
    ceiling: float | None = None


def reliability(levels: Floats, weights: Floats, side: Whole) -> Reliability:
    """Return how well a dimension was measured.

    Args:
        levels: by rater and item, reversed items turned round; NO_LEVEL where the rater was asked
            and gave none, not a number where he was not asked.
        weights: of the items.
        side: of each rater, among all sides of all alliances.
    """
    items = levels.shape[1]
    whole = levels[(levels > NO_LEVEL).all(axis=1)]
    scores, counts = rater_scores(levels, weights)
    sizes = np.bincount(side[counts])
    sides = int((sizes > 1).sum())
    shares = _between(scores[counts], side[counts]) if sides >= FEWEST_SIDES else None
    enough = len(whole) >= FEWEST_RATERS
    return Reliability(
        items=items,
        raters=len(whole),
        sides=sides,
        alpha=alpha(whole) if enough and items >= FEWEST_ITEMS else None,
        omega=omega(whole) if enough and items >= FEWEST_ITEMS_OF_A_FACTOR else None,
        icc1=shares[0] if shares else None,
        icc2=shares[1] if shares else None,
    )


def rater_scores(levels: Floats, weights: Floats) -> tuple[Floats, Marks]:
    """Return each rater's mean level in a dimension, and who counts in it, as a score has them.

    A rater counts who gave a level to more than half of the weight that was put to him.
    """
    answered, asked = (levels > NO_LEVEL) @ weights, (levels >= NO_LEVEL) @ weights
    counts: Marks = (answered > 0) & (2 * answered > asked)
    total = np.where(levels > NO_LEVEL, levels, 0.0) @ weights
    return total / np.where(answered > 0, answered, 1.0), counts


def alpha(levels: Floats) -> float | None:
    """Return Cronbach's alpha; None where nobody differs from anybody.

    Args:
        levels: by rater and item, two items or more, each answered.

    Source:
        Cronbach (1951), Coefficient Alpha and the Internal Structure of Tests, Psychometrika 16:
        k / (k - 1) times 1 less the share of the items' own variances in that of their sum.
    """
    covariance = np.cov(levels, rowvar=False)
    total = float(covariance.sum())
    if not total > 0:
        return None
    items = len(covariance)
    return items / (items - 1) * (1 - float(np.trace(covariance)) / total)


def omega(levels: Floats) -> float | None:
    """Return McDonald's omega total of one factor; None where an item never differs.

    The factor is the one that leaves the least of the items' correlations unexplained (minres);
    its loadings are those of the items as they are, not of standardised ones.

    Args:
        levels: by rater and item, three items or more, each answered.

    Source:
        McDonald (1999), Test Theory, chapter 6: the squared sum of the loadings, against itself and
        the sum of what each item has of its own. Minres: Harman and Jones (1966), Psychometrika 31.
    """
    sd = levels.std(axis=0, ddof=1)
    if not (sd > 0).all():
        return None
    correlation: Floats = np.atleast_2d(np.corrcoef(levels, rowvar=False))
    loading = _loadings(correlation)
    common = float(loading @ sd) ** 2
    return common / (common + float((1 - loading * loading) @ (sd * sd)))


def _loadings(correlation: Floats) -> Floats:
    """Return the loadings of one factor, which no item exceeds 1 in."""
    pairs = np.triu_indices(len(correlation), k=1)
    wanted = correlation[pairs]

    def missed(loading: Floats) -> Floats:
        explained: Floats = np.outer(loading, loading)[pairs] - wanted
        return explained

    values, vectors = np.linalg.eigh(correlation)
    # Whatever sign the first component comes with: most items point upwards.
    first = vectors[:, -1] * np.sqrt(values[-1]) * (1 if vectors[:, -1].sum() >= 0 else -1)
    start = np.clip(first, -0.99, 0.99)
    found: Floats = least_squares(missed, start, bounds=(-1, 1), xtol=1e-12, ftol=1e-12).x
    return found


def _between(score: Floats, side: Whole) -> tuple[float, float] | None:
    """Return ICC(1) and ICC(2) of raters in sides of any size; None where no side differs within.

    scipy's `f_oneway` gives the same F, but takes an array for each side and two seconds for
    40,000 of them.

    Source:
        Bliese (2000), Within-group Agreement, Non-independence, and Reliability, in Klein and
        Kozlowski: ICC(1) = (MSB - MSW) / (MSB + (n - 1) MSW) and ICC(2) = (MSB - MSW) / MSB of a
        one-way analysis of variance. For sides of unequal size n is (N - sum n_s^2 / N) / (k - 1)
        (Haggard 1958, Intraclass Correlation and the Analysis of Variance).
    """
    _sides, place = np.unique(side, return_inverse=True)
    sizes = np.bincount(place)
    means = np.bincount(place, weights=score) / sizes
    within = float(((score - means[place]) ** 2).sum()) / (score.size - sizes.size)
    between = float((sizes * (means - score.mean()) ** 2).sum()) / (sizes.size - 1)
    if not within > 0 or not between > 0:
        return None
    size = (score.size - float((sizes * sizes).sum()) / score.size) / (sizes.size - 1)
    apart = between - within
    return apart / (between + (size - 1) * within), apart / between


def use(levels: Whole, asked: Asked) -> Use:
    """Return how a question was answered, if by so many that it tells nothing of anybody.

    Args:
        levels: how many answers have each level, from NO_LEVEL to the highest.
        asked: of whom it was asked.
    """
    answers, given = int(levels.sum()), levels[NO_LEVEL + 1 :]
    with_level = int(given.sum())
    if not asked.may_be_told or answers < FEWEST_TOLD:
        return Use(raters=asked.raters)
    no_level = int(levels[NO_LEVEL]) / answers
    if with_level < FEWEST_TOLD:
        return Use(raters=asked.raters, no_level=no_level)
    steps = np.arange(1, given.size + 1)
    mean = float(given @ steps) / with_level
    return Use(
        raters=asked.raters,
        no_level=no_level,
        mean=mean,
        sd=(float(given @ (steps - mean) ** 2) / (with_level - 1)) ** 0.5,
        floor=int(given[0]) / with_level,
        ceiling=int(given[-1]) / with_level,
    )
