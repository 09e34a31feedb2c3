"""Who enters a scoring at all: the step before the arithmetic (part 1)."""

from dataclasses import dataclass

import numpy as np

from assessments.scoring.columns import Marks, Whole

FEWEST_PROTECTED = 3


class LimitTooLow(ValueError):
    """The raters were promised that their answers hide among at least so many."""


@dataclass(frozen=True, slots=True)
class Countable:
    """Who counts.

    Attributes:
        kept: by rater, whether his answers count.
        left_out: by side, how many protected answers do not count.
    """

    kept: Marks
    left_out: Whole


def countable(side: Whole, protected: Marks, minimum_protected: Whole) -> Countable:
    """Return who counts: all who answer by name, and a side's protected raters all or none.

    Args:
        side: of each rater who submitted, its place among all sides of all assessments.
        protected: whether the rater answers in confidence.
        minimum_protected: k, by side; its protected raters count if there are so many.

    Raises:
        LimitTooLow: k is below 3.
    """
    if minimum_protected.size and minimum_protected.min() < FEWEST_PROTECTED:
        raise LimitTooLow(
            f"The limit of protected answers is {minimum_protected.min()}; "
            f"it cannot be below {FEWEST_PROTECTED}."
        )
    found = np.bincount(side[protected], minlength=minimum_protected.size)
    left_out = np.where(found < minimum_protected, found, 0)
    return Countable(kept=~protected | (left_out[side] == 0), left_out=left_out)
