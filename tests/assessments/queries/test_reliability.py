"""How well a rubric measured, in words; and that no alliance's page says any of it."""

from datetime import UTC, date, datetime

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import DjangoAssertNumQueries

from alliance_health.accounts.models import User
from assessments.models import Cycle
from assessments.operations import quality
from assessments.queries import reliability, rubrics
from assessments.queries.reliability import CycleMeasured
from tests.factories.assessments import (
    CycleFactory,
    CycleQualityFactory,
    answered_cycle,
    scored,
    small_rubric,
)

NOW = datetime(2026, 10, 1, tzinfo=UTC)
NOTHING = {"alpha": None, "omega": None, "icc1": None, "icc2": None}


def figures(**found: float) -> dict[str, float | None]:
    return {"items": 3, "raters": 90, "sides": 24, **NOTHING, **found}


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (figures(items=1), "One question: there is nothing to compare it with."),
        (figures(), "Fewer than 30 people answered all its questions."),
        (figures(items=2, alpha=0.95), "The questions repeat each other: one of them could go."),
        (figures(alpha=0.7, omega=0.8), "Good: the questions belong together."),
        (figures(alpha=0.85, omega=0.79), "Fair: the questions belong together, loosely."),
        (
            figures(alpha=0.69),
            "Poor: they may be about different things. Read them one by one; reword or move one.",
        ),
    ],
)
def test_questions_say(found: dict[str, float | None], words: str) -> None:
    assert reliability.questions_say(found) == words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (figures(), "Fewer than 20 sides have two answers or more."),
        (figures(icc1=0.3, icc2=0.7), "Good: other people of a side would have said the same."),
        (
            figures(icc1=0.1, icc2=0.5),
            "Fair: more people a side would tell alliances apart better.",
        ),
        (
            figures(icc1=0.1, icc2=0.4),
            "Poor: a side's mean hangs on who answered. Ask more people a side.",
        ),
        (
            figures(icc1=-0.02, icc2=-0.1),
            "Poor: colleagues differ as much as strangers. Ask what they can see themselves.",
        ),
    ],
)
def test_sides_say(found: dict[str, float | None], words: str) -> None:
    assert reliability.sides_say(found) == words


@pytest.mark.parametrize(
    ("no_level", "floor", "ceiling", "begins"),
    [
        (None, None, None, "Too few answers to show."),
        (0.2, None, None, "Many cannot tell"),
        (0.1, 0.1, 0.5, "Half or more are at the top"),
        (0.1, 0.5, 0.1, "Half or more are at the bottom"),
        (0.1, 0.2, 0.2, ""),
    ],
)
def test_question_says_what_stands_out(
    no_level: float | None, floor: float | None, ceiling: float | None, begins: str
) -> None:
    said = reliability.question_says({"no_level": no_level, "floor": floor, "ceiling": ceiling})

    assert said.startswith(begins)
    assert bool(said) == bool(begins)


def _page(cycle: Cycle) -> tuple[CycleMeasured, ...]:
    return rubrics.version_page(cycle.rubric_version).measured


@pytest.mark.django_db
def test_cycles_are_told_newest_first_and_why_one_has_no_figures() -> None:
    rubric = small_rubric()
    answered_cycle(rubric, name="2026 Q2", starts_on=date(2026, 4, 1))
    quality.measure_due(now=NOW)
    CycleQualityFactory(
        cycle=CycleFactory(
            name="2026 Q3", rubric_version=rubric, closed=True, starts_on=date(2026, 7, 1)
        )
    )
    CycleFactory(name="2026 Q1", rubric_version=rubric, closed=True, starts_on=date(2026, 1, 1))
    last = CycleFactory(name="2026 Q4", rubric_version=rubric, opened=True)

    q3, q2, q1 = _page(last)

    assert (q3.cycle, q3.dimensions, q3.questions) == ("2026 Q3", (), ())
    assert q3.reason == "Too few answers count to tell: it takes 30 people in 5 alliances."
    assert (q2.cycle, q2.alliances, q2.raters, q2.reason) == ("2026 Q2", 12, 120, "")
    assert [row.name for row in q2.dimensions] == ["Shared objectives", "Delivery"]
    assert [(row.key, row.raters, row.no_level) for row in q2.questions] == [
        ("A-1", 120, 0),
        ("A-2", 120, 0),
    ]
    assert q1.cycle == "2026 Q1"
    assert q1.reason.startswith("Fewer than 30 people have answered")


@pytest.mark.django_db
@pytest.mark.parametrize("cycles", [1, 3])
def test_version_page_takes_the_same_queries_for_1_and_3_cycles(
    cycles: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    rubric = small_rubric()
    for _number in range(cycles):
        CycleQualityFactory(cycle=CycleFactory(rubric_version=rubric, closed=True))

    with django_assert_num_queries(5):
        rubrics.version_page(rubric)


@pytest.mark.django_db
def test_pages_of_alliances_say_nothing_of_reliability(client: Client) -> None:
    cycle = answered_cycle()
    quality.measure_due(now=NOW)
    alliance = cycle.assessments.order_by("pk")[0].alliance
    scored(alliance, CycleFactory(rubric_version=cycle.rubric_version, closed=True), 60.0, {})
    client.force_login(User.objects.create_user("ada@example.com", name="Ada", is_staff=True))

    for address in (
        reverse("assessments:portfolio"),
        reverse("assessments:alliance", args=[alliance.pk]),
    ):
        page = client.get(address).content.decode()
        assert alliance.name in page
        assert [w for w in ("Alpha", "Omega", "ICC", "Cronbach", "reliab") if w in page] == []
