"""What answers in confidence must not tell, taken out of them before the arithmetic (part 1).

Every number that is published is made of what is left, so nothing has to be hidden afterwards, and
nothing follows by subtraction: not for somebody who knows all the answers of his own side, either.

1. Where fewer of a side's people than the limit can speak in confidence about a dimension, their
   answers count there as blank: else the side's number, or the alliance's less the other sides',
   would be the mean of one or two people.
2. Where all of them have the same points, the mean and the spread together would tell what each of
   them said. Then one of them counts one level up on one question and another one level down; where
   everybody is at an end of the scale, one of them counts one level away from it. Which two is
   decided by their pseudonyms. So every number is also that of people who do not all say the same,
   and nobody can be told apart.
"""

from dataclasses import dataclass, replace

import numpy as np

from assessments.scoring.answers import Points, points
from assessments.scoring.batch import BLANK, Shape, Sheets
from assessments.scoring.columns import Floats, Levels, Marks, Segments, Whole


@dataclass(frozen=True, slots=True)
class Veiled:
    """Sheets that may be scored and published.

    Attributes:
        sheets: as they count.
        too_few: by dimension and segment, whether answers in confidence were left out.
    """

    sheets: Sheets
    too_few: Marks


def veil(shape: Shape, sheets: Sheets, segments: Segments) -> Veiled:
    """Return the sheets without what would tell of single people.

    Args:
        shape: the dimensions, the scale, and how many a side needs.
        sheets: who counts, in order.
        segments: the sides that they are of.
    """
    with np.errstate(divide="ignore", invalid="ignore"):  # a side that nobody speaks for
        found = points(shape, sheets, segments)
    usable = segments.count(found.counts & sheets.protected)
    is_short = usable < shape.parameters.min_side_raters_shown
    steps = sheets.steps.copy()
    too_few = np.zeros(usable.shape, dtype=np.bool_)
    for place, items in enumerate(shape.items_of):
        own = steps[items]
        left_out = sheets.protected & segments.spread(is_short[place]) & (own >= 0).any(axis=0)
        if left_out.any():
            too_few[place] = segments.count(left_out) > 0
            own[(own >= 0) & left_out] = BLANK
        _part(shape, place, own, _Alike(sheets, segments, found, place, ~is_short[place]))
    return Veiled(sheets=replace(sheets, steps=steps), too_few=too_few)


class _Alike:
    """The first two of each side who all have the same points in a dimension."""

    def __init__(
        self, sheets: Sheets, segments: Segments, found: Points, place: int, is_enough: Marks
    ) -> None:
        counts = found.counts[place] & sheets.protected
        value: Floats = found.of_rater[place]
        low = segments.least(np.where(counts, value, np.inf))
        high = segments.greatest(np.where(counts, value, -np.inf))
        members = np.flatnonzero(counts & segments.spread(is_enough & (low == high)))
        of_member = sheets.segment[members]
        is_first = np.ones(members.size, dtype=np.bool_)
        is_first[1:] = of_member[1:] != of_member[:-1]
        starts = np.flatnonzero(is_first)
        self.first: Whole = members[starts]
        # The limit is above one, so whoever is first has a second.
        self.second: Whole = members[starts + 1]


def _part(shape: Shape, place: int, steps: Levels, alike: _Alike) -> None:
    """Move one of each side a level up and another a level down, as far as the scale goes."""
    if not alike.first.size:
        return
    parameters = shape.parameters
    span = parameters.scale_max - parameters.scale_min
    is_reversed = np.array([item.reverse for item in shape.rubric.dimensions[place].items])
    sign = np.where(is_reversed, -1, 1)[:, np.newaxis]
    for raters, direction in ((alike.first, 1), (alike.second, -1)):
        own = steps[:, raters]
        moved = own + direction * sign
        can_move = (own >= 0) & (moved >= 0) & (moved <= span)
        item = can_move.argmax(axis=0)
        is_moved = can_move.any(axis=0)
        steps[item[is_moved], raters[is_moved]] = moved[item[is_moved], np.flatnonzero(is_moved)]
