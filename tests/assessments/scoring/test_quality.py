import numpy as np
import pytest

from assessments.scoring import score
from assessments.scoring.quality import longest_run
from assessments.scoring.results import Quality, StraightLine
from tests.assessments.scoring.examples import PARAMETERS, dimension, raters, rubric


def test_quality_counts_answers_and_finds_straight_lines() -> None:
    people = raters("north", "3334", "3434", "3N3-", "33-4", "5---", "NNN-", "1221")

    tree = rubric(dimension("a", 4))

    assert score(PARAMETERS, tree, ("north", "south"), people).quality == Quality(
        straight_lining=(
            StraightLine("north1", 3, 4),
            StraightLine("north3", 2, 2),
            StraightLine("north4", 2, 3),
            StraightLine("north7", 2, 4),
        ),
        answered={
            "north1": 4,
            "north2": 4,
            "north3": 2,
            "north4": 3,
            "north5": 1,
            "north6": 0,
            "north7": 4,
        },
        not_applicable={
            "north1": 0,
            "north2": 0,
            "north3": 1,
            "north4": 0,
            "north5": 0,
            "north6": 3,
            "north7": 0,
        },
    )


@pytest.mark.parametrize(
    ("levels", "run"), [([], 0), ([3], 1), ([1, 2, 2, 2, 1, 1], 3), ([5, 5, 1, 1], 2)]
)
def test_longest_run(levels: list[int], run: int) -> None:
    steps = np.array(levels, dtype=np.int16).reshape(-1, 1)

    assert longest_run(steps).tolist() == [run]
