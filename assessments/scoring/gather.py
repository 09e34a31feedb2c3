"""Who enters a scoring at all: the step before the arithmetic (part 1)."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from assessments.scoring.inputs import Rater, in_order

FEWEST_PROTECTED = 3


class LimitTooLow(ValueError):
    """The raters were promised that their answers hide among at least so many."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """Who counts, and how many protected answers were left out, by side in order of id.

    Attributes:
        kept: in order of id.
        left_out: only sides of which some were left out.
    """

    kept: tuple[Rater, ...]
    left_out: dict[str, int]


def countable(raters: Iterable[Rater], *, minimum_protected: int) -> Gathered:
    """Return who counts: all who answer by name, and a side's protected raters all or none.

    Args:
        raters: those who submitted, of every side.
        minimum_protected: k; a side's protected raters count if there are so many.

    Raises:
        LimitTooLow: k is below 3.
    """
    if minimum_protected < FEWEST_PROTECTED:
        raise LimitTooLow(
            f"The limit of protected answers is {minimum_protected}; "
            f"it cannot be below {FEWEST_PROTECTED}."
        )
    everyone = in_order(raters)
    protected = Counter(rater.side for rater in everyone if rater.protected)
    left_out = {side: n for side, n in sorted(protected.items()) if n < minimum_protected}
    kept = tuple(rater for rater in everyone if not rater.protected or rater.side not in left_out)
    return Gathered(kept=kept, left_out=left_out)
