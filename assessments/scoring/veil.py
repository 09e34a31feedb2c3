"""What answers in confidence must not tell, taken out of them before the arithmetic (part 1).

Every number that is published is made of what is left, so nothing has to be hidden afterwards, and
nothing follows by subtraction: not for somebody who knows all the answers of his own side, either.

1. Where fewer of a side's people than the limit can speak in confidence about a dimension, their
   answers count there as blank: else the side's number, or the alliance's less the other sides',
   would be the mean of one or two people.
2. Where all of them chose the same level of a question, or have the same points in a dimension,
   the mean and the spread together would tell what each of them said. Then one of them counts a
   level up and another a level down; where everybody is at an end of the scale, one of them counts
   a level away from it. Which of them is decided by their pseudonyms.

After that no side's people are alike in anything. Whoever of them one thinks of, a colleague said
something else; had the two changed places, every published number would be the same. So no number,
with whatever digits, tells what one of them said.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product

import numpy as np

from assessments.scoring.answers import of_dimension
from assessments.scoring.batch import BLANK, Shape, Sheets
from assessments.scoring.columns import Floats, Levels, Marks, Segments, Whole

Moves = tuple[tuple[int, int, int], ...]
"""Answers to move: item and person by their places, and 1 for more points or -1 for fewer."""


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
    found = replace(sheets, steps=sheets.steps.copy())
    too_few = np.zeros((shape.dimensions, segments.size), dtype=np.bool_)
    for place, items in enumerate(shape.items_of):
        own = found.steps[items]
        counts, _points = of_dimension(shape, sheets, place, items)
        usable = segments.count(counts & sheets.protected)
        is_short = usable < shape.parameters.min_side_raters_shown
        left_out = sheets.protected & segments.spread(is_short) & (own >= 0).any(axis=0)
        if left_out.any():
            too_few[place] = segments.count(left_out) > 0
            own[(own >= 0) & left_out] = BLANK
        _Dimension(shape, place, found, segments).part()
    return Veiled(sheets=found, too_few=too_few)


class _Dimension:
    """The answers in confidence to one dimension's questions, in which nobody is to be alike."""

    def __init__(self, shape: Shape, place: int, sheets: Sheets, segments: Segments) -> None:
        self._shape, self._place = shape, place
        self._items = shape.items_of[place]
        self._sheets, self._segments = sheets, segments
        self._steps = sheets.steps[self._items]  # a view: what is moved here is moved there
        parameters, dimension = shape.parameters, shape.rubric.dimensions[place]
        self._span = parameters.scale_max - parameters.scale_min
        signs = [-1 if item.reverse else 1 for item in dimension.items]
        self._signs = np.array(signs, dtype=np.int16)
        self._shares = np.array(dimension.item_shares, dtype=np.float64)

    def part(self) -> None:
        """Move answers until nobody is alike."""
        for row in range(len(self._steps)):
            self._part_levels(row)
        if len(self._steps) == 1:
            return  # the levels are the points
        for segment in self._alike_in_points().tolist():
            self._part_points(segment)

    def _part_levels(self, row: int) -> None:
        """Part those who all chose the same level of a question."""
        level = self._steps[row]
        who = self._sheets.protected & (level >= 0)
        members = np.flatnonzero(who & self._segments.spread(self._alike(who, level)))
        of_member = self._sheets.segment[members]
        is_first = np.ones(members.size, dtype=np.bool_)
        is_first[1:] = of_member[1:] != of_member[:-1]
        starts = np.flatnonzero(is_first)
        first, second = members[starts], members[starts + 1]
        # In turn up and down, so that the same person is not moved the same way each time.
        upwards, downwards = (first, second) if row % 2 == 0 else (second, first)
        for raters, direction in ((upwards, 1), (downwards, -1)):
            moved = level[raters] + direction
            self._steps[row, raters] = np.clip(moved, 0, self._span)

    def _alike(self, who: Marks, value: Levels | Floats) -> Marks:
        """Return the sides of which two or more all have the same value."""
        segments = self._segments
        low = segments.least(np.where(who, value, np.inf))
        high = segments.greatest(np.where(who, value, -np.inf))
        found: Marks = (low == high) & (segments.count(who) > 1)
        return found

    def _alike_in_points(self) -> Whole:
        counts, points = of_dimension(self._shape, self._sheets, self._place, self._items)
        return np.flatnonzero(self._alike(counts & self._sheets.protected, points))

    def _part_points(self, segment: int) -> None:
        """Part those who have the same points without having chosen the same levels.

        It is rare, so the first moves are taken after which nobody is alike.
        """
        start, end = np.searchsorted(self._sheets.segment, [segment, segment + 1])
        members = start + np.flatnonzero(self._sheets.protected[start:end])
        own = self._steps[:, members]
        for moves in self._moves(own):
            moved = own.copy()
            for item, person, direction in moves:
                moved[item, person] += direction * self._signs[item]
            if self._is_within(moved, own) and self._is_told_apart(moved):
                self._steps[:, members] = moved
                return

    @staticmethod
    def _moves(own: Levels) -> Iterator[Moves]:
        """Return moves in the order in which they are tried: first those that keep the mean."""
        items, people = own.shape
        for item in range(items):
            for up, down in permutations(range(people), 2):
                yield ((item, up, 1), (item, down, -1))
        for item, person, direction in product(range(items), range(people), (1, -1)):
            yield ((item, person, direction),)

    def _is_within(self, moved: Levels, own: Levels) -> bool:
        """Whether only answers were moved, and none off the scale."""
        return bool(np.all((moved == own) | ((own >= 0) & (moved >= 0) & (moved <= self._span))))

    def _is_told_apart(self, steps: Levels) -> bool:
        """Whether neither the levels of a question nor the points are the same for all."""
        answered = steps >= 0
        for row, given in zip(steps, answered, strict=True):
            if given.sum() > 1 and np.unique(row[given]).size == 1:
                return False
        worth = np.where(self._signs[:, np.newaxis] > 0, steps, self._span - steps)
        weight = (self._shares[:, np.newaxis] * answered).sum(axis=0)
        points = (self._shares[:, np.newaxis] * np.where(answered, worth, 0)).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            return bool(np.unique(points[weight > 0] / weight[weight > 0]).size > 1)
