"""Scoring what is due: once, whoever works, and never an answer too many."""

import threading
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connections, transaction
from pytest_django.fixtures import Settings

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from assessments import scoring
from assessments.models import (
    AnswerSheet,
    Assessment,
    Cycle,
    Reason,
    Response,
    Routine,
    RubricVersion,
    Score,
    ScoreRun,
    ScoringJob,
)
from assessments.operations import cycles, responses, scores
from assessments.queries import responses as asked
from assessments.queries import scoring as queries
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
    RoutineFactory,
    RubricVersionFactory,
    alliance_of,
    person_of,
    publish,
    seat_of,
)
from tests.running import wait_for
from tests.threads import at_once

pytestmark = pytest.mark.django_db

CLOSED_ON = date(2026, 9, 30)
NOON = datetime(2026, 9, 30, 12, tzinfo=UTC)


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


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


def inputs_of(run: ScoreRun) -> queries.Inputs:
    """The inputs of a run, gathered now."""
    assessment = Assessment.objects.select_related("cycle__rubric_version__rubric").get(
        pk=run.assessment_id
    )
    [inputs] = queries.gathered([assessment], run.as_of)
    return inputs


def made_again(run: ScoreRun) -> str:
    """The digest that a run would have if it were made now."""
    inputs = inputs_of(run)
    return scoring.inputs_digest(
        inputs.parameters,
        inputs.rubric,
        inputs.sides,
        inputs.raters[::-1],
        evidence=inputs.evidence,
        previous_bands=inputs.previous_bands,
        before=inputs.before,
    )


def scored_again(run: ScoreRun) -> scoring.Result:
    inputs = inputs_of(run)
    return scoring.score(
        inputs.parameters,
        inputs.rubric,
        inputs.sides,
        inputs.raters[::-1],
        evidence=inputs.evidence,
        previous_bands=inputs.previous_bands,
        before=inputs.before,
    )


# --- one scoring ------------------------------------------------------------------------------


def test_score_due_writes_what_the_answers_give_by_hand() -> None:
    """Arno says 5 and 4: 100 and 75; Brix 3 and 2: 50 and 25. Sides count alike, evidence 0."""
    cobalt = staffed("Cobalt")
    promise(cobalt)
    cycle = closed(two_dimensions(), cobalt)

    number = scores.score_due(now=NOON)

    run = ScoreRun.objects.get()
    assert number == 1
    assert (run.assessment.cycle, run.assessment.alliance, run.rubric_version) == (
        cycle,
        cobalt,
        cycle.rubric_version,
    )
    assert (run.as_of, run.reason, run.computed_at) == (CLOSED_ON, "close", NOON)
    assert (run.code_version, len(run.inputs_digest)) == (scoring.CODE_VERSION, 64)
    assert (run.evidence, run.left_out) == ({"attainment": 0.0}, {})
    objectives, delivery = 75.0, 0.75 * 50.0
    whole = (3 * objectives + delivery) / 4
    assert values(run) == {
        ("dimension", "objectives"): pytest.approx(objectives),
        ("dimension", "delivery"): pytest.approx(delivery),
        ("pillar", "alignment"): pytest.approx(whole),
        ("overall", ""): pytest.approx(whole),
    }
    assert jobs() == [(CLOSED_ON, "close", 1, True)]
    told = Score.objects.get(run=run, node_key="delivery")
    assert (told.survey_value, told.evidence_value) == (pytest.approx(50), 0.0)
    assert (told.status, told.raters, told.band) == ("ok", 4, "red")


def test_score_due_writes_each_sides_view_and_the_gaps_between_them() -> None:
    cobalt = staffed("Cobalt")
    closed(two_dimensions(), cobalt)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.get()
    names = dict(cobalt.organisations.values_list("pk", "short_name"))
    rows = Score.objects.filter(run=run)
    sides = {
        (names[own.side], row.node_key): own.value
        for row in rows
        for own in row.side_scores(run.sides)
    }
    assert sides == {
        ("Arno", "objectives"): 100,
        ("Arno", "delivery"): 75,
        ("Arno", "alignment"): pytest.approx(93.75),
        ("Arno", ""): pytest.approx(93.75),
        ("Brix", "objectives"): 50,
        ("Brix", "delivery"): 25,
        ("Brix", "alignment"): pytest.approx(43.75),
        ("Brix", ""): pytest.approx(43.75),
    }
    gaps = {
        (row.node_key, names[gap.side], gap.other and names[gap.other]): gap.points
        for row in rows
        for gap in row.side_gaps(run.sides)
    }
    assert gaps == {
        (node, "Arno", "Brix"): pytest.approx(50)
        for node in ("objectives", "delivery", "alignment", "")
    }


def test_score_due_says_how_far_a_number_has_moved() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt")
    spring = closed(version, cobalt, day=date(2026, 6, 30), levels={"Arno": (3, 3), "Brix": (3, 3)})
    scores.score_due(now=on(date(2026, 6, 30)))
    closed(version, cobalt)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.latest("as_of")
    moved = Score.objects.filter(run=run, node_kind="dimension").order_by("node_key")
    assert [(row.node_key, row.change_points, row.change_raters_both) for row in moved] == [
        ("delivery", pytest.approx(0), 4),
        ("objectives", pytest.approx(25), 4),
    ]
    assert run.before is not None
    assert (run.before.assessment.cycle, run.is_rebased) == (spring, False)
    assert Score.objects.filter(change_points__isnull=False).count() == 4


def test_score_due_says_rebased_under_a_new_version_of_the_rubric() -> None:
    first, cobalt = two_dimensions(), staffed("Cobalt")
    closed(first, cobalt, day=date(2026, 6, 30))
    scores.score_due(now=on(date(2026, 6, 30)))
    closed(two_dimensions(number=2, earlier=first), cobalt)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.latest("as_of")
    assert run.is_rebased
    assert Score.objects.filter(run=run, change_points__isnull=False).count() == 4


@pytest.mark.parametrize(("answers_all", "is_shown"), [(True, True), (False, False)])
def test_a_rebased_change_is_shown_only_where_the_same_people_count_by_both_versions(
    answers_all: bool, is_shown: bool
) -> None:
    """The new version drops a question. Somebody in confidence could not tell there: he counts.

    By the old version with one answer, by the new one with all: what the two make of him differs
    from what they make of the others, so together they would tell of the others.
    """
    cobalt = staffed("Cobalt", team=5)
    first = one_dimension("A-1", "A-2")
    spring = opened(first, cobalt, day=date(2026, 6, 30))
    answer_all(spring, {"Arno": (5, 4), "Brix": (3, 4)})
    if not answers_all:
        team = Response.objects.filter(organisation__short_name="Brix", role="team")[0]
        sheet = AnswerSheet.objects.get(rater_key=asked.respondents_key(team))
        sheet.answers.filter(question__key="A-2").update(level=None, no_level="cannot_tell")
    cycles.close_cycle(cycle=spring, by=None, now=on(date(2026, 6, 30)))
    scores.score_due(now=on(date(2026, 6, 30)))
    summer = opened(one_dimension("A-1", earlier=first), cobalt)
    for response in Response.objects.filter(assessment__cycle=summer).select_related(
        "assessment__cycle"
    ):
        answer(response, 4)
    cycles.close_cycle(cycle=summer, by=None, now=NOON)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.get(assessment__cycle=summer)
    assert run.is_rebased
    assert {row.change_points is not None for row in Score.objects.filter(run=run)} == {is_shown}


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


def test_score_due_holds_back_the_band_of_a_gated_pillar() -> None:
    """Everybody says 5: the number is 100, but no objective is confirmed by both."""
    cobalt = staffed("Cobalt")
    confirmed(cobalt, by=1)
    closed(gated(), cobalt, levels=ALL_FIVES)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.get()
    assert run.gates == ["no_objective_confirmed"]
    pillar = Score.objects.get(run=run, node_kind="pillar")
    assert (pillar.value, pillar.band, pillar.band_by_number, pillar.gate) == (
        100.0,
        "amber",
        "green",
        "no_objective_confirmed",
    )
    overall = Score.objects.get(run=run, node_kind="overall")
    assert (overall.band, overall.band_by_number, overall.gate) == ("green", "", "")


def test_score_due_with_its_gates_open_shows_the_band_of_the_number() -> None:
    cobalt = staffed("Cobalt")
    confirmed(cobalt, by=2)
    closed(gated(), cobalt, levels=ALL_FIVES)

    scores.score_due(now=NOON)

    assert ScoreRun.objects.get().gates == []
    pillar = Score.objects.get(node_kind="pillar")
    assert (pillar.band, pillar.band_by_number, pillar.gate) == ("green", "", "")


def test_a_gate_that_closes_overnight_is_shown_and_its_opening_restores_the_band() -> None:
    """The band of the number is what the next one moves on from, not the one held back."""
    cobalt = staffed("Cobalt")
    confirmed(cobalt, by=2)
    closed(gated(), cobalt, levels=ALL_FIVES)
    scores.score_due(now=NOON)
    vacant = cobalt.seats.filter(role="sponsor").first()
    assert vacant is not None

    bands = []
    for night in (1, 2, 3):
        vacant.ends_on = CLOSED_ON + days(0) if night == 2 else None
        vacant.save()
        scores.plan_nightly(now=on(CLOSED_ON + days(night), 3))
        scores.score_due(now=on(CLOSED_ON + days(night), 3))
        run = ScoreRun.objects.order_by("-as_of")[0]
        bands.append((run.gates, Score.objects.get(run=run, node_kind="pillar").band))

    assert bands == [([], "green"), (["sponsor_seat_vacant"], "amber"), ([], "green")]
    assert (
        ScoreRun.objects.order_by("-as_of")[0].bands_from
        == (ScoreRun.objects.order_by("-as_of")[1])
    )


def test_score_due_leaves_out_a_dimension_in_which_too_few_could_speak_in_confidence() -> None:
    """Of Brix two raters in confidence could tell about delivery: one below the limit of three."""
    cobalt = staffed("Cobalt", team=5)
    cycle = opened(two_dimensions(), cobalt)
    Cycle.objects.filter(pk=cycle.pk).update(protected_minimum=3)
    for response in Response.objects.filter(role="team").select_related("assessment__cycle"):
        number = Response.objects.filter(
            organisation=response.organisation, role="team", state="submitted"
        ).count()
        if response.organisation.short_name == "Arno" or number < 3:
            # A rater who cannot tell in one dimension does not count in it.
            answer(response, 3, 4)
    brix = Response.objects.filter(organisation__short_name="Brix", state="submitted")[0]
    told = AnswerSheet.objects.get(rater_key=asked.respondents_key(brix))
    told.answers.filter(question__key="A-2").update(level=None, no_level="cannot_tell")
    cycles.close_cycle(cycle=cycle, by=None, now=NOON)

    scores.score_due(now=NOON)

    run = ScoreRun.objects.get()
    rows = {row.node_key: row for row in Score.objects.filter(run=run)}
    assert run.too_few == {"delivery": [brix.organisation_id]}
    # Nobody else speaks for Brix there, so delivery has no number, and what is above it lacks it.
    assert (rows["delivery"].status, rows["delivery"].value) == ("insufficient", None)
    assert {key: row.status for key, row in rows.items() if row.value is not None} == {
        "objectives": "ok",
        "alignment": "incomplete",
        "": "incomplete",
    }
    assert rows[""].value == rows["objectives"].value


def test_score_due_tells_how_many_in_confidence_were_left_out() -> None:
    cobalt = staffed("Cobalt", team=5)
    cycle = opened(two_dimensions(), cobalt)
    for response in Response.objects.select_related("assessment__cycle", "organisation"):
        few = response.organisation.short_name == "Brix" and response.role == "team"
        if not few or Response.objects.filter(state="submitted", role="team").count() < 9:
            answer(response, 4, 4)
    submitted = Response.objects.filter(
        organisation__short_name="Brix", role="team", state="submitted"
    ).count()
    cycles.close_cycle(cycle=cycle, by=None, now=NOON)

    scores.score_due(now=NOON)

    brix = cobalt.organisations.get(short_name="Brix")
    assert submitted == 4
    assert ScoreRun.objects.get().left_out == {str(brix.pk): 4}
    assert Score.objects.get(node_kind="overall").raters == 2 + 5 + 2


def test_score_due_without_enough_answers_says_so_instead_of_a_number() -> None:
    cobalt = staffed("Cobalt")
    cycle = opened(two_dimensions(), cobalt)
    answer(Response.objects.filter(organisation__short_name="Arno")[0], 4, 4)
    cycles.close_cycle(cycle=cycle, by=None, now=NOON)

    assert scores.score_due(now=NOON) == 1

    rows = Score.objects.all()
    assert {(row.status, row.value, row.band) for row in rows} == {("insufficient", None, "")}
    assert rows.count() == 4


def test_stored_run_can_be_made_again_to_the_last_digit() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt", team=5)
    promise(cobalt)
    closed(version, cobalt, day=date(2026, 6, 30), levels={"Arno": (2, 3), "Brix": (4, 3)})
    scores.score_due(now=on(date(2026, 6, 30)))
    closed(version, cobalt)
    scores.score_due(now=NOON)

    for run in ScoreRun.objects.all():
        assert made_again(run) == run.inputs_digest
        again = scored_again(run)
        for row in Score.objects.filter(run=run):
            found = again.nodes[queries.node_key((row.node_kind, row.node_key))].score
            assert found is not None
            assert (row.value, row.standard_error, row.low, row.high) == (
                found.value,
                found.se,
                found.shown.low,
                found.shown.high,
            )
    assert ScoreRun.objects.count() == 2


# --- the same inputs, and other ones ----------------------------------------------------------


def test_scoring_the_same_inputs_again_writes_nothing_new() -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    scores.score_due(now=NOON)
    run = ScoreRun.objects.get()
    before = Score.objects.count()

    for reason in Reason:
        again = scores.score_assessment(
            assessment=run.assessment, as_of=CLOSED_ON, reason=reason, now=NOON + days(1)
        )
        assert again == run

    assert ScoreRun.objects.count() == 1
    assert Score.objects.count() == before


def test_nightly_scoring_writes_a_run_only_when_its_inputs_have_changed() -> None:
    """The night after the close sees the bands just shown; then nothing changes until evidence."""
    cobalt = staffed("Cobalt")
    closed(two_dimensions(), cobalt, levels={"Arno": (5, 5), "Brix": (5, 5)})
    scores.score_due(now=NOON)
    [assessment] = Assessment.objects.all()

    def runs_after(night: int) -> int:
        day = CLOSED_ON + days(night)
        scores.score_assessment(
            assessment=assessment, as_of=day, reason=Reason.NIGHTLY, now=on(day, 2)
        )
        return ScoreRun.objects.count()

    assert [runs_after(night) for night in (1, 2, 3)] == [2, 2, 2]
    promise(cobalt)
    assert [runs_after(night) for night in (4, 5)] == [3, 3]
    first, _second, third = ScoreRun.objects.order_by("as_of")
    assert (first.evidence, third.evidence) == ({"attainment": None}, {"attainment": 0.0})
    assert values(first)[("dimension", "delivery")] == 100
    assert values(third)[("dimension", "delivery")] == 75


# --- answers that must not count --------------------------------------------------------------


def test_answers_of_an_open_cycle_never_enter_a_number() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt")
    summer = closed(version, cobalt, day=date(2026, 6, 30))
    scores.score_due(now=on(date(2026, 6, 30)))
    before = values(ScoreRun.objects.get())
    autumn = opened(version, cobalt)
    answer_all(autumn, {"Arno": (1, 1), "Brix": (1, 1)})

    for night in range(1, 4):
        now = on(CLOSED_ON - days(4) + days(night), 3)
        scores.plan_nightly(now=now)
        scores.score_due(now=now)

    assert {run.assessment.cycle for run in ScoreRun.objects.all()} == {summer}
    assert [values(run) for run in ScoreRun.objects.all()] == [before, before]
    assert AnswerSheet.objects.filter(assessment__cycle=autumn, is_submitted=True).count() == 4


def test_scoring_an_assessment_of_an_open_cycle_is_refused() -> None:
    cycle = opened(two_dimensions(), staffed("Cobalt"))
    answer_all(cycle, NORTH_HIGH)
    job = ScoringJob.objects.create(
        assessment=cycle.assessments.get(), as_of=CLOSED_ON, reason="nightly", due_at=NOON
    )

    with pytest.raises(scores.ScoringRefused, match="is not closed"):
        scores.score_assessment(
            assessment=job.assessment, as_of=CLOSED_ON, reason=Reason.NIGHTLY, now=NOON
        )
    assert scores.score_due(now=NOON) == 0

    assert ScoreRun.objects.count() == 0
    job.refresh_from_db()
    assert job.last_error == f"ScoringRefused: {cycle} is not closed."


def test_answers_that_were_not_submitted_never_count() -> None:
    cobalt = staffed("Cobalt")
    cycle = opened(two_dimensions(), cobalt)
    for response in Response.objects.select_related("assessment__cycle", "organisation"):
        is_sponsor = response.role == "sponsor"
        answer(response, *((1, 1) if is_sponsor else (5, 5)), submits=not is_sponsor)
    cycles.close_cycle(cycle=cycle, by=None, now=NOON)

    scores.score_due(now=NOON)

    told = Score.objects.get(node_kind="overall")
    assert (told.value, told.raters) == (100, 2)
    assert AnswerSheet.objects.count() == 4


# --- who works, and how often -----------------------------------------------------------------


def test_score_due_takes_the_longest_due_first_and_only_what_is_due() -> None:
    version = two_dimensions()
    for name in ("Cobalt", "Delta", "Echo"):
        closed(version, staffed(name))
    cobalt, delta, echo = ScoringJob.objects.order_by("pk")
    ScoringJob.objects.filter(pk=echo.pk).update(as_of=CLOSED_ON - days(1))
    ScoringJob.objects.filter(pk=delta.pk).update(due_at=NOON + timedelta(seconds=1))

    assert [job.pk for job in scores.due(NOON)] == [echo.pk, cobalt.pk]
    assert scores.score_due(now=NOON, limit=1) == 1
    assert ScoreRun.objects.get().assessment == echo.assessment
    assert scores.score_due(now=NOON) == 1
    assert scores.score_due(now=NOON) == 0
    assert set(ScoringJob.objects.filter(done_at__isnull=True)) == {delta}


def test_score_due_goes_on_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "CHUNK", 1)
    version = two_dimensions()
    for name in ("Cobalt", "Delta", "Echo"):
        closed(version, staffed(name))
    time_left = iter([True, True, False])

    assert scores.score_due(now=NOON, go_on=lambda: next(time_left)) == 2
    assert ScoreRun.objects.count() == 2


def _spoil(assessment: Assessment) -> AnswerSheet:
    """Put in a submitted sheet of an organisation that is no side; it cannot be scored."""
    sheet: AnswerSheet = AnswerSheetFactory(
        assessment=assessment, organisation=OrganisationFactory(), is_submitted=True
    )
    AnswerFactory(sheet=sheet)
    return sheet


def test_job_that_fails_keeps_no_other_from_being_done() -> None:
    version = two_dimensions()
    cycle = closed(version, staffed("Cobalt"), staffed("Delta"), staffed("Echo"))
    delta = cycle.assessments.get(alliance__name="Delta")
    _spoil(delta)

    assert scores.score_due(now=NOON) == 2

    failed = ScoringJob.objects.get(assessment=delta)
    assert (failed.done_at, failed.attempts, failed.due_at) == (None, 1, NOON + scores.RETRY_AFTER)
    assert failed.last_error.startswith("InputProblem: Rater ")
    assert failed.last_error.endswith("which is unknown.")
    assert not ScoreRun.objects.filter(assessment=delta).exists()
    assert Score.objects.filter(node_kind="overall").count() == 2


def test_job_that_failed_is_tried_again_after_a_while_and_done_when_it_can_be() -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    sheet = _spoil(cycle.assessments.get())
    scores.score_due(now=NOON)
    sheet.delete()

    assert scores.score_due(now=NOON + scores.RETRY_AFTER - timedelta(seconds=1)) == 0
    assert scores.score_due(now=NOON + scores.RETRY_AFTER) == 1

    job = ScoringJob.objects.get()
    assert (job.attempts, job.last_error, job.done_at) == (2, "", NOON + scores.RETRY_AFTER)


def give_up() -> None:
    """Try what is due until it is not tried any more."""
    now = NOON
    for number in range(1, ScoringJob.MAX_ATTEMPTS + 3):
        scores.score_due(now=now)
        now += scores.retry_after(number)


def test_job_waits_twice_as_long_after_each_attempt_and_five_minutes_at_most() -> None:
    waits = [scores.retry_after(attempts).total_seconds() for attempts in range(1, 8)]

    assert waits == [20, 40, 80, 160, 300, 300, 300]


def test_job_that_fails_is_due_again_after_ever_longer() -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    _spoil(cycle.assessments.get())
    now, due = NOON, []

    for attempts in range(1, 5):
        scores.score_due(now=now)
        job = ScoringJob.objects.get()
        assert job.attempts == attempts
        due.append((job.due_at - now).total_seconds())
        assert scores.score_due(now=job.due_at - timedelta(seconds=1)) == 0
        now = job.due_at

    assert due == [20, 40, 80, 160]


def test_job_that_keeps_failing_is_given_up(caplog: pytest.LogCaptureFixture) -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    sheet = _spoil(cycle.assessments.get())

    with caplog.at_level("ERROR"):
        give_up()
    sheet.delete()

    assert scores.score_due(now=NOON + days(30)) == 0
    job = ScoringJob.objects.get()
    assert (job.attempts, job.done_at) == (ScoringJob.MAX_ATTEMPTS, None)
    assert job.last_error.startswith("InputProblem")
    [said] = caplog.messages
    assert said == (
        f"scoring job {job.pk} is given up after 5 attempts: alliance"
        f" {job.assessment.alliance_id} as of 2026-09-30 (close): {job.last_error}."
        " See the page Jobs, and docs/operators/jobs.md for what to do"
    )


def test_job_whose_worker_is_lost_in_the_last_attempt_raises_the_alarm_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=4, last_error="MemoryError: ")
    keys = scores._claim(NOON, 10)
    over = NOON + scores.retry_after(5)

    assert scores.give_up_lost(now=over - timedelta(seconds=1)) == 0
    assert scores.retry_given_up(by=None, now=over - timedelta(seconds=1)) == 0
    assert [scores.give_up_lost(now=over) for _number in range(3)] == [1, 0, 0]

    job = ScoringJob.objects.get()
    assert (keys, job.attempts, job.last_error) == ([job.pk], 5, scores.LOST)
    assert [(one.levelname, one.name) for one in caplog.records] == [
        ("ERROR", "assessments.operations.jobs")
    ]
    assert scores.LOST in caplog.text


@pytest.mark.parametrize("one_by_one", [False, True])
def test_retry_given_up_makes_it_due_and_it_is_scored(
    one_by_one: bool, administrator: User
) -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))
    sheets = [_spoil(assessment) for assessment in cycle.assessments.all()]
    give_up()
    for sheet in sheets:
        sheet.delete()
    later = NOON + days(1)
    wanted = list(ScoringJob.objects.order_by("pk").values_list("pk", flat=True))

    if one_by_one:
        for key in wanted:
            assert scores.retry_given_up(by=administrator, now=later, job_id=key) == 1
    else:
        assert scores.retry_given_up(by=administrator, now=later) == 2

    assert set(ScoringJob.objects.values_list("attempts", "due_at", "last_error")) == {
        (0, later, "")
    }
    assert scores.retry_given_up(by=administrator, now=later) == 0
    assert scores.score_due(now=later) == 2


def test_retry_given_up_leaves_alone_what_was_not(administrator: User) -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=4)

    assert scores.retry_given_up(by=administrator, now=NOON) == 0
    assert ScoringJob.objects.get().attempts == 4


def test_retry_given_up_is_refused_to_who_is_no_administrator() -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=5)
    stranger = User.objects.create_user("sam@example.com", name="Sam")

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        scores.retry_given_up(by=stranger, now=NOON)

    assert ScoringJob.objects.get().attempts == 5


@pytest.mark.parametrize(("due", "chunks"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (7, 3)])
def test_chunks_due_counts_no_further_than_it_must(
    due: int, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "CHUNK", 2)
    if due:
        closed(two_dimensions(), *(staffed(f"Alliance {number}") for number in range(due)))

    assert scores.chunks_due(now=NOON, most=3) == chunks
    assert scores.chunks_due(now=NOON - timedelta(seconds=1), most=3) == 0


# --- what was done long ago -------------------------------------------------------------------


@pytest.fixture
def old_jobs() -> date:
    """A cycle that closed long before a day, with its nights through that day, all done."""
    closed(two_dimensions(), staffed("Cobalt"))
    RoutineFactory(done_through=CLOSED_ON)
    today = CLOSED_ON + days(40)
    for number in range(41):
        now = on(CLOSED_ON + days(number), 3)
        scores.plan_nightly(now=now)
        ScoringJob.objects.filter(as_of=CLOSED_ON + days(number)).update(done_at=now)
    return today


def test_delete_done_keeps_a_month(old_jobs: date) -> None:
    assert scores.delete_done(now=on(old_jobs, 3)) == 9  # the close, and eight nights

    kept = ScoringJob.objects.order_by("as_of").values_list("as_of", flat=True)
    assert (kept[0], len(kept)) == (old_jobs - days(31), 32)


def test_delete_done_keeps_what_is_not_done(old_jobs: date) -> None:
    ScoringJob.objects.filter(as_of__lt=CLOSED_ON + days(5)).update(done_at=None)

    scores.delete_done(now=on(old_jobs, 3))

    assert ScoringJob.objects.filter(done_at=None).count() == 5
    assert ScoringJob.objects.filter(as_of__lt=old_jobs - days(31)).count() == 5


def test_delete_done_works_in_bounded_batches_once_a_day(
    old_jobs: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scores, "DELETED_AT_ONCE", 4)
    now = on(old_jobs, 3)

    assert [scores.delete_done(now=now) for _tick in range(5)] == [4, 4, 1, 0, 0]
    assert Routine.objects.get(name=Routine.DONE_JOBS).done_through == old_jobs
    assert scores.delete_done(now=now + days(1)) == 1


@pytest.mark.parametrize("spoil", ["set back", "lost", "kept"])
def test_day_that_was_deleted_never_becomes_due_again(old_jobs: date, spoil: str) -> None:
    now = on(old_jobs, 3)
    scores.delete_done(now=now)
    nightly = Routine.objects.filter(name=Routine.NIGHTLY_SCORES)
    if spoil == "set back":
        nightly.update(done_through=CLOSED_ON - days(100))
    elif spoil == "lost":
        nightly.delete()

    scores.plan_nightly(now=now)
    scores.plan_nightly(now=now - days(20))

    assert not ScoringJob.objects.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_delete_done_by_eight_beats_at_once_deletes_once(old_jobs: date) -> None:
    found = at_once(lambda: scores.delete_done(now=on(old_jobs, 3)))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum(one for one in found if isinstance(one, int)) == 9


def test_chunk_with_one_that_fails_is_halved_not_scored_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cycle = closed(two_dimensions(), *(staffed(f"Alliance {n}") for n in range(8)))
    _spoil(cycle.assessments.order_by("pk")[5])
    tried: list[int] = []
    work = scores._work

    def counted(keys: Sequence[int], now: datetime) -> int:
        tried.append(len(keys))
        return work(keys, now)

    monkeypatch.setattr(scores, "_work", counted)

    assert scores.score_due(now=NOON) == 7
    assert tried == [8, 4, 4, 2, 1, 1, 2]


def test_day_waits_for_the_days_of_its_alliance_before_it() -> None:
    """A night's bands rest on those of the night before, and a quarter on the quarter before."""
    version, cobalt, delta = two_dimensions(), staffed("Cobalt"), staffed("Delta")
    closed(version, cobalt, day=date(2026, 6, 30))
    closed(version, cobalt, delta)
    spring, *summer = ScoringJob.objects.order_by("as_of", "assessment__alliance__name")
    ScoringJob.objects.filter(pk=spring.pk).update(due_at=NOON + scores.RETRY_AFTER)

    assert list(scores.due(NOON)) == [summer[1]]
    assert scores.score_due(now=NOON) == 1

    assert scores.score_due(now=NOON + scores.RETRY_AFTER) == 2
    moved = Score.objects.filter(run__assessment__alliance=cobalt, change_points__isnull=False)
    assert moved.count() == 4
    assert {made_again(run) == run.inputs_digest for run in ScoreRun.objects.all()} == {True}


def test_day_waits_no_longer_for_one_that_was_given_up() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt")
    closed(version, cobalt, day=date(2026, 6, 30))
    closed(version, cobalt)
    ScoringJob.objects.filter(as_of=date(2026, 6, 30)).update(attempts=ScoringJob.MAX_ATTEMPTS)

    assert scores.score_due(now=NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_score_due_of_missed_nights_by_eight_workers_can_be_made_again() -> None:
    cobalt = staffed("Cobalt")
    promise(cobalt)
    closed(two_dimensions(), cobalt)
    RoutineFactory(done_through=CLOSED_ON)
    scores.plan_nightly(now=on(CLOSED_ON + days(12), 2))

    found = at_once(lambda: _score_until_all_is_done(on(CLOSED_ON + days(12), 2)))

    assert found == [None] * 8
    runs = ScoreRun.objects.order_by("as_of")
    assert [job.attempts for job in ScoringJob.objects.all()] == [1] * 13
    assert {made_again(run) == run.inputs_digest for run in runs} == {True}


def _score_until_all_is_done(now: datetime) -> None:
    give_up_at = time.monotonic() + 60
    while ScoringJob.objects.filter(done_at__isnull=True).exists():
        scores.score_due(now=now)
        assert time.monotonic() < give_up_at


@pytest.mark.django_db(transaction=True)
def test_score_due_by_eight_workers_at_once_scores_each_job_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scores, "CHUNK", 2)
    version = two_dimensions()
    closed(version, *(staffed(f"Alliance {number}") for number in range(12)))

    found = at_once(lambda: scores.score_due(now=NOON))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum(one for one in found if isinstance(one, int)) == 12
    assert sum(bool(one) for one in found) > 1  # else nobody worked beside another
    assert jobs() == [(CLOSED_ON, "close", 1, True)] * 12
    runs = ScoreRun.objects.values_list("assessment", flat=True)
    assert sorted(runs) == sorted(ScoringJob.objects.values_list("assessment", flat=True))
    assert Score.objects.filter(node_kind="overall").count() == 12


@pytest.mark.django_db(transaction=True)
def test_two_hands_of_one_worker_score_each_job_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scores, "CHUNK", 2)
    closed(two_dimensions(), *(staffed(f"Alliance {number}") for number in range(9)))

    assert scores.side_by_side(lambda: scores.score_due(now=NOON), hands=2) == 9

    assert jobs() == [(CLOSED_ON, "close", 1, True)] * 9
    assert ScoreRun.objects.count() == 9


def test_what_was_tried_before_is_tried_alone() -> None:
    """A scoring that kills its worker takes others with it once at most."""
    version = two_dimensions()
    for name in ("Cobalt", "Delta", "Echo"):
        closed(version, staffed(name))
    ScoringJob.objects.update(attempts=1)

    assert [scores.score_due(now=NOON, limit=10, go_on=iter([True, False]).__next__)] == [1]
    assert scores.score_due(now=NOON) == 2


@pytest.mark.django_db(transaction=True)
def test_score_due_passes_over_a_job_that_somebody_works_on() -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    held, go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                ScoringJob.objects.select_for_update().get()
                held.set()
                go.wait(timeout=30)
        finally:
            connections.close_all()

    holder = threading.Thread(target=hold)
    holder.start()
    wait_for(held.is_set)
    try:
        assert scores.score_due(now=NOON) == 0
        assert jobs() == [(CLOSED_ON, "close", 0, False)]
    finally:
        go.set()
        holder.join()
    assert scores.score_due(now=NOON) == 1


@pytest.mark.django_db(transaction=True)
def test_score_assessment_at_once_from_many_sides_writes_one_run() -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    assessment = cycle.assessments.get()

    found = at_once(
        lambda: scores.score_assessment(
            assessment=assessment, as_of=CLOSED_ON, reason=Reason.CLOSE, now=NOON
        )
    )

    run = ScoreRun.objects.get()
    assert found == [run] * 8


# --- every night ------------------------------------------------------------------------------

FIRST_NIGHT = CLOSED_ON + days(1)


@pytest.fixture
def scored() -> Cycle:
    """A closed cycle of two alliances, scored at its close; nights are planned through its day."""
    cycle = closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))
    scores.score_due(now=NOON)
    RoutineFactory(done_through=CLOSED_ON)
    return cycle


def nights() -> list[date]:
    return list(
        ScoringJob.objects.filter(reason="nightly")
        .order_by("as_of", "pk")
        .values_list("as_of", flat=True)
    )


def test_plan_nightly_makes_each_last_closed_assessment_due(scored: Cycle) -> None:
    now = on(FIRST_NIGHT, 2)

    assert scores.plan_nightly(now=now) == 2

    planned = ScoringJob.objects.filter(reason="nightly")
    assert {job.assessment for job in planned} == set(scored.assessments.all())
    assert {(job.as_of, job.due_at, job.attempts) for job in planned} == {(FIRST_NIGHT, now, 0)}


def test_plan_nightly_plans_once_a_day(scored: Cycle) -> None:
    for minute in (0, 1, 59):
        scores.plan_nightly(now=on(FIRST_NIGHT, 2, minute))
    scores.plan_nightly(now=on(FIRST_NIGHT, 23))

    assert nights() == [FIRST_NIGHT] * 2
    assert scores.plan_nightly(now=on(FIRST_NIGHT + days(1), 2)) == 2


@pytest.mark.parametrize(("hour", "planned"), [(0, 0), (3, 0), (4, 2)])
def test_plan_nightly_waits_for_its_hour(
    hour: int, planned: int, scored: Cycle, settings: Settings
) -> None:
    settings.NIGHTLY_HOUR = 4

    assert scores.plan_nightly(now=on(FIRST_NIGHT, hour)) == planned


def test_plan_nightly_makes_up_for_missed_days(scored: Cycle) -> None:
    assert scores.plan_nightly(now=on(CLOSED_ON + days(3), 2)) == 6

    assert nights() == [CLOSED_ON + days(n) for n in (1, 1, 2, 2, 3, 3)]


def test_plan_nightly_makes_up_for_a_month_at_most(scored: Cycle) -> None:
    today = CLOSED_ON + days(100)

    scores.plan_nightly(now=on(today, 2))

    assert nights()[::2] == [today - days(n) for n in range(scores.MOST_DAYS_BEHIND - 1, -1, -1)]


def test_plan_nightly_plans_tonight_only_on_its_first_night(scored: Cycle) -> None:
    Routine.objects.all().delete()

    assert scores.plan_nightly(now=on(CLOSED_ON + days(20), 2)) == 2

    assert nights() == [CLOSED_ON + days(20)] * 2


def test_plan_nightly_with_the_clock_set_back_plans_no_night_twice(scored: Cycle) -> None:
    day = CLOSED_ON + days(5)
    scores.plan_nightly(now=on(day, 2))
    planned = nights()

    for now in (on(day, 1), on(day - days(1), 2), on(CLOSED_ON, 2)):
        assert scores.plan_nightly(now=now) == 0

    assert nights() == planned
    assert Routine.objects.get().done_through == day
    assert scores.plan_nightly(now=on(day + days(1), 2)) == 2


def test_plan_nightly_leaves_out_alliances_that_have_ended(scored: Cycle) -> None:
    Alliance.objects.filter(name="Delta").update(stage="ended", ends_on=CLOSED_ON)

    assert scores.plan_nightly(now=on(FIRST_NIGHT, 2)) == 1
    assert ScoringJob.objects.get(reason="nightly").assessment.alliance.name == "Cobalt"


def test_plan_nightly_leaves_out_what_is_out_of_date(scored: Cycle) -> None:
    """The cycle has 91 days: after one and a half times as many nobody needs its scores."""
    ends_on = scored.ends_on
    Routine.objects.update(done_through=ends_on + days(135))

    assert scores.plan_nightly(now=on(ends_on + days(136), 2)) == 2
    assert scores.plan_nightly(now=on(ends_on + days(137), 2)) == 0


def test_plan_nightly_takes_the_last_closed_quarter_of_each_day() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt")
    spring = closed(version, cobalt, day=date(2026, 6, 30))
    summer = closed(version, cobalt)
    opened(version, cobalt, day=date(2026, 12, 31))
    RoutineFactory(done_through=CLOSED_ON - days(2))

    scores.plan_nightly(now=on(FIRST_NIGHT, 2))

    planned = ScoringJob.objects.filter(reason="nightly").order_by("as_of")
    assert [(job.as_of, job.assessment.cycle) for job in planned] == [
        (CLOSED_ON - days(1), spring),
        (CLOSED_ON, summer),
        (FIRST_NIGHT, summer),
    ]


@pytest.mark.django_db(transaction=True)
def test_plan_nightly_by_eight_beats_at_once_plans_each_night_once() -> None:
    closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))

    found = at_once(lambda: scores.plan_nightly(now=on(FIRST_NIGHT, 2)))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sorted(one for one in found if isinstance(one, int)) == [0] * 7 + [2]
    assert nights() == [FIRST_NIGHT] * 2
