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

from dataclasses import dataclass, replace
from functools import lru_cache
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
        self._signs = [-1 if item.reverse else 1 for item in dimension.items]
        self._shares = dimension.item_shares

    def part(self) -> None:
        """Move answers until nobody is alike."""
        for row in range(len(self._steps)):
            self._part_levels(row)
        if len(self._steps) == 1:
            return  # the levels are the points
        alike = self._alike_in_points()
        if alike.size:
            secret = np.flatnonzero(self._sheets.protected)
            ends = np.searchsorted(self._sheets.segment[secret], [alike, alike + 1])
            for start, end in ends.T.tolist():
                self._part_points(secret[start:end])

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

    def _part_points(self, members: Whole) -> None:
        """Part those who have the same points without having chosen the same levels.

        The first moves are taken after which nobody is alike. Such groups are small and few, and
        plain numbers are quicker for them than columns.
        """
        own: list[list[int]] = self._steps[:, members].tolist()
        for moves in _moves(len(own), members.size):
            moved = [row.copy() for row in own]
            for item, person, direction in moves:
                moved[item][person] += direction * self._signs[item]
            is_within = all(
                own[item][person] >= 0 and 0 <= moved[item][person] <= self._span
                for item, person, _direction in moves
            )
            if is_within and self._are_apart(moved):
                self._steps[:, members] = moved
                return

    def _are_apart(self, steps: list[list[int]]) -> bool:
        """Whether neither the levels of a question nor the points are the same for all."""
        for row in steps:
            given = [step for step in row if step >= 0]
            if len(given) > 1 and min(given) == max(given):
                return False
        points = [
            (sum(worth for worth, _weight in told), sum(weight for _worth, weight in told))
            for told in (self._worths(one) for one in zip(*steps, strict=True))
            if told
        ]
        worth, weight = points[0]
        return any(other * weight != worth * part for other, part in points)

    def _worths(self, one: tuple[int, ...]) -> list[tuple[int, int]]:
        """Return what a person's answers are worth, and their weights."""
        return [
            (share * (step if sign > 0 else self._span - step), share)
            for step, sign, share in zip(one, self._signs, self._shares, strict=True)
            if step >= 0
        ]


@lru_cache(maxsize=256)
def _moves(items: int, people: int) -> tuple[Moves, ...]:
    """Return moves in the order in which they are tried: first those that keep the mean."""
    pairs = tuple(
        ((item, up, 1), (item, down, -1))
        for item in range(items)
        for up, down in permutations(range(people), 2)
    )
    alone = tuple(
        ((item, person, direction),)
        for item, person, direction in product(range(items), range(people), (1, -1))
    )
    return pairs + alone
