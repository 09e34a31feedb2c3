"""How far the sides are apart, and whether that is more than noise (part 8)."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assessments.scoring.columns import Floats, Marks, Whole, in_turn
from assessments.scoring.spec import FEWEST_SIDES, Parameters
from assessments.scoring.uncertainty import Error, Interval, combine, interval, p_value


class GapVerdict(StrEnum):
    CLEAR = "clear"
    POSSIBLE = "possible"
    ALIGNED = "aligned"
    CANNOT_TELL = "cannot tell"


VERDICTS = tuple(GapVerdict)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Each side's view less the other's, or less the mean of the others; by side first.

    Of two sides only the first has a gap, to the second; of more each has one, to the others.

    Attributes:
        is_there: where there is a gap.
        pairs: where only two sides have a view; by node and assessment, without sides.
        value: points, from -100 to 100.
        error: standard error in points, and degrees of freedom.
        interval: of the gap, not cut.
        p: how often chance alone would bring such a gap.
        p_holm: the same, allowing for as many looks as there are sides; p itself for two sides.
        verdict: place in VERDICTS.
    """

    is_there: Marks
    pairs: Marks
    value: Floats
    error: Error
    interval: Interval
    p: Floats
    p_holm: Floats
    verdict: NDArray[np.int8]


def gaps(parameters: Parameters, values: Floats, se2: Floats, df: Floats) -> Gaps:
    """Return the gaps between the sides.

    Args:
        parameters: what is material, what is possible, and the levels.
        values: the sides' own views, the sides along the first axis; not a number where there is
            no view.
        se2: their squared standard errors.
        df: their degrees of freedom.
    """
    seen = np.isfinite(values)
    views = seen.sum(axis=0)
    value = np.where(seen, values, 0.0)
    se2 = np.where(seen, se2, 0.0)
    sides = range(len(values))
    found = np.empty(values.shape)
    errors = []
    for side in sides:
        others = [other for other in sides if other != side]
        mean = in_turn(value[other] for other in others) / (views - 1)
        found[side] = value[side] - mean
        parts = [se2[side], *(se2[other] / ((views - 1) * (views - 1)) for other in others)]
        errors.append(combine(np.array(parts), df[[side, *others]]))
    error = Error(
        se=np.array([part.se for part in errors]), df=np.array([part.df for part in errors])
    )
    pairs = views == FEWEST_SIDES
    is_first = seen & (np.cumsum(seen, axis=0) == 1)
    is_there = np.where(pairs, is_first, seen & (views > FEWEST_SIDES))
    found = np.where(is_there, found, np.nan)
    error = Error(se=np.where(is_there, error.se, np.nan), df=np.where(is_there, error.df, np.nan))
    p = p_value(found, error)
    p_holm = holm(p)
    return Gaps(
        is_there=is_there,
        pairs=pairs,
        value=found,
        error=error,
        interval=interval(found, error, parameters.confidence),
        p=p,
        p_holm=p_holm,
        verdict=gap_verdict(parameters, found, error, p_holm),
    )


def holm(chances: Floats) -> Floats:
    """Return p values adjusted for being several (Holm 1979), along the first axis.

    What is not a number is no look.
    """
    looks: Whole = np.isfinite(chances).sum(axis=0)
    order = np.argsort(chances, axis=0, kind="stable")
    adjusted = np.empty(chances.shape)
    highest = np.zeros(chances.shape[1:])
    for rank, place in enumerate(order):
        found = np.take_along_axis(chances, place[np.newaxis], axis=0)[0]
        highest = np.maximum(highest, np.minimum((looks - rank) * found, 1.0))
        np.put_along_axis(adjusted, place[np.newaxis], highest[np.newaxis], axis=0)
    return adjusted


def gap_verdict(parameters: Parameters, value: Floats, error: Error, p: Floats) -> NDArray[np.int8]:
    """Return what may be said of gaps: a test decides, and "cannot tell" is an honest answer."""
    is_material = np.abs(value) >= parameters.material_points
    is_aligned = interval(value, error, parameters.equivalence_level).within(
        parameters.material_points
    )
    return np.select(
        [
            is_material & (p < 1 - parameters.confidence),
            is_material & (p < parameters.possible_p_below),
            is_aligned,
        ],
        [
            VERDICTS.index(GapVerdict.CLEAR),
            VERDICTS.index(GapVerdict.POSSIBLE),
            VERDICTS.index(GapVerdict.ALIGNED),
        ],
        VERDICTS.index(GapVerdict.CANNOT_TELL),
    ).astype(np.int8)
