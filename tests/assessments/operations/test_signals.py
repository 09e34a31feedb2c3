"""Warnings are raised once, refreshed, ended; the night is watched once; people answer."""

import threading
from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Alliance, Obstacle, Seat
from assessments.models import Routine, ScoringJob, Signal, SignalKind
from assessments.operations import signals
from assessments.operations.signals import Watched
from assessments.queries import watched
from assessments.queries.watched import About, Facts
from tests.factories.alliances import Cast, ObstacleFactory, user_of
from tests.factories.alliances import cast as made_cast
from tests.factories.assessments import (
    PillarFactory,
    RoutineFactory,
    RubricVersionFactory,
    ScoringJobFactory,
    SignalFactory,
    alliance_of,
    publish,
)
from tests.running import wait_for
from tests.threads import at_once

pytestmark = pytest.mark.django_db

ON = date(2026, 10, 31)
NIGHT = datetime(2026, 10, 31, 2, 30, tzinfo=UTC)
ANSWER = "We have asked for a name."


def days(number: int) -> timedelta:
    return timedelta(days=number)


def obstacle_rule() -> None:
    """The default rubric, with one rule: no obstacle is open for more than 30 days."""
    rule = {
        "key": "obstacle_open",
        "name": "Too long",
        "limits": {"days": 30},
        "about": "It stays.",
    }
    version = RubricVersionFactory(rubric__key="alliance-health", document={"warnings": [rule]})
    PillarFactory(version=version)
    publish(version)


@pytest.fixture
def stuck() -> Obstacle:
    """An obstacle that has stood in the way for 40 days."""
    obstacle_rule()
    made: Obstacle = ObstacleFactory(
        alliance=alliance_of("Cobalt", "Arno", "Brix"), title="Papers", raised_on=ON - days(40)
    )
    return made


def stands() -> list[tuple[str, date, date | None]]:
    """What is said of all warnings, oldest first."""
    return [
        (signal.facts["title"], signal.raised_on, signal.ended_on)
        for signal in Signal.objects.order_by("pk")
    ]


# --- raised, refreshed, ended -----------------------------------------------------------------
def test_watch_raises_refreshes_and_ends(stuck: Obstacle) -> None:
    assert signals.watch(on=ON - days(20)) == Watched()
    assert signals.watch(on=ON) == Watched(raised=1)
    signal = Signal.objects.get()
    assert (signal.kind, signal.subject) == (SignalKind.OBSTACLE_OPEN, f"obstacle:{stuck.pk}")
    assert signal.facts == {"rule": "Too long", "title": "Papers", "since": "2026-09-21"}

    Obstacle.objects.update(title="Old papers")
    assert signals.watch(on=ON + days(1)) == Watched(refreshed=1)
    assert stands() == [("Old papers", ON, None)]

    Obstacle.objects.update(resolved_on=ON + days(2))
    assert signals.watch(on=ON + days(2)) == Watched(ended=1)
    assert stands() == [("Old papers", ON, ON + days(2))]


@pytest.mark.usefixtures("stuck")
def test_watch_again_on_the_same_day_changes_nothing() -> None:
    signals.watch(on=ON)
    before = list(Signal.objects.values())

    assert signals.watch(on=ON) == Watched()
    assert list(Signal.objects.values()) == before


def test_rule_that_holds_again_raises_a_new_warning_without_the_old_answer(
    stuck: Obstacle,
) -> None:
    signals.watch(on=ON)
    signals.acknowledge(signal=Signal.objects.get(), answer=ANSWER, by=None, now=NIGHT)
    Obstacle.objects.update(resolved_on=ON + days(1))
    signals.watch(on=ON + days(1))
    Obstacle.objects.update(resolved_on=None)

    assert signals.watch(on=ON + days(2)) == Watched(raised=1)
    assert stands() == [("Papers", ON, ON + days(1)), ("Papers", ON + days(2), None)]
    assert list(Signal.objects.order_by("pk").values_list("answer", flat=True)) == [ANSWER, ""]


def test_answer_stays_while_facts_are_refreshed(stuck: Obstacle) -> None:
    signals.watch(on=ON)
    signals.acknowledge(signal=Signal.objects.get(), answer=ANSWER, by=None, now=NIGHT)
    Obstacle.objects.update(title="Old papers")

    signals.watch(on=ON + days(1))

    signal = Signal.objects.get()
    assert (signal.facts["title"], signal.answer) == ("Old papers", ANSWER)


@pytest.mark.usefixtures("stuck")
def test_running_warnings_of_an_alliance_that_has_ended_are_ended() -> None:
    signals.watch(on=ON)
    Alliance.objects.update(stage="ended", ends_on=ON)

    assert signals.watch(on=ON + days(1)) == Watched(ended=1)
    assert signals.watch(on=ON + days(2)) == Watched()


@pytest.mark.usefixtures("stuck")
def test_warning_ends_not_before_it_was_raised_though_a_clock_is_set_back() -> None:
    signals.watch(on=ON)
    Obstacle.objects.update(resolved_on=ON - days(9))

    signals.watch(on=ON - days(5))

    assert stands() == [("Papers", ON, ON)]


def test_alliance_that_cannot_be_watched_keeps_no_other_from_it(
    stuck: Obstacle, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    broken = alliance_of("Broken", "Arno", "Brix")
    before = SignalFactory(alliance=broken)
    holding = watched.holding

    def stumbling(alliances: Collection[int], on: date) -> dict[int, dict[About, Facts]]:
        if broken.pk in alliances:
            raise ValueError("no sense in it")
        return holding(alliances, on)

    monkeypatch.setattr(watched, "holding", stumbling)

    assert signals.watch(on=ON) == Watched(raised=1)
    assert Signal.objects.get(alliance=stuck.alliance).raised_on == ON
    before.refresh_from_db()
    assert before.ended_on is None
    assert f"alliance {broken.pk} could not be watched" in caplog.text


@pytest.mark.parametrize("number", [1, 3])
def test_watch_takes_the_same_queries_for_1_and_3_alliances(number: int) -> None:
    obstacle_rule()
    for n in range(number):
        ObstacleFactory(alliance=alliance_of(f"A{n}", "Arno", "Brix"), raised_on=ON - days(40))

    def statements(on: date) -> int:
        with CaptureQueriesContext(connection) as found:
            signals.watch(on=on)
        return sum("SAVEPOINT" not in query["sql"] for query in found)

    raising = statements(ON)
    Obstacle.objects.update(title="Other papers")
    refreshing = statements(ON + days(1))
    Obstacle.objects.update(resolved_on=ON)
    ending = statements(ON + days(2))

    # The blocks, a lock, 12 of what the one rule and the others would rest on (the rubric does not
    # watch attainment, and nobody was ever scored), the running ones, and the change.
    assert (raising, refreshing, ending) == (16, 16, 16)
    assert (
        Signal.objects.filter(ended_on=ON + days(2), facts__title="Other papers").count() == number
    )


# --- at the same time -------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_watches_at_once_raise_each_warning_once(stuck: Obstacle) -> None:
    ObstacleFactory.create_batch(20, alliance=stuck.alliance, raised_on=ON - days(50))

    found = at_once(lambda: signals.watch(on=ON), workers=4)

    assert sorted(str(done) for done in found) == sorted(
        map(str, [Watched(raised=21), Watched(), Watched(), Watched()])
    )
    assert Signal.objects.count() == 21

    Obstacle.objects.update(resolved_on=ON)
    at_once(lambda: signals.watch(on=ON + days(1)), workers=4)
    assert Signal.objects.filter(ended_on=ON + days(1)).count() == 21


@pytest.mark.django_db(transaction=True)
def test_watch_waits_for_another_and_then_reads_what_it_left(
    stuck: Obstacle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else the slower one would end, by older records, what the quicker one has just raised."""
    reading, go_on = threading.Event(), threading.Event()
    holding = watched.holding

    def slow(alliances: Collection[int], on: date) -> dict[int, dict[About, Facts]]:
        found = holding(alliances, on)
        if threading.current_thread() is first:
            reading.set()
            go_on.wait(timeout=30)
        return found

    def run() -> None:
        try:
            signals.watch(on=ON)
        finally:
            connections.close_all()

    monkeypatch.setattr(watched, "holding", slow)
    first, second = threading.Thread(target=run), threading.Thread(target=run)
    first.start()
    assert reading.wait(timeout=30)
    Obstacle.objects.filter(pk=stuck.pk).update(title="Old papers")
    second.start()
    wait_for(_somebody_waits)
    go_on.set()
    first.join(timeout=30)
    second.join(timeout=30)

    assert stands() == [("Old papers", ON, None)]


def _somebody_waits() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


# --- once a night -----------------------------------------------------------------------------
def through(name: str = Routine.NIGHTLY_SIGNALS) -> date | None:
    return Routine.objects.filter(name=name).values_list("done_through", flat=True).first()


@pytest.fixture
def scored() -> Routine:
    """Tonight's scorings are planned, and there are none."""
    made: Routine = RoutineFactory(name=Routine.NIGHTLY_SCORES, done_through=ON)
    return made


@pytest.mark.usefixtures("stuck", "scored")
def test_night_is_watched_once() -> None:
    assert signals.is_due(now=NIGHT)
    assert signals.watch_due(now=NIGHT) == Watched(raised=1)
    assert through() == ON

    assert not signals.is_due(now=NIGHT)
    Obstacle.objects.update(resolved_on=ON)
    assert signals.watch_due(now=NIGHT + timedelta(hours=20)) == Watched()
    assert stands() == [("Papers", ON, None)]


@pytest.mark.usefixtures("stuck")
def test_night_begins_at_its_hour(scored: Routine, settings: Settings) -> None:
    settings.NIGHTLY_HOUR = 3
    scored.done_through = ON - days(1)
    scored.save()

    signals.watch_due(now=NIGHT)
    assert (through(), Signal.objects.get().raised_on) == (ON - days(1), ON - days(1))
    assert not signals.is_due(now=NIGHT)
    assert not signals.is_due(now=NIGHT.replace(hour=3))  # its scorings are not planned yet


@pytest.mark.usefixtures("stuck")
def test_of_missed_nights_only_the_latest_is_watched(scored: Routine) -> None:
    signals.watch_due(now=NIGHT)
    Obstacle.objects.update(resolved_on=ON + days(1))
    ObstacleFactory(alliance=Alliance.objects.get(), title="Money", raised_on=ON)
    scored.done_through = ON + days(40)
    scored.save()

    assert signals.watch_due(now=NIGHT + days(40)) == Watched(raised=1, ended=1)
    assert stands() == [("Papers", ON, ON + days(40)), ("Money", ON + days(40), None)]


@pytest.mark.usefixtures("stuck", "scored")
def test_night_waits_for_its_scorings_and_not_for_one_that_was_given_up() -> None:
    job = ScoringJobFactory(
        assessment__alliance=alliance_of("Delta", "Arno", "Brix"), as_of=ON, due_at=NIGHT
    )
    assert not signals.is_due(now=NIGHT)
    assert signals.watch_due(now=NIGHT) == Watched()
    assert through() is None

    ScoringJob.objects.filter(pk=job.pk).update(attempts=ScoringJob.MAX_ATTEMPTS)
    assert signals.watch_due(now=NIGHT) == Watched(raised=1)


@pytest.fixture
def _small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each alliance is a block of its own."""
    monkeypatch.setattr(signals, "BLOCK", 1)


def many(number: int) -> None:
    obstacle_rule()
    for n in range(number):
        alliance = alliance_of(f"A{n}", "Arno", "Brix")
        ObstacleFactory(alliance=alliance, title=f"O{n}", raised_on=ON - days(40))


def times(number: int) -> Callable[[], bool]:
    """There is time for so many blocks."""
    left = iter([True] * number)
    return lambda: next(left, False)


@pytest.mark.usefixtures("_small_blocks", "scored")
def test_watch_that_runs_out_of_time_is_gone_on_with() -> None:
    many(5)

    assert signals.watch_due(now=NIGHT, go_on=times(2)) == Watched(raised=2)
    assert (through(), signals.is_due(now=NIGHT)) == (None, True)
    # The next night begins before this one is done: all are watched as of the new day.
    Routine.objects.filter(name=Routine.NIGHTLY_SCORES).update(done_through=ON + days(1))
    assert signals.watch_due(now=NIGHT + days(1), go_on=times(4)) == Watched(raised=2)
    assert signals.watch_due(now=NIGHT + days(1)) == Watched(raised=1)

    assert through() == ON + days(1)
    assert stands() == [
        ("O0", ON, None),
        ("O1", ON, None),
        *((f"O{n}", ON + days(1), None) for n in (2, 3, 4)),
    ]


@pytest.mark.usefixtures("_small_blocks", "scored")
def test_watch_that_dies_loses_only_the_block_it_was_at(monkeypatch: pytest.MonkeyPatch) -> None:
    many(3)
    bulk_create = Signal.objects.bulk_create
    done = []

    def dies(rows: list[Signal], **options: object) -> list[Signal]:
        done.append(rows)
        made = bulk_create(rows, **options)  # type: ignore[arg-type]
        if len(done) > 1:
            raise SystemExit("killed")
        return made

    monkeypatch.setattr(Signal.objects, "bulk_create", dies)
    with pytest.raises(SystemExit):
        signals.watch_due(now=NIGHT)
    assert [title for title, _raised, _ended in stands()] == ["O0"]

    monkeypatch.setattr(Signal.objects, "bulk_create", bulk_create)
    assert signals.watch_due(now=NIGHT) == Watched(raised=2)
    assert through() == ON


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("_small_blocks", "scored")
def test_workers_share_the_blocks_of_a_night() -> None:
    many(12)

    found = at_once(lambda: signals.watch_due(now=NIGHT), workers=4)

    assert all(isinstance(done, Watched) for done in found), found
    assert sum(done.raised for done in found if isinstance(done, Watched)) == 12
    assert (Signal.objects.count(), through()) == (12, ON)


@pytest.mark.usefixtures("scored")
def test_night_without_an_alliance_is_done() -> None:
    assert signals.watch_due(now=NIGHT) == Watched()
    assert through() == ON


# --- answered ---------------------------------------------------------------------------------
@pytest.fixture
def cast() -> Cast:
    return made_cast()


@pytest.fixture
def signal(cast: Cast) -> Signal:
    made: Signal = SignalFactory(alliance=cast.alliance)
    return made


def acknowledge(signal: Signal, by: User | None, answer: str = ANSWER) -> Signal:
    return signals.acknowledge(signal=signal, answer=answer, by=by, now=NIGHT)


@pytest.mark.parametrize("who", ["arno.manager", "arno.sponsor", "brix.manager", "brix.sponsor"])
def test_managers_and_sponsors_of_any_side_answer(who: str, cast: Cast, signal: Signal) -> None:
    side, role = who.split(".")
    by = user_of(getattr(getattr(cast, side), role))

    acknowledge(signal, by, f"  {ANSWER} ")

    signal.refresh_from_db()
    assert (signal.answer, signal.acknowledged_by, signal.acknowledged_at) == (ANSWER, by, NIGHT)


def test_administrator_and_system_answer(cast: Cast, signal: Signal) -> None:
    assert acknowledge(signal, cast.administrator).acknowledged_by == cast.administrator
    assert acknowledge(signal, None).acknowledged_by is None


def test_answer_can_be_given_anew_and_the_earlier_one_stays_in_the_history(
    cast: Cast, signal: Signal
) -> None:
    acknowledge(signal, user_of(cast.arno.manager))
    acknowledge(signal, user_of(cast.brix.sponsor), "A name has come.")

    events = Signal._meta.apps.get_model("assessments", "SignalEvent")
    kept = events._default_manager.filter(pgh_obj_id=signal.pk).order_by("pgh_id")
    assert list(kept.values_list("answer", flat=True)) == ["", ANSWER, "A name has come."]


@pytest.mark.parametrize("who", ["arno.member", "viewer", "stranger"])
def test_others_are_refused_and_nothing_is_written(who: str, cast: Cast, signal: Signal) -> None:
    by = user_of(cast.arno.member) if who == "arno.member" else getattr(cast, who)

    with pytest.raises(PermissionDenied, match="alliance managers and executive sponsors"):
        acknowledge(signal, by)

    signal.refresh_from_db()
    assert (signal.answer, signal.acknowledged_at) == ("", None)


def test_who_holds_his_seat_no_longer_is_refused(cast: Cast, signal: Signal) -> None:
    Seat.objects.filter(person=cast.arno.manager).update(ends_on=ON - days(1))

    with pytest.raises(PermissionDenied):
        acknowledge(signal, user_of(cast.arno.manager))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "Enter what is done about it"),
        ("  \n ", "Enter what is done about it"),
        ("x" * 301, "must be 300 characters or less"),
        ("One.\nTwo.", "Enter one line"),
        ("A \x00 zero", "Enter one line"),
        ("A \x1b[31m colour", "Enter one line"),
        ("Half \ud83d a face", "Enter one line"),
    ],
)
def test_answer_that_is_none_is_refused_and_nothing_is_written(
    answer: str, said: str, cast: Cast, signal: Signal
) -> None:
    with pytest.raises(ValidationError, match=said):
        acknowledge(signal, cast.administrator, answer)

    signal.refresh_from_db()
    assert (signal.answer, signal.acknowledged_at) == ("", None)


def test_longest_answer_is_taken(cast: Cast, signal: Signal) -> None:
    assert acknowledge(signal, cast.administrator, "é" * 300).answer == "é" * 300


def test_warning_that_has_ended_is_not_answered(cast: Cast, signal: Signal) -> None:
    Signal.objects.filter(pk=signal.pk).update(ended_on=ON)

    with pytest.raises(PermissionDenied, match="This warning has ended"):
        acknowledge(signal, cast.administrator)
