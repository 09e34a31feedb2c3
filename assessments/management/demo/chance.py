"""Chance that falls the same way every time."""

from collections.abc import Iterator
from random import Random

SEED = 20_260_401


def dice(*about: object) -> Random:
    """Return dice of their own for something, so that no story changes another's throws.

    Args:
        about: what is thrown for; the same gives the same throws.
    """
    return Random(":".join(map(str, (SEED, *about))))  # noqa: S311  a story, not a secret


def spread_out(shares: Iterator[float]) -> Iterator[bool]:
    """Return yes or no for each share, so that the yeses come as evenly as they can.

    Args:
        shares: from 0 to 1, one after the other; they may change on the way.
    """
    owed = 0.5
    for share in shares:
        owed += share
        yield owed >= 1
        owed -= owed >= 1
