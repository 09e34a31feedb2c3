"""Parts of a number that add up to it: to the last bit, and as they are shown."""

import math
from collections.abc import Sequence

MOST_RESIDUE = 1e-9


class PartsDoNotAddUp(ValueError):
    """What is said to make up a number does not: something else is wrong than rounding."""


def exact_parts(total: float, parts: Sequence[float]) -> tuple[float, ...]:
    """Return parts whose sum, as `math.fsum` takes it, is the total to the last bit.

    What rounding left over, a few units in the last place, goes to the largest part; what that one
    is too coarse to take goes to the next.

    Args:
        total: what they make up.
        parts: as they were worked out, each rounded for itself.

    Raises:
        PartsDoNotAddUp: more is missing than rounding can leave over.
    """
    found = list(parts)
    if abs(_missing(total, found)) >= MOST_RESIDUE:
        raise PartsDoNotAddUp(f"{found} make {math.fsum(found)!r}, and not {total!r}.")
    for place in sorted(range(len(found)), key=lambda place: (-abs(found[place]), place)):
        if math.fsum(found) == total:
            break
        found[place] += _missing(total, found)
    return tuple(found)


def _missing(total: float, parts: Sequence[float]) -> float:
    return math.fsum([total, *(-part for part in parts)])


def whole_parts(total: int, parts: Sequence[float]) -> tuple[int, ...]:
    """Return parts in whole points that add up to a total in whole points.

    Largest remainder: each part is rounded down, and the points that are missing go to those that
    lost most by it; between equals to the earlier one.

    Args:
        total: what is shown for all of them, at most a point from what they add up to.
        parts: not rounded; parts below 0 too.
    """
    low = [math.floor(part) for part in parts]
    lost = sorted(range(len(low)), key=lambda place: (low[place] - parts[place], place))
    for place in lost[: total - sum(low)]:
        low[place] += 1
    return tuple(low)
