"""Lives of cycles: a quarter is asked about, answered, closed and scored."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from assessments.management.demo.answering import OPEN_QUARTER, Answering
from assessments.management.demo.cast import Cast
from assessments.management.demo.content import Content
from assessments.management.demo.lives import Life
from assessments.management.demo.quarters import Quarters
from assessments.models import Cycle, QuestionSet, RubricVersion
from assessments.operations import cycles, scores, scoring_jobs

FIRST_QUARTER = -8
FULL_SET_IN = (-5, -1)  # once a year
OPENS_ON, CLOSES_ON = 60, 82  # days of a quarter
OPEN_SINCE = timedelta(days=8)
OPEN_FOR = timedelta(days=12)
SCORED_AFTER = timedelta(minutes=10)


class Rounds:
    """Runs the cycles of eight quarters, and opens the ninth."""

    def __init__(
        self, content: Content, cast: Cast, quarters: Quarters, version: RubricVersion
    ) -> None:
        self._cast = cast
        self._quarters = quarters
        self._version = version
        self._answering = Answering(content)

    def lives(self) -> Iterator[Life]:
        """Return the lives of the cycles."""
        yield from map(self._closes, range(FIRST_QUARTER, OPEN_QUARTER))
        yield self._stays_open()

    def _closes(self, quarter: int) -> Life:
        opens_on, closes_on = self._usual_days(quarter)
        now = yield opens_on
        cycle = self._opened(quarter, opens_on, closes_on, now)
        asked_at = now
        now = yield closes_on
        self._answering.answer(cycle, quarter, _daily(asked_at, now))
        cycles.close_cycle(cycle=cycle, by=None, now=now)
        scores.score_due(now=now + SCORED_AFTER)

    def _stays_open(self) -> Life:
        """Open today's quarter, wherever today lies in it, and score last night's evidence."""
        today = self._quarters.today
        opens_on, closes_on = self._usual_days(OPEN_QUARTER)
        opens_on = max(self._quarters.first(OPEN_QUARTER), min(opens_on, today - OPEN_SINCE))
        closes_on = max(closes_on, today + OPEN_FOR)
        now = yield opens_on
        cycle = self._opened(OPEN_QUARTER, opens_on, closes_on, now)
        asked_at = now
        now = yield today
        self._answering.answer(cycle, OPEN_QUARTER, _daily(asked_at, now))
        scoring_jobs.plan_nightly(now=now)
        scores.score_due(now=now)

    def _usual_days(self, quarter: int) -> tuple[date, date]:
        """Return when a quarter's cycle opens and closes."""
        days = (self._quarters.nth(quarter, number) for number in (OPENS_ON, CLOSES_ON))
        opens_on, closes_on = map(self._quarters.at_work, days)
        return opens_on, closes_on

    def _opened(self, quarter: int, opens_on: date, closes_on: date, now: datetime) -> Cycle:
        cycle = cycles.draft_cycle(
            name=self._quarters.name(quarter),
            rubric_version=self._version,
            question_set=QuestionSet.FULL if quarter in FULL_SET_IN else QuestionSet.CORE,
            starts_on=self._quarters.first(quarter),
            ends_on=self._quarters.last(quarter),
            opens_on=opens_on,
            closes_on=closes_on,
            by=None,
            now=now,
        )
        alliances = list(self._cast.alliances.values())
        return cycles.open_cycle(cycle=cycle, alliances=alliances, by=None, now=now)


def _daily(first: datetime, last: datetime) -> Sequence[datetime]:
    """Return one instant for each day from the first to the last."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]
