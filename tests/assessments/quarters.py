"""Quarters of small alliances, opened, answered and closed by the program itself."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from alliance_health.alliances.models import Alliance
from assessments.models import (
    AnswerSheet,
    Assessment,
    Cycle,
    Response,
    RubricVersion,
    Score,
    ScoreRun,
    ScoringJob,
)
from assessments.operations import cycles, responses, scores, scoring_jobs
from assessments.queries import responses as asked
from tests.factories.alliances import (
    ConfirmationFactory,
    ObjectiveFactory,
    OrganisationFactory,
    PlanFactory,
)
from tests.factories.assessments import (
    AnswerFactory,
    AnswerSheetFactory,
    CycleFactory,
    DimensionFactory,
    EvidenceMeasureFactory,
    PillarFactory,
    QuestionFactory,
    RubricVersionFactory,
    alliance_of,
    person_of,
    publish,
    seat_of,
)

CLOSED_ON = date(2026, 9, 30)
NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


def on(day: date, hour: int = 12, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC)


def days(number: int) -> timedelta:
    return timedelta(days=number)


def two_dimensions(*, number: int = 1, earlier: RubricVersion | None = None) -> RubricVersion:
    """A rubric of one pillar: objectives (weight 3) and delivery (1), a quarter of it evidence."""
    version = RubricVersionFactory(number=number, **({"rubric": earlier.rubric} if earlier else {}))
    pillar = PillarFactory(version=version, key="alignment")
    objectives = DimensionFactory(pillar=pillar, key="objectives", weight=3)
    delivery = DimensionFactory(pillar=pillar, key="delivery", weight=1, evidence_percent=25)
    QuestionFactory(dimension=objectives, key="A-1")
    QuestionFactory(dimension=delivery, key="A-2")
    EvidenceMeasureFactory(dimension=delivery, key="attainment")
    return publish(version)


def staffed(name: str, *, team: int = 0) -> Alliance:
    """An alliance with a manager, a sponsor and a team on each side."""
    alliance = alliance_of(name, "Arno", "Brix")
    for organisation in alliance.organisations.order_by("name"):
        for role in ("manager", "sponsor", *["team"] * team):
            seat_of(alliance, person_of(organisation), role)
    return alliance


def opened(version: RubricVersion, *alliances: Alliance, day: date = CLOSED_ON) -> Cycle:
    """A cycle that was opened ten days before a day, for the quarter that ends on it."""
    drafted = CycleFactory(
        rubric_version=version,
        starts_on=day - days(90),
        ends_on=day,
        opens_on=day - days(10),
        closes_on=day,
    )
    return cycles.open_cycle(cycle=drafted, alliances=alliances, by=None, now=on(day - days(10)))


def answer(response: Response, *levels: int, submits: bool = True) -> None:
    """Answer A-1 and A-2."""
    now = response.assessment.cycle.opened_at
    assert now is not None
    given = [
        responses.Given(item.question.pk, None, level)
        for item, level in zip(asked.items_of(response), levels, strict=True)
    ]
    responses.save_answers(response=response, answers=given, by=None, now=now)
    if submits:
        responses.submit(response=response, by=None, now=now)


def answer_all(cycle: Cycle, levels: Mapping[str, tuple[int, int]]) -> None:
    """Let everybody answer what his organisation answers."""
    for response in Response.objects.filter(assessment__cycle=cycle).select_related(
        "assessment__cycle", "organisation", "person"
    ):
        answer(response, *levels[response.organisation.short_name])


NORTH_HIGH = {"Arno": (5, 4), "Brix": (3, 2)}


def closed(
    version: RubricVersion,
    *alliances: Alliance,
    day: date = CLOSED_ON,
    levels: Mapping[str, tuple[int, int]] = NORTH_HIGH,
) -> Cycle:
    """A cycle in which everybody answered, closed at noon of a day; its scorings are due."""
    cycle = opened(version, *alliances, day=day)
    answer_all(cycle, levels)
    return cycles.close_cycle(cycle=cycle, by=None, now=on(day))


def promise(alliance: Alliance) -> None:
    """An objective of which nothing is done, from 1 September on."""
    objective = ObjectiveFactory(alliance=alliance, plan=None)
    PlanFactory(
        objective=objective,
        agreed_on=date(2026, 9, 1),
        starts_on=date(2026, 9, 1),
        due_on=date(2026, 12, 1),
    )


def values(run: ScoreRun) -> dict[tuple[str, str], float | None]:
    """The alliance's own numbers of a run, by kind and key."""
    rows = Score.objects.filter(run=run)
    return {(row.node_kind, row.node_key): row.value for row in rows}


def jobs() -> list[tuple[date, str, int, bool]]:
    return [
        (job.as_of, job.reason, job.attempts, job.done_at is not None)
        for job in ScoringJob.objects.order_by("as_of", "reason", "pk")
    ]


def one_dimension(*questions: str, earlier: RubricVersion | None = None) -> RubricVersion:
    """A rubric of one dimension with some questions; the first weighs more than half."""
    version = RubricVersionFactory(
        number=2 if earlier else 1, **({"rubric": earlier.rubric} if earlier else {})
    )
    dimension = DimensionFactory(pillar=PillarFactory(version=version), key="objectives")
    for place, key in enumerate(questions):
        QuestionFactory(dimension=dimension, key=key, weight=3 - 2 * place)
    return publish(version)


def gated() -> RubricVersion:
    """A rubric of one pillar that shows no green without sponsors and a confirmed objective."""
    about = {"pillar": "alignment", "highest_band": "amber", "about": "Both are needed."}
    gates = [
        {"key": "sponsor_seat_vacant", **about},
        {"key": "no_objective_confirmed", "limits": {"months": 12}, **about},
    ]
    version = RubricVersionFactory(document={"gates": gates})
    pillar = PillarFactory(version=version, key="alignment")
    QuestionFactory(dimension=DimensionFactory(pillar=pillar, key="objectives"), key="A-1")
    QuestionFactory(dimension=DimensionFactory(pillar=pillar, key="delivery"), key="A-2")
    return publish(version)


def confirmed(alliance: Alliance, *, by: int) -> None:
    """An objective that runs, confirmed by some of the organisations."""
    objective = ObjectiveFactory(alliance=alliance, plan=None)
    PlanFactory(objective=objective, agreed_on=CLOSED_ON - days(60), starts_on=CLOSED_ON - days(60))
    for organisation in alliance.organisations.order_by("name")[:by]:
        ConfirmationFactory(objective=objective, organisation=organisation, on=CLOSED_ON - days(30))


ALL_FIVES = {"Arno": (5, 5), "Brix": (5, 5)}


def nights() -> list[date]:
    return list(
        ScoringJob.objects.filter(reason="nightly")
        .order_by("as_of", "pk")
        .values_list("as_of", flat=True)
    )


def give_up() -> None:
    """Try what is due until it is not tried any more."""
    now = NOON
    for number in range(1, ScoringJob.MAX_ATTEMPTS + 3):
        scores.score_due(now=now)
        now += scoring_jobs.retry_after(number)


def spoil(assessment: Assessment) -> AnswerSheet:
    """Put in a submitted sheet of an organisation that is no side; it cannot be scored."""
    sheet: AnswerSheet = AnswerSheetFactory(
        assessment=assessment, organisation=OrganisationFactory(), is_submitted=True
    )
    AnswerFactory(sheet=sheet)
    return sheet
