"""How people filled in the questionnaire; told as counts, never by name (part 11)."""

from dataclasses import dataclass

import numpy as np

from assessments.scoring.batch import CANNOT_TELL, Shape, Sheets
from assessments.scoring.columns import Levels, Marks, Whole

SHORTEST_RUN = 2


@dataclass(frozen=True, slots=True)
class Quality:
    """How the questionnaires were filled in; per rater, so it stays inside.

    Attributes:
        is_straight: whether the rater gave the same answer again and again.
        longest_run: how many times in a row the most repeated level was chosen.
        answered: how many items have a level.
        not_applicable: how many items the rater could not tell.
    """

    is_straight: Marks
    longest_run: Whole
    answered: Whole
    not_applicable: Whole


def quality(shape: Shape, sheets: Sheets) -> Quality:
    """Return how the questionnaires were filled in.

    Runs are of answers as given, in the rubric's order, over blanks and "NA" as if not asked.
    """
    answered = (sheets.steps >= 0).sum(axis=0)
    run = longest_run(sheets.steps)
    # One answer alone is no run.
    limit = np.maximum(SHORTEST_RUN, shape.parameters.longstring_share * answered)
    return Quality(
        is_straight=run >= limit,
        longest_run=run,
        answered=answered,
        not_applicable=(sheets.steps == CANNOT_TELL).sum(axis=0),
    )


def longest_run(steps: Levels) -> Whole:
    """Return how many times in a row each rater's most repeated level was chosen.

    Args:
        steps: by item and rater; below 0 where there is no level.
    """
    raters = steps.shape[1]
    last = np.full(raters, -1, dtype=steps.dtype)
    run = np.zeros(raters, dtype=np.int64)
    longest = run
    for row in steps:
        is_answered = row >= 0
        run = np.where(is_answered, np.where(row == last, run + 1, 1), run)
        last = np.where(is_answered, row, last)
        longest = np.maximum(longest, run)
    return longest
