"""Red, amber, green: slow to change, and never surer than the score is (part 10)."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from assessments.scoring.batch import NO_BAND
from assessments.scoring.columns import Floats, Marks
from assessments.scoring.spec import BandLimits
from assessments.scoring.uncertainty import Error, Interval, cumulative

PROVISIONAL_BELOW = 0.6
PROVISIONAL_WIDTH = 40

Steps = NDArray[np.int8]
"""Places in LADDER, or NO_BAND."""


class Band(StrEnum):
    RED = "red"
    AMBER = "amber"
    GREEN = "green"


LADDER = (Band.RED, Band.AMBER, Band.GREEN)


def plain_band(limits: BandLimits, scores: Floats) -> Steps:
    """Return the bands of scores that have no history; NO_BAND where there is no score."""
    steps = np.zeros(scores.shape, dtype=np.int8)
    for boundary in (limits.amber_from, limits.green_from):
        steps += scores >= boundary
    return np.where(np.isnan(scores), NO_BAND, steps).astype(np.int8)


def band_after(limits: BandLimits, scores: Floats, previous: Steps) -> Steps:
    """Return the bands of scores after earlier bands.

    Each boundary is passed in turn: upwards at the boundary plus the margin or more, downwards
    only below the boundary less the margin. So a score that hovers does not flicker.
    """
    steps = previous.copy()
    boundaries = (limits.amber_from, limits.green_from)
    for below, boundary in enumerate(boundaries):
        steps[(steps == below) & (scores >= boundary + limits.margin)] = below + 1
    for below, boundary in reversed(list(enumerate(boundaries))):
        steps[(steps == below + 1) & (scores < boundary - limits.margin)] = below
    plain = plain_band(limits, scores)
    return np.where((previous == NO_BAND) | np.isnan(scores), plain, steps).astype(np.int8)


def band_probability(limits: BandLimits, bands: Steps, scores: Floats, error: Error) -> Floats:
    """Return how probable it is that the true score lies in the band, from 0 to 1."""
    red, amber, green = range(len(LADDER))
    # Only what each band needs is worked out: of red and green one end, of amber both.
    below_amber = np.where(bands == green, np.nan, (limits.amber_from - scores) / error.se)
    above_green = np.where(bands == red, np.nan, (scores - limits.green_from) / error.se)
    below, above = cumulative(below_amber, error.df), cumulative(above_green, error.df)
    return np.select(
        [bands == red, bands == amber, bands == green], [below, 1 - below - above, above], np.nan
    )


def is_provisional(probability: Floats, shown: Interval) -> Marks:
    """Return where a band is too unsure to be shown as settled."""
    return (probability < PROVISIONAL_BELOW) | (shown.width > PROVISIONAL_WIDTH)
