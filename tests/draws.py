"""Small samples of real groups, whose true scores are known: what an interval must cover.

Each group stands for an alliance. Both sides of a draw come from all people of one group, with
replacement, so the true score is the group's own mean and there is no true gap.
"""

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assessments import scoring
from assessments.operations import rubric_documents
from assessments.scoring import (
    Answer,
    DimensionSpec,
    ItemSpec,
    Parameters,
    PillarSpec,
    Rater,
    Result,
    RubricSpec,
)
from tests import survey

RUBRIC = Path(rubric_documents.__file__).parent.parent / "rubrics" / "leadership_climate.yaml"
SIDES = ("north", "south")
MOST_RATERS = 8
PARAMETERS = Parameters()
SOURCE = (
    f"the real answers, {survey.FILE.name}"
    if survey.FILE == survey.REAL
    else f"the example of the documentation, {survey.FILE.name}, because the real answers do not"
    " lie beside this checkout"
)

Answers = Mapping[str, Answer]


@cache
def tree() -> RubricSpec:
    """Return the rubric that the answers were given to."""
    return RubricSpec(
        "draws",
        tuple(
            PillarSpec(
                pillar.key,
                pillar.weight,
                tuple(
                    DimensionSpec(
                        dimension.key,
                        dimension.weight,
                        tuple(ItemSpec(question.key) for question in dimension.questions),
                    )
                    for dimension in pillar.dimensions
                ),
            )
            for pillar in rubric_documents.read(RUBRIC).pillars
        ),
    )


@cache
def groups() -> Mapping[str, Mapping[str, Answers]]:
    """Return what everybody answered, by group and respondent."""
    found: dict[str, dict[str, dict[str, Answer]]] = defaultdict(lambda: defaultdict(dict))
    for row in survey.ROWS:
        level: Answer = int(row["level"]) if row["level"].isdecimal() else scoring.NOT_APPLICABLE
        found[row["alliance"]][row["respondent"]][row["question"]] = level
    return found


@dataclass(frozen=True, slots=True)
class Draw:
    """One sample, scored.

    Attributes:
        raters: on each side.
        true: the group's own mean.
        low: where the interval of the overall score begins.
        high: where it ends.
        gap: what is said of the sides, which do not truly differ.
    """

    raters: tuple[int, int]
    true: float
    low: float
    high: float
    gap: str

    @property
    def covers(self) -> bool:
        return self.low <= self.true <= self.high


def draws(number: int, *, seed: int) -> Iterator[Draw]:
    """Yield so many samples of 1 to 8 raters a side, each of a group drawn at random.

    Those whose answers make no score, because one side left out more than half, are drawn again.
    """
    drawn = random.Random(seed)
    names = sorted(groups())
    made = 0
    while made < number:
        people = list(groups()[drawn.choice(names)].values())
        raters = (drawn.randint(1, MOST_RATERS), drawn.randint(1, MOST_RATERS))
        sampled = [drawn.choices(people, k=size) for size in raters]
        result = _scored(sampled)
        node = result.nodes["overall"]
        if node.score is None:
            continue
        made += 1
        yield Draw(
            raters=raters,
            true=_mean(people),
            low=node.score.shown.low,
            high=node.score.shown.high,
            gap=str(node.gaps[0].verdict),
        )


def _scored(sampled: list[list[Answers]]) -> Result:
    return scoring.score(
        PARAMETERS,
        tree(),
        SIDES,
        [
            Rater(f"{side}{number}", side, answers)
            for side, people in zip(SIDES, sampled, strict=True)
            for number, answers in enumerate(people)
        ],
    )


def _mean(people: list[Answers]) -> float:
    """Return the mean of a group's people in points, each the mean of what he answered."""
    points = []
    for answers in people:
        levels = [level for level in answers.values() if isinstance(level, int)]
        if 2 * len(levels) > len(answers):
            points.append(25 * (sum(levels) / len(levels) - 1))
    return sum(points) / len(points)
