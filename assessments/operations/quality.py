"""Measuring how well a closed cycle's questionnaire measured: once, over all its alliances."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db import transaction

from assessments import scoring
from assessments.models import Cycle, CycleQuality
from assessments.queries import quality
from assessments.queries.quality import CycleAnswers
from assessments.scoring.reliability import FEWEST_ALLIANCES_TOLD, FEWEST_RATERS

Figures = dict[str, Mapping[str, float | None]]


def is_due() -> bool:
    """Return whether there is a cycle to measure; 1 query."""
    return quality.unmeasured(Cycle.objects.all()).exists()


def measure_due(*, now: datetime) -> int:
    """Measure the questionnaire of every closed cycle that is scored and was not measured yet.

    Once for each cycle: what it was answered never changes after its close. A cycle in which too
    few submitted gets no row; one in which enough did but too few count, a row without figures.

    Args:
        now: the instant.

    Returns:
        How many cycles were measured.
    """
    due = quality.unmeasured(Cycle.objects.all()).values_list("pk", flat=True)
    return sum(_measure(key, now) for key in list(due))


@transaction.atomic
def _measure(key: int, now: datetime) -> bool:
    """Measure one cycle, unless another worker does or did."""
    # The lock and the look are two statements: the second sees what the other worker committed.
    held = Cycle.objects.select_for_update(skip_locked=True, no_key=True, of=("self",))
    cycle = held.filter(pk=key).first()
    if cycle is None or not quality.unmeasured(Cycle.objects.filter(pk=key)).exists():
        return False
    answers = quality.answers_of(cycle)
    raters, alliances = answers.side.size, answers.alliances
    enough = raters >= FEWEST_RATERS and alliances >= FEWEST_ALLIANCES_TOLD
    CycleQuality.objects.create(
        cycle=cycle,
        computed_at=now,
        alliances=alliances,
        raters=raters,
        dimensions=_dimensions(answers) if enough else {},
        questions=_questions(answers) if enough else {},
    )
    return True


def _dimensions(answers: CycleAnswers) -> Figures:
    """Return the reliability of each dimension that the cycle asked about, by its key."""
    found: dict[str, Any] = {}
    for asked in answers.questions:
        found.setdefault(asked.question.dimension.key, []).append(asked)
    return {
        key: asdict(scoring.reliability(*answers.columns_of(questions), answers.side))
        for key, questions in found.items()
    }


def _questions(answers: CycleAnswers) -> Figures:
    """Return how each question was answered, by its key."""
    return {
        asked.question.key: asdict(scoring.use(answers.given[place], answers.asked(place)))
        for place, asked in enumerate(answers.questions)
    }
