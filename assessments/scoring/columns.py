"""Columns of numbers: one place in each for every rater, side or assessment of a batch."""

from collections.abc import Iterable, Sequence
from functools import reduce
from typing import TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

Floats: TypeAlias = NDArray[np.float64]
Whole: TypeAlias = NDArray[np.int64]
Levels: TypeAlias = NDArray[np.int16]
Marks: TypeAlias = NDArray[np.bool_]
Texts: TypeAlias = NDArray[np.bytes_]
Number = TypeVar("Number", np.float64, np.bool_)

LARGEST_EXACT = 2**53
"""Whole numbers below it are exact as floating-point numbers, and so are their sums."""


def in_turn(parts: Iterable[Floats]) -> Floats:
    """Add up columns one after the other, so that the digits never depend on a batch's size."""
    return reduce(np.add, parts)


def exact(numbers: Sequence[int], largest: int) -> NDArray[np.float64] | NDArray[np.object_]:
    """Return whole numbers in a form in which no product up to `largest` is ever rounded.

    Args:
        numbers: whole numbers.
        largest: the largest number that will be made of them.
    """
    if largest < LARGEST_EXACT:
        return np.array(numbers, dtype=np.float64)
    return np.array(numbers, dtype=np.object_)


class Segments:
    """Raters in order, each in one segment; a segment is a side of an assessment.

    Sums over a segment are the same to the last digit whatever stands before and after it.
    """

    def __init__(self, of_rater: Whole, size: int) -> None:
        """Find where each segment begins.

        Args:
            of_rater: the segment of each rater, ascending.
            size: how many segments there are, also those without a rater.
        """
        self.of_rater = of_rater
        self.size = size
        is_first = np.ones(of_rater.size, dtype=np.bool_)
        is_first[1:] = of_rater[1:] != of_rater[:-1]
        self._starts = np.flatnonzero(is_first)
        self._filled = of_rater[self._starts]

    def total(self, values: Floats) -> Floats:
        """Return the sum of each segment; the raters are the last axis."""
        return self._reduced(np.add, values, 0.0)

    def count(self, marks: Marks) -> Floats:
        """Return how many of each segment are marked; the raters are the last axis."""
        return self.whole(marks.astype(np.int32))

    def whole(self, values: NDArray[np.int32]) -> Floats:
        """Return the sum of whole numbers of each segment."""
        return self._reduced(np.add, values, 0.0)

    def least(self, values: Floats) -> Floats:
        """Return the smallest number of each segment, infinity where there is none."""
        return self._reduced(np.minimum, values, np.inf)

    def greatest(self, values: Floats) -> Floats:
        """Return the largest number of each segment, minus infinity where there is none."""
        return self._reduced(np.maximum, values, -np.inf)

    def spread(self, values: NDArray[Number]) -> NDArray[Number]:
        """Give each rater the number of his segment; the segments are the last axis."""
        return values[..., self.of_rater]

    def _reduced(self, how: np.ufunc, values: Floats | NDArray[np.int32], empty: float) -> Floats:
        if self._starts.size == self.size:
            return how.reduceat(values, self._starts, axis=-1).astype(np.float64, copy=False)
        found = np.full((*values.shape[:-1], self.size), empty)
        if self._starts.size:
            found[..., self._filled] = how.reduceat(values, self._starts, axis=-1)
        return found
