"""Whether people of one side say the same (part 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assessments.scoring.batch import Shape, Sheets
from assessments.scoring.columns import Floats, Marks, Segments, Whole, in_turn

FEWEST_RESIDUAL_DF = 2


class AgreementWord(StrEnum):
    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    LACKING = "lacking"
    TOO_FEW = "too few"


WORDS = tuple(AgreementWord)

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
    """How much people agree in each dimension, on the levels they chose; by dimension first.

    Attributes:
        within_sides: r*_wg, pooled within sides: do colleagues see the same?
        mean_item_variance: what it is made of, in squared levels.
        all_raters: r*_wg of all raters together; low with `within_sides` high is a gap of sides.
        all_raters_j: r_wg(j), for reference only: it rises with the number of items alone.
        word: for `within_sides`, place in WORDS.
        could_be_chance: whether noise alone reaches `all_raters` in more than 5 of 100 cases.
        raters: the fewest that answered one of the items.
        items: how many items had answers enough; where 0, all the others mean nothing.
    """

    within_sides: Floats
    mean_item_variance: Floats
    all_raters: Floats
    all_raters_j: Floats
    word: NDArray[np.int8]
    could_be_chance: Marks
    raters: Whole
    items: Whole


@dataclass(frozen=True, slots=True)
class _ItemSpreads:
    """By item and assessment: variance within sides and over all raters, and answers."""

    is_taken: Marks
    within: Floats
    total: Floats
    answers: Floats


def agreement(shape: Shape, size: int, sheets: Sheets) -> Agreement:
    """Return the agreement in every dimension.

    Every answer counts, also of a rater who answered too few items to count in the score. An item
    needs two residual degrees of freedom (answers less sides) to be taken.

    Args:
        shape: the dimensions and the scale.
        size: how many assessments.
        sheets: everybody's answers.
    """
    spreads = _item_spreads(shape, size, sheets)
    parameters = shape.parameters
    levels = parameters.scale_max - parameters.scale_min + 1
    noise = (levels**2 - 1) / 12  # variance of answers thrown with a fair die of so many sides
    fields: list[tuple[Floats, ...]] = []
    for rows in shape.items_of:
        taken = spreads.is_taken[rows]
        items = taken.sum(axis=0)
        fields.append(
            (
                _mean(spreads.within[rows], taken, items),
                _mean(spreads.total[rows], taken, items),
                np.where(taken, spreads.answers[rows], np.inf).min(axis=0),
                items.astype(np.float64),
            )
        )
    within, total, fewest, items = (np.array(column) for column in zip(*fields, strict=True))
    within_sides, all_raters = 1 - within / noise, 1 - total / noise
    is_there = items > 0
    raters = np.where(is_there, fewest, 0).astype(np.int64)
    return Agreement(
        within_sides=within_sides,
        mean_item_variance=within,
        all_raters=all_raters,
        all_raters_j=_spearman_brown(all_raters, items),
        word=agreement_word(within_sides),
        could_be_chance=is_there & (all_raters < chance_limits(raters, items.astype(np.int64))),
        raters=raters,
        items=items.astype(np.int64),
    )


def agreement_word(within_sides: Floats) -> NDArray[np.int8]:
    """Return the words for r*_wg, as places in WORDS; "too few" for what is not a number."""
    return np.select(
        [
            np.isnan(within_sides),
            within_sides >= STRONG_FROM,
            within_sides >= MODERATE_FROM,
            within_sides >= WEAK_FROM,
        ],
        [
            WORDS.index(AgreementWord.TOO_FEW),
            WORDS.index(AgreementWord.STRONG),
            WORDS.index(AgreementWord.MODERATE),
            WORDS.index(AgreementWord.WEAK),
        ],
        WORDS.index(AgreementWord.LACKING),
    ).astype(np.int8)


def chance_limits(raters: Whole, items: Whole) -> Floats:
    """Return the r*_wg that noise stays below in 95 of 100 cases.

    Between the table's rows and columns it is read off a straight line; beyond its ends the end
    counts.
    """
    people, columns = np.clip(raters, 2, max(CHANCE)), np.clip(items, 1, max(CHANCE_ITEMS))
    return _CHANCE_LIMITS[people, columns]


def _between(marks: Sequence[int], values: Sequence[float], at: int) -> float:
    if at <= marks[0]:
        return values[0]
    for position in range(1, len(marks)):
        if at <= marks[position]:
            left, right = marks[position - 1], marks[position]
            share = (at - left) / (right - left)
            return values[position - 1] + share * (values[position] - values[position - 1])
    return values[-1]


def _limit(raters: int, items: int) -> float:
    limits = tuple(_between(CHANCE_ITEMS, CHANCE[row], items) for row in CHANCE)
    return _between(tuple(CHANCE), limits, raters)


_CHANCE_LIMITS = np.array(
    [
        [_limit(raters, items) for items in range(max(CHANCE_ITEMS) + 1)]
        for raters in range(max(CHANCE) + 1)
    ]
)


def _mean(values: Floats, taken: Marks, items: Whole) -> Floats:
    return in_turn(np.where(taken, values, 0.0)) / items


def _spearman_brown(single: Floats, items: Floats) -> Floats:
    """Return r_wg(j) from r*_wg; agreement worse than noise is 0, as its authors advise."""
    return np.where(single <= 0, 0.0, items * single / (items * single + 1 - single))


def _item_spreads(shape: Shape, size: int, sheets: Sheets) -> _ItemSpreads:
    n, totals, squares = _sums(shape, size, sheets)
    answers = in_turn(n)
    within = in_turn(
        np.where(count > 0, _squares(count, total, square), 0.0)
        for count, total, square in zip(n, totals, squares, strict=True)
    )
    residual_df = answers - in_turn((n > 0).astype(np.float64))
    return _ItemSpreads(
        is_taken=residual_df >= FEWEST_RESIDUAL_DF,
        within=within / residual_df,
        total=_squares(answers, in_turn(totals), in_turn(squares)) / (answers - 1),
        answers=answers,
    )


def _sums(shape: Shape, size: int, sheets: Sheets) -> tuple[Floats, Floats, Floats]:
    """Return by side, item and assessment how many answers, their sum and that of their squares.

    From the lowest level: whole numbers, so every sum is exact in any order.
    """
    segments = Segments(sheets.segment, size * shape.sides)
    is_answered = sheets.steps >= 0
    steps = np.where(is_answered, sheets.steps, 0).astype(np.int32)
    n, totals, squares = (
        np.ascontiguousarray(
            np.moveaxis(segments.whole(values).reshape(shape.items, size, shape.sides), -1, 0)
        )
        for values in (is_answered.astype(np.int32), steps, steps * steps)
    )
    return n, totals, squares


def _squares(n: Floats, total: Floats, squares: Floats) -> Floats:
    """Return the sum of squared distances from the mean, exact up to one division."""
    return (n * squares - total * total) / n


def mean_deviation(shape: Shape, size: int, sheets: Sheets) -> Floats:
    """Return AD_M in levels, by dimension and assessment: for reference, so only when asked for."""
    with np.errstate(divide="ignore", invalid="ignore"):
        taken = _item_spreads(shape, size, sheets).is_taken
        n, totals, _squared = (in_turn(found) for found in _sums(shape, size, sheets))
        of_rater = sheets.segment // shape.sides
        apart = np.abs(sheets.steps * n[:, of_rater] - totals[:, of_rater])
        apart = np.where(sheets.steps >= 0, apart, 0.0)
        deviation = Segments(of_rater, size).total(apart) / (n * n)
        return np.array(
            [
                _mean(deviation[rows], taken[rows], taken[rows].sum(axis=0))
                for rows in shape.items_of
            ]
        )
