"""Whether people of one side say the same (part 7)."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from assessments.scoring.answers import level
from assessments.scoring.inputs import Rater
from assessments.scoring.spec import DimensionSpec, ItemSpec, Parameters

FEWEST_RESIDUAL_DF = 2


class AgreementWord(StrEnum):
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    LACKING = "lacking"
    TOO_FEW = "too few"


STRONG_FROM = 0.70
MODERATE_FROM = 0.50
WEAK_FROM = 0.30

# The 95th percentile of r*_wg under uniform noise with a rater halo of .5, by raters and items.
# Three, five and ten items: the specification's table. One and two: simulated in the same way
# (200,000 draws), because many dimensions have so few.
CHANCE_ITEMS = (1, 2, 3, 5, 10)
CHANCE: dict[int, tuple[float, ...]] = {
    2: (1.00, 0.88, 0.92, 0.85, 0.70),
    3: (0.83, 0.83, 0.72, 0.63, 0.53),
    4: (0.88, 0.69, 0.63, 0.52, 0.45),
    5: (0.75, 0.60, 0.52, 0.45, 0.38),
    6: (0.67, 0.52, 0.46, 0.38, 0.33),
    8: (0.58, 0.44, 0.37, 0.33, 0.26),
    10: (0.51, 0.38, 0.32, 0.28, 0.24),
    15: (0.38, 0.30, 0.26, 0.22, 0.18),
}


@dataclass(frozen=True, slots=True)
class Agreement:
    """How much people agree in a dimension, on the levels they chose.

    Attributes:
        within_sides: r*_wg, pooled within sides: do colleagues see the same?
        mean_item_variance: what it is made of, in squared levels.
        all_raters: r*_wg of all raters together; low with `within_sides` high is a gap of sides.
        all_raters_j: r_wg(j), for reference only: it rises with the number of items alone.
        mean_deviation: AD_M, in levels.
        word: for `within_sides`.
        could_be_chance: whether noise alone reaches `all_raters` in more than 5 of 100 cases.
        raters: the fewest that answered one of the items.
        items: how many items had answers enough.
    """

    within_sides: float | None
    mean_item_variance: float | None
    all_raters: float | None
    all_raters_j: float | None
    mean_deviation: float | None
    word: AgreementWord
    could_be_chance: bool
    raters: int
    items: int


TOO_FEW = Agreement(
    within_sides=None,
    mean_item_variance=None,
    all_raters=None,
    all_raters_j=None,
    mean_deviation=None,
    word=AgreementWord.TOO_FEW,
    could_be_chance=False,
    raters=0,
    items=0,
)


@dataclass(frozen=True, slots=True)
class _ItemSpread:
    """One item: variance within sides and over all raters, mean deviation, answers."""

    within: float
    total: float
    deviation: float
    answers: int


def agreement(
    parameters: Parameters,
    dimension: DimensionSpec,
    sides: Sequence[str],
    raters: Sequence[Rater],
) -> Agreement:
    """Return the agreement in a dimension.

    Every answer counts, also of a rater who answered too few items to count in the score. An item
    needs two residual degrees of freedom (answers less sides) to be taken.
    """
    spreads = [
        spread
        for item in dimension.items
        if (spread := _item_spread(_levels(item, sides, raters))) is not None
    ]
    if not spreads:
        return TOO_FEW
    items = len(spreads)
    levels = parameters.scale_max - parameters.scale_min + 1
    noise = (levels**2 - 1) / 12  # variance of answers thrown with a fair die of so many sides
    within_variance = math.fsum(spread.within for spread in spreads) / items
    total_variance = math.fsum(spread.total for spread in spreads) / items
    within_sides = 1 - within_variance / noise
    all_raters = 1 - total_variance / noise
    fewest = min(spread.answers for spread in spreads)
    return Agreement(
        within_sides=within_sides,
        mean_item_variance=within_variance,
        all_raters=all_raters,
        all_raters_j=_spearman_brown(all_raters, items),
        mean_deviation=math.fsum(spread.deviation for spread in spreads) / items,
        word=agreement_word(within_sides),
        could_be_chance=all_raters < chance_limit(fewest, items),
        raters=fewest,
        items=items,
    )


def agreement_word(within_sides: float) -> AgreementWord:
    """Return the word for an r*_wg."""
    if within_sides >= STRONG_FROM:
        return AgreementWord.STRONG
    if within_sides >= MODERATE_FROM:
        return AgreementWord.MODERATE
    return AgreementWord.WEAK if within_sides >= WEAK_FROM else AgreementWord.LACKING


def chance_limit(raters: int, items: int) -> float:
    """Return the r*_wg that noise stays below in 95 of 100 cases.

    Between the table's rows and columns it is read off a straight line; beyond its ends the end
    counts.

    Args:
        raters: 2 or more.
        items: 1 or more.
    """
    rows = tuple(CHANCE)
    limits = tuple(_between(CHANCE_ITEMS, CHANCE[row], items) for row in rows)
    return _between(rows, limits, raters)


def _between(marks: Sequence[int], values: Sequence[float], at: int) -> float:
    if at <= marks[0]:
        return values[0]
    for position in range(1, len(marks)):
        if at <= marks[position]:
            left, right = marks[position - 1], marks[position]
            share = (at - left) / (right - left)
            return values[position - 1] + share * (values[position] - values[position - 1])
    return values[-1]


def _spearman_brown(single: float, items: int) -> float:
    """Return r_wg(j) from r*_wg; agreement worse than noise is 0, as its authors advise."""
    if single <= 0:
        return 0.0
    return items * single / (items * single + 1 - single)


def _levels(item: ItemSpec, sides: Sequence[str], raters: Sequence[Rater]) -> list[list[int]]:
    by_side: dict[str, list[int]] = {side: [] for side in sides}
    for rater in raters:
        answered = level(rater.answers.get(item.id))
        if answered is not None:
            by_side[rater.side].append(answered)
    return [levels for levels in by_side.values() if levels]


def _item_spread(sides: Iterable[Sequence[int]]) -> _ItemSpread | None:
    groups = list(sides)
    answers = [answered for group in groups for answered in group]
    residual_df = len(answers) - len(groups)
    if residual_df < FEWEST_RESIDUAL_DF:
        return None
    mean = sum(answers) / len(answers)
    return _ItemSpread(
        within=math.fsum(_sum_of_squares(group) for group in groups) / residual_df,
        total=_sum_of_squares(answers) / (len(answers) - 1),
        deviation=math.fsum(abs(answered - mean) for answered in answers) / len(answers),
        answers=len(answers),
    )


def _sum_of_squares(answers: Sequence[int]) -> float:
    """Return the sum of squared distances from the mean, exact up to one division."""
    total = sum(answers)
    n = len(answers)
    return (n * sum(answered * answered for answered in answers) - total * total) / n
