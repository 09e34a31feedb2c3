"""Why a weighted mean moved: how far its terms moved, and what of it comes from other weights.

A node's value is a weighted mean of terms (what a side's people say in a dimension, what its
records say), in both quarters. With weight a and points x now, b and y then, a term's part of the
difference a x - b y is split at the midpoint:

    (a + b) / 2 * (x - y)          the term's move
    (a - b) * ((x + y) / 2 - m)    that it counts more or less than it did

m is the node's own mean, (now + then) / 2. The weights add up to 1 in both quarters, so m drops
out of the sum: a term that counts more raises the node if it lies above the node's own mean. Where
0 lies on the scale makes no difference. A term that only one quarter has does not move; it only
counts.

Source: T. L. Bennet, "The theory of measurement of changes in cost of living", Journal of the Royal
Statistical Society 83 (1920), pp. 455-462; taken about the mean as W. E. Diewert and K. J. Fox do
for shares of an aggregate ("On measuring the contribution of entering and exiting firms to
aggregate productivity growth", 2010).
"""

from collections.abc import Mapping
from dataclasses import dataclass

from assessments.scoring.parts import exact_parts


@dataclass(frozen=True, slots=True)
class Weighed:
    """A term of a weighted mean in one quarter: its share, from 0 to 1, and its points."""

    share: float
    points: float


@dataclass(frozen=True, slots=True)
class Split:
    """Why a number moved. All its parts add up exactly to what it moved by.

    Attributes:
        total: now less then.
        moves: by term, what its own move adds.
        counts: by term, what comes from its counting more or less than it did.
        rubric: what scoring the earlier answers by today's rubric made of them.
    """

    total: float
    moves: Mapping[str, float]
    counts: Mapping[str, float]
    rubric: float

    @property
    def parts(self) -> tuple[float, ...]:
        return (*self.moves.values(), *self.counts.values(), self.rubric)


def split(
    now: float,
    then: float,
    terms_now: Mapping[str, Weighed],
    terms_then: Mapping[str, Weighed],
    *,
    stored_then: float | None = None,
) -> Split:
    """Return why a weighted mean moved.

    Args:
        now: its value now.
        then: its value then, by the rubric of today.
        terms_now: what it is made of, by any name; the shares add up to 1.
        terms_then: the same for then.
        stored_then: its value then by the rubric of then; none where that is the same.

    Raises:
        PartsDoNotAddUp: the terms do not make the values.
    """
    stored = then if stored_then is None else stored_then
    total = now - stored
    middle = (now + then) / 2
    # In the order of their names, so that the order they came in changes no digit.
    names = sorted({*terms_now, *terms_then})
    moves, counts = [], []
    for name in names:
        move, count = _parts(terms_now.get(name), terms_then.get(name), middle)
        moves.append(move)
        counts.append(count)
    found = exact_parts(total, [*moves, *counts, then - stored])
    return Split(
        total=total,
        moves=dict(zip(names, found, strict=False)),
        counts=dict(zip(names, found[len(names) :], strict=False)),
        rubric=found[-1],
    )


def _parts(now: Weighed | None, then: Weighed | None, middle: float) -> tuple[float, float]:
    """Return what a term's move adds, and what its counting more or less does."""
    a = now.share if now else 0.0
    b = then.share if then else 0.0
    # What a term had in the quarter that lacks it is not known: it did not move.
    x = now.points if now else then.points if then else 0.0
    y = then.points if then else x
    return (a + b) / 2 * (x - y) if now and then else 0.0, (a - b) * ((x + y) / 2 - middle)
