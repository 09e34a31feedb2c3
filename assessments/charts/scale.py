"""From scores to places on the drawing."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

LOWEST, HIGHEST = 0.0, 100.0


def clean(value: float | None) -> float | None:
    """Keep a score within 0 to 100; what is no finite number counts as missing."""
    if value is None or not math.isfinite(value):
        return None
    return min(max(float(value), LOWEST), HIGHEST)


def whole(value: float) -> int:
    """Round to whole points, halves up, as a reader would."""
    return math.floor(value + 0.5)


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight line from one range to another; what lies outside is put on the edge."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def window(
    values: Iterable[float], *, least: float = 30.0, step: float = 10.0
) -> tuple[float, float]:
    """Choose the part of 0 to 100 to draw: around the values, never narrower than `least`.

    A score that moves by a few points must look neither flat (0 to 100) nor dramatic (its range).
    """
    known = list(values)
    if not known:
        return LOWEST, HIGHEST
    low, high = min(known), max(known)
    missing = max(0.0, least - (high - low)) / 2
    low, high = low - missing, high + missing
    low, high = low - max(0.0, high - HIGHEST), high + max(0.0, LOWEST - low)
    return (
        max(LOWEST, math.floor(low / step) * step),
        min(HIGHEST, math.ceil(high / step) * step),
    )


def ticks(low: float, high: float, *, most: int = 6) -> list[float]:
    """List round numbers from low to high, `most` or fewer."""
    step = next(s for s in (5.0, 10.0, 20.0, 25.0, 50.0, 100.0) if (high - low) / s <= most - 1)
    first = math.ceil(low / step)
    return [n * step for n in range(first, math.floor(high / step) + 1)]


def runs(present: Sequence[bool]) -> list[list[int]]:
    """Group neighbouring indices that are present: a line must not cross a gap."""
    groups: list[list[int]] = []
    for index, is_present in enumerate(present):
        if not is_present:
            continue
        if groups and groups[-1][-1] == index - 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups
