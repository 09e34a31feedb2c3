"""Who answered what: the inputs of a scoring, checked against the rubric."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from assessments.scoring.spec import FEWEST_SIDES, Parameters, RubricSpec

NOT_APPLICABLE: Final = "NA"

Answer = int | Literal["NA"] | None
"""A level, "NA" for cannot tell or not applicable, None for left blank."""


class InputProblem(ValueError):
    """Answers or evidence that do not fit the rubric; the message says which."""


@dataclass(frozen=True, slots=True)
class Rater:
    """A respondent's answers.

    Attributes:
        id: the same, pseudonymous key in every quarter.
        side: the organisation that the rater belongs to.
        answers: answer by item id; an item that is not there was left blank.
        protected: whether the rater answered in confidence, not by name.
        asked: ids of the items put to the rater; None when all were.
    """

    id: str
    side: str
    answers: Mapping[str, Answer]
    protected: bool = True
    asked: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Quarter:
    """An earlier quarter to compare with: its raters, and its evidence by metric id."""

    raters: tuple[Rater, ...]
    evidence: Mapping[str, float | None] = field(default_factory=dict)


def check_sides(sides: Sequence[str]) -> None:
    """Check that there are two or more sides, each once.

    Raises:
        InputProblem: there are not.
    """
    if len(set(sides)) != len(sides):
        raise InputProblem("A side is there twice.")
    if len(sides) < FEWEST_SIDES:
        raise InputProblem(f"An alliance has two sides or more; there are {len(sides)}.")


def check_raters(
    parameters: Parameters, rubric: RubricSpec, sides: Sequence[str], raters: Sequence[Rater]
) -> None:
    """Check that each rater is there once, on a side of the alliance, with answers that fit.

    Raises:
        InputProblem: a rater does not fit.
    """
    known = set(sides)
    levels = range(parameters.scale_min, parameters.scale_max + 1)
    seen: set[str] = set()
    for rater in raters:
        if rater.id in seen:
            raise InputProblem(f"Rater {rater.id} is there twice.")
        seen.add(rater.id)
        if rater.side not in known:
            raise InputProblem(f"Rater {rater.id} is on the side {rater.side}, which is unknown.")
        asked = rubric.item_ids if rater.asked is None else rater.asked
        if not asked <= rubric.item_ids:
            unknown = min(asked - rubric.item_ids)
            raise InputProblem(f"Rater {rater.id} was asked {unknown}, not in the rubric.")
        for item, answer in rater.answers.items():
            if item not in rubric.item_ids:
                raise InputProblem(f"Rater {rater.id} answered {item}, not in the rubric.")
            if answer is None or answer == NOT_APPLICABLE:
                continue
            if item not in asked:
                raise InputProblem(f"Rater {rater.id} answered {item} without being asked.")
            if type(answer) is not int or answer not in levels:
                raise InputProblem(
                    f"Rater {rater.id} answered {answer!r} to {item}; a level is a whole number "
                    f"from {parameters.scale_min} to {parameters.scale_max}."
                )


def check_evidence(rubric: RubricSpec, evidence: Mapping[str, float | None]) -> None:
    """Check that each evidence value is a number or missing, and belongs to a metric.

    Raises:
        InputProblem: a value does not fit.
    """
    known = {
        metric.id
        for dimension in rubric.dimensions
        if dimension.evidence is not None
        for metric in dimension.evidence.metrics
    }
    for metric, value in evidence.items():
        if metric not in known:
            raise InputProblem(f"There is evidence for {metric}, not in the rubric.")
        if value is not None and not math.isfinite(value):
            raise InputProblem(f"The evidence for {metric} is {value}; it must be a number.")
