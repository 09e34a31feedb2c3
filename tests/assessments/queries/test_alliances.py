"""One alliance's page: its sentences, sides, gaps and counts."""

from datetime import date

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from assessments.models import NodeKind
from assessments.queries import alliances
from assessments.queries.alliances import OpenCycle, Quarter, ResponseCount
from tests.factories.assessments import (
    PUBLISHED_AT,
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    ScoreFactory,
    SignalFactory,
    alliance_of,
    gap_of,
    scored,
    small_rubric,
)

pytestmark = pytest.mark.django_db

TODAY = date(2026, 11, 24)


@pytest.fixture
def reader() -> User:
    return User.objects.create_user("ines@example.com", name="Ines")


def test_alliance_page_before_any_score_shows_who_is_asked(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    cycle = CycleFactory(name="2026 Q4", opened=True)
    ResponseFactory(assessment=AssessmentFactory(cycle=cycle, alliance=cobalt))

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert (page.result, page.trend) == (None, ())
    assert page.open_cycle == OpenCycle(
        "2026 Q4", cycle.closes_on, (ResponseCount("Arno", asked=1, answered=0),)
    )


def test_alliance_page_says_what_the_overall_number_means(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    rubric = small_rubric()
    spring = CycleFactory(
        name="2026 Q2",
        rubric_version=rubric,
        closed=True,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
    )
    before = scored(cobalt, spring, 55.0, {})
    scored(
        cobalt,
        CycleFactory(name="2026 Q3", rubric_version=rubric, closed=True),
        61.0,
        {},
        whole={
            "change_points": 6.0,
            "change_verdict": "improved",
            "side_values": [55.0, 67.4],
            "gaps": [gap_of(-12.4, "possible"), [None] * 5],
        },
        before=before,
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert page.result.sentences == (
        "It is 80 % likely that this band is the right one.",
        "Up 6 points since 2026 Q2: a real improvement, more than chance explains.",
        "Overall, Brix and Arno are 12 points apart, Brix being higher: a possible gap.",
    )
    assert page.trend == (
        Quarter("2026 Q2", 55.0, 47.0, 63.0, "amber", rebased=False),
        Quarter("2026 Q3", 61.0, 53.0, 69.0, "amber", rebased=False),
    )


def test_alliance_page_calls_nobody_higher_where_the_sides_are_level(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    scored(
        cobalt,
        CycleFactory(name="2026 Q3", closed=True),
        61.0,
        {},
        whole={
            "side_values": [61.0, 61.3],
            "gaps": [gap_of(-0.3, "cannot tell"), [None] * 5],
        },
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert page.result.sentences[-1] == (
        "Overall, Arno and Brix are level: too few answers to tell more."
    )


def test_alliance_page_puts_the_widest_gap_first_and_hides_what_is_not_stored(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    run = scored(cobalt, CycleFactory(closed=True), 61.0, {"objectives": 60.0})
    ScoreFactory(
        run=run,
        node_kind=NodeKind.DIMENSION,
        node_key="delivery",
        status="insufficient",
        value=None,
        low=None,
        high=None,
        band="",
        side_values=[90.0, 50.0],
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert page.result.gap_table == (
        ("Delivery", "90", "50"),
        ("Shared objectives", "60", "50"),
    )
    assert [(row.label, row.figure.value) for row in page.result.rows] == [
        ("Alignment", None),
        ("Shared objectives", 60.0),
        ("Delivery", None),
    ]


def test_alliance_page_names_the_evidence_beside_what_people_say(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    run = scored(cobalt, CycleFactory(closed=True), 61.0, {}, evidence={"attainment": 30.0})
    ScoreFactory(
        run=run,
        node_kind=NodeKind.DIMENSION,
        node_key="delivery",
        survey_value=75.0,
        evidence_value=30.0,
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert page.result.evidence == (
        alliances.EvidenceRow(
            label="Delivery",
            people=75.0,
            evidence=30.0,
            measures=(("Objectives attained", 30.0),),
            verdict="people say more",
        ),
    )


def test_alliance_page_says_how_those_moved_who_answered_both_times(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    before = scored(cobalt, CycleFactory(name="2026 Q2", closed=True), 55.0, {})
    told = {"change_points": 6.0, "change_verdict": "stable", "change_returning": 3.6}
    scored(
        cobalt,
        CycleFactory(name="2026 Q3", closed=True, starts_on=date(2026, 7, 2)),
        61.0,
        {},
        whole={**told, "change_raters_both": 7},
        before=before,
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert (
        "Up 4 points since 2026 Q2 among the 7 people who answered both times."
        in page.result.sentences
    )


def test_alliance_page_says_what_holds_a_band_back(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    rule = {
        "key": "sponsor_seat_vacant",
        "pillar": "alignment",
        "highest_band": "amber",
        "about": "No green while a sponsor's seat is vacant.",
    }
    rubric = small_rubric(document={"gates": [rule]})
    run = scored(cobalt, CycleFactory(rubric_version=rubric, closed=True), 81.0, {})
    ScoreFactory(
        run=run,
        node_kind=NodeKind.PILLAR,
        node_key="alignment",
        value=81.0,
        band="amber",
        band_by_number="green",
        gate="sponsor_seat_vacant",
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    held_back = {row.key: row.held_back for row in page.result.rows if row.held_back}
    assert held_back == {
        "alignment": "Held back from Healthy: No green while a sponsor's seat is vacant."
    }


def test_alliance_page_tells_what_is_left_out_and_what_repeats_itself(reader: User) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    brix = cobalt.organisations.get(short_name="Brix")
    scored(
        cobalt,
        CycleFactory(closed=True),
        61.0,
        {},
        too_few={"delivery": [brix.pk]},
        straight_lining=2,
    )

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert page.result is not None
    assert page.result.too_few == (("Delivery", "Brix"),)
    assert page.result.straight_lining == 2


@pytest.mark.parametrize(
    ("today", "band"), [(date(2027, 2, 15), "amber"), (date(2027, 2, 16), "old")]
)
def test_alliance_page_is_grey_after_a_cycle_and_a_half(
    today: date, band: str, reader: User
) -> None:
    """The third quarter has 92 days: 138 days after its last, 30 September, comes 15 February."""
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    scored(cobalt, CycleFactory(name="2026 Q3", closed=True), 61.0, {"objectives": 61.0})

    page = alliances.alliance_page(cobalt, reader, today)

    assert page.result is not None
    assert (page.result.overall.band, page.result.overall.value) == (band, 61.0)
    assert page.result.rows[1].figure.band == band
    assert ("Out of date" in page.result.sentences[0]) is (band == "old")


@pytest.mark.parametrize("quarters", [1, 3])
def test_alliance_page_takes_the_same_queries_for_1_and_3_quarters(
    quarters: int, reader: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    rubric = small_rubric()
    for month in range(1, quarters + 1):
        cycle = CycleFactory(rubric_version=rubric, closed=True, starts_on=date(2026, month, 1))
        scored(cobalt, cycle, 60.0, {"objectives": 60.0})
        SignalFactory(alliance=cobalt)

    with django_assert_num_queries(12):
        alliances.alliance_page(cobalt, reader, TODAY)


def test_alliance_page_has_the_running_warnings_those_without_an_answer_first(
    reader: User,
) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    SignalFactory(alliance=cobalt, acknowledged_at=PUBLISHED_AT, answer="We call them.")
    fresh = SignalFactory(alliance=cobalt)
    SignalFactory(alliance=cobalt, ended_on=TODAY)
    SignalFactory()

    page = alliances.alliance_page(cobalt, reader, TODAY)

    assert [row.answer for row in page.warnings.rows] == ["", "We call them."]
    assert page.warnings.rows[0].id == fresh.pk
