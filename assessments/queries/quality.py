"""How a cycle's questionnaire was answered, over all its alliances: what its quality is made of."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from django.db.models import Count, Exists, OuterRef, QuerySet
from numpy.typing import NDArray

from assessments import scoring
from assessments.models import (
    AnswerSheet,
    Assessment,
    Cycle,
    CycleQuality,
    CycleState,
    Question,
    Reason,
    ScoringJob,
    Target,
)
from assessments.queries import responses
from assessments.queries.sheets import Submitted, submitted
from assessments.scoring.columns import Floats, Marks, Whole
from assessments.scoring.reliability import FEWEST_RATERS

CHUNK = 1_000  # assessments whose answers are read at once
LEVELS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of the cycle, with the columns that its answers stand in.

    Attributes:
        question: which.
        first: the first of its columns: about the alliance, the own organisation, or others.
        columns: how many: two where it is about the own and other organisations.
    """

    question: Question
    first: int
    columns: int

    @property
    def places(self) -> range:
        return range(self.first, self.first + self.columns)


@dataclass(frozen=True, slots=True)
class CycleAnswers:
    """All that was answered in a cycle and counts.

    Attributes:
        questions: what the cycle asks, in the rubric's order.
        levels: by rater and column, the level as given; of several others their mean. 0 where the
            rater gave none, not a number where he was not asked.
        side: of each rater, its place among all sides.
        protected: whether the rater answered in confidence.
        alliance: of each rater, its place among all alliances.
        given: by question and level, how many answers; level 0 stands for none.
        in_confidence: the same of those who answered in confidence.
    """

    questions: tuple[Asked, ...]
    levels: NDArray[np.float32]
    side: Whole
    protected: Marks
    alliance: Whole
    given: Whole
    in_confidence: Whole

    @property
    def alliances(self) -> int:
        return int(np.unique(self.alliance).size)

    def columns_of(self, questions: Sequence[Asked]) -> tuple[Floats, Floats]:
        """Return the levels in the columns of some questions, reversed ones turned round.

        Returns:
            The levels, and the weights of the columns.
        """
        places = [place for asked in questions for place in asked.places]
        found = self.levels[:, places].astype(np.float64)
        turned = np.array([a.question.is_reversed for a in questions for _place in a.places])
        found = np.where(turned & (found > 0), LEVELS + 1 - found, found)
        weights = [float(a.question.weight) / a.columns for a in questions for _place in a.places]
        return found, np.array(weights, dtype=np.float64)

    def asked(self, place: int) -> scoring.Asked:
        """Return of whom a question was asked, by its place."""
        marks = (self.levels[:, list(self.questions[place].places)] >= 0).any(axis=1)
        return scoring.Asked(
            alliances=int(np.unique(self.alliance[marks]).size),
            raters=int(marks.sum()),
            protected=int((marks & self.protected).sum()),
            are_alike=int((self.in_confidence[place] > 0).sum()) == 1,
        )


def unmeasured(cycles: QuerySet[Cycle]) -> QuerySet[Cycle]:
    """Return those cycles whose questionnaire can be measured now and has not been.

    Closed, all of it scored that can be, and enough submitted. Nothing is read yet.

    Args:
        cycles: among which.
    """
    waiting = ScoringJob.objects.filter(
        assessment__cycle=OuterRef("pk"),
        reason=Reason.CLOSE,
        done_at__isnull=True,
        attempts__lt=ScoringJob.MAX_ATTEMPTS,
    )
    sheets = AnswerSheet.objects.filter(assessment__cycle=OuterRef("pk"), is_submitted=True)
    last_needed = sheets.order_by()[FEWEST_RATERS - 1 : FEWEST_RATERS]
    return cycles.filter(
        ~Exists(CycleQuality.objects.filter(cycle=OuterRef("pk"))),
        ~Exists(waiting),
        Exists(last_needed),
        state=CycleState.CLOSED,
    ).order_by("closed_at", "pk")


def answers_of(cycle: Cycle) -> CycleAnswers:
    """Return all that was answered in a cycle and counts.

    3 queries, and one for each thousand alliances; of their answers four bytes each are kept.

    Args:
        cycle: closed.
    """
    questions = _questions(cycle)
    parts = list(_parts(cycle, questions))
    pairs = np.concatenate([part.pair for part in parts], axis=1)
    alliance = np.unique(pairs[0], return_inverse=True)[1]
    return CycleAnswers(
        questions=questions,
        levels=np.concatenate([part.levels for part in parts]),
        side=np.unique(pairs, axis=1, return_inverse=True)[1].reshape(-1),
        protected=np.concatenate([part.protected for part in parts]),
        alliance=alliance,
        given=np.sum([part.given for part in parts], axis=0),
        in_confidence=np.sum([part.in_confidence for part in parts], axis=0),
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """What was answered in some of a cycle's assessments; `pair` is assessment and organisation."""

    levels: NDArray[np.float32]
    pair: Whole
    protected: Marks
    given: Whole
    in_confidence: Whole


def _questions(cycle: Cycle) -> tuple[Asked, ...]:
    found, first = [], 0
    for question in (
        Question.objects.filter(version=cycle.rubric_version_id)
        .select_related("dimension")
        .order_by("dimension__pillar__position", "dimension__position", "position")
    ):
        # However many organisations it takes for one to be asked.
        if responses.is_asked(question, cycle.question_set, question.minimum_organisations):
            columns = 2 if question.target == Target.OWN_AND_OTHER else 1
            found.append(Asked(question, first, columns))
            first += columns
    return tuple(found)


def _parts(cycle: Cycle, questions: tuple[Asked, ...]) -> Iterator[_Part]:
    sides = dict(
        Assessment.objects.filter(cycle=cycle)
        .annotate(side_count=Count("sides"))
        .order_by("pk")
        .values_list("pk", "side_count")
    )
    keys = list(sides)
    for start in range(0, max(len(keys), 1), CHUNK):
        chunk = keys[start : start + CHUNK]
        yield _Table(cycle, questions, sides, submitted(chunk)).part()


class _Table:
    """Turns submitted answers into a table by rater and column."""

    def __init__(
        self, cycle: Cycle, questions: tuple[Asked, ...], sides: dict[int, int], read: Submitted
    ) -> None:
        self._cycle, self._questions, self._sides, self._read = cycle, questions, sides, read
        self._columns = sum(asked.columns for asked in questions)
        size = max((asked.question.pk for asked in questions), default=0) + 1
        self._row = np.full(size, -1)
        self._row[[asked.question.pk for asked in questions]] = np.arange(len(questions))

    def part(self) -> _Part:
        read, kept = self._read, self._counts()
        raters = np.flatnonzero(kept)
        answers = np.flatnonzero(kept[read.sheet])
        row, level = self._row[read.question[answers]], read.level[answers]
        levels = self._levels(answers, row, level)
        hidden = read.protected[read.sheet[answers]]
        return _Part(
            levels=np.where(levels > 0, levels, np.where(self._asked(), 0, np.nan))[raters].astype(
                np.float32
            ),
            pair=np.stack([read.assessment[raters], read.organisation[raters]]),
            protected=read.protected[raters],
            given=self._given(row, level),
            in_confidence=self._given(row[hidden], level[hidden]),
        )

    def _given(self, row: Whole, level: Whole) -> Whole:
        """Return by question and level how many answers there are."""
        cells = len(self._questions) * (LEVELS + 1)
        found: Whole = np.bincount(row * (LEVELS + 1) + level, minlength=cells)
        return found.reshape(-1, LEVELS + 1)

    def _counts(self) -> Marks:
        """Return whose answers count: of a side, those in confidence all or none."""
        read = self._read
        pairs = np.stack([read.assessment, read.organisation])
        _pairs, side = np.unique(pairs, axis=1, return_inverse=True)
        side = side.reshape(-1)
        minimum = np.full(side.max(initial=-1) + 1, self._cycle.protected_minimum)
        return scoring.countable(side, read.protected, minimum).kept

    def _levels(self, answers: Whole, row: Whole, level: Whole) -> Floats:
        """Return by rater and column the mean of the levels given; 0 where there is none."""
        read = self._read
        first = np.array([asked.first for asked in self._questions])[row]
        is_two = np.array([asked.columns > 1 for asked in self._questions])[row]
        about = read.about[answers]
        is_other = is_two & (about > 0) & (about != read.organisation[read.sheet[answers]])
        cell = read.sheet[answers] * self._columns + first + is_other
        size = read.assessment.size * self._columns
        total = np.bincount(cell, weights=level, minlength=size)
        number = np.bincount(cell[level > 0], minlength=size)
        found: Floats = total / np.maximum(number, 1)
        return found.reshape(read.assessment.size, self._columns)

    def _asked(self) -> Marks:
        """Return by rater and column what was put to whom."""
        read, cycle = self._read, self._cycle
        sides = np.array([self._sides[key] for key in read.assessment.tolist()], dtype=np.int64)
        found = np.zeros((read.assessment.size, self._columns), dtype=np.bool_)
        for asked in self._questions:
            question = asked.question
            has_role = np.isin(read.role, question.roles)
            is_enough = np.array(
                [
                    responses.is_asked(question, cycle.question_set, number)
                    for number in range(sides.max(initial=0) + 1)
                ]
            )[sides]
            found[:, list(asked.places)] = (has_role & is_enough)[:, np.newaxis]
        return found
