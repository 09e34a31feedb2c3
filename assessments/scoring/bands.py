"""Red, amber, green: slow to change, and never surer than the score is (part 10)."""

from enum import StrEnum

from assessments.scoring.spec import BandLimits
from assessments.scoring.uncertainty import Error, Interval, cumulative

PROVISIONAL_BELOW = 0.6
PROVISIONAL_WIDTH = 40


class Band(StrEnum):
    RED = "red"
    AMBER = "amber"
    GREEN = "green"


LADDER = (Band.RED, Band.AMBER, Band.GREEN)


def plain_band(limits: BandLimits, score: float) -> Band:
    """Return the band of a score that has no history."""
    if score < limits.amber_from:
        return Band.RED
    return Band.AMBER if score < limits.green_from else Band.GREEN


def band_after(limits: BandLimits, score: float, previous: Band | None) -> Band:
    """Return the band of a score after an earlier band.

    Each boundary is passed in turn: upwards at the boundary plus the margin or more, downwards
    only below the boundary less the margin. So a score that hovers does not flicker.
    """
    if previous is None:
        return plain_band(limits, score)
    boundaries = (limits.amber_from, limits.green_from)
    step = LADDER.index(previous)
    while step < len(boundaries) and score >= boundaries[step] + limits.margin:
        step += 1
    while step > 0 and score < boundaries[step - 1] - limits.margin:
        step -= 1
    return LADDER[step]


def band_probability(limits: BandLimits, band: Band, score: float, error: Error) -> float:
    """Return how probable it is that the true score lies in the band, from 0 to 1."""
    below_amber = cumulative((limits.amber_from - score) / error.se, error.df)
    above_green = cumulative((score - limits.green_from) / error.se, error.df)
    match band:
        case Band.RED:
            return below_amber
        case Band.AMBER:
            return 1 - below_amber - above_green
        case Band.GREEN:
            return above_green


def is_provisional(probability: float, shown: Interval) -> bool:
    """Return whether a band is too unsure to be shown as settled."""
    return probability < PROVISIONAL_BELOW or shown.width > PROVISIONAL_WIDTH
