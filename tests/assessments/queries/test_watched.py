"""Which warnings hold: each rule on records as the register keeps them, and in how many queries."""

from datetime import date, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.alliances.models import Alliance, Obstacle, Seat
from assessments.models import Cycle, NodeKind, RubricVersion, ScoreRun, SignalKind
from assessments.queries import watched
from assessments.queries.watched import About, Facts
from tests.factories.alliances import (
    Cast,
    CheckInFactory,
    ObjectiveFactory,
    ObstacleFactory,
    ParticipationFactory,
    SeatFactory,
    TouchpointFactory,
)
from tests.factories.alliances import cast as made_cast
from tests.factories.assessments import (
    AssessmentFactory,
    CycleFactory,
    PillarFactory,
    ResponseFactory,
    RubricVersionFactory,
    ScoreFactory,
    ScoreRunFactory,
    alliance_of,
    gap_of,
    person_of,
    publish,
    seat_of,
)
from tests.factories.scenes import shipped_rubric

pytestmark = pytest.mark.django_db

ON = date(2026, 10, 31)


def ago(days: int) -> date:
    return ON - timedelta(days)


@pytest.fixture
def rubric() -> RubricVersion:
    return shipped_rubric()


@pytest.fixture
def cast() -> Cast:
    """Cobalt, of Arno and Brix, whose sponsors met today: nothing to be warned of."""
    made = made_cast()
    meet(made, ON)
    return made


def meet(cast: Cast, on: date) -> None:
    """Let both sponsors meet."""
    meeting = TouchpointFactory(
        alliance=cast.alliance, organisation=cast.arno.organisation, on=on, kind="meeting"
    )
    for side in (cast.arno, cast.brix):
        ParticipationFactory(
            touchpoint=meeting, organisation=side.organisation, person=side.sponsor
        )


def holds(alliance: Alliance, on: date = ON) -> dict[About, Facts]:
    """The warnings that hold; what the rubric calls their rules is told once, below."""
    found = watched.holding([alliance.pk], on)[alliance.pk]
    return {
        about: {k: v for k, v in facts.items() if k != "rule"} for about, facts in found.items()
    }


@pytest.mark.usefixtures("rubric")
def test_nothing_holds_where_all_is_well(cast: Cast) -> None:
    assert holds(cast.alliance) == {}


@pytest.mark.usefixtures("rubric")
def test_vacant_seat_of_a_sponsor_is_about_the_organisation(cast: Cast) -> None:
    meet(cast, ago(31))
    Seat.objects.filter(person=cast.brix.sponsor).update(ends_on=ago(31))

    assert watched.holding([cast.alliance.pk], ON)[cast.alliance.pk] == {
        (SignalKind.SPONSOR_SEAT_VACANT, f"organisation:{cast.brix.organisation.pk}"): {
            "rule": "Sponsor's seat vacant",
            "organisation": "Brix",
            "since": "2026-09-30",
        }
    }
    assert holds(cast.alliance, ago(1)) == {}  # 30 days are not more than 30


@pytest.mark.usefixtures("rubric")
def test_sponsors_that_never_met_are_counted_from_the_alliances_first_day() -> None:
    assert holds(made_cast().alliance) == {
        (SignalKind.SPONSOR_SILENCE, ""): {"since": "2024-01-01", "have_met": False, "every": 91}
    }


@pytest.mark.usefixtures("rubric")
def test_sponsors_that_do_not_meet_are_counted_from_their_last_meeting() -> None:
    cast = made_cast()
    meet(cast, ago(137))
    alone = TouchpointFactory(alliance=cast.alliance, on=ago(3), kind="meeting")
    ParticipationFactory(touchpoint=alone, person=cast.arno.sponsor)
    ParticipationFactory(
        touchpoint=alone, person=cast.brix.manager, organisation=cast.brix.organisation
    )

    assert holds(cast.alliance) == {
        (SignalKind.SPONSOR_SILENCE, ""): {"since": "2026-06-16", "have_met": True, "every": 91}
    }
    assert holds(cast.alliance, ago(1)) == {}  # 136 days: less than 1.5 times 91


@pytest.mark.usefixtures("rubric")
def test_attainment_that_falls_is_told_in_whole_points(cast: Cast) -> None:
    # From 0 to 100 over 2026: 78 reached on 1 October, when 74.7 was expected, and nothing since.
    objective = ObjectiveFactory(alliance=cast.alliance)
    CheckInFactory(objective=objective, on=ago(30), value=78)
    assert holds(cast.alliance) == {}
    CheckInFactory(objective=objective, on=ago(1), value=60)

    # Of 303 of 364 days 83.2 was expected: 60 are 72.1.
    assert holds(cast.alliance) == {
        (SignalKind.ATTAINMENT_FALLING, ""): {"before": 100, "now": 72, "days": 30}
    }


@pytest.mark.usefixtures("rubric")
def test_obstacle_that_stays_is_told_by_its_title_and_never_by_its_note(cast: Cast) -> None:
    stuck = ObstacleFactory(
        alliance=cast.alliance,
        organisation=cast.brix.organisation,
        title="Papers",
        note="Our lawyers are slow.",
        is_internal=True,
        raised_on=ago(31),
    )
    ObstacleFactory(alliance=cast.alliance, raised_on=ago(30))
    ObstacleFactory(alliance=cast.alliance, raised_on=ago(90), resolved_on=ago(1))

    assert holds(cast.alliance) == {
        (SignalKind.OBSTACLE_OPEN, f"obstacle:{stuck.pk}"): {
            "title": "Papers",
            "since": "2026-09-30",
        }
    }


def closed_cycle(rubric: RubricVersion, starts_on: date) -> Cycle:
    made: Cycle = CycleFactory(
        rubric_version=rubric,
        closed=True,
        starts_on=starts_on,
        ends_on=starts_on + timedelta(days=90),
    )
    return made


def run_in(cast: Cast, cycle: Cycle, **row: object) -> ScoreRun:
    made: ScoreRun = ScoreRunFactory(
        assessment=AssessmentFactory(cycle=cycle, alliance=cast.alliance),
        as_of=row.pop("as_of", cycle.ends_on),
        sides=[cast.arno.organisation.pk, cast.brix.organisation.pk],
        **row,
    )
    return made


@pytest.fixture
def runs(cast: Cast, rubric: RubricVersion) -> tuple[ScoreRun, ScoreRun]:
    """The scorings of two closed cycles, the earlier one first; no scores yet."""
    spring = run_in(cast, closed_cycle(rubric, date(2026, 4, 1)))
    return spring, run_in(cast, closed_cycle(rubric, date(2026, 7, 1)))


def declined(run: ScoreRun, points: float, verdict: str = "declined", **row: object) -> None:
    ScoreFactory(run=run, change_points=-points, change_verdict=verdict, **row)


def test_declines_in_a_row_are_of_the_whole_or_a_pillar(
    cast: Cast, runs: tuple[ScoreRun, ScoreRun]
) -> None:
    spring, summer = runs
    pillar = {"node_kind": NodeKind.PILLAR, "node_key": "sponsorship"}
    dimension = {"node_kind": NodeKind.DIMENSION, "node_key": "passion"}
    for node in ({}, pillar, dimension):
        declined(spring, 9.4, **node)
        declined(summer, 12.6, **node)
    other = {"node_kind": NodeKind.PILLAR, "node_key": "leadership"}
    declined(spring, 9.4, verdict="possible", **other)
    declined(summer, 12.6, **other)

    assert holds(cast.alliance) == {
        (SignalKind.DECLINES_IN_A_ROW, ""): {"pillar": "", "cycles": 2, "points": 13},
        (SignalKind.DECLINES_IN_A_ROW, "pillar:sponsorship"): {
            "pillar": "Sponsor engagement",
            "cycles": 2,
            "points": 13,
        },
    }


def test_no_warning_rests_on_a_score_that_is_out_of_date(
    cast: Cast, runs: tuple[ScoreRun, ScoreRun]
) -> None:
    """The summer's cycle has 91 days: after half as many again nobody acts on its scores."""
    for run in runs:
        declined(run, 12.0)
    last = runs[1].assessment.cycle.ends_on + timedelta(days=136)
    meet(cast, last)

    assert (SignalKind.DECLINES_IN_A_ROW, "") in holds(cast.alliance, last)
    assert (SignalKind.DECLINES_IN_A_ROW, "") not in holds(cast.alliance, last + timedelta(days=1))


def test_decline_is_of_the_latest_scoring_of_each_cycle(
    cast: Cast, runs: tuple[ScoreRun, ScoreRun]
) -> None:
    spring, summer = runs
    declined(spring, 9.0)
    declined(summer, 12.0)
    later = ScoreRunFactory(
        assessment=summer.assessment, sides=summer.sides, as_of=ON, reason="nightly"
    )
    declined(later, 12.0, verdict="possible")

    assert holds(cast.alliance) == {}
    assert holds(cast.alliance, ago(1)).keys() == {
        (SignalKind.DECLINES_IN_A_ROW, ""),
        (SignalKind.SPONSOR_SILENCE, ""),
    }


def test_one_closed_cycle_is_no_row(cast: Cast, rubric: RubricVersion) -> None:
    run = run_in(cast, closed_cycle(rubric, date(2026, 7, 1)))
    declined(run, 12.0, side_values=[80.0, 60.0], gaps=[gap_of(20.0, "clear"), [None] * 5])

    assert holds(cast.alliance) == {}


def test_cycle_without_a_scoring_breaks_a_row(
    cast: Cast, runs: tuple[ScoreRun, ScoreRun], rubric: RubricVersion
) -> None:
    spring, summer = runs
    declined(spring, 9.0)
    declined(summer, 12.0)
    unscored = closed_cycle(rubric, date(2026, 10, 1))
    AssessmentFactory(cycle=unscored, alliance=cast.alliance)

    assert holds(cast.alliance) == {}


@pytest.mark.parametrize(
    ("before", "points", "higher", "lower"),
    [("possible", -18.2, "Brix", "Arno"), ("aligned", 18.2, "Arno", "Brix")],
)
def test_gap_that_is_newly_clear_says_who_is_higher(
    before: str,
    points: float,
    higher: str,
    lower: str,
    cast: Cast,
    runs: tuple[ScoreRun, ScoreRun],
) -> None:
    for run, verdict in zip(runs, (before, "clear"), strict=True):
        ScoreFactory(run=run, side_values=[60.0, 78.0], gaps=[gap_of(points, verdict), [None] * 5])

    assert holds(cast.alliance) == {
        (SignalKind.GAP_NEWLY_CLEAR, ""): {
            "pillar": "",
            "higher": higher,
            "lower": lower,
            "points": 18,
        }
    }


def test_gap_that_was_clear_before_is_not_new(cast: Cast, runs: tuple[ScoreRun, ScoreRun]) -> None:
    for run in runs:
        ScoreFactory(run=run, side_values=[60.0, 78.0], gaps=[gap_of(-18.0, "clear"), [None] * 5])

    assert holds(cast.alliance) == {}


def test_gap_among_three_is_to_the_others(rubric: RubricVersion) -> None:
    delta = alliance_of("Delta", "Arno", "Brix", "Corvo")
    for organisation in delta.organisations.all():
        seat_of(delta, person_of(organisation), "sponsor")
    sides = list(delta.organisations.order_by("name").values_list("pk", flat=True))
    for starts_on, verdict in ((date(2026, 4, 1), "possible"), (date(2026, 7, 1), "clear")):
        cycle = closed_cycle(rubric, starts_on)
        run = ScoreRunFactory(
            assessment=AssessmentFactory(cycle=cycle, alliance=delta), sides=sides
        )
        ScoreFactory(
            run=run,
            node_kind=NodeKind.PILLAR,
            node_key="alignment",
            side_values=[70.0, 70.0, 40.0],
            gaps=[gap_of(15.0, "possible"), gap_of(16.0, "aligned"), gap_of(-30.0, verdict)],
        )

    assert holds(delta)[(SignalKind.GAP_NEWLY_CLEAR, "pillar:alignment")] == {
        "pillar": "Alignment to objectives",
        "higher": "",
        "lower": "Corvo",
        "points": 30,
    }


def test_few_answers_before_the_close_are_about_the_organisation(
    cast: Cast, rubric: RubricVersion
) -> None:
    cycle = CycleFactory(
        name="2026 Q4",
        rubric_version=rubric,
        opened=True,
        opens_on=ago(20),
        closes_on=ON + timedelta(7),
    )
    assessment = AssessmentFactory(cycle=cycle, alliance=cast.alliance)
    for side, states in ((cast.arno, "ssi"), (cast.brix, "sidi")):
        for state in states:
            ResponseFactory(
                assessment=assessment,
                organisation=side.organisation,
                person=person_of(side.organisation),
                state={"s": "submitted", "i": "invited", "d": "declined"}[state],
                submitted_on=ago(1) if state == "s" else None,
            )

    assert holds(cast.alliance) == {
        (SignalKind.LOW_RESPONSE, f"organisation:{cast.brix.organisation.pk}"): {
            "organisation": "Brix",
            "cycle": "2026 Q4",
            "closes_on": "2026-11-07",
            "asked": 4,
            "answered": 1,
        }
    }
    Cycle.objects.filter(pk=cycle.pk).update(closes_on=ON + timedelta(8))
    assert holds(cast.alliance) == {}


# --- whose rules ------------------------------------------------------------------------------
def with_obstacles_for(days: int, *, key: str = "own", number: int = 1) -> RubricVersion:
    """A published rubric with one rule: no obstacle is open for more than so many days."""
    rule = {
        "key": "obstacle_open",
        "name": f"Open for {days} days",
        "limits": {"days": days},
        "about": "It stays.",
    }
    version = RubricVersionFactory(rubric__key=key, number=number, document={"warnings": [rule]})
    PillarFactory(version=version)
    return publish(version)


def test_rules_are_those_of_the_latest_assessment_open_or_closed(cast: Cast) -> None:
    ObstacleFactory(alliance=cast.alliance, raised_on=ago(20))
    strict, lax = with_obstacles_for(10), with_obstacles_for(60, key="lax")
    AssessmentFactory(alliance=cast.alliance, cycle=closed_cycle(strict, date(2026, 4, 1)))
    assert len(holds(cast.alliance)) == 1

    AssessmentFactory(alliance=cast.alliance, cycle=CycleFactory(rubric_version=lax, opened=True))
    assert holds(cast.alliance) == {}


def test_rules_of_an_alliance_never_assessed_are_the_newest_of_the_default(cast: Cast) -> None:
    ObstacleFactory(alliance=cast.alliance, raised_on=ago(20))
    with_obstacles_for(5)
    assert holds(cast.alliance) == {}  # the default rubric is not there

    first = with_obstacles_for(10, key="alliance-health")
    assert len(holds(cast.alliance)) == 1

    second = RubricVersionFactory(rubric=first.rubric, number=2, document={})
    assert len(holds(cast.alliance)) == 1  # a draft
    PillarFactory(version=second)
    publish(second)
    assert holds(cast.alliance) == {}


@pytest.mark.usefixtures("rubric")
def test_alliance_that_has_ended_is_not_watched(cast: Cast) -> None:
    ObstacleFactory(alliance=cast.alliance, raised_on=ago(90))
    Alliance.objects.update(stage="ended", ends_on=ago(1))

    assert watched.holding([cast.alliance.pk], ON) == {}


# --- how much it takes ------------------------------------------------------------------------
@pytest.mark.parametrize("number", [1, 3])
def test_holding_takes_the_same_queries_for_1_and_3_alliances(
    number: int, rubric: RubricVersion, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cycles = [closed_cycle(rubric, date(2026, month, 1)) for month in (4, 7)]
    alliances = [alliance_of(f"A{n}", "Arno", "Brix") for n in range(number)]
    for alliance in alliances:
        arno, brix = alliance.organisations.order_by("name")
        SeatFactory(alliance=alliance, person=person_of(arno), role="sponsor")
        SeatFactory(alliance=alliance, person=person_of(brix), role="sponsor", ends_on=ago(90))
        CheckInFactory(objective=ObjectiveFactory(alliance=alliance))
        ObstacleFactory(alliance=alliance)
        for cycle in cycles:
            run = ScoreRunFactory(
                assessment=AssessmentFactory(cycle=cycle, alliance=alliance),
                sides=[arno.pk, brix.pk],
            )
            declined(run, 12.0)
    assert Obstacle.objects.count() == number

    with django_assert_num_queries(21):
        found = watched.holding([alliance.pk for alliance in alliances], ON)

    assert {len(warnings) for warnings in found.values()} == {4}
