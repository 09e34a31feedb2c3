"""The portfolio: who sees which rows, in which order, with how many queries."""

from collections.abc import Sequence
from datetime import date

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from assessments.models import Cycle, RubricVersion
from assessments.queries import dashboards
from assessments.queries.dashboards import Cell, Column, OpenRound, Place, PortfolioRow
from assessments.queries.figures import Figure, Movement
from assessments.queries.signals import WarningCount
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    ResponseFactory,
    SignalFactory,
    alliance_of,
    person_of,
    scored,
    seat_of,
    small_rubric,
)

TODAY = date(2026, 11, 24)

pytestmark = pytest.mark.django_db


@pytest.fixture
def administrator() -> User:
    return User.objects.create_user("ada@example.com", name="Ada", is_staff=True)


@pytest.fixture
def rubric() -> RubricVersion:
    return small_rubric()


def _shown(value: float, band: str, *, is_solid: bool = False) -> Figure:
    return Figure(value, value - 8, value + 8, band, raters=6, is_solid=is_solid)


def test_portfolio_shows_the_latest_closed_cycle_with_change_and_history(
    administrator: User, rubric: RubricVersion
) -> None:
    cobalt = alliance_of("Cobalt", "Arno", "Brix")
    spring = CycleFactory(
        name="2026 Q2",
        rubric_version=rubric,
        closed=True,
        starts_on=date(2026, 4, 1),
        ends_on=date(2026, 6, 30),
    )
    summer = CycleFactory(name="2026 Q3", rubric_version=rubric, closed=True)
    before = scored(cobalt, spring, 72.0, {"objectives": 66.0, "delivery": 78.0})
    scored(
        cobalt,
        summer,
        61.0,
        {"objectives": 42.0, "delivery": 79.0},
        whole={"change_points": -11.0, "change_verdict": "declined"},
        before=before,
    )

    found = dashboards.portfolio(administrator, TODAY)

    assert [(g.rubric, g.cycle, g.headline, g.columns) for g in found.groups] == [
        (
            "Alliance health",
            "2026 Q3",
            "1 is to be watched.",
            (Column("objectives", "Shared objectives"), Column("delivery", "Delivery")),
        )
    ]
    assert found.groups[0].rows == (
        PortfolioRow(
            id=cobalt.pk,
            name="Cobalt",
            members="Arno, Brix",
            cycle="2026 Q3",
            is_older=False,
            overall=_shown(61.0, "amber", is_solid=True),
            change=Movement(
                points=-11.0,
                since="2026 Q2",
                verdict="declined",
                sentence="Down 11 points since 2026 Q2: a real decline, more than chance explains.",
            ),
            history=(72.0, 61.0),
            bounds=(50.0, 70.0),
            cells=(
                Cell("Shared objectives", _shown(42.0, "red", is_solid=True)),
                Cell("Delivery", _shown(79.0, "green")),
            ),
        ),
    )


def test_portfolio_puts_those_at_risk_first(administrator: User, rubric: RubricVersion) -> None:
    cycle = CycleFactory(rubric_version=rubric, closed=True)
    for name, value in (("Fine", 81.0), ("Weak", 40.0), ("Middling", 55.0), ("Weaker", 31.0)):
        scored(alliance_of(name, "Arno", "Brix"), cycle, value, {"objectives": value})

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    assert [row.name for row in group.rows] == ["Weaker", "Weak", "Middling", "Fine"]
    assert group.headline == "2 alliances are at risk, 1 is to be watched, 1 is healthy."
    assert [row.cells[1].figure for row in group.rows] == [Figure()] * 4


def test_portfolio_keeps_rubrics_apart(administrator: User, rubric: RubricVersion) -> None:
    climate = small_rubric("Leadership climate")
    scored(
        alliance_of("Unit 1", "Arno", "Brix"),
        CycleFactory(rubric_version=climate, closed=True),
        60.0,
        {},
    )
    scored(
        alliance_of("Cobalt", "Arno", "Brix"),
        CycleFactory(rubric_version=rubric, closed=True),
        60.0,
        {},
    )

    found = dashboards.portfolio(administrator, TODAY)

    assert [(g.rubric, [row.name for row in g.rows]) for g in found.groups] == [
        ("Alliance health", ["Cobalt"]),
        ("Leadership climate", ["Unit 1"]),
    ]


def test_portfolio_of_a_seat_holder_is_his_own_alliance(rubric: RubricVersion) -> None:
    user = User.objects.create_user("ines@example.com", name="Ines")
    mine = alliance_of("Mine", "Arno", "Brix")
    theirs = alliance_of("Theirs", "Arno", "Brix")
    seat_of(mine, person_of(mine.organisations.all()[0], user=user))
    cycle = CycleFactory(rubric_version=rubric, closed=True)
    scored(mine, cycle, 60.0, {})
    scored(theirs, cycle, 60.0, {})

    found = dashboards.portfolio(user, TODAY)

    assert [row.name for group in found.groups for row in group.rows] == ["Mine"]
    assert found.unscored == ()


def test_portfolio_of_a_stranger_is_empty(rubric: RubricVersion) -> None:
    scored(
        alliance_of("Cobalt", "Arno", "Brix"),
        CycleFactory(rubric_version=rubric, closed=True),
        60.0,
        {},
    )
    stranger = User.objects.create_user("sam@example.com", name="Sam")

    found = dashboards.portfolio(stranger, TODAY)

    assert found == dashboards.Portfolio(groups=(), unscored=(), open_rounds=())
    assert found.is_empty


def test_portfolio_says_why_an_alliance_has_no_score(
    administrator: User, rubric: RubricVersion
) -> None:
    asked = alliance_of("Asked", "Arno", "Brix")
    fresh = alliance_of("Fresh", "Arno", "Brix")
    cycle = CycleFactory(name="2026 Q4", rubric_version=rubric, opened=True)
    assessment = AssessmentFactory(cycle=cycle, alliance=asked)
    ResponseFactory(assessment=assessment, state="submitted", submitted_on=TODAY)
    ResponseFactory(assessment=assessment)

    found = dashboards.portfolio(administrator, TODAY)

    assert [(row.id, row.name, row.reason) for row in found.unscored] == [
        (asked.pk, "Asked", "2026 Q4 is open: 1 of 2 have answered."),
        (fresh.pk, "Fresh", "No cycle with this alliance has closed yet."),
    ]
    assert found.open_rounds == (OpenRound("2026 Q4", date(2026, 9, 30), 2, 1),)


def test_portfolio_counts_running_warnings_and_those_without_an_answer(
    administrator: User, rubric: RubricVersion
) -> None:
    warned, fresh, quiet = (alliance_of(name, "Arno", "Brix") for name in ("W", "F", "Q"))
    cycle = CycleFactory(rubric_version=rubric, closed=True)
    for alliance in (warned, quiet):
        scored(alliance, cycle, 60.0, {})
    SignalFactory.create_batch(2, alliance=warned)
    SignalFactory(alliance=warned, acknowledged_at=cycle.closed_at)
    SignalFactory(alliance=warned, ended_on=TODAY)
    SignalFactory(alliance=fresh)

    found = dashboards.portfolio(administrator, TODAY)

    assert {row.name: row.warnings for row in found.groups[0].rows} == {
        "W": WarningCount(running=3, unanswered=2),
        "Q": None,
    }
    assert [row.warnings for row in found.unscored] == [WarningCount(1, 1)]


def _many(rubric: RubricVersion, values: Sequence[float], errors: Sequence[float]) -> Cycle:
    """A closed cycle of alliances A00, A01, ... with these scores and standard errors."""
    cycle: Cycle = CycleFactory(rubric_version=rubric, closed=True)
    for number, (value, error) in enumerate(zip(values, errors, strict=True)):
        alliance = alliance_of(f"A{number:02}", "Arno", "Brix")
        scored(alliance, cycle, value, {}, {"standard_error": error})
    return cycle


def test_portfolio_of_twenty_tells_places_as_ranges(
    administrator: User, rubric: RubricVersion
) -> None:
    _many(rubric, [30.0, 34.0, *[60.0] * 16, 85.0, 95.0], [2.0] * 20)

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    places = {row.name: row.place for row in group.rows}
    assert places["A00"] == places["A01"] == Place(1, 2, 20)
    assert {places[f"A{number:02}"] for number in range(2, 18)} == {Place(3, 18, 20)}
    assert (places["A18"], places["A19"]) == (Place(19, 19, 20), Place(20, 20, 20))
    assert group.about_places == (
        "Places count from the lowest of 20 scores; where the places of two alliances overlap, the "
        "answers cannot tell which of them is lower."
    )
    assert group.about_order.startswith(
        "Within a band, alliances stand by their scores drawn towards the average of all, 60:"
    )


def test_portfolio_orders_within_a_band_by_what_the_answers_can_tell(
    administrator: User, rubric: RubricVersion
) -> None:
    """The lowest of all rests on so few answers that another is more surely low."""
    _many(rubric, [20.0, 25.0, 58.0, *range(55, 72)], [25.0, 2.0, 2.0, *[2.0] * 17])

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    assert [row.name for row in group.rows[:2]] == ["A01", "A00"]
    assert [row.overall.value for row in group.rows[:2]] == [25.0, 20.0]
    assert [row.overall.band for row in group.rows] == sorted(
        (row.overall.band for row in group.rows), key=["red", "amber", "green"].index
    )


def test_portfolio_says_plainly_that_alliances_cannot_be_ordered(
    administrator: User, rubric: RubricVersion
) -> None:
    _many(rubric, [60.0 + number % 3 for number in range(20)], [9.0] * 20)

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    assert {row.place.said for row in group.rows if row.place} == {"cannot be placed"}
    assert group.about_places == (
        "These 20 alliances cannot be put in order: their scores differ by no more than the answers"
        " leave open."
    )


def test_portfolio_of_nineteen_has_no_places(administrator: User, rubric: RubricVersion) -> None:
    _many(rubric, [40.0 + number for number in range(19)], [5.0] * 19)

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    assert {row.place for row in group.rows} == {None}
    assert (group.about_places, group.about_order) == ("", "")


def test_places_count_only_alliances_that_the_reader_sees(rubric: RubricVersion) -> None:
    user = User.objects.create_user("ines@example.com", name="Ines")
    cycle = _many(rubric, [40.0 + number for number in range(24)], [5.0] * 24)
    for assessment in cycle.assessments.order_by("alliance__name")[:21]:
        alliance = assessment.alliance
        organisation = alliance.organisations.first()
        assert organisation is not None
        seat_of(alliance, person_of(organisation, user=user if alliance.name == "A00" else None))

    assert [row.place for g in dashboards.portfolio(user, TODAY).groups for row in g.rows] == [None]


def test_alliances_out_of_date_have_no_place(administrator: User, rubric: RubricVersion) -> None:
    _many(rubric, [40.0 + number for number in range(20)], [3.0] * 20)
    old = CycleFactory(
        rubric_version=rubric, closed=True, starts_on=date(2025, 1, 1), ends_on=date(2025, 3, 31)
    )
    scored(alliance_of("Old", "Arno", "Brix"), old, 10.0, {}, {"standard_error": 3.0})

    (group,) = dashboards.portfolio(administrator, TODAY).groups

    places = {row.name: row.place for row in group.rows}
    assert places.pop("Old") is None
    assert {place.of for place in places.values() if place} == {20}


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (Place(3, 9, 25), "3rd to 9th of 25"),
        (Place(2, 2, 25), "2nd of 25"),
        (Place(1, 25, 25), "cannot be placed"),
        (Place(11, 22, 100), "11th to 22nd of 100"),
    ],
)
def test_place_is_said_as_a_range(place: Place, words: str) -> None:
    assert place.said == words


@pytest.mark.parametrize("rows", [1, 3, 21])
def test_portfolio_takes_the_same_queries_for_1_and_many_rows(
    rows: int,
    administrator: User,
    rubric: RubricVersion,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    cycle = CycleFactory(rubric_version=rubric, closed=True)
    for number in range(rows):
        alliance = alliance_of(f"A{number}", "Arno", "Brix")
        scored(alliance, cycle, 60.0, {"objectives": 60.0}, {"standard_error": 5})
        SignalFactory(alliance=alliance)

    with django_assert_num_queries(8):
        dashboards.portfolio(administrator, TODAY)


@pytest.mark.parametrize(
    ("bands", "sentence"),
    [
        (["green"], "1 is healthy."),
        (["red", "none"], "1 alliance is at risk, 1 has too few answers."),
        (["amber", "amber", "green", "green"], "2 are to be watched, 2 are healthy."),
    ],
)
def test_headline_names_only_what_there_is(bands: list[str], sentence: str) -> None:
    assert dashboards.headline(bands) == sentence
