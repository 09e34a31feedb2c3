"""Scorings that are due: planned once, given up aloud, tried again, forgotten when done."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from pytest_django.fixtures import Settings

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance
from assessments.models import (
    Cycle,
    Routine,
    ScoringJob,
)
from assessments.operations import scores, scoring_jobs
from tests.assessments.quarters import (
    CLOSED_ON,
    NOON,
    closed,
    days,
    give_up,
    nights,
    on,
    opened,
    spoil,
    staffed,
    two_dimensions,
)
from tests.factories.assessments import (
    RoutineFactory,
)
from tests.threads import at_once

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


def test_job_waits_twice_as_long_after_each_attempt_and_five_minutes_at_most() -> None:
    waits = [scoring_jobs.retry_after(attempts).total_seconds() for attempts in range(1, 8)]

    assert waits == [20, 40, 80, 160, 300, 300, 300]


def test_job_whose_worker_is_lost_in_the_last_attempt_raises_the_alarm_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=4, last_error="MemoryError: ")
    keys = scores._claim(NOON, 10)
    over = NOON + scoring_jobs.retry_after(5)

    assert scoring_jobs.give_up_lost(now=over - timedelta(seconds=1)) == 0
    assert scoring_jobs.retry_given_up(by=None, now=over - timedelta(seconds=1)) == 0
    assert [scoring_jobs.give_up_lost(now=over) for _number in range(3)] == [1, 0, 0]

    job = ScoringJob.objects.get()
    assert (keys, job.attempts, job.last_error) == ([job.pk], 5, scoring_jobs.LOST)
    assert [(one.levelname, one.name) for one in caplog.records] == [
        ("ERROR", "assessments.operations.jobs")
    ]
    assert scoring_jobs.LOST in caplog.text


@pytest.mark.parametrize("one_by_one", [False, True])
def test_retry_given_up_makes_it_due_and_it_is_scored(
    one_by_one: bool, administrator: User
) -> None:
    cycle = closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))
    sheets = [spoil(assessment) for assessment in cycle.assessments.all()]
    give_up()
    for sheet in sheets:
        sheet.delete()
    later = NOON + days(1)
    wanted = list(ScoringJob.objects.order_by("pk").values_list("pk", flat=True))

    if one_by_one:
        for key in wanted:
            assert scoring_jobs.retry_given_up(by=administrator, now=later, job_id=key) == 1
    else:
        assert scoring_jobs.retry_given_up(by=administrator, now=later) == 2

    assert set(ScoringJob.objects.values_list("attempts", "due_at", "last_error")) == {
        (0, later, "")
    }
    assert scoring_jobs.retry_given_up(by=administrator, now=later) == 0
    assert scores.score_due(now=later) == 2


def test_retry_given_up_leaves_alone_what_was_not(administrator: User) -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=4)

    assert scoring_jobs.retry_given_up(by=administrator, now=NOON) == 0
    assert ScoringJob.objects.get().attempts == 4


def test_retry_given_up_is_refused_to_who_is_no_administrator() -> None:
    closed(two_dimensions(), staffed("Cobalt"))
    ScoringJob.objects.update(attempts=5)
    stranger = User.objects.create_user("sam@example.com", name="Sam")

    with pytest.raises(PermissionDenied, match="Only an administrator of the site can do this"):
        scoring_jobs.retry_given_up(by=stranger, now=NOON)

    assert ScoringJob.objects.get().attempts == 5


@pytest.mark.parametrize(("due", "chunks"), [(0, 0), (1, 1), (2, 1), (3, 2), (6, 3), (7, 3)])
def test_chunks_due_counts_no_further_than_it_must(
    due: int, chunks: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring_jobs, "CHUNK", 2)
    if due:
        closed(two_dimensions(), *(staffed(f"Alliance {number}") for number in range(due)))

    assert scoring_jobs.chunks_due(now=NOON, most=3) == chunks
    assert scoring_jobs.chunks_due(now=NOON - timedelta(seconds=1), most=3) == 0


# --- what was done long ago -------------------------------------------------------------------


@pytest.fixture
def old_jobs() -> date:
    """A cycle that closed long before a day, with its nights through that day, all done."""
    closed(two_dimensions(), staffed("Cobalt"))
    RoutineFactory(done_through=CLOSED_ON)
    today = CLOSED_ON + days(40)
    for number in range(41):
        now = on(CLOSED_ON + days(number), 3)
        scoring_jobs.plan_nightly(now=now)
        ScoringJob.objects.filter(as_of=CLOSED_ON + days(number)).update(done_at=now)
    return today


def test_delete_done_keeps_a_month(old_jobs: date) -> None:
    assert scoring_jobs.delete_done(now=on(old_jobs, 3)) == 9  # the close, and eight nights

    kept = ScoringJob.objects.order_by("as_of").values_list("as_of", flat=True)
    assert (kept[0], len(kept)) == (old_jobs - days(31), 32)


def test_delete_done_keeps_what_is_not_done(old_jobs: date) -> None:
    ScoringJob.objects.filter(as_of__lt=CLOSED_ON + days(5)).update(done_at=None)

    scoring_jobs.delete_done(now=on(old_jobs, 3))

    assert ScoringJob.objects.filter(done_at=None).count() == 5
    assert ScoringJob.objects.filter(as_of__lt=old_jobs - days(31)).count() == 5


def test_delete_done_works_in_bounded_batches_once_a_day(
    old_jobs: date, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring_jobs, "DELETED_AT_ONCE", 4)
    now = on(old_jobs, 3)

    assert [scoring_jobs.delete_done(now=now) for _tick in range(5)] == [4, 4, 1, 0, 0]
    assert Routine.objects.get(name=Routine.DONE_JOBS).done_through == old_jobs
    assert scoring_jobs.delete_done(now=now + days(1)) == 1


@pytest.mark.parametrize("spoil", ["set back", "lost", "kept"])
def test_day_that_was_deleted_never_becomes_due_again(old_jobs: date, spoil: str) -> None:
    now = on(old_jobs, 3)
    scoring_jobs.delete_done(now=now)
    nightly = Routine.objects.filter(name=Routine.NIGHTLY_SCORES)
    if spoil == "set back":
        nightly.update(done_through=CLOSED_ON - days(100))
    elif spoil == "lost":
        nightly.delete()

    scoring_jobs.plan_nightly(now=now)
    scoring_jobs.plan_nightly(now=now - days(20))

    assert not ScoringJob.objects.filter(done_at=None).exists()


@pytest.mark.django_db(transaction=True)
def test_delete_done_by_eight_beats_at_once_deletes_once(old_jobs: date) -> None:
    found = at_once(lambda: scoring_jobs.delete_done(now=on(old_jobs, 3)))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sum(one for one in found if isinstance(one, int)) == 9


# --- every night ------------------------------------------------------------------------------

FIRST_NIGHT = CLOSED_ON + days(1)


@pytest.fixture
def scored() -> Cycle:
    """A closed cycle of two alliances, scored at its close; nights are planned through its day."""
    cycle = closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))
    scores.score_due(now=NOON)
    RoutineFactory(done_through=CLOSED_ON)
    return cycle


def test_plan_nightly_makes_each_last_closed_assessment_due(scored: Cycle) -> None:
    now = on(FIRST_NIGHT, 2)

    assert scoring_jobs.plan_nightly(now=now) == 2

    planned = ScoringJob.objects.filter(reason="nightly")
    assert {job.assessment for job in planned} == set(scored.assessments.all())
    assert {(job.as_of, job.due_at, job.attempts) for job in planned} == {(FIRST_NIGHT, now, 0)}


def test_plan_nightly_plans_once_a_day(scored: Cycle) -> None:
    for minute in (0, 1, 59):
        scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, 2, minute))
    scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, 23))

    assert nights() == [FIRST_NIGHT] * 2
    assert scoring_jobs.plan_nightly(now=on(FIRST_NIGHT + days(1), 2)) == 2


@pytest.mark.parametrize(("hour", "planned"), [(0, 0), (3, 0), (4, 2)])
def test_plan_nightly_waits_for_its_hour(
    hour: int, planned: int, scored: Cycle, settings: Settings
) -> None:
    settings.NIGHTLY_HOUR = 4

    assert scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, hour)) == planned


def test_plan_nightly_makes_up_for_missed_days(scored: Cycle) -> None:
    assert scoring_jobs.plan_nightly(now=on(CLOSED_ON + days(3), 2)) == 6

    assert nights() == [CLOSED_ON + days(n) for n in (1, 1, 2, 2, 3, 3)]


def test_plan_nightly_makes_up_for_a_month_at_most(scored: Cycle) -> None:
    today = CLOSED_ON + days(100)

    scoring_jobs.plan_nightly(now=on(today, 2))

    assert nights()[::2] == [
        today - days(n) for n in range(scoring_jobs.MOST_DAYS_BEHIND - 1, -1, -1)
    ]


def test_plan_nightly_plans_tonight_only_on_its_first_night(scored: Cycle) -> None:
    Routine.objects.all().delete()

    assert scoring_jobs.plan_nightly(now=on(CLOSED_ON + days(20), 2)) == 2

    assert nights() == [CLOSED_ON + days(20)] * 2


def test_plan_nightly_with_the_clock_set_back_plans_no_night_twice(scored: Cycle) -> None:
    day = CLOSED_ON + days(5)
    scoring_jobs.plan_nightly(now=on(day, 2))
    planned = nights()

    for now in (on(day, 1), on(day - days(1), 2), on(CLOSED_ON, 2)):
        assert scoring_jobs.plan_nightly(now=now) == 0

    assert nights() == planned
    assert Routine.objects.get().done_through == day
    assert scoring_jobs.plan_nightly(now=on(day + days(1), 2)) == 2


def test_plan_nightly_leaves_out_alliances_that_have_ended(scored: Cycle) -> None:
    Alliance.objects.filter(name="Delta").update(stage="ended", ends_on=CLOSED_ON)

    assert scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, 2)) == 1
    assert ScoringJob.objects.get(reason="nightly").assessment.alliance.name == "Cobalt"


def test_plan_nightly_leaves_out_what_is_out_of_date(scored: Cycle) -> None:
    """The cycle has 91 days: after one and a half times as many nobody needs its scores."""
    ends_on = scored.ends_on
    Routine.objects.update(done_through=ends_on + days(135))

    assert scoring_jobs.plan_nightly(now=on(ends_on + days(136), 2)) == 2
    assert scoring_jobs.plan_nightly(now=on(ends_on + days(137), 2)) == 0


def test_plan_nightly_takes_the_last_closed_quarter_of_each_day() -> None:
    version, cobalt = two_dimensions(), staffed("Cobalt")
    spring = closed(version, cobalt, day=date(2026, 6, 30))
    summer = closed(version, cobalt)
    opened(version, cobalt, day=date(2026, 12, 31))
    RoutineFactory(done_through=CLOSED_ON - days(2))

    scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, 2))

    planned = ScoringJob.objects.filter(reason="nightly").order_by("as_of")
    assert [(job.as_of, job.assessment.cycle) for job in planned] == [
        (CLOSED_ON - days(1), spring),
        (CLOSED_ON, summer),
        (FIRST_NIGHT, summer),
    ]


@pytest.mark.django_db(transaction=True)
def test_plan_nightly_by_eight_beats_at_once_plans_each_night_once() -> None:
    closed(two_dimensions(), staffed("Cobalt"), staffed("Delta"))

    found = at_once(lambda: scoring_jobs.plan_nightly(now=on(FIRST_NIGHT, 2)))

    assert [one for one in found if isinstance(one, Exception)] == []
    assert sorted(one for one in found if isinstance(one, int)) == [0] * 7 + [2]
    assert nights() == [FIRST_NIGHT] * 2
