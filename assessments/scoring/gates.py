"""Gates: what keeps a pillar from showing a better band than its number has earned.

The number stays as it is; only the band that is shown is held back, and it says why.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from enum import StrEnum

import numpy as np
from dateutil.relativedelta import relativedelta

from assessments.scoring.bands import Steps
from assessments.scoring.batch import NO_BAND
from assessments.scoring.columns import Marks


class Gate(StrEnum):
    """Why a band is held back."""

    SPONSOR_SEAT_VACANT = "sponsor_seat_vacant"
    NO_OBJECTIVE_CONFIRMED = "no_objective_confirmed"


GATES = tuple(Gate)


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


def has_vacant_sponsor(sides: Iterable[int], held: Collection[int]) -> bool:
    """Return whether a side has no executive sponsor.

    Args:
        sides: members on the day.
        held: the sides whose sponsor's seat somebody holds on the day.
    """
    return any(side not in held for side in sides)


def lacks_confirmed_objective(
    sides: Collection[int], confirmed: Iterable[Mapping[int, date]], on: date, months: int
) -> bool:
    """Return whether no running objective was confirmed by all sides lately.

    Args:
        sides: members on the day.
        confirmed: of each objective that runs on the day, the last confirmation by side.
        on: the day.
        months: how long a confirmation counts: from the day after the same day so many months ago.
    """
    after = on - relativedelta(months=months)
    return not any(
        all(side in last and after < last[side] <= on for side in sides) for last in confirmed
    )
