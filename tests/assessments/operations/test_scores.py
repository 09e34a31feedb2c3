"""Scoring what is due: once, whoever works, and never an answer too many."""

import threading
import time
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import pytest
from django.db import connections, transaction

from assessments import scoring
from assessments.models import (
    AnswerSheet,
    Assessment,
    Cycle,
    Reason,
    Response,
    Score,
    ScoreRun,
    ScoringJob,
)
from assessments.operations import cycles, scores, scoring_jobs
from assessments.queries import responses as asked
from assessments.queries import scoring as queries
from tests.assessments.quarters import (
    ALL_FIVES,
    CLOSED_ON,
    NOON,
    NORTH_HIGH,
    answer,
    answer_all,
    closed,
    confirmed,
    days,
    gated,
    give_up,
    jobs,
    on,
    one_dimension,
    opened,
    promise,
    spoil,
    staffed,
    two_dimensions,
    values,
)
from tests.factories.assessments import (
    RoutineFactory,
)
from tests.running import wait_for
from tests.threads import at_once

pytestmark = pytest.mark.django_db


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
        scoring_jobs.plan_nightly(now=on(CLOSED_ON + days(night), 3))
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
        scoring_jobs.plan_nightly(now=now)
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

    assert [job.pk for job in scoring_jobs.due(NOON)] == [echo.pk, cobalt.pk]
    assert scores.score_due(now=NOON, limit=1) == 1
    assert ScoreRun.objects.get().assessment == echo.assessment
    assert scores.score_due(now=NOON) == 1
    assert scores.score_due(now=NOON) == 0
    assert set(ScoringJob.objects.filter(done_at__isnull=True)) == {delta}


def test_score_due_goes_on_while_there_is_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring_jobs, "CHUNK", 1)
    version = two_dimensions()
    for name in ("Cobalt", "Delta", "Echo"):
        closed(version, staffed(name))
    time_left = iter([True, True, False])

    assert scores.score_due(now=NOON, go_on=lambda: next(time_left)) == 2
    assert ScoreRun.objects.count() == 2


def test_job_that_fails_keeps_no_other_from_being_done() -> None:
    version = two_dimensions()
    cycle = closed(version, staffed("Cobalt"), staffed("Delta"), staffed("Echo"))
    delta = cycle.assessments.get(alliance__name="Delta")
    spoil(delta)

    assert scores.score_due(now=NOON) == 2

    failed = ScoringJob.objects.get(assessment=delta)
    assert (failed.done_at, failed.attempts, failed.due_at) == (
        None,
        1,
        NOON + scoring_jobs.RETRY_AFTER,
    )
    assert failed.last_error.startswith("InputProblem: Rater ")
    assert failed.last_error.endswith("which is unknown.")
    assert not ScoreRun.objects.filter(assessment=delta).exists()
    assert Score.objects.filter(node_kind="overall").count() == 2


def test_job_that_failed_is_tried_again_after_a_while_and_done_when_it_can_be() -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    sheet = spoil(cycle.assessments.get())
    scores.score_due(now=NOON)
    sheet.delete()

    assert scores.score_due(now=NOON + scoring_jobs.RETRY_AFTER - timedelta(seconds=1)) == 0
    assert scores.score_due(now=NOON + scoring_jobs.RETRY_AFTER) == 1

    job = ScoringJob.objects.get()
    assert (job.attempts, job.last_error, job.done_at) == (2, "", NOON + scoring_jobs.RETRY_AFTER)


def test_job_that_fails_is_due_again_after_ever_longer() -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"))
    spoil(cycle.assessments.get())
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
    sheet = spoil(cycle.assessments.get())

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


def test_chunk_with_one_that_fails_is_halved_not_scored_one_by_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    cycle = closed(two_dimensions(), *(staffed(f"Alliance {n}") for n in range(8)))
    spoil(cycle.assessments.order_by("pk")[5])
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
    ScoringJob.objects.filter(pk=spring.pk).update(due_at=NOON + scoring_jobs.RETRY_AFTER)

    assert list(scoring_jobs.due(NOON)) == [summer[1]]
    assert scores.score_due(now=NOON) == 1

    assert scores.score_due(now=NOON + scoring_jobs.RETRY_AFTER) == 2
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
    scoring_jobs.plan_nightly(now=on(CLOSED_ON + days(12), 2))

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
    monkeypatch.setattr(scoring_jobs, "CHUNK", 2)
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
    monkeypatch.setattr(scoring_jobs, "CHUNK", 2)
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
