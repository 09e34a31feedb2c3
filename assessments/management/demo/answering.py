"""What people answer: a level that follows the story, each in his own way."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from random import Random
from statistics import fmean

from alliance_health.alliances.models import Organisation, Role
from assessments.management.demo.chance import dice
from assessments.management.demo.content import FLAT, AlliancePart, AnswersPart, Content
from assessments.management.demo.sign_ins import SIGN_INS
from assessments.management.demo.voices import Sheet, comment
from assessments.models import Assessment, Cycle, NoLevel, Question, Response
from assessments.operations import responses
from assessments.operations.responses import Given
from assessments.queries import responses as queries

OPEN_QUARTER = 0
NOISE = 11.0  # points by which an answer differs from what its rater thinks of the dimension
KINDER_TO_OWN = 2.5  # points, about the own organisation; so much harder on the others
CANNOT_TELL = 0.02  # of the team's answers; managers and sponsors know
CANNOT_TELL_OF_OTHERS = 0.05
DID_NOT_OCCUR = 0.06
LOWEST, HIGHEST = 1, 5
POINTS_A_LEVEL = 25.0

_DEMO_EMAILS = frozenset(one.email for one in SIGN_INS)


@dataclass(frozen=True, slots=True)
class _Item:
    """A question as it is put to somebody; without an organisation it is about the alliance."""

    question: Question
    about: Organisation | None


class Answering:
    """Answers the questionnaires of a cycle."""

    def __init__(self, content: Content) -> None:
        self._parts = {part.name: part for part in content.alliances}

    def answer(self, cycle: Cycle, quarter: int, instants: Sequence[datetime]) -> None:
        """Save and submit what the people asked in a cycle think.

        Args:
            cycle: an open one.
            quarter: its number.
            instants: one on each day on which answers come in.
        """
        handed_in: dict[datetime, dict[Response, list[Given]]] = defaultdict(dict)
        for side in self._sides(cycle, quarter):
            for response, sheet, now in side.answers(instants):
                handed_in[now][response] = list(sheet.values())
            side.begin(instants[-1])
        for now, answers in sorted(handed_in.items(), key=lambda one: one[0]):
            responses.hand_in(answers=answers, by=None, now=now)

    def _sides(self, cycle: Cycle, quarter: int) -> Iterator["_Side"]:
        questions = list(
            Question.objects.filter(version=cycle.rubric_version_id)
            .select_related("dimension")
            .order_by("dimension__pillar__position", "dimension__position", "position")
        )
        for assessment in (
            Assessment.objects.filter(cycle=cycle)
            .select_related("alliance", "cycle")
            .prefetch_related("sides__organisation", "responses__person")
            .order_by("pk")
        ):
            organisations = [side.organisation for side in assessment.sides.all()]
            asked: dict[int, list[Response]] = defaultdict(list)
            for response in sorted(assessment.responses.all(), key=lambda one: one.person_id):
                asked[response.organisation_id].append(response)
            for organisation in organisations:
                yield _Side(
                    part=self._parts[assessment.alliance.name],
                    assessment=assessment,
                    quarter=quarter,
                    questions=questions,
                    organisations=organisations,
                    own=organisation,
                    asked=asked[organisation.pk],
                )


@dataclass(frozen=True)
class _Side:
    """Those of a side who are asked, and what the story says of them in this quarter."""

    part: AlliancePart
    assessment: Assessment
    quarter: int
    questions: Sequence[Question]
    organisations: Sequence[Organisation]
    own: Organisation
    asked: Sequence[Response]

    def answers(self, instants: Sequence[datetime]) -> Iterator[tuple[Response, Sheet, datetime]]:
        """Yield the answers of those who answer, with the instant at which each hands them in."""
        there = self._who_answers()
        sheets = self._sheets(there)
        voices = [
            voice
            for voice in self.part.voices
            if (voice.quarter, voice.side) == (self.quarter, self.own.short_name)
        ]
        comment(voices, there, sheets)
        for response in there:
            yield (
                response,
                sheets[response.person.name],
                self._dice("day", response).choice(instants),
            )

    @property
    def _told(self) -> AnswersPart:
        return self.part.answers

    @cached_property
    def _items(self) -> Mapping[str, Sequence[_Item]]:
        """What is put to each role of this side; with four sides or fewer to all of it the same."""
        known = {one.pk: one for one in self.organisations}
        return {
            role: [
                _Item(question, known[about] if about else None)
                for question in self.questions
                if role in question.roles
                and queries.is_asked(question, self.assessment.cycle.question_set, len(known))
                for about in queries.asked_about(
                    question, self.own.pk, list(known), queries.respondents_key(response)
                )
            ]
            for role, response in {one.role: one for one in self.asked}.items()
        }

    # --- who --------------------------------------------------------------------------------
    def _who_answers(self) -> list[Response]:
        """Return who submits: the share of the team that is told, and named people but silent."""
        share = self._told.answering[self.own.short_name].at(self.quarter)
        silent = self._told.silent.get(self.own.short_name, {})
        free = [one for one in self.asked if not self._waits(one)]
        team = sorted((one for one in free if one.role == Role.TEAM), key=self._hesitation)
        named = [
            one
            for one in free
            if one.role != Role.TEAM
            and self.quarter not in silent.get(Role(one.role), [])
            and (self.quarter != OPEN_QUARTER or self._dice("so soon", one).random() < share)
        ]
        return [*named, *team[: round(share * len(team))]]

    def _waits(self, response: Response) -> bool:
        """Return whether somebody leaves the open questionnaire to whoever signs in as him."""
        return self.quarter == OPEN_QUARTER and response.person.email in _DEMO_EMAILS

    def _hesitation(self, response: Response) -> float:
        habit = dice("habit", self.part.name, response.person.name).random()
        return habit + self._dice("this time", response).random()

    def _dice(self, what: str, response: Response) -> Random:
        """Return somebody's dice for this quarter."""
        return dice(what, self.part.name, response.person.name, self.quarter)

    # --- what -------------------------------------------------------------------------------
    def _sheets(self, there: Sequence[Response]) -> dict[str, Sheet]:
        """Return the answers of the side by name; its people differ, but on average as told."""
        leanings = {
            one.person.name: dice("leaning", self.part.name, one.person.name).gauss(
                0, self._told.spread
            )
            for one in there
        }
        middle = fmean(leanings.values()) if leanings else 0.0
        return {
            one.person.name: self._sheet(
                one, self._items[one.role], leanings[one.person.name] - middle
            )
            for one in there
        }

    def _sheet(self, response: Response, items: Sequence[_Item], leaning: float) -> Sheet:
        chance = self._dice("answers", response)
        sheet: Sheet = {}
        for item in items:
            points = self._points(item.question.dimension.key) + leaning
            if item.about:
                points += KINDER_TO_OWN if item.about == self.own else -KINDER_TO_OWN
            level = round(LOWEST + (points + chance.gauss(0, NOISE)) / POINTS_A_LEVEL)
            no_level = self._no_level(response, item, chance)
            about = item.about.short_name if item.about else ""
            sheet[(item.question.key, about)] = Given(
                question_id=item.question.pk,
                about_id=item.about.pk if item.about else None,
                level=None if no_level else min(max(level, LOWEST), HIGHEST),
                no_level=no_level,
            )
        return sheet

    def _no_level(self, response: Response, item: _Item, chance: Random) -> str:
        """Return why an answer has no level, most often nothing."""
        cannot_tell = 0.0
        if response.role == Role.TEAM:
            is_of_others = item.about is not None and item.about != self.own
            cannot_tell = CANNOT_TELL_OF_OTHERS if is_of_others else CANNOT_TELL
        thrown = chance.random()
        if thrown < cannot_tell:
            return NoLevel.CANNOT_TELL
        if item.question.may_not_have_occurred and thrown < cannot_tell + DID_NOT_OCCUR:
            return NoLevel.DID_NOT_OCCUR
        return ""

    def _points(self, dimension: str) -> float:
        """Return what the side thinks of a dimension, before its people differ."""
        side = self.own.short_name
        curves = (
            self._told.health,
            self._told.dimensions.get(dimension, FLAT),
            self._told.sides.get(side, FLAT),
            self._told.side_dimensions.get(side, {}).get(dimension, FLAT),
        )
        return sum(curve.at(self.quarter) for curve in curves)

    # --- into the product -------------------------------------------------------------------
    def begin(self, now: datetime) -> None:
        """Save the first half of the manager's questionnaire where the story says so."""
        if self.quarter != OPEN_QUARTER or self.own.short_name != self._told.halfway:
            return
        for response in self.asked:
            if response.role == Role.MANAGER:
                items = self._items[response.role]
                half = self._sheet(response, items[: len(items) // 2], leaning=0.0)
                responses.save_answers(
                    response=response, answers=list(half.values()), by=None, now=now
                )
