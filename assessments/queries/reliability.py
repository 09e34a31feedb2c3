"""How well a rubric version measured, cycle by cycle, in words: for those who keep the rubric."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from assessments.models import Cycle, CycleState, Dimension, Question, RubricVersion
from assessments.scoring.reliability import (
    FEWEST_ALLIANCES_TOLD,
    FEWEST_ITEMS,
    FEWEST_RATERS,
    FEWEST_SIDES,
)

# Custom, not law: Nunnally (1978) for alpha, LeBreton and Senter (2008) for the ICCs.
REPEATS_FROM = 0.95
GOOD_FROM = 0.80
FAIR_FROM = 0.70
SIDES_GOOD_FROM = 0.70
SIDES_FAIR_FROM = 0.50
SIDES_MATTER_FROM = 0.05
MANY_WITHOUT = 0.20
MANY_AT_AN_END = 0.50

Stored = Mapping[str, Mapping[str, float | None]]


@dataclass(frozen=True, slots=True)
class DimensionMeasured:
    """How well a dimension was measured; None where there was too little to tell."""

    name: str
    alpha: float | None
    omega: float | None
    icc1: float | None
    icc2: float | None
    questions_say: str
    sides_say: str


@dataclass(frozen=True, slots=True)
class QuestionMeasured:
    """How a question was answered; None where too few answered to tell."""

    key: str
    label: str
    raters: int
    no_level: float | None
    mean: float | None
    sd: float | None
    floor: float | None
    ceiling: float | None
    says: str


@dataclass(frozen=True, slots=True)
class CycleMeasured:
    """How well one cycle's questionnaire measured; `reason` says why there are no figures."""

    cycle: str
    alliances: int = 0
    raters: int = 0
    dimensions: tuple[DimensionMeasured, ...] = ()
    questions: tuple[QuestionMeasured, ...] = ()
    reason: str = ""


def cycles_measured(
    version: RubricVersion, dimensions: Iterable[Dimension], questions: Iterable[Question]
) -> tuple[CycleMeasured, ...]:
    """Return how well a version measured in each closed cycle, the newest first; 1 query.

    Args:
        version: of a rubric.
        dimensions: its own, in the order of its page.
        questions: likewise.
    """
    cycles = Cycle.objects.filter(rubric_version=version, state=CycleState.CLOSED)
    dimensions, questions = tuple(dimensions), tuple(questions)
    return tuple(
        _measured(cycle, dimensions, questions)
        for cycle in cycles.select_related("quality").order_by("-starts_on", "-pk")
    )


def _measured(
    cycle: Cycle, dimensions: Sequence[Dimension], questions: Sequence[Question]
) -> CycleMeasured:
    kept = getattr(cycle, "quality", None)
    if kept is None:
        return CycleMeasured(
            cycle.name,
            reason=_(
                "Fewer than %(raters)d people have answered, or its scores are not all there yet."
            )
            % {"raters": FEWEST_RATERS},
        )
    if not kept.dimensions:
        return CycleMeasured(
            cycle.name,
            reason=_(
                "Too few answers count to tell: it takes %(raters)d people in %(alliances)d"
                " alliances."
            )
            % {"raters": FEWEST_RATERS, "alliances": FEWEST_ALLIANCES_TOLD},
        )
    return CycleMeasured(
        cycle=cycle.name,
        alliances=kept.alliances,
        raters=kept.raters,
        dimensions=tuple(
            _dimension(dimension.name, kept.dimensions[dimension.key])
            for dimension in dimensions
            if dimension.key in kept.dimensions
        ),
        questions=tuple(
            _question(question, kept.questions[question.key])
            for question in questions
            if question.key in kept.questions
        ),
    )


def _dimension(name: str, figures: Mapping[str, float | None]) -> DimensionMeasured:
    return DimensionMeasured(
        name=name,
        alpha=figures["alpha"],
        omega=figures["omega"],
        icc1=figures["icc1"],
        icc2=figures["icc2"],
        questions_say=questions_say(figures),
        sides_say=sides_say(figures),
    )


def _question(question: Question, figures: Mapping[str, float | None]) -> QuestionMeasured:
    return QuestionMeasured(
        key=question.key,
        label=question.label,
        raters=int(figures["raters"] or 0),
        no_level=figures["no_level"],
        mean=figures["mean"],
        sd=figures["sd"],
        floor=figures["floor"],
        ceiling=figures["ceiling"],
        says=question_says(figures),
    )


def questions_say(figures: Mapping[str, float | None]) -> str:
    """Say whether a dimension's questions belong together, and what to do.

    Args:
        figures: of a dimension, as kept.
    """
    if (figures["items"] or 0) < FEWEST_ITEMS:
        return _("One question: there is nothing to compare it with.")
    found = figures["alpha"] if figures["omega"] is None else figures["omega"]
    if found is None:
        return _("Fewer than %(raters)d people answered all its questions.") % {
            "raters": FEWEST_RATERS
        }
    if found >= REPEATS_FROM:
        return _("The questions repeat each other: one of them could go.")
    if found >= GOOD_FROM:
        return _("Good: the questions belong together.")
    if found >= FAIR_FROM:
        return _("Fair: the questions belong together, loosely.")
    return _("Poor: they may be about different things. Read them one by one; reword or move one.")


def sides_say(figures: Mapping[str, float | None]) -> str:
    """Say whether a dimension tells sides apart, and what to do.

    Args:
        figures: of a dimension, as kept.
    """
    icc1, icc2 = figures["icc1"], figures["icc2"]
    if icc1 is None or icc2 is None:
        return _("Fewer than %(sides)d sides have two answers or more.") % {"sides": FEWEST_SIDES}
    if icc1 < SIDES_MATTER_FROM:
        return _("Poor: colleagues differ as much as strangers. Ask what they can see themselves.")
    if icc2 >= SIDES_GOOD_FROM:
        return _("Good: other people of a side would have said the same.")
    if icc2 >= SIDES_FAIR_FROM:
        return _("Fair: more people a side would tell alliances apart better.")
    return _("Poor: a side's mean hangs on who answered. Ask more people a side.")


def question_says(figures: Mapping[str, float | None]) -> str:
    """Say what stands out in how a question was answered, and what to do; nothing if nothing does.

    Args:
        figures: of a question, as kept.
    """
    no_level, floor, ceiling = figures["no_level"], figures["floor"], figures["ceiling"]
    if no_level is None:
        return _("Too few answers to show.")
    if no_level >= MANY_WITHOUT:
        return _("Many cannot tell: ask those who see it, or ask about what can be seen.")
    if ceiling is not None and ceiling >= MANY_AT_AN_END:
        return _("Half or more are at the top: its highest level asks too little.")
    if floor is not None and floor >= MANY_AT_AN_END:
        return _("Half or more are at the bottom: its lowest level says too little.")
    return ""
