"""Gates: what keeps a pillar from showing a better band than its number has earned.

The number stays as it is; only the band that is shown is held back, and it says why.
"""

from enum import StrEnum

import numpy as np

from assessments.scoring.bands import Steps
from assessments.scoring.batch import NO_BAND
from assessments.scoring.columns import Marks


class Gate(StrEnum):
    """Why a band is held back."""

    SPONSOR_SEAT_VACANT = "sponsor_seat_vacant"
    NO_OBJECTIVE_CONFIRMED = "no_objective_confirmed"


GATES = tuple(Gate)
NO_CAP = 127
"""Stands where nothing holds a band back."""


def held_back(bands: Steps, caps: Steps) -> Marks:
    """Return where a band is better than may be shown.

    Args:
        bands: places in the ladder, or NO_BAND.
        caps: the highest place that may be shown, or NO_CAP.
    """
    found: Marks = (bands != NO_BAND) & (bands > caps)
    return found


def shown_band(bands: Steps, caps: Steps) -> Steps:
    """Return the bands as they may be shown."""
    return np.minimum(bands, caps).astype(np.int8)
