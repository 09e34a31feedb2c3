"""What an operator watches: progress in words, what waits and why, and who is alive."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import redis
from django.conf import settings
from django.core.cache import cache
from pytest_django.fixtures import DjangoAssertNumQueries
from pytest_django.fixtures import Settings as SettingsFixture

from assessments.models import Routine
from assessments.queries import jobs
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    RoutineFactory,
    ScoringJobFactory,
    alliance_of,
)

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 24, 2, 1, tzinfo=UTC)
TONIGHT = date(2026, 11, 24)


@pytest.fixture(autouse=True)
def broker() -> Iterator[redis.Redis]:
    """The run's own broker and cache, empty before and after."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.flushdb()
    yield client
    client.flushdb()
    client.close()


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def nightly(*jobs: dict[str, Any], as_of: date = TONIGHT, **all_of: Any) -> None:
    """The night's jobs, each of an alliance of its own; with nothing said they are due."""
    cycle = CycleFactory(closed=True)
    for number, job in enumerate(jobs):
        alliance = alliance_of(f"Alliance {as_of} {number}", "Arno", "Brix")
        assessment = AssessmentFactory(cycle=cycle, alliance=alliance)
        row = {"reason": "nightly", "as_of": as_of, "due_at": ago(60), **all_of, **job}
        ScoringJobFactory(assessment=assessment, **row)


DONE = {"done_at": ago(10), "attempts": 1}
TAKEN = {"attempts": 1, "due_at": NOW + timedelta(seconds=20)}
LOST = {"attempts": 1, "due_at": ago(1)}
FAILED = {"attempts": 2, "due_at": NOW + timedelta(seconds=30), "last_error": "ValueError: no"}
LAST_TRY = {"attempts": 5, "due_at": NOW + timedelta(seconds=200)}
GIVEN_UP = {"attempts": 5, "due_at": ago(1), "last_error": "ValueError: no"}


def test_page_says_how_far_a_night_is() -> None:
    nightly(DONE, DONE, {**DONE, "done_at": ago(20)}, {}, TAKEN, LOST, FAILED, LAST_TRY, GIVEN_UP)

    page = jobs.page(NOW)

    assert page.is_busy
    [day] = page.under_way
    found = day.progress
    assert (found.total, found.done, found.fresh, found.taken) == (9, 3, 2, 2)
    assert (found.failed, found.given_up, found.left, found.seconds) == (1, 1, 5, 20)
    assert (day.as_of, day.reason) == (TONIGHT, "nightly, with the day's evidence")
    assert (day.done, day.pace) == ("3 of 9 done", "9 a minute, about 33 seconds left")
    assert day.faults == "1 failed and is tried again, 1 given up"
    assert (day.state, day.state_kind) == ("needs somebody", "error")
    assert page.waiting == (
        "2 in the hands of a worker.",
        "2 due: the next worker that is free takes them.",
        "1 failed: each is tried again, a while after it failed, five times in all.",
    )


def test_page_gives_the_rate_of_the_last_minute_once_a_night_is_longer() -> None:
    nightly({**DONE, "done_at": ago(600)}, *[DONE] * 3, {}, {})

    [day] = jobs.page(NOW).under_way

    assert day.progress.per_second == pytest.approx(3 / 60)
    assert day.pace == "3 a minute, about 40 seconds left"


def test_page_says_that_nothing_was_done_in_the_last_minute() -> None:
    nightly({**DONE, "done_at": ago(600)}, {})

    [day] = jobs.page(NOW).under_way

    assert (day.pace, day.state) == ("none in the last minute", "waits")


def test_page_shows_what_is_over_the_newest_first() -> None:
    for number in range(9):
        day = TONIGHT - timedelta(days=number)
        nightly(
            {"done_at": ago(86_400 * number + 27)}, {"done_at": ago(86_400 * number)}, as_of=day
        )

    page = jobs.page(NOW)

    assert (page.is_busy, page.under_way, page.waiting) == (False, (), ())
    assert [day.as_of for day in page.over] == [TONIGHT - timedelta(days=n) for n in range(7)]
    assert {(day.done, day.pace, day.state_kind) for day in page.over} == {
        ("2 of 2 done", "in 27 seconds", "done")
    }


def test_page_says_that_later_days_wait_for_earlier_ones() -> None:
    for number in range(3):
        nightly({}, {}, as_of=TONIGHT + timedelta(days=number - 40))

    page = jobs.page(NOW)

    assert page.waiting == (
        "2 due: the next worker that is free takes them.",
        "4 of a later day: a day waits for the days of its alliance before it.",
    )
    assert [day.as_of for day in page.under_way] == sorted(day.as_of for day in page.under_way)


def test_page_names_what_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "MOST_GIVEN_UP", 2)
    nightly(GIVEN_UP, GIVEN_UP, GIVEN_UP, DONE)

    page = jobs.page(NOW)

    assert (page.is_busy, page.given_up_count, page.more_given_up) == (False, 3, 1)
    assert [(one.alliance, one.as_of, one.error) for one in page.given_up] == [
        (f"Alliance 2026-11-24 {number}", TONIGHT, "ValueError: no") for number in range(2)
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_page_takes_the_same_queries_for_1_and_3_jobs(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for days in range(number):
        nightly(*[{}] * number, *[GIVEN_UP] * number, as_of=TONIGHT - timedelta(days=days))

    with django_assert_num_queries(3):
        jobs.page(NOW)


def test_page_of_a_new_site_is_empty() -> None:
    page = jobs.page(NOW)

    assert (page.is_busy, page.under_way, page.over, page.given_up) == (False, (), (), ())
    assert page.routines == ()


@pytest.mark.parametrize(
    ("hour", "done_through", "note"),
    [(2, TONIGHT, ""), (2, date(2026, 11, 21), "3 days behind"), (4, date(2026, 11, 23), "")],
)
def test_page_says_through_which_day_the_routines_are_done(
    hour: int, done_through: date, note: str, settings: SettingsFixture
) -> None:
    settings.NIGHTLY_HOUR = hour
    RoutineFactory(done_through=done_through)
    RoutineFactory(name=Routine.DONE_JOBS, done_through=date(2026, 11, 20))

    lines = jobs.page(NOW).routines

    assert [(line.term, line.text, line.note) for line in lines] == [
        ("Deleting of old jobs", "through 20 November 2026", ""),
        ("Nightly scoring", f"through {done_through.day} November 2026", note),
    ]


# --- who is alive -----------------------------------------------------------------------------


def sign() -> tuple[str, str, str]:
    found = jobs.page(NOW).sign
    return found.kind, found.title, found.text


def test_sign_after_a_tick() -> None:
    cache.set(jobs.TICKED_AT, ago(12))

    assert sign() == (
        "success",
        "Beat and worker are alive",
        "The last tick was 12 seconds ago.",
    )


def test_sign_with_the_clock_set_back_is_no_alarm() -> None:
    cache.set(jobs.TICKED_AT, NOW + timedelta(hours=1))

    assert sign()[0] == "success"


def test_sign_without_a_beat() -> None:
    cache.set(jobs.TICKED_AT, ago(121))

    assert sign() == (
        "warning",
        "No tick since 24 November 2026, 01:58",
        "The beat sends nothing. Start the beat, or start it again.",
    )


def test_sign_without_a_worker(broker: redis.Redis) -> None:
    broker.lpush("alliance-health:celery", "tick")

    assert sign() == (
        "warning",
        "No tick yet",
        "Messages wait that no worker takes. Start the worker, or start it again.",
    )


def test_sign_while_a_worker_is_too_busy_for_a_tick() -> None:
    cache.set(jobs.TICKED_AT, ago(121))
    nightly(DONE, {})

    assert sign() == (
        "info",
        "No tick since 24 November 2026, 01:58",
        "A worker is busy with scorings; the tick waits for it.",
    )


def test_sign_without_valkey(settings: SettingsFixture) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }

    assert sign() == (
        "warning",
        "Valkey does not answer",
        "Nothing is lost. Start it again: beat and worker go on by themselves.",
    )
