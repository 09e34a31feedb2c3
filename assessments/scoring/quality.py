"""How people filled in the questionnaire; told as counts, never by name (part 11)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from assessments.scoring.answers import level
from assessments.scoring.inputs import NOT_APPLICABLE, Rater
from assessments.scoring.spec import Parameters, RubricSpec

SHORTEST_RUN = 2


@dataclass(frozen=True, slots=True)
class StraightLine:
    """A rater who gave the same answer again and again."""

    rater: str
    longest_run: int
    items: int


@dataclass(frozen=True, slots=True)
class Quality:
    """How the questionnaires were filled in; per rater, so it stays inside.

    Attributes:
        straight_lining: raters with a long run of one answer, in order of id.
        answered: answered items by rater.
        not_applicable: "NA" by rater.
    """

    straight_lining: tuple[StraightLine, ...]
    answered: Mapping[str, int]
    not_applicable: Mapping[str, int]


def quality(parameters: Parameters, rubric: RubricSpec, raters: Sequence[Rater]) -> Quality:
    """Return how the questionnaires were filled in.

    Runs are of answers as given, in the rubric's order, over blanks and "NA" as if not asked.
    """
    lines = []
    answered = {}
    not_applicable = {}
    for rater in raters:
        given = [
            rater.answers.get(item.id)
            for dimension in rubric.dimensions
            for item in dimension.items
        ]
        levels = [found for answer in given if (found := level(answer)) is not None]
        answered[rater.id] = len(levels)
        not_applicable[rater.id] = given.count(NOT_APPLICABLE)
        run = longest_run(levels)
        # One answer alone is no run.
        if run >= max(SHORTEST_RUN, parameters.longstring_share * len(levels)):
            lines.append(StraightLine(rater=rater.id, longest_run=run, items=len(levels)))
    return Quality(straight_lining=tuple(lines), answered=answered, not_applicable=not_applicable)


def longest_run(levels: Sequence[int]) -> int:
    """Return how many times in a row the most repeated level was chosen."""
    return max((len(list(run)) for _, run in groupby(levels)), default=0)
