"""Rows of the health check, one factory a model, and whole scenes made of them."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import factory
from django.db import transaction
from factory.django import DjangoModelFactory

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Membership, Organisation, Person, Seat
from assessments.models import (
    Answer,
    AnswerSheet,
    Assessment,
    Cycle,
    CycleQuality,
    CycleState,
    Dimension,
    EvidenceMeasure,
    NodeKind,
    Pillar,
    Question,
    Response,
    Routine,
    Rubric,
    RubricVersion,
    Score,
    ScoreRun,
    ScoringJob,
    Side,
    Signal,
    SignalKind,
    Target,
    VersionState,
)
from assessments.scoring import GAP_VERDICTS

PUBLISHED_AT = datetime(2026, 1, 1, 9, tzinfo=UTC)
PARAMETERS = {"bands": {"amber_from": 50, "green_from": 70, "margin": 3}}


@transaction.atomic  # the rule of two members is checked at the end
def alliance_of(name: str, *members: str) -> Alliance:
    """An alliance of organisations by their short names; those that exist are taken."""
    alliance = Alliance.objects.create(
        name=name, purpose="To sell a joint offer.", starts_on=date(2024, 1, 1)
    )
    for member in members:
        organisation, _made = Organisation.objects.get_or_create(
            name=f"{member} Group", short_name=member
        )
        Membership.objects.create(
            alliance=alliance, organisation=organisation, starts_on=date(2024, 1, 1)
        )
    return alliance


class RubricFactory(DjangoModelFactory[Rubric]):
    class Meta:
        model = Rubric

    key = factory.Sequence(lambda n: f"rubric-{n}")
    name = factory.Sequence(lambda n: f"Rubric {n}")


class RubricVersionFactory(DjangoModelFactory[RubricVersion]):
    """A draft: its parts can be added; `publish` it afterwards."""

    class Meta:
        model = RubricVersion

    rubric = factory.SubFactory(RubricFactory)
    number = 1
    parameters = PARAMETERS
    document = factory.LazyFunction(dict)
    named_roles = ["manager", "sponsor"]
    protected_minimum = 5


class PillarFactory(DjangoModelFactory[Pillar]):
    class Meta:
        model = Pillar

    version = factory.SubFactory(RubricVersionFactory)
    key = factory.Sequence(lambda n: f"pillar-{n}")
    name = factory.Sequence(lambda n: f"Pillar {n}")
    weight = 1
    position = factory.Sequence(lambda n: n)


class DimensionFactory(DjangoModelFactory[Dimension]):
    class Meta:
        model = Dimension

    pillar = factory.SubFactory(PillarFactory)
    version = factory.SelfAttribute("pillar.version")
    key = factory.Sequence(lambda n: f"dimension-{n}")
    name = factory.Sequence(lambda n: f"Dimension {n}")
    about = "Whether the work goes where it was meant to go."
    weight = 1
    position = factory.Sequence(lambda n: n)


class QuestionFactory(DjangoModelFactory[Question]):
    class Meta:
        model = Question

    dimension = factory.SubFactory(DimensionFactory)
    version = factory.SelfAttribute("dimension.version")
    key = factory.Sequence(lambda n: f"Q-{n}")
    label = factory.Sequence(lambda n: f"Label {n}")
    text = "How did it go in the last three months?"
    levels = ["Not at all.", "A little.", "Half.", "Mostly.", "Fully."]
    roles = ["manager", "sponsor", "team"]
    target = Target.JOINT
    is_core = True
    position = factory.Sequence(lambda n: n)


class EvidenceMeasureFactory(DjangoModelFactory[EvidenceMeasure]):
    class Meta:
        model = EvidenceMeasure

    dimension = factory.SubFactory(DimensionFactory)
    version = factory.SelfAttribute("dimension.version")
    key = factory.Sequence(lambda n: f"measure_{n}")
    name = factory.Sequence(lambda n: f"Measure {n}")
    position = factory.Sequence(lambda n: n)


def publish(version: RubricVersion) -> RubricVersion:
    """Publish a draft version; from then on its parts cannot change."""
    version.state = VersionState.PUBLISHED
    version.published_at = PUBLISHED_AT
    version.save()
    return version


def small_rubric(name: str = "Alliance health", **version_has: Any) -> RubricVersion:
    """A published rubric: one pillar, two dimensions, a question each, a measure in the second."""
    version = RubricVersionFactory(rubric__name=name, **version_has)
    pillar = PillarFactory(version=version, key="alignment", name="Alignment")
    objectives = DimensionFactory(pillar=pillar, key="objectives", name="Shared objectives")
    delivery = DimensionFactory(pillar=pillar, key="delivery", name="Delivery")
    QuestionFactory(dimension=objectives, key="A-1", label="Same objectives")
    QuestionFactory(
        dimension=delivery, key="A-2", label="Benefits on time", may_not_have_occurred=True
    )
    EvidenceMeasureFactory(dimension=delivery, key="attainment", name="Objectives attained")
    return publish(version)


class CycleFactory(DjangoModelFactory[Cycle]):
    class Meta:
        model = Cycle

    class Params:
        opened = factory.Trait(state=CycleState.OPEN, opened_at=PUBLISHED_AT)
        closed = factory.Trait(
            state=CycleState.CLOSED, opened_at=PUBLISHED_AT, closed_at=PUBLISHED_AT
        )

    name = factory.Sequence(lambda n: f"Cycle {n}")
    rubric_version = factory.LazyFunction(small_rubric)
    starts_on = date(2026, 7, 1)
    ends_on = date(2026, 9, 30)
    opens_on = date(2026, 9, 1)
    closes_on = date(2026, 9, 30)
    named_roles = ["manager", "sponsor"]


class AssessmentFactory(DjangoModelFactory[Assessment]):
    class Meta:
        model = Assessment

    cycle = factory.SubFactory(CycleFactory, opened=True)
    alliance = factory.LazyFunction(lambda: alliance_of("Cobalt", "Arno", "Brix"))


class SideFactory(DjangoModelFactory[Side]):
    class Meta:
        model = Side

    assessment = factory.SubFactory(AssessmentFactory)
    organisation = factory.LazyAttribute(
        lambda side: side.assessment.alliance.organisations.first()
    )
    position = 0


class ResponseFactory(DjangoModelFactory[Response]):
    class Meta:
        model = Response

    assessment = factory.SubFactory(AssessmentFactory)
    organisation = factory.LazyAttribute(lambda row: row.assessment.alliance.organisations.first())
    person = factory.LazyAttribute(lambda row: person_of(row.organisation))
    role = "manager"
    is_protected = factory.LazyAttribute(lambda row: row.role == "team")


class AnswerSheetFactory(DjangoModelFactory[AnswerSheet]):
    class Meta:
        model = AnswerSheet

    assessment = factory.SubFactory(AssessmentFactory)
    organisation = factory.LazyAttribute(lambda row: row.assessment.alliance.organisations.first())
    role = "manager"
    is_protected = False
    rater_key = factory.Sequence(lambda n: f"{n:032x}")


class AnswerFactory(DjangoModelFactory[Answer]):
    class Meta:
        model = Answer

    sheet = factory.SubFactory(AnswerSheetFactory)
    question = factory.LazyAttribute(
        lambda row: row.sheet.assessment.cycle.rubric_version.questions.first()
    )
    level = 4


class ScoringJobFactory(DjangoModelFactory[ScoringJob]):
    class Meta:
        model = ScoringJob

    assessment = factory.SubFactory(AssessmentFactory)
    as_of = date(2026, 9, 30)
    reason = "close"
    due_at = PUBLISHED_AT


class RoutineFactory(DjangoModelFactory[Routine]):
    class Meta:
        model = Routine

    name = Routine.NIGHTLY_SCORES
    done_through = date(2026, 9, 30)


class ScoreRunFactory(DjangoModelFactory[ScoreRun]):
    class Meta:
        model = ScoreRun

    assessment = factory.SubFactory(AssessmentFactory, cycle__closed=True, cycle__opened=False)
    rubric_version = factory.SelfAttribute("assessment.cycle.rubric_version")
    as_of = factory.SelfAttribute("assessment.cycle.ends_on")
    reason = "close"
    computed_at = PUBLISHED_AT
    code_version = "test"
    inputs_digest = factory.Sequence(lambda n: f"{n:064x}")
    evidence = factory.LazyFunction(dict)
    left_out = factory.LazyFunction(dict)


class ScoreFactory(DjangoModelFactory[Score]):
    """A node's numbers; `side_values` are those of the run's sides, in their order."""

    class Meta:
        model = Score

    class Params:
        side_values: Sequence[float | None] = ()

    run = factory.SubFactory(ScoreRunFactory)
    node_kind = NodeKind.OVERALL
    node_key = ""
    status = "ok"
    value = 62.0
    low = factory.LazyAttribute(lambda row: max(0.0, row.value - 8))
    high = factory.LazyAttribute(lambda row: min(100.0, row.value + 8))
    band = factory.LazyAttribute(lambda row: band_of(row.value))
    band_probability = 0.8
    raters = 6
    sides = factory.LazyAttribute(lambda row: [side_of(value) for value in row.side_values])


def side_of(value: float | None) -> list[float | None]:
    """A side's own number as a score keeps it: of three raters, sure to eight points."""
    if value is None:
        return [None] * 5
    return [value, max(0.0, value - 8), min(100.0, value + 8), 3, 0]


def gap_of(points: float, verdict: str, p_value: float = 0.03) -> list[float | None]:
    """A gap of a side as a score keeps it, ten points sure to either side."""
    return [points, points - 10, points + 10, p_value, float(GAP_VERDICTS.index(verdict))]


def band_of(value: float) -> str:
    """The band of a value that has no history."""
    return "red" if value < 50 else "amber" if value < 70 else "green"


def person_of(organisation: Organisation, *, user: User | None = None) -> Person:
    """Somebody of an organisation, with or without a sign-in."""
    number = Person.objects.count() + 1
    return Person.objects.create(
        organisation=organisation,
        name=f"Person {number}",
        email=f"p{number}@example.com",
        user=user,
    )


def seat_of(alliance: Alliance, person: Person, role: str = "manager") -> Seat:
    """A seat that runs from the alliance's first day."""
    return Seat.objects.create(
        alliance=alliance,
        organisation=person.organisation,
        person=person,
        role=role,
        level=2 if role == "sponsor" else None,
        starts_on=alliance.starts_on,
    )


def scored(
    alliance: Alliance,
    cycle: Cycle,
    overall: float,
    parts: Mapping[str, float],
    whole: Mapping[str, Any] | None = None,
    **run: Any,
) -> ScoreRun:
    """A scored assessment: the overall value and the dimensions', and sides ten points apart.

    `whole` is what else the overall score has: its change, its gaps.
    """
    assessment = AssessmentFactory(alliance=alliance, cycle=cycle)
    organisations = list(alliance.organisations.order_by("name"))
    made = ScoreRunFactory(assessment=assessment, sides=[o.pk for o in organisations], **run)
    for position, organisation in enumerate(organisations):
        SideFactory(assessment=assessment, organisation=organisation, position=position)
    ScoreFactory(run=made, value=overall, **(whole or {}))
    for key, value in parts.items():
        ScoreFactory(
            run=made,
            node_kind=NodeKind.DIMENSION,
            node_key=key,
            value=value,
            side_values=[value - 10 * position for position in range(len(organisations))],
        )
    return made


def answered_cycle(
    rubric: RubricVersion | None = None,
    *,
    alliances: int = 12,
    raters: int = 5,
    levels: Sequence[int] = (2, 3, 3, 4, 5, 3, 4),
    **cycle: Any,
) -> Cycle:
    """A closed cycle in which so many team members a side answered all questions, in confidence.

    Their levels follow each other as given, a side one further than the last.
    """
    made: Cycle = CycleFactory(rubric_version=rubric or small_rubric(), closed=True, **cycle)
    questions = list(made.rubric_version.questions.order_by("position"))
    sheets: list[AnswerSheet] = []
    answers: list[Answer] = []
    for number in range(alliances):
        alliance = alliance_of(f"{made.name} {number:02}", "Arno", "Brix")
        assessment = AssessmentFactory(cycle=made, alliance=alliance)
        for position, organisation in enumerate(alliance.organisations.order_by("name")):
            SideFactory(assessment=assessment, organisation=organisation, position=position)
            for rater in range(raters):
                sheet = AnswerSheet(
                    assessment=assessment,
                    organisation=organisation,
                    role="team",
                    is_protected=True,
                    rater_key=f"{len(sheets):032x}",
                    is_submitted=True,
                )
                sheets.append(sheet)
                first = number * 2 + position + rater
                answers += [
                    Answer(
                        sheet=sheet,
                        question=question,
                        level=levels[(first + place * (rater % 2)) % len(levels)],
                    )
                    for place, question in enumerate(questions)
                ]
    AnswerSheet.objects.bulk_create(sheets)
    Answer.objects.bulk_create(answers)
    return made


class SignalFactory(DjangoModelFactory[Signal]):
    class Meta:
        model = Signal

    alliance = factory.SubFactory("tests.factories.alliances.AllianceFactory")
    kind = SignalKind.OBSTACLE_OPEN
    subject = factory.Sequence(lambda n: f"obstacle:{n}")
    facts = factory.LazyFunction(lambda: {"title": "Papers", "since": "2026-03-01"})
    raised_on = date(2026, 4, 1)


class CycleQualityFactory(DjangoModelFactory[CycleQuality]):
    class Meta:
        model = CycleQuality

    cycle = factory.SubFactory("tests.factories.assessments.CycleFactory")
    computed_at = PUBLISHED_AT
    alliances = 1
    raters = 1
    dimensions = factory.LazyFunction(dict)
    questions = factory.LazyFunction(dict)
