"""What the beat starts: it closes, plans and wakes; a message carries no work."""

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any, cast

import pytest
import redis
import time_machine
from celery import current_app
from django.conf import settings
from django.core.cache import cache

from alliance_health.alliances.models import Alliance, Membership
from assessments import tasks
from assessments.models import Assessment, Cycle, CycleQuality, Routine, ScoreRun, ScoringJob
from assessments.operations import cycles, scoring_jobs
from assessments.queries import jobs
from tests.factories.alliances import OrganisationFactory
from tests.factories.assessments import (
    CycleFactory,
    RoutineFactory,
    alliance_of,
    answered_cycle,
    person_of,
    seat_of,
)

pytestmark = pytest.mark.django_db

QUEUE = "alliance-health:celery"
NOW = datetime(2026, 10, 1, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def broker() -> Iterator[redis.Redis]:
    """The run's own broker, empty before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


@pytest.fixture(autouse=True)
def _one_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another hand would not see what the test has not committed."""
    monkeypatch.setattr(tasks, "HANDS", 1)


@pytest.fixture(autouse=True)
def _today() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


def queued(broker: redis.Redis) -> list[dict[str, Any]]:
    """The messages that wait for a worker."""
    return [json.loads(message) for message in cast("list[bytes]", broker.lrange(QUEUE, 0, -1))]


def names(broker: redis.Redis) -> list[str]:
    """The tasks of the messages, the latest first."""
    return [sent["headers"]["task"] for sent in queued(broker)]


def watched(day: date) -> None:
    """The night of a day is watched already."""
    RoutineFactory(name=Routine.NIGHTLY_SIGNALS, done_through=day)


def staffed(name: str) -> Alliance:
    alliance = alliance_of(name, "Arno", "Brix")
    for organisation in alliance.organisations.all():
        seat_of(alliance, person_of(organisation))
    return alliance


def opened(*alliances: Alliance, closes_on: date) -> Cycle:
    drafted = CycleFactory(closes_on=closes_on)
    return cycles.open_cycle(
        cycle=drafted, alliances=alliances, by=None, now=NOW - timedelta(days=20)
    )


def make_due(number: int) -> None:
    """So many scorings, each of another alliance, due now."""
    organisations = OrganisationFactory.create_batch(2)
    first = date(2024, 1, 1)
    alliances = Alliance.objects.bulk_create(
        Alliance(name=f"Alliance {n}", purpose="To be many.", starts_on=first)
        for n in range(number)
    )
    Membership.objects.bulk_create(
        Membership(alliance=alliance, organisation=organisation, starts_on=first)
        for alliance in alliances
        for organisation in organisations
    )
    cycle = CycleFactory(closed=True)
    assessments = Assessment.objects.bulk_create(
        Assessment(cycle=cycle, alliance=alliance) for alliance in alliances
    )
    ScoringJob.objects.bulk_create(
        ScoringJob(assessment=one, as_of=date(2026, 9, 30), reason="close", due_at=NOW)
        for one in assessments
    )


def test_tick_closes_plans_and_wakes(broker: redis.Redis) -> None:
    over = opened(staffed("Cobalt"), staffed("Delta"), closes_on=date(2026, 9, 30))
    running = opened(staffed("Echo"), closes_on=date(2026, 10, 1))

    tasks.tick()

    over.refresh_from_db()
    running.refresh_from_db()
    assert (over.state, over.closed_at, running.state) == ("closed", NOW, "open")
    planned = ScoringJob.objects.order_by("reason", "assessment__alliance__name")
    assert [(job.reason, job.assessment.alliance.name, job.as_of) for job in planned] == [
        (reason, name, date(2026, 10, 1))
        for reason in ("close", "nightly")
        for name in ("Cobalt", "Delta")
    ]
    assert len(queued(broker)) == 1
    assert ScoreRun.objects.count() == 0  # that is the workers' part


def test_tick_with_nothing_due_wakes_nobody(broker: redis.Redis) -> None:
    watched(date(2026, 10, 1))
    opened(staffed("Cobalt"), closes_on=date(2026, 10, 1))

    tasks.tick()

    assert len(queued(broker)) == 0
    assert ScoringJob.objects.count() == 0


def test_tick_opens_a_cycle_whose_day_has_come() -> None:
    staffed("Cobalt")
    cycle = CycleFactory(opens_itself=True, opens_on=NOW.date(), closes_on=date(2026, 10, 20))

    tasks.tick()

    cycle.refresh_from_db()
    assert (cycle.state, cycle.opened_at, cycle.opened_by) == ("open", NOW, None)


def test_tick_redelivered_opens_and_plans_nothing_twice() -> None:
    """A message that comes again, late, with the clock set back in between."""
    staffed("Cobalt")
    CycleFactory(opens_itself=True, opens_on=date(2026, 9, 1), closes_on=date(2026, 9, 30))
    with time_machine.travel(NOW - timedelta(days=10), tick=False):
        tasks.tick()
    tasks.tick()
    kept = [
        list(model.objects.order_by("pk").values()) for model in (Cycle, Assessment, ScoringJob)
    ]

    for back in (0, 1, 5, 40):
        with time_machine.travel(NOW - timedelta(days=back), tick=False):
            tasks.tick()

    assert [
        list(model.objects.order_by("pk").values()) for model in (Cycle, Assessment, ScoringJob)
    ] == kept
    assert [len(rows) for rows in kept] == [1, 1, 2]  # one scoring at the close, one tonight


def test_tick_after_a_missed_week_makes_up_for_it_once() -> None:
    opened(staffed("Cobalt"), closes_on=date(2026, 9, 30))
    tasks.tick()

    for _number in range(2):
        with time_machine.travel(NOW + timedelta(days=7), tick=False):
            tasks.tick()

    nights = ScoringJob.objects.filter(reason="nightly").order_by("as_of")
    assert [job.as_of for job in nights] == [
        NOW.date() + timedelta(days=number) for number in range(8)
    ]


def test_tick_notes_when_it_was_done() -> None:
    tasks.tick()

    assert cache.get(jobs.TICKED_AT) == NOW


def test_tick_again_plans_nothing_new(broker: redis.Redis) -> None:
    opened(staffed("Cobalt"), closes_on=date(2026, 9, 30))
    tasks.tick()
    planned = list(ScoringJob.objects.order_by("pk").values())

    tasks.tick()

    assert list(ScoringJob.objects.order_by("pk").values()) == planned
    assert len(queued(broker)) == 2  # the second says what the first said: look


@pytest.mark.parametrize(("due", "woken"), [(0, 0), (1, 1), (100, 1), (101, 2), (1_000, 8)])
def test_tick_wakes_a_worker_for_each_chunk_and_eight_at_most(
    due: int, woken: int, broker: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scoring_jobs, "CHUNK", 100)
    make_due(due)
    watched(date(2026, 10, 1))
    Cycle.objects.update(closed_at=NOW + timedelta(days=1))  # no night to plan beside it

    tasks.tick()

    assert len(queued(broker)) == woken


def test_message_carries_no_work_and_is_soon_worth_nothing(broker: redis.Redis) -> None:
    make_due(1)

    tasks.tick()

    [sent] = queued(broker)
    assert sent["headers"]["task"] == "assessments.score_due"
    assert (sent["headers"]["argsrepr"], sent["headers"]["kwargsrepr"]) == ("()", "{}")
    assert sent["headers"]["expires"] == (NOW + timedelta(seconds=60)).isoformat()


def test_score_due_scores_what_is_due() -> None:
    opened(staffed("Cobalt"), staffed("Delta"), closes_on=date(2026, 9, 30))
    tasks.tick()

    tasks.score_due()

    assert not ScoringJob.objects.filter(done_at__isnull=True).exists()
    runs = ScoreRun.objects.order_by("assessment__alliance__name")
    assert [(run.assessment.alliance.name, run.as_of, run.computed_at) for run in runs] == [
        ("Cobalt", date(2026, 10, 1), NOW),
        ("Delta", date(2026, 10, 1), NOW),
    ]


def test_score_due_stamps_each_chunk_with_its_own_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a job that fails late in a task's minute would be due again at once, and given up."""
    monkeypatch.setattr(scoring_jobs, "CHUNK", 1)
    opened(staffed("Cobalt"), staffed("Delta"), closes_on=date(2026, 9, 30))
    tasks.tick()

    with time_machine.travel(NOW, tick=True):
        tasks.score_due()

    first, second = ScoreRun.objects.order_by("computed_at")
    assert NOW <= first.computed_at < second.computed_at
    for job in ScoringJob.objects.filter(reason="close"):
        assert job.done_at is not None
        assert job.due_at == job.done_at + scoring_jobs.RETRY_AFTER


def test_score_due_goes_past_a_job_that_fails() -> None:
    opened(staffed("Cobalt"), staffed("Delta"), staffed("Echo"), closes_on=date(2026, 9, 30))
    tasks.tick()
    cobalt = Assessment.objects.get(alliance__name="Cobalt")
    cobalt.sides.all().delete()

    tasks.score_due()

    failed = ScoringJob.objects.filter(done_at__isnull=True)
    assert {(job.assessment, job.attempts) for job in failed} == {(cobalt, 1)}
    assert ScoringJob.objects.filter(done_at__isnull=False).count() == 4


def test_score_due_tells_the_log_how_it_gets_on(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scoring_jobs, "CHUNK", 1)
    caplog.set_level("INFO", "assessments.operations.jobs")
    opened(staffed("Cobalt"), staffed("Delta"), staffed("Echo"), closes_on=date(2026, 9, 30))
    Cycle.objects.update(closes_on=date(2026, 9, 30))
    cycles.close_due(now=NOW)

    tasks.score_due()

    assert caplog.messages == [
        "scored 1 of 3 as of 2026-10-01, 1 a second, 2 s left",
        "scored 3 of 3 as of 2026-10-01, complete in 0 s",
    ]


def test_score_due_with_nothing_due_does_nothing() -> None:
    tasks.score_due()

    assert ScoreRun.objects.count() == 0


def test_tick_wakes_a_watch_when_the_nights_scorings_are_done(broker: redis.Redis) -> None:
    opened(staffed("Cobalt"), closes_on=date(2026, 9, 30))
    tasks.tick()
    assert names(broker) == ["assessments.score_due"]
    tasks.score_due()

    tasks.tick()
    assert names(broker) == ["assessments.watch", "assessments.score_due"]
    tasks.watch()
    tasks.watch()

    tasks.tick()
    assert len(queued(broker)) == 2
    nightly = Routine.objects.filter(name=Routine.NIGHTLY_SIGNALS)
    assert list(nightly.values_list("done_through", flat=True)) == [date(2026, 10, 1)]


def test_tick_wakes_one_worker_for_a_questionnaire_to_measure(broker: redis.Redis) -> None:
    answered_cycle()

    tasks.tick()

    sent = [message["headers"]["task"] for message in queued(broker)]
    assert sent.count("assessments.measure_quality") == 1
    assert CycleQuality.objects.count() == 0  # that is the worker's part

    tasks.measure_quality(something_new=True)
    broker.flushdb()
    tasks.tick()

    assert CycleQuality.objects.get().computed_at == NOW
    sent = [message["headers"]["task"] for message in queued(broker)]
    assert "assessments.measure_quality" not in sent


def test_tasks_take_messages_of_a_later_version(broker: redis.Redis) -> None:
    opened(staffed("Cobalt"), closes_on=date(2026, 9, 30))

    tasks.tick(something_new=True)
    tasks.score_due(something_new=True)

    assert len(queued(broker)) == 1
    assert set(ScoringJob.objects.values_list("reason", "done_at")) == {
        ("close", NOW),
        ("nightly", NOW),
    }


def test_beat_starts_what_there_is() -> None:
    known = {name for name in current_app.tasks if name.startswith("assessments.")}

    assert known == {
        "assessments.tick",
        "assessments.score_due",
        "assessments.watch",
        "assessments.measure_quality",
    }
    assert {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()} <= known
