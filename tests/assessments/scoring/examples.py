"""Small rubrics and raters, written so that a test reads like the sheet of paper beside it."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from assessments.scoring import (
    NOT_APPLICABLE,
    Answer,
    DimensionSpec,
    EvidenceSpec,
    ItemSpec,
    MetricSpec,
    Parameters,
    PillarSpec,
    Rater,
    RubricSpec,
)

PARAMETERS = Parameters()

SCHEDULE = MetricSpec("objectives on track", floor=0, target=90, weight=Decimal(2))
MEETINGS = MetricSpec("meetings held", floor=2, target=6, weight=Decimal(1))


def near(value: float) -> Any:
    """Stand for a number that is met to 6 decimals, inside a whole result too."""
    return pytest.approx(value, abs=1e-6)


def dimension(
    name: str,
    items: int = 3,
    *,
    weight: str = "1",
    evidence: EvidenceSpec | None = None,
    reverse: Iterable[int] = (),
) -> DimensionSpec:
    """Make a dimension whose items are called name1, name2, ..."""
    backwards = set(reverse)
    return DimensionSpec(
        id=name,
        weight=Decimal(weight),
        items=tuple(
            ItemSpec(f"{name}{number}", reverse=number in backwards)
            for number in range(1, items + 1)
        ),
        evidence=evidence,
    )


def rubric(*dimensions: DimensionSpec, **side_weights: str) -> RubricSpec:
    """Make a rubric of one pillar."""
    return RubricSpec(
        version="test",
        pillars=(PillarSpec("pillar", Decimal(1), dimensions),),
        side_weights={side: Decimal(weight) for side, weight in side_weights.items()},
    )


def raters(side: str, *answers: str, dimension: str = "a", **roles: bool) -> tuple[Rater, ...]:
    """Make raters side1, side2, ... from "443" or "3N-" (N cannot tell, - blank)."""
    return tuple(
        Rater(
            id=f"{side}{number}",
            side=side,
            answers=answers_to(dimension, written),
            protected=roles.get("protected", True),
        )
        for number, written in enumerate(answers, start=1)
    )


def answers_to(dimension: str, written: str) -> dict[str, Answer]:
    """Read "3N-" as the answers to the first items of a dimension."""
    return {f"{dimension}{number}": _answer(sign) for number, sign in enumerate(written, start=1)}


def _answer(sign: str) -> Answer:
    if sign == "N":
        return NOT_APPLICABLE
    return None if sign == "-" else int(sign)


def column(*numbers: float) -> NDArray[np.float64]:
    """Make a column of numbers."""
    return np.array(numbers, dtype=np.float64)
