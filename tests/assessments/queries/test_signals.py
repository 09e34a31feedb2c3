"""Running warnings: who sees them, in which order, what their sentences say."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from alliance_health.alliances.models import Seat
from assessments.models import Signal, SignalKind
from assessments.queries import signals, watched
from assessments.queries.signals import WarningCount
from tests.factories.alliances import Cast, user_of
from tests.factories.alliances import cast as made_cast
from tests.factories.assessments import SignalFactory, alliance_of

pytestmark = pytest.mark.django_db

ON = date(2026, 10, 31)
READ_ONLY = "Warnings are answered by the alliance managers and executive sponsors of the alliance."


@pytest.fixture
def cast() -> Cast:
    return made_cast()


def answered_on(day: int) -> dict[str, Any]:
    return {"acknowledged_at": datetime(2026, 10, day, 9, tzinfo=UTC), "answer": f"On {day}."}


def ids(user: User) -> list[int]:
    return [row.id for row in signals.signals(user, ON, None).rows]


# --- who sees them ----------------------------------------------------------------------------
def test_warnings_are_those_of_the_alliances_that_one_sees(cast: Cast) -> None:
    own = SignalFactory(alliance=cast.alliance)
    other = SignalFactory(alliance=alliance_of("Delta", "Corvo", "Dorn"))

    for user in (user_of(cast.arno.member), user_of(cast.brix.sponsor), cast.viewer):
        assert ids(user) == [own.pk]
        assert set(signals.visible_signals(user, ON)) == {own}
    assert set(ids(cast.administrator)) == {own.pk, other.pk}
    assert ids(cast.stranger) == []


def test_warnings_of_an_alliance_are_out_of_sight_when_a_seat_has_ended(cast: Cast) -> None:
    SignalFactory(alliance=cast.alliance)
    Seat.objects.filter(person=cast.arno.manager).update(ends_on=date(2026, 10, 30))

    assert ids(user_of(cast.arno.manager)) == []


def test_each_row_says_whether_its_reader_can_answer_it(cast: Cast) -> None:
    SignalFactory(alliance=cast.alliance)
    SignalFactory(alliance=alliance_of("Delta", "Arno", "Corvo"))

    def why_not(user: User) -> list[str | None]:
        return [row.why_not_answer for row in signals.signals(user, ON, None).rows]

    assert why_not(user_of(cast.arno.manager)) == [None]
    assert why_not(user_of(cast.brix.sponsor)) == [None]
    assert why_not(user_of(cast.arno.member)) == [READ_ONLY]
    assert why_not(cast.viewer) == [READ_ONLY] * 2
    assert why_not(cast.administrator) == [None] * 2
    assert signals.signals(cast.viewer, ON, None).why_not_answer == READ_ONLY
    assert signals.signals(cast.administrator, ON, None).why_not_answer is None
    assert signals.signals(cast.stranger, ON, None).why_not_answer is None


# --- what stands there ------------------------------------------------------------------------
def test_unanswered_ones_come_first_the_newest_before_and_ended_ones_not(cast: Cast) -> None:
    answered = SignalFactory(alliance=cast.alliance, **answered_on(3))
    later = SignalFactory(alliance=cast.alliance, **answered_on(7))
    old = SignalFactory(alliance=cast.alliance, raised_on=date(2026, 5, 1))
    new = SignalFactory(alliance=cast.alliance, raised_on=date(2026, 9, 1))
    SignalFactory(alliance=cast.alliance, ended_on=ON)

    order = [new.pk, old.pk, later.pk, answered.pk]
    assert ids(cast.viewer) == order
    page = signals.of_alliance(cast.alliance, cast.viewer, ON)
    assert [row.id for row in page.rows] == order
    assert signals.counts([cast.alliance.pk]) == {cast.alliance.pk: WarningCount(4, 2)}


def test_row_has_the_rubrics_name_of_the_rule_and_who_answered(cast: Cast) -> None:
    manager = user_of(cast.arno.manager)
    facts = {"rule": "Stuck", "title": "Papers", "since": "2026-09-21"}
    made = SignalFactory(
        alliance=cast.alliance, facts=facts, acknowledged_by=manager, **answered_on(3)
    )

    row = signals.signal(made, cast.viewer, ON)

    assert (row.alliance, row.rule, row.raised_on) == ("Cobalt", "Stuck", date(2026, 4, 1))
    assert row.sentence == "“Papers” has stood in the way for 40 days."
    assert (row.answer, row.answered_by, row.is_answered) == ("On 3.", "Ana", True)


def test_list_goes_on_over_pages(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "ROWS_A_PAGE", 2)
    made = SignalFactory.create_batch(3, alliance=cast.alliance)

    assert ids(cast.viewer) == [made[0].pk, made[1].pk]
    assert [row.id for row in signals.signals(cast.viewer, ON, "2").rows] == [made[2].pk]


@pytest.mark.parametrize("rows", [1, 3])
def test_queries_are_the_same_for_1_and_3_warnings(
    rows: int, cast: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    manager = user_of(cast.arno.manager)
    for number in range(rows):
        alliance = alliance_of(f"A{number}", "Arno Group", "Brix Group")
        SignalFactory(alliance=alliance, acknowledged_by=manager, **answered_on(3))
        SignalFactory(alliance=cast.alliance, acknowledged_by=manager, **answered_on(3))

    with django_assert_num_queries(3):
        signals.signals(cast.administrator, ON, None)
    with django_assert_num_queries(2):
        signals.of_alliance(cast.alliance, manager, ON)
    with django_assert_num_queries(1):
        signals.counts(range(1_000))


# --- in words ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "facts", "said"),
    [
        (
            "sponsor_seat_vacant",
            {"organisation": "North", "since": "2026-09-20"},
            "North has had no executive sponsor for 41 days.",
        ),
        (
            "sponsor_silence",
            {"since": "2026-08-22", "have_met": True, "every": 45},
            "No meeting of sponsors from two organisations for 70 days; one every 45 was agreed.",
        ),
        (
            "sponsor_silence",
            {"since": "2026-08-22", "have_met": False, "every": 45},
            (
                "Sponsors of two organisations have not met in the 70 days of the alliance; one "
                "meeting every 45 was agreed."
            ),
        ),
        (
            "attainment_falling",
            {"before": 71, "now": 60, "days": 30},
            "Progress against plan fell from 71 to 60 within 30 days.",
        ),
        (
            "obstacle_open",
            {"title": "Papers", "since": "2026-10-30"},
            "“Papers” has stood in the way for 1 day.",
        ),
        (
            "declines_in_a_row",
            {"pillar": "", "cycles": 2, "points": 1},
            (
                "The overall score has clearly declined in 2 cycles in a row, the last time by 1 "
                "point."
            ),
        ),
        (
            "declines_in_a_row",
            {"pillar": "Leadership", "cycles": 3, "points": 12},
            "Leadership has clearly declined in 3 cycles in a row, the last time by 12 points.",
        ),
        (
            "gap_newly_clear",
            {"pillar": "", "higher": "Arno", "lower": "Brix", "points": 18},
            "Clear gap overall that was not there in the cycle before: Arno 18 points above Brix.",
        ),
        (
            "gap_newly_clear",
            {"pillar": "Leadership", "higher": "", "lower": "Brix", "points": 18},
            (
                "Clear gap in Leadership that was not there in the cycle before: the others 18 "
                "points above Brix."
            ),
        ),
        (
            "low_response",
            {
                "organisation": "North",
                "cycle": "2026 Q4",
                "closes_on": "2026-11-07",
                "asked": 8,
                "answered": 3,
            },
            "3 of 8 people asked at North have answered; 2026 Q4 closes on 7 November 2026.",
        ),
        (
            "low_response",
            {
                "organisation": "North",
                "cycle": "2026 Q4",
                "closes_on": "2026-11-07",
                "asked": 1,
                "answered": 0,
            },
            "0 of 1 person asked at North has answered; 2026 Q4 closes on 7 November 2026.",
        ),
    ],
)
def test_sentence_says_the_numbers_and_names(kind: str, facts: dict[str, Any], said: str) -> None:
    assert signals.sentence(Signal(kind=kind, facts=facts), ON) == said


def test_every_kind_has_a_sentence_and_a_rule() -> None:
    assert signals._SENTENCES.keys() == watched._RULES.keys() == set(SignalKind)


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (WarningCount(1, 1), "1 unanswered"),
        (WarningCount(2, 0), "2 answered"),
        (WarningCount(3, 2), "2 unanswered, 1 answered"),
    ],
)
def test_count_is_said_in_words(count: WarningCount, said: str) -> None:
    assert count.words == said
