"""Whole situations, made through the product's own operations."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from alliance_health.alliances.models import Alliance
from assessments.models import Cycle, Response, RubricVersion
from assessments.operations import cycles, responses, rubric_documents, rubrics
from assessments.queries import responses as asked
from tests.factories.assessments import alliance_of, person_of, seat_of

RUBRICS = Path(__file__).parent.parent.parent / "assessments" / "rubrics"
LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
TEAM = 6


def shipped_rubric(name: str = "default") -> RubricVersion:
    """Publish one of the rubrics that come with the product."""
    document = rubric_documents.read(RUBRICS / f"{name}.yaml")
    return rubrics.load_rubric(document=document, by=None, now=LONG_AGO)


def staffed_alliance(name: str = "Cobalt", members: Sequence[str] = ("Arno", "Brix")) -> Alliance:
    """An alliance with a manager, a sponsor and a team of six on each side."""
    alliance = alliance_of(name, *members)
    for organisation in alliance.organisations.order_by("name"):
        for role in ("manager", "sponsor", *["team"] * TEAM):
            seat_of(alliance, person_of(organisation), role)
    return alliance


def open_cycle(
    rubric: RubricVersion,
    alliances: Sequence[Alliance],
    *,
    name: str = "2026 Q3",
    now: datetime | None = None,
) -> Cycle:
    """A cycle that opens now, or at an earlier instant."""
    now = now or datetime.now(UTC)
    today = now.date()
    cycle = cycles.draft_cycle(
        name=name,
        rubric_version=rubric,
        question_set="core",
        starts_on=today - timedelta(days=60),
        ends_on=today + timedelta(days=30),
        opens_on=today,
        closes_on=today + timedelta(days=14),
        by=None,
        now=now,
    )
    return cycles.open_cycle(cycle=cycle, alliances=alliances, by=None, now=now)


def answer_all(cycle: Cycle, *, level: int = 4, but: Sequence[Response] = ()) -> None:
    """Let everybody answer about the same level, a little apart, and submit."""
    drawn = random.Random(cycle.name)
    left_out = {response.pk for response in but}
    now = datetime.now(UTC)
    for response in Response.objects.filter(assessment__cycle=cycle).select_related(
        "assessment__cycle", "organisation", "person"
    ):
        if response.pk in left_out:
            continue
        given = [
            responses.Given(
                item.question.pk,
                item.about.pk if item.about else None,
                min(5, max(1, level + drawn.choice((-1, 0, 0, 1)))),
            )
            for item in asked.items_of(response)
        ]
        responses.save_answers(response=response, answers=given, by=None, now=now)
        responses.submit(response=response, by=None, now=now)
